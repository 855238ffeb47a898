"""How far the answers of an ONNX file are from those of the lifter that it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import pinhole
from ..clip import Clip
from ..errors import CheckpointError, SkeletonError
from ..lifters.direct import Direct
from ..lifting import root_relative
from ..mapping import mapped
from ..metrics import joint_error, rooted
from ..resampling import at_moments, moments, needs_resampling, resampled, without_gaps
from ..synth import Settings, recordings

TOLERANCE = 1e-5
"""Metres by which a joint may be off, of poses up to a metre in size; of larger ones in
proportion, since that is how numbers are rounded."""
FRAMES = 60
"""In a clip for the comparison, unless a window is longer."""


@dataclass(frozen=True)
class Shift:
    """How far joints are apart, in metres."""

    frames: int
    mean: float
    most_of_99: float
    """That of the joint in the 99th percentile."""
    largest: float
    size: float
    """The largest distance of a joint from the root: what the shift is to be seen against."""

    def data(self) -> dict[str, Any]:
        """For a file: in millimetres."""
        return {
            "frames": self.frames,
            "mean_mm": 1000 * self.mean,
            "99th_percentile_mm": 1000 * self.most_of_99,
            "largest_mm": 1000 * self.largest,
        }


def people(lifter: Direct, count: int, rng: Generator) -> list[Clip]:
    """Clips of made-up people as a detector sees them; none for a skeleton that they lack."""
    fps, frames = lifter.fps or 30.0, max(FRAMES, lifter.frames)
    settings = Settings("target", frames=count * frames, fps=fps, seconds=frames / fps, views=1)
    try:
        return [mapped(clip, lifter.skeleton) for clip in recordings(settings, rng)]
    except SkeletonError:
        return []


def chance(lifter: Direct, rng: Generator) -> Clip:
    """A clip of joints anywhere in a picture."""
    skeleton, frames = lifter.skeleton, max(FRAMES, lifter.frames)
    keypoints = 1000 * torch.rand(frames, len(skeleton), 2, generator=rng)
    scores = torch.ones_like(keypoints[..., 0])
    camera = pinhole(1000.0, (1000, 1000))
    return Clip("chance", skeleton, camera, lifter.fps or 30.0, keypoints, scores, scores > 0)


def relative_poses(clip: Clip, lifter: Direct) -> Float[Tensor, "frames joints 3"]:
    """What the lifter says of the clip's frames, about the root and not placed anywhere."""
    rng = Generator()
    clip = replace(clip, poses=None, spread=None, covariance=None, radii=None)
    with torch.no_grad():
        if lifter.fps is None or not needs_resampling(clip, lifter.fps):
            return root_relative(without_gaps(clip), lifter, rng)[0]
        even = root_relative(without_gaps(resampled(clip, lifter.fps)), lifter, rng)
        return at_moments(even, lifter.fps, moments(clip))[0]


def shift(lifter: Direct, other: Direct, clips: Sequence[Clip]) -> Shift:
    """How far the joints of the other lifter's poses are from those of the first one's."""
    pairs = [(relative_poses(clip, lifter), relative_poses(clip, other)) for clip in clips]
    apart = torch.cat([joint_error(theirs, ours).flatten() for ours, theirs in pairs]).double()
    size = max(float(ours.norm(dim=-1).max()) for ours, _ in pairs)
    frames = sum(len(ours) for ours, _ in pairs)
    ordered = apart.sort().values  # no number sorts last, so that it is the largest
    at = min(int(0.99 * len(ordered)), len(ordered) - 1)
    return Shift(frames, float(apart.mean()), float(ordered[at]), float(ordered[-1]), size)


def error(lifter: Direct, clips: Sequence[Clip]) -> float | None:
    """The mean error of the poses of clips whose poses are known, in metres (MPJPE)."""
    off = []
    for clip in clips:
        if clip.poses is not None:
            truth = rooted(clip.poses[0], lifter.skeleton.root)
            known = truth.isfinite().all(dim=-1)
            off.append(joint_error(relative_poses(clip, lifter), truth, mask=known)[known])
    return float(torch.cat(off).double().mean()) if off else None


def check_agreement(found: Shift, path: Any) -> None:
    """Refuse a file whose answers are not the original's."""
    allowed = TOLERANCE * max(1.0, found.size)
    if not found.largest <= allowed:
        raise CheckpointError(
            f'The network exported for "{path}" should give the original\'s poses to '
            f"{1000 * allowed:g} mm, but is off by up to {1000 * found.largest:.3g} mm, so nothing "
            "was kept; please report this with the lifter's settings."
        )
