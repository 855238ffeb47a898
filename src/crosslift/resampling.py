"""Clips at another frame rate: what a lifter that saw one rate in training needs."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from .clip import Clip
from .filling import between_known
from .motion import check_fps

NEAR = 0.03
"""Share by which two frame rates may differ and still count as the same."""


def moments(clip: Clip) -> Float[Tensor, " frames"]:
    """The second at which each frame was taken, the first at zero."""
    if clip.times is not None:
        return (clip.times - clip.times[:1]).double()
    return torch.arange(len(clip), dtype=torch.float64, device=clip.keypoints.device) / clip.fps


def needs_resampling(clip: Clip, fps: float | None) -> bool:
    """Whether the clip's frames are not as far apart as those of a recording at `fps`."""
    if fps is None or len(clip) < 2:
        return False
    steps = moments(clip).diff()
    return bool(((steps * fps - 1).abs() > NEAR).any())


def resampled(clip: Clip, fps: float) -> Clip:
    """The clip's keypoints at an even frame rate, on straight lines between its own frames.

    A keypoint is observed where both frames around it observed it. Poses do not come along.
    """
    check_fps(clip.name, fps)
    if not len(clip):
        bare = replace(clip, poses=None, spread=None, covariance=None, radii=None)
        return replace(bare, fps=fps, times=None)
    own = moments(clip)
    count = int(torch.floor(own[-1] * fps + 1e-6)) + 1
    at = torch.arange(count, dtype=own.dtype, device=own.device) / fps
    before, after, share = _neighbours(own, at)
    keypoints = _between(clip.keypoints, before, after, share)
    camera = clip.camera if clip.camera.focal.ndim == 1 else clip.camera[before]
    observed = clip.observed[before] & clip.observed[after] & keypoints.isfinite().all(dim=-1)
    scores = torch.minimum(clip.scores[before], clip.scores[after])
    return replace(
        clip,
        fps=fps,
        camera=camera,
        keypoints=keypoints,
        scores=torch.where(keypoints.isfinite().all(dim=-1), scores, 0),
        observed=observed,
        poses=None,
        spread=None,
        covariance=None,
        radii=None,
        times=None,
    )


def at_moments(
    values: Float[Tensor, "hypotheses frames *rest"], fps: float, when: Float[Tensor, " moments"]
) -> Float[Tensor, "hypotheses moments *rest"]:
    """What was found at an even frame rate, at other moments."""
    own = torch.arange(values.shape[1], dtype=when.dtype, device=when.device) / fps
    before, after, share = _neighbours(own, when)
    return _between(values.movedim(1, 0), before, after, share).movedim(0, 1)


def _neighbours(own: Tensor, at: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The frames before and after each moment, and how far it is on the way between them."""
    last = len(own) - 1
    before = (torch.searchsorted(own, at + 1e-9, right=True) - 1).clamp(0, last)
    after = (before + 1).clamp(max=last)
    width = (own[after] - own[before]).clamp_min(1e-9)
    share = ((at - own[before]) / width).clamp(0, 1)
    exact = share < 1e-6  # a frame of its own, which a missing neighbour does not spoil
    return before, torch.where(exact, before, after), torch.where(exact, 0, share)


def _between(values: Tensor, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
    weight = share.to(values).view(-1, *[1] * (values.ndim - 1))
    return torch.lerp(values[before], values[after], weight)


def without_gaps(clip: Clip) -> Clip:
    """The clip with the missing keypoints of each joint on the line between its known ones.

    They keep their score of zero and do not count as observed; a joint that is never seen stays
    missing.
    """
    known = clip.keypoints.isfinite().all(dim=-1) & (clip.scores > 0)
    if bool(known.all()) or not len(clip):
        return clip
    tracks = between_known(clip.keypoints.transpose(0, 1), known.mT).transpose(0, 1)
    return replace(clip, keypoints=tracks)
