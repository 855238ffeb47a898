"""Missing keypoints filled in, for networks that need a number for every joint."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .skeleton import Skeleton


def between_known(
    values: Float[Tensor, "*batch frames numbers"], known: Bool[Tensor, "*batch frames"]
) -> Float[Tensor, "*batch frames numbers"]:
    """Tracks whose unknown frames lie on the line between the nearest known ones.

    They are level at the ends. A track of which nothing is known is NaN.
    """
    frames = values.shape[-2]
    if frames == 0 or bool(known.all()):
        return values
    at = torch.arange(frames, device=values.device).expand(known.shape)
    before = torch.where(known, at, -1).cummax(dim=-1).values
    after = torch.where(known, at, frames).flip(-1).cummin(dim=-1).values.flip(-1)
    lost = (before < 0) & (after >= frames)
    first = torch.where(before < 0, after, before).clamp(0, frames - 1)
    last = torch.where(after >= frames, before, after).clamp(0, frames - 1)
    share = ((at - first) / (last - first).clamp(min=1)).to(values)[..., None]
    ends = (values.gather(-2, each[..., None].expand(values.shape)) for each in (first, last))
    filled = torch.lerp(next(ends), next(ends), share)
    return torch.where(lost[..., None], torch.nan, torch.where(known[..., None], values, filled))


def filled_in_time(
    points: Float[Tensor, "*batch frames joints axes"], known: Bool[Tensor, "*batch frames joints"]
) -> Float[Tensor, "*batch frames joints axes"]:
    """Each joint's track without gaps; a joint that is never known is NaN."""
    return between_known(points.transpose(-3, -2), known.mT).transpose(-3, -2)


def filled_from_body(
    points: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch joints axes"]:
    """NaN joints at their parents' places; a lost root in the middle of the others, or at zero."""
    middle = points.nanmean(dim=-2).nan_to_num(0)
    found = list(points.unbind(dim=-2))
    for joint in skeleton.outwards:
        above = skeleton.parents[joint]
        instead = middle if above < 0 else found[above]
        found[joint] = torch.where(found[joint].isfinite(), found[joint], instead)
    return torch.stack(found, dim=-2)
