"""Cut-outs of pictures about people: where a point of the picture lies in them, and back.

Conventions are those of the published detectors. A box is widened to the shape of the cut-out and
by a quarter; the enlargement follows from its width alone; a coordinate is the middle of a pixel,
so that cell k of a map lies at pixel 4 k of the cut-out.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError
from .pictures import widened

MARGIN = 1.25
"""How many times as large as a person's box the cut-out is."""
PUBLISHED_UNIT = 200.0
"""Pixels of the published "scale" of 1, which goes back to MPII's annotation."""


class Cuts(NamedTuple):
    """Which parts of pictures are cut out."""

    centre: Float[Tensor, "*batch 2"]
    """Pixels of the picture."""
    sides: Float[Tensor, "*batch 2"]
    """Width and height in pixels of the picture, in the shape of the cut-out."""
    turn: Float[Tensor, "*batch"]
    """Radians by which the cut-out's axes are turned against the picture's, from x towards y."""


def cuts_around(
    boxes: Float[Tensor, "batch 4"], size: tuple[int, int], margin: float = MARGIN
) -> Cuts:
    """The upright parts about people's boxes, for cut-outs of a size.

    Args:
        boxes: Left, top, right, bottom in pixels of the picture.
        size: Width and height of the cut-outs.
    """
    wide = widened(boxes, size, margin)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    return Cuts(centre, wide[:, 2:] - wide[:, :2], torch.zeros_like(centre[:, 0]))


def to_picture(cuts: Cuts, size: tuple[int, int]) -> Float[Tensor, "*batch 2 3"]:
    """The affine maps from a grid that lies over the cut-outs to the pictures.

    Args:
        size: Columns and rows of the grid: of the cut-out itself, or of a network's maps.
    """
    pixels = cuts.sides[..., 0] / size[0]  # of the picture, for each cell, along both axes
    cos, sin = pixels * cuts.turn.cos(), pixels * cuts.turn.sin()
    turned = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], dim=-2)
    middle = cuts.centre.new_tensor(size) / 2
    return torch.cat([turned, (cuts.centre - turned @ middle)[..., None]], dim=-1)


def to_cut(cuts: Cuts, size: tuple[int, int]) -> Float[Tensor, "*batch 2 3"]:
    """The affine maps from the pictures to such a grid."""
    return inverse(to_picture(cuts, size))


def inverse(affine: Float[Tensor, "*batch 2 3"]) -> Float[Tensor, "*batch 2 3"]:
    """The affine maps back."""
    linear = torch.linalg.inv(affine[..., :2])
    return torch.cat([linear, -linear @ affine[..., 2:]], dim=-1)


def mapped(
    points: Float[Tensor, "*batch joints 2"], affine: Float[Tensor, "*batch 2 3"]
) -> Float[Tensor, "*batch joints 2"]:
    """Points after affine maps."""
    return points @ affine[..., :2].mT + affine[..., None, :, 2]


def box_about(
    joints: Float[Tensor, "*batch joints 2"], size: tuple[int, int], padding: float = 0.075
) -> Float[Tensor, "*batch 4"]:
    """The boxes about joints in whole pixels, within the picture, as L2D-Pose takes them.

    Args:
        size: Width and height of the picture.
        padding: Share of the joints' own width and height that is added on each side.
    """
    low, high = joints.amin(dim=-2), joints.amax(dim=-2)
    added = padding * (high - low)
    corners = torch.cat([low - added, high + added], dim=-1)
    most = joints.new_tensor([*size, *size])
    return torch.minimum(corners.clamp_min(0), most).trunc()


def check_boxes(boxes: Float[Tensor, "batch 4"], size: tuple[int, int]) -> None:
    """Refuse boxes that are empty or lie outside the picture.

    Args:
        size: Width and height of the picture.
    """
    for number, (left, top, right, bottom) in enumerate(boxes.tolist()):
        told = f"Box {number} ({left:g}, {top:g}, {right:g}, {bottom:g})"
        if not (right > left and bottom > top):
            raise DataError(
                f"{told} is empty: left, top, right, bottom are wanted, with right beyond left and "
                "bottom below top; mend it, or leave it out."
            )
        if right <= 0 or bottom <= 0 or left >= size[0] or top >= size[1]:
            raise DataError(
                f"{told} lies outside the picture of {size[0]} x {size[1]} pixels; give boxes in "
                "pixels of this picture."
            )
