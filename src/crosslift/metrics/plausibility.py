"""What a body cannot do, told from the estimate alone: stretch, be lopsided, tremble.

None of these needs a truth, so that they serve on footage that nobody labelled. `mask` is read as
in `crosslift.metrics.joints`; a bone counts if both its ends do.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry.bones import body_lengths, bone_lengths
from ..skeleton import Skeleton
from .counting import counted, counted_mean, counted_steps, differences, only_counted
from .joints import joint_error


def bone_stretch(
    poses: Float[Tensor, "*batch frames joints 3"],
    skeleton: Skeleton,
    *,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch bones"]:
    """How much each bone's length varies over time: standard deviation by mean.

    Bones are in the order of `skeleton.bones`. A real body's are 0.
    """
    lengths = bone_lengths(counted(poses, mask), skeleton).mT
    seen = None if mask is None else _both_ends(mask, skeleton.bones).mT
    mean = counted_mean(lengths, seen)
    off = lengths - mean[..., None]
    off = off if seen is None else torch.where(seen, off, torch.zeros_like(off))
    frames = off.shape[-1] if seen is None else seen.sum(dim=-1)
    # a norm has a slope of zero at zero, where the root of a mean of squares has none
    return torch.linalg.vector_norm(off, dim=-1) / (frames**0.5 * mean)


def mean_bone_stretch(
    poses: Float[Tensor, "*batch frames joints 3"],
    skeleton: Skeleton,
    *,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean over bones of how much their lengths vary over time."""
    stretch = bone_stretch(poses, skeleton, mask=mask)
    if mask is None:
        return counted_mean(stretch)
    return counted_mean(stretch, _both_ends(mask, skeleton.bones).any(dim=-2))


def bone_asymmetry(
    poses: Float[Tensor, "*batch joints 3"],
    skeleton: Skeleton,
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch pairs"]:
    """How much the left bones' lengths differ from the right ones', by the mean of both.

    One number for each joint of `skeleton.left`, for the bone that ends there; NaN where one of
    the two bones does not count.
    """
    lengths = body_lengths(counted(poses, mask), skeleton)
    left, right = lengths[..., list(skeleton.left)], lengths[..., list(skeleton.right)]
    middle = (left + right) / 2
    asymmetry = (left - right).abs() / middle.masked_fill(middle == 0, 1)
    return only_counted(asymmetry, _pairs_seen(mask, skeleton))


def mean_bone_asymmetry(
    poses: Float[Tensor, "*batch joints 3"],
    skeleton: Skeleton,
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean over pairs of bones of how much left and right differ in length."""
    asymmetry = bone_asymmetry(poses, skeleton, mask=mask)
    return counted_mean(asymmetry, _pairs_seen(mask, skeleton))


def jitter(
    poses: Float[Tensor, "*batch frames joints 3"],
    *,
    fps: float | None = None,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean length of the joints' third differences, in metres per frame cubed.

    A movement of even acceleration has none; what remains is trembling.

    Args:
        fps: Per second cubed instead.
    """
    jerk = differences(counted(poses, mask), 3, fps)
    steps = counted_steps(mask, 3)
    lengths = joint_error(jerk, torch.zeros_like(jerk), mask=steps).flatten(-2)
    return counted_mean(lengths, None if steps is None else steps.flatten(-2))


def _both_ends(mask: Tensor, bones: Iterable[tuple[int, int]]) -> Bool[Tensor, "*batch bones"]:
    parents, children = (list(ends) for ends in zip(*bones, strict=True))
    return mask[..., parents] & mask[..., children]


def _pairs_seen(mask: Tensor | None, skeleton: Skeleton) -> Bool[Tensor, "*batch pairs"] | None:
    if mask is None:
        return None
    left, right = (
        _both_ends(mask, [(skeleton.parents[joint], joint) for joint in side])
        for side in (skeleton.left, skeleton.right)
    )
    return left & right
