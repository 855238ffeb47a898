"""Boxes around people: how much they overlap, and which ones are of the same person."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def overlaps(
    some: Float[Tensor, "some 4"], others: Float[Tensor, "others 4"]
) -> Float[Tensor, "some others"]:
    """Intersection over union of each box with each other one."""
    low = torch.maximum(some[:, None, :2], others[None, :, :2])
    high = torch.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = (high - low).clamp_min(0).prod(dim=-1)
    union = areas(some)[:, None] + areas(others)[None, :] - shared
    return shared / union.clamp_min(1e-9)


def areas(boxes: Float[Tensor, "*any 4"]) -> Float[Tensor, "*any"]:
    """Square pixels; 0 for a box that is inside out."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(dim=-1)


def distinct(
    boxes: Float[Tensor, "boxes 4"], scores: Float[Tensor, " boxes"], most: float
) -> Int[Tensor, " kept"]:
    """Which boxes to keep, the most certain first: none overlaps a kept one by more than `most`."""
    waiting = scores.argsort(descending=True, stable=True)
    kept: list[Tensor] = []
    while len(waiting):
        first, waiting = waiting[0], waiting[1:]
        kept.append(first)
        waiting = waiting[overlaps(boxes[waiting], boxes[first][None])[:, 0] <= most]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.long)
