"""How wide keypoints and poses are along their axes, which global position alignment compares."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def extent(
    points: Float[Tensor, "*batch joints axes"], seen: Bool[Tensor, "*batch joints"] | None = None
) -> Float[Tensor, "*batch axes"]:
    """Largest minus smallest coordinate over the joints, for each axis; see `bounds`."""
    lowest, highest = bounds(points, seen).unbind(dim=-2)
    return highest - lowest


def bounds(
    points: Float[Tensor, "*batch joints axes"], seen: Bool[Tensor, "*batch joints"] | None = None
) -> Float[Tensor, "*batch 2 axes"]:
    """The smallest and the largest coordinates of the joints: two corners of their box.

    A joint with a coordinate that is no number does not count. Without any that counts: NaN.

    Args:
        seen: Which joints count; all of them unless given.
    """
    counts = points.isfinite().all(dim=-1)
    counts = (counts if seen is None else counts & seen)[..., None]
    lowest = torch.where(counts, points, torch.inf).amin(dim=-2)
    highest = torch.where(counts, points, -torch.inf).amax(dim=-2)
    corners = torch.stack([lowest, highest], dim=-2)
    return torch.where(counts.any(dim=-2)[..., None, :], corners, torch.nan)
