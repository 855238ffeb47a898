"""How like its training data a lifter's input is, told by the keypoints alone.

A lifter answers whatever it is shown. The keypoints of its training are therefore kept as some
hundred typical frames, together with how far frames of the same kind are from the nearest of them.
Whoever lies where all others stood, does a handstand, is filmed upside down or has joints in
another order is further away than nearly all of these.

A frame is described by the joints about the root in units of their own spread, so that neither
distance nor focal length matters, and by where in the picture and how large the body is, which
goes with the camera's tilt and with perspective.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .camera import to_image_plane
from .clip import Clip
from .errors import CheckpointError, DataError, SkeletonError
from .filling import filled_from_body, filled_in_time
from .resampling import without_gaps
from .skeleton import Skeleton

Frames = Float[Tensor, "frames numbers"]
Centres = Float[Tensor, "centres numbers"]

TENSORS = ("mean", "axes", "centres", "percentiles")
"""What a domain consists of, by name."""
CENTRES = 640
"""Typical frames that are kept."""
AXES = 28
"""Directions in which frames are compared, at most."""
EVENNESS = 0.5
"""How far directions in which frames differ little count as much as others: 0 not, 1 alike."""
LEAST_SPREAD = 0.02
"""The share of the greatest spread that a direction has at least: others are noise."""
HELD_BACK = 0.25
"""The share of the windows that the distances are measured on, and not fitted to."""
ROUNDS = 8
"""Of moving the typical frames to the middle of those that are nearest to them."""
FEWEST = 0.5
"""The share of the joints that must be seen for a frame to be judged."""
FEWEST_FRAMES = 100
"""With which percentiles mean something."""
MOST = 60_000
"""Frames that are looked at in fitting, drawn at random where there are more."""
BEYOND = 99
"""The percentile of training beyond which a frame is unlike it."""
AT_ONCE = 8192
"""Frames that are compared together; more need more memory."""
PLACE_WEIGHT = 0.5
"""How much where and how large the body is counts beside its joints."""


class DomainScore(NamedTuple):
    """How unlike the training the frames of a clip are."""

    beyond: float | None
    """The share of the frames that are further from the training than 99 % of its own; None where
    no frame shows enough of the body."""
    percentile: float | None
    """The median over the frames of the percentile of training that they are at: 50 is usual."""
    frames: int
    """How many frames were judged."""


@dataclass(frozen=True, eq=False)
class Domain:
    """What a lifter's training looked like, in less than 100 KB."""

    skeleton: Skeleton
    mean: Float[Tensor, " numbers"]
    axes: Float[Tensor, "numbers axes"]
    """What a frame's numbers, less the mean, are multiplied by to be compared."""
    centres: Float[Tensor, "centres axes"]
    """Typical frames."""
    percentiles: Float[Tensor, "101"]
    """Distances from the nearest typical frame, 0 to 100 % of training frames."""

    def tensors(self) -> dict[str, Tensor]:
        """All numbers by name, to be saved."""
        return {name: getattr(self, name).contiguous() for name in TENSORS}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], skeleton: Skeleton) -> "Domain":
        """What `tensors` gave, of a lifter for this skeleton."""
        check_tensors(tensors, skeleton)
        return cls(skeleton, **tensors)

    def score(self, clip: Clip) -> DomainScore:
        """How unlike the training the clip is; keypoints that were filled in do not count."""
        if clip.skeleton.joints != self.skeleton.joints:
            raise SkeletonError(
                f'The training had the skeleton "{self.skeleton.name}", but the clip "{clip.name}" '
                f'has "{clip.skeleton.name}"; map the clip first.'
            )
        judged = clip.observed.float().mean(dim=-1) >= FEWEST
        if not bool(judged.any()):
            return DomainScore(None, None, 0)
        plane = to_image_plane(without_gaps(clip).keypoints, clip.camera)
        distances = self.distances(plane[judged])
        ranks = torch.searchsorted(self.percentiles.to(distances), distances).float()
        beyond = (distances > self.percentiles[BEYOND].to(distances)).float().mean()
        return DomainScore(float(beyond), float(ranks.clamp(0, 100).median()), len(distances))

    def distances(self, plane: Float[Tensor, "frames joints 2"]) -> Float[Tensor, " frames"]:
        """How far each frame is from the nearest typical one."""
        mean, axes, centres = (each.to(plane) for each in (self.mean, self.axes, self.centres))
        there = ((described(part, self.skeleton) - mean) @ axes for part in _parts(plane))
        return torch.cat([_nearest(part, centres).values for part in there])


