"""What a network's maps should be, and how far they are from it."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from .heatmaps import Maps

RADIUS = 3
"""Standard deviations from a joint beyond which its map is zero."""


class Target(NamedTuple):
    """Maps that are wanted."""

    maps: Maps
    """1 at the joint's cell, a Gaussian around it."""
    weights: Float[Tensor, "*batch joints"]
    """0 for joints that are not to be learned."""


def target_maps(
    joints: Float[Tensor, "*batch joints 2"],
    visible: Float[Tensor, "*batch joints"],
    size: tuple[int, int],
    cells: tuple[int, int],
    sigma: float,
) -> Target:
    """Gaussians about the cells in which the joints lie, as HRNet is trained.

    A joint so far outside that its Gaussian does not reach the map has the weight 0; one that is
    visible by less than a half has an empty map.

    Args:
        joints: Pixels of the cut-out.
        visible: From 0 to 1.
        size: Width and height of the cut-out.
        cells: Columns and rows of the maps.
        sigma: In cells.
    """
    stride = joints.new_tensor(size) / joints.new_tensor(cells)
    found = joints.isfinite().all(dim=-1)
    middle = (torch.where(found[..., None], joints, 0) / stride + 0.5).trunc()
    reach = RADIUS * sigma
    low, high = (middle - reach).trunc(), (middle + reach + 1).trunc()
    outside = ((low >= low.new_tensor(cells)) | (high < 0)).any(dim=-1)
    weights = torch.where(outside | ~found, 0.0, visible.to(joints))
    across, down = (
        bell(torch.arange(count).to(joints), middle[..., axis], sigma, reach)
        for axis, count in enumerate(cells)
    )
    drawn = (weights > 0.5).to(joints)[..., None, None]
    return Target(drawn * down[..., :, None] * across[..., None, :], weights)


def bell(
    places: Float[Tensor, " count"],
    middle: Float[Tensor, "*batch joints"],
    sigma: float,
    reach: float,
) -> Float[Tensor, "*batch joints count"]:
    """A Gaussian along one axis that ends where it no longer reaches."""
    off = places - middle[..., None]
    return torch.where(off.abs() <= reach, (-off.square() / (2 * sigma**2)).exp(), 0)


def map_error(maps: Maps, target: Target) -> Float[Tensor, "*batch joints"]:
    """Half the mean squared difference of each map; joints without weight count zero."""
    off = target.weights[..., None, None] * (maps - target.maps)
    return 0.5 * off.square().flatten(-2).mean(dim=-1)


def map_loss(maps: Maps, target: Target) -> Float[Tensor, ""]:
    """Half the weighted mean squared difference over all cells, joints and pictures."""
    return map_error(maps, target).mean()


def hardest(
    errors: Float[Tensor, "batch joints"],
    count: int,
    by: Float[Tensor, "batch joints"] | None = None,
) -> Float[Tensor, ""]:
    """The mean error of the joints that are hardest in each picture, so many of them.

    Args:
        by: What makes a joint hard; the errors themselves unless given (OHKM).
    """
    chosen = (errors if by is None else by).detach().topk(count, dim=-1).indices
    return errors.gather(-1, chosen).mean()
