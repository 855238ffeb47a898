"""What is measured of a lifted clip whose truth is known: errors beside what the spread says."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..aggregation import How, aggregated
from ..camera import to_image_plane
from ..clip import Clip, unlabelled
from ..domain import Domain
from ..errors import DataError, SettingsError
from ..lifting import lift
from ..mapping import mapped
from ..metrics import rooted
from ..protocols import Lifter
from ..resampling import without_gaps
from .covariance import covariance_about, mean_radius, standard_distance, usual_distance


@dataclass(frozen=True, eq=False)
class Measured:
    """A clip's errors; NaN where the truth is not known, and at the root, which has none."""

    name: str
    distance: Float[Tensor, "frames joints"]
    """From the pose to the truth, in standard deviations as the hypotheses have them."""
    error: Float[Tensor, "frames joints"]
    """The same in metres."""
    spread: Float[Tensor, "frames joints"]
    """The distance in metres that the hypotheses expect (root mean square)."""
    radius: Float[Tensor, "frames joints"]
    """Of a ball as large as the ellipsoid of one standard deviation, in metres."""
    percentile: Float[Tensor, " frames"]
    """Of the training, at which a frame's keypoints are (see `Domain`); above 100 beyond all of
    it, NaN where nobody knows."""

    def some(self, frames: slice) -> "Measured":
        """A stretch of the frames."""
        return Measured(
            self.name,
            self.distance[frames],
            self.error[frames],
            self.spread[frames],
            self.radius[frames],
            self.percentile[frames],
        )


def measure(
    truth: Clip, lifter: Lifter, rng: Generator, *, how: How = "mean", domain: Domain | None = None
) -> Measured:
    """The errors of what a lifter makes of a clip's keypoints, beside what its spread says.

    Args:
        how: One pose is made of the hypotheses (see `aggregated`).
        domain: What the lifter was trained on.
    """
    if truth.skeleton != lifter.skeleton:
        truth = mapped(truth, lifter.skeleton.name)
    lifted = lift(unlabelled(truth), lifter, rng)
    assert lifted.poses is not None, "it was lifted"
    if len(lifted.poses) < 2:
        raise SettingsError(
            "Calibration compares hypotheses with the truth, but the lifter gives one answer "
            "alone; draw two or more with --hypotheses, from a lifter that can."
        )
    pose = aggregated(lifted, how).poses
    assert pose is not None, "it was lifted"
    return measured(pose[0], lifted.poses, truth, domain)


def measured(
    pose: Float[Tensor, "frames joints 3"],
    hypotheses: Float[Tensor, "hypotheses frames joints 3"],
    truth: Clip,
    domain: Domain | None = None,
) -> Measured:
    """Errors of a pose beside what the hypotheses that it was made of say of them.

    Args:
        truth: The clip with the true poses, of the same frames and joints.
        domain: What the lifter was trained on.
    """
    if truth.poses is None:
        raise DataError(
            f'The clip "{truth.name}" has no poses to calibrate with; give recordings whose truth '
            "is known."
        )
    root = truth.skeleton.root
    covariance = covariance_about(pose, hypotheses, root)
    off = rooted(truth.poses[0], root) - rooted(pose, root)
    distance = standard_distance(off, covariance)

    def where_known(values: Tensor) -> Tensor:
        return torch.where(distance.isfinite(), values.double(), torch.nan)

    return Measured(
        truth.name,
        distance,
        where_known(off.norm(dim=-1)),
        where_known(usual_distance(covariance)),
        where_known(mean_radius(covariance)),
        percentiles(truth, domain),
    )


def percentiles(clip: Clip, domain: Domain | None) -> Float[Tensor, " frames"]:
    """The percentile of training that each frame's keypoints are at; NaN where none is known."""
    if domain is None or not len(clip) or not bool(clip.observed.any()):
        return torch.full((len(clip),), torch.nan, dtype=torch.float64)
    plane = to_image_plane(without_gaps(clip).keypoints, clip.camera)
    found = domain.distances(plane)
    return torch.searchsorted(domain.percentiles.to(found), found).double()