def check_tensors(tensors: Mapping[str, Tensor], skeleton: Skeleton) -> None:
    """Refuse tensors that are not what a training with this skeleton leaves."""
    if tensors.keys() != set(TENSORS):
        raise CheckpointError(
            f"The statistics of a lifter's training are {', '.join(TENSORS)}, but "
            f"{', '.join(sorted(tensors)) or 'nothing'} was found; fit them anew."
        )
    numbers = 2 * len(skeleton) + 3
    found = [tuple(tensors[name].shape) for name in TENSORS]
    count, axes = found[2] if len(found[2]) == 2 else (0, 0)
    if not count or found != [(numbers,), (numbers, axes), (count, axes), (101,)]:
        raise CheckpointError(
            f"The statistics of training should be those of {numbers} numbers a frame, as "
            f'"{skeleton.name}" has them, but have the shapes {found}; fit them anew.'
        )


def fit_domain(
    keypoints: Float[Tensor, "windows frames joints 2"], skeleton: Skeleton, rng: Generator
) -> Domain:
    """The statistics of training windows.

    Args:
        keypoints: On the image plane (`to_image_plane`), as noisy as those that will be lifted;
            NaN where missing.
    """
    windows = torch.randperm(len(keypoints), generator=rng)
    held = round(HELD_BACK * len(windows))
    fitted, kept_back = (
        _frames(keypoints[some], skeleton, rng) for some in (windows[held:], windows[:held])
    )
    if min(len(fitted), len(kept_back)) < FEWEST_FRAMES:
        raise DataError(
            f"The statistics of training need at least {FEWEST_FRAMES} frames to fit and as many "
            f"to check, but {len(fitted)} and {len(kept_back)} usable ones were found in "
            f"{len(keypoints)} windows; give more."
        )
    mean = fitted.mean(dim=0)
    axes = principal_axes(fitted - mean)
    centres = typical((fitted - mean) @ axes, rng)
    distances = torch.cat(
        [_nearest(part, centres).values for part in _parts((kept_back - mean) @ axes)]
    )
    percentiles = distances.quantile(torch.linspace(0, 1, 101))
    return Domain(skeleton, mean, axes, centres, percentiles)


def described(plane: Float[Tensor, "frames joints 2"], skeleton: Skeleton) -> Frames:
    """What is looked at in each frame; joints that are missing lie at their parents' places."""
    joints = filled_from_body(plane, skeleton)
    root = joints[:, skeleton.root]
    about = joints - root[:, None]
    size = about.norm(dim=-1).mean(dim=-1, keepdim=True).clamp_min(1e-6)
    place = torch.cat([root, size.log()], dim=-1) * PLACE_WEIGHT
    return torch.cat([about.flatten(1) / size, place], dim=-1)


def principal_axes(off: Frames) -> Float[Tensor, "numbers axes"]:
    """Directions in which frames differ, each divided by how much they do."""
    spread, directions = torch.linalg.eigh(off.T @ off / len(off))
    spread = spread.clamp_min(0).sqrt().flip(0)[:AXES]
    kept = spread > LEAST_SPREAD * spread[0]
    return directions.flip(1)[:, :AXES][:, kept] / spread[kept] ** EVENNESS


def typical(frames: Frames, rng: Generator) -> Centres:
    """Frames of which each stands for those that are nearest to it (Lloyd's algorithm)."""
    some = torch.randperm(len(frames), generator=rng)[:CENTRES]
    centres = frames[some]
    for _ in range(ROUNDS):
        which = torch.cat([_nearest(part, centres).indices for part in _parts(frames)])
        counts = torch.bincount(which, minlength=len(centres))[:, None]
        sums = torch.zeros_like(centres).index_add_(0, which, frames)
        centres = torch.where(counts > 0, sums / counts.clamp_min(1), centres)
    return centres


def _nearest(frames: Frames, centres: Centres) -> torch.return_types.min:
    return torch.cdist(frames, centres).min(dim=-1)


def _parts(frames: Tensor) -> Sequence[Tensor]:
    return frames.split(AT_ONCE)


def _frames(keypoints: Tensor, skeleton: Skeleton, rng: Generator) -> Frames:
    """The frames of windows that show enough, as they are compared."""
    known = keypoints.isfinite().all(dim=-1)
    seen = known.float().mean(dim=-1) >= FEWEST
    plane = filled_in_time(keypoints.float(), known)[seen]
    if len(plane) > MOST:
        plane = plane[torch.randperm(len(plane), generator=rng)[:MOST]]
    return described(plane, skeleton)
