"""From a network's maps to where joints are, in cells: column and row of the map.

What is published under each name, and what comes of it, is told where the functions stand; which
of them a detector uses is a setting.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeleton import Skeleton

Maps = Float[Tensor, "*batch joints rows columns"]
SHARPNESS = 100.0
"""By which maps are multiplied before the soft-argmax, as L2D-Pose does."""
QUARTER = 0.25


class Peaks(NamedTuple):
    """Where maps are highest."""

    cells: Float[Tensor, "*batch joints 2"]
    """Column and row; zero where no cell of the map is above zero."""
    scores: Float[Tensor, "*batch joints"]
    """How high."""


def peaks(maps: Maps) -> Peaks:
    """The highest cell of each map."""
    scores, places = maps.flatten(-2).max(dim=-1)
    columns = maps.shape[-1]
    cells = torch.stack([places % columns, places // columns], dim=-1).to(maps.dtype)
    return Peaks(torch.where((scores > 0)[..., None], cells, 0), scores)


def soft_argmax(maps: Maps, sharpness: float = SHARPNESS) -> Float[Tensor, "*batch joints 2"]:
    """The mean cell, weighted by the softmax of the maps: a place that has a gradient."""
    weights = (sharpness * maps).flatten(-2).softmax(dim=-1).unflatten(-1, maps.shape[-2:])
    rows, columns = (torch.arange(count).to(maps) for count in maps.shape[-2:])
    return torch.stack(
        [(weights.sum(dim=-2) * columns).sum(dim=-1), (weights.sum(dim=-1) * rows).sum(dim=-1)],
        dim=-1,
    )


def quarter_step(
    cells: Float[Tensor, "*batch joints 2"], maps: Maps
) -> Float[Tensor, "*batch joints 2"]:
    """A step of a quarter of a cell towards the higher neighbour, along each axis.

    It undoes part of the rounding of `peaks`. Nothing is added next to the border, where the
    publication's test leaves out column 1 and row 1 but not their counterparts at the other end.
    """
    rows, columns = maps.shape[-2:]
    x, y = (cells.detach() + 0.5).floor().long().unbind(dim=-1)
    inside = (x > 1) & (x < columns - 1) & (y > 1) & (y < rows - 1)
    x, y = x.clamp(1, columns - 2), y.clamp(1, rows - 2)
    flat = maps.detach().flatten(-2)

    def at(column: Tensor, row: Tensor) -> Tensor:
        return flat.gather(-1, (row * columns + column)[..., None])[..., 0]

    steps = [at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1)]
    return QUARTER * torch.stack(steps, dim=-1).sign() * inside[..., None]


def mirrored_back(maps: Maps, skeleton: Skeleton, *, shifted: bool = True) -> Maps:
    """The maps of a mirrored picture as those of the picture itself.

    Args:
        shifted: Move them one column to the right, the first one staying: cell k lies at pixel 4 k,
            so that mirroring puts it three quarters of a cell too far to the left.
    """
    back = maps.flip(-1)[..., list(skeleton.mirror), :, :]
    if not shifted:
        return back
    return torch.cat([back[..., :1], back[..., :-1]], dim=-1)
