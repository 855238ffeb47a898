"""Regions that hold the truth as often as they say, by what was measured on known poses.

Hypotheses of a network lie too near to each other, or too far apart, by an amount that differs from
joint to joint. Two things are therefore measured on recordings whose truth is known: by how much
the variance of each joint is off (its temperature), and within how many standard deviations the
truth then lies in half and in nine tenths of the frames (its radii). For normal errors the radii
would be 1.54 and 2.50; real ones have longer tails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..errors import DataError, SettingsError, SkeletonError
from ..quality import CHECKS
from ..skeleton import Skeleton
from .covariance import covariance_about, usual_distance
from .measuring import Measured

LEVELS = (0.5, 0.9)
"""The shares of the frames in which a joint's regions hold the truth."""
NORMAL = (1.5382, 2.5003)
"""Their radii in standard deviations if errors are normal (roots of chi-square's quantiles for
three degrees of freedom): what is drawn where nothing was measured."""
OUTSIDE = "out of their domain"
"""What the provenance says of regions that may hold less than they say."""
FEWEST = 100
"""Frames in which a joint's truth must be known; with fewer it takes what all joints have."""


@dataclass(frozen=True)
class Calibration:
    """What was measured of a lifter's hypotheses; plain values, as they stand in its file."""

    joints: tuple[str, ...]
    temperatures: tuple[float, ...]
    """For each joint, what the variance of its hypotheses is multiplied by."""
    radii: tuple[tuple[float, ...], ...]
    """For each level and joint, the standard deviations within which the truth lay."""
    hypotheses: int
    """That were drawn."""
    steps: int | None = None
    """In which each of them was drawn."""
    aggregate: str = "mean"
    """How one pose was made of them."""
    on: str = ""
    """The recordings, by name and hash."""
    clips: int = 0
    frames: int = 0
    levels: tuple[float, ...] = field(default=LEVELS)

    def __post_init__(self) -> None:
        rows = (self.temperatures, *self.radii)
        if len(self.radii) != len(self.levels) or {len(self.joints)} != set(map(len, rows)):
            raise SettingsError(
                f"A calibration has a temperature and {len(self.levels)} radii for each of its "
                f"{len(self.joints)} joints, but some are missing; calibrate the lifter anew."
            )
        if not all(0 < each < float("inf") for row in rows for each in row):
            raise SettingsError(
                "The temperatures and radii of a calibration lie above 0, but some do not; "
                "calibrate the lifter anew."
            )

    @property
    def words(self) -> str:
        """Where it comes from, for people."""
        return f"calibrated with {self.hypotheses} hypotheses on {self.on}"


def fit_calibration(
    samples: Sequence[Measured], skeleton: Skeleton, hypotheses: int
) -> Calibration:
    """The temperatures and radii of recordings whose truth is known.

    The temperature makes the mean variance what the mean square error is, which a few frames that
    are far out change little.
    """
    error, spread, distance = (
        torch.cat([getattr(each, name) for each in samples])
        for name in ("error", "spread", "distance")
    )
    known = distance.isfinite()
    if known.any(dim=-1).sum() < FEWEST:
        raise DataError(
            f"A calibration needs {FEWEST} frames or more whose poses are known, but "
            f"{int(known.any(dim=-1).sum())} were found; give more recordings."
        )
    own = known.sum(dim=0) >= FEWEST
    squares, variances = (
        torch.where(known, each.square(), 0).sum(dim=0) for each in (error, spread)
    )
    of_all = squares.sum() / variances.sum()
    temperature = torch.where(own, squares / variances, of_all)
    radii = radii_of(distance / temperature.sqrt(), own)
    return Calibration(
        skeleton.joints,
        tuple(temperature.tolist()),
        tuple(map(tuple, radii.tolist())),
        hypotheses,
        clips=len(samples),
        frames=int(known.any(dim=-1).sum()),
    )


def radii_of(
    distance: Float[Tensor, "frames joints"], own: Tensor
) -> Float[Tensor, "levels joints"]:
    """Within what distance each share of the frames is; that of all joints where there are few."""
    levels = torch.tensor(LEVELS, dtype=distance.dtype)
    of_all = distance[distance.isfinite()].sort().values
    places = (levels * len(of_all)).ceil().long().clamp(1, len(of_all)) - 1
    return torch.where(own, distance.nanquantile(levels, dim=0), of_all[places][:, None])


def with_uncertainty(
    clip: Clip,
    hypotheses: Float[Tensor, "hypotheses frames joints 3"] | None = None,
    calibration: Calibration | None = None,
    *,
    beyond: float | None = None,
) -> Clip:
    """The clip with the covariance of each joint of its first pose, and the radii of its regions.

    Nothing is invented: a clip without several hypotheses is returned as it is. Without a
    calibration there are covariances and no radii.

    Args:
        hypotheses: What the clip's pose was made of; the clip's own poses unless given.
        beyond: The share of the frames that are unlike all that the lifter was trained on; where
            it is large, the provenance says that the regions are out of their domain.
    """
    hypotheses = clip.poses if hypotheses is None else hypotheses
    if clip.poses is None or hypotheses is None or len(hypotheses) < 2 or not len(clip):
        return clip
    covariance = covariance_about(clip.poses[0], hypotheses, clip.skeleton.root)
    radii, told = None, "not calibrated"
    if calibration is not None:
        check_joints(clip, calibration)
        covariance = covariance * covariance.new_tensor(calibration.temperatures)[:, None, None]
        radii, told = covariance.new_tensor(calibration.radii), calibration.words
    if is_outside(beyond):
        told = f"{told}, {OUTSIDE}"
    return replace(
        clip,
        covariance=covariance,
        radii=radii,
        spread=usual_distance(covariance),
        provenance={**clip.provenance, "uncertainty": f"{len(hypotheses)} hypotheses, {told}"},
    )


def is_outside(beyond: float | None) -> bool:
    """Whether too many of the frames are unlike the training for regions to hold what they say."""
    return beyond is not None and beyond > CHECKS["unlike_training"].most


def check_joints(clip: Clip, calibration: Calibration) -> None:
    """Refuse a calibration of other joints."""
    if clip.skeleton.joints != calibration.joints:
        raise SkeletonError(
            f"The calibration is one of the joints {', '.join(calibration.joints[:3])} ..., but "
            f'the clip "{clip.name}" has {", ".join(clip.skeleton.joints[:3])} ...; map the clip '
            "to the lifter's skeleton first."
        )
