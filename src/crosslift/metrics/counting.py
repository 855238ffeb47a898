"""Which joints count: means over them, and poses in which nothing else can be felt."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def counted_mean(
    values: Float[Tensor, "*batch items"], mask: Bool[Tensor, "*batch items"] | None = None
) -> Float[Tensor, "*batch"]:
    """Mean over the last axis of the values that count; NaN where none does.

    Several axes are pooled by flattening them before; the mean of means would give a frame with
    one joint the weight of a frame with all.
    """
    if mask is None:
        return values.mean(dim=-1)
    total = torch.where(mask, values, torch.zeros_like(values)).sum(dim=-1)
    return total / mask.sum(dim=-1)


def counted(
    points: Float[Tensor, "*batch joints axes"], mask: Bool[Tensor, "*batch joints"] | None
) -> Float[Tensor, "*batch joints axes"]:
    """The points, zero where they do not count, so that a NaN there reaches no sum or gradient."""
    if mask is None:
        return points
    return torch.where(mask[..., None], points, torch.zeros_like(points))


def only_counted(
    values: Float[Tensor, "*batch items"], mask: Bool[Tensor, "*batch items"] | None
) -> Float[Tensor, "*batch items"]:
    """The values, NaN where they do not count."""
    if mask is None:
        return values
    return torch.where(mask, values, torch.full_like(values, torch.nan))


def differences(
    points: Float[Tensor, "*batch frames joints axes"], order: int, fps: float | None = None
) -> Float[Tensor, "*batch steps joints axes"]:
    """How the points change from frame to frame, taken `order` times.

    Args:
        fps: Per second instead of per frame.
    """
    change = torch.diff(points, n=order, dim=-3)
    return change if fps is None else change * fps**order


def counted_steps(
    mask: Bool[Tensor, "*batch frames joints"] | None, order: int
) -> Bool[Tensor, "*batch steps joints"] | None:
    """Which differences over time count: those of frames that all count."""
    if mask is None:
        return None
    steps = max(mask.shape[-2] - order, 0)
    every = [mask.narrow(-2, shift, steps) for shift in range(order + 1)] if steps else []
    return torch.stack(every).all(dim=0) if every else mask[..., :0, :]
