"""The differentiable terms of trainings, in metres."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def position_error(
    estimate: Float[Tensor, "batch frames joints 3"],
    truth: Float[Tensor, "batch frames joints 3"],
    known: Bool[Tensor, "batch frames joints"],
    weights: Float[Tensor, " joints"] | None = None,
    *,
    squared: bool = False,
) -> Float[Tensor, ""]:
    """Mean distance of the known joints from the truth, or the mean square of their coordinates.

    Args:
        weights: By how much each joint counts.
    """
    off = torch.where(known[..., None], estimate - truth, 0)
    each = off.square().mean(dim=-1) if squared else torch.linalg.vector_norm(off, dim=-1)
    if weights is not None:
        each = each * weights
    return each.sum() / known.sum().clamp_min(1)


def velocity_error(
    estimate: Float[Tensor, "batch frames joints 3"],
    truth: Float[Tensor, "batch frames joints 3"],
    known: Bool[Tensor, "batch frames joints"],
) -> Float[Tensor, ""]:
    """Mean distance between the steps from frame to frame, of joints known in both."""
    both = known[:, 1:] & known[:, :-1]
    off = torch.where(both[..., None], estimate.diff(dim=1) - truth.diff(dim=1), 0)
    return torch.linalg.vector_norm(off, dim=-1).sum() / both.sum().clamp_min(1)


def restlessness(
    estimate: Float[Tensor, "batch frames joints 3"],
    weights: Float[Tensor, " joints"] | None = None,
) -> Float[Tensor, ""]:
    """Mean square of the steps from frame to frame: MixSTE's "temporal consistency"."""
    steps = estimate.diff(dim=1).square()
    if weights is not None:
        steps = steps * weights[:, None]
    return steps.mean() if steps.numel() else steps.sum()
