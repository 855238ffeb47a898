"""Parts of a picture in the size that a network takes, resampled as its training did.

Both ways follow the conventions of the published models, since half a pixel counts: cut-outs take
a keypoint's coordinate for the middle of a pixel, letterboxes for its corner.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn.functional import grid_sample, interpolate, pad

from .recipe import Recipe

GREY = 114.0
"""What fills a letterbox."""

Image = UInt8[Tensor, "height width 3"]


class Letterbox(NamedTuple):
    """A whole picture, as large as fits into the upper left of the input."""

    pixels: Float[Tensor, "1 3 height width"]
    ratio: float
    """Pixels of the input for each of the picture."""


def letterbox(image: Image, size: tuple[int, int], recipe: Recipe) -> Letterbox:
    """A picture for a network that looks at it as a whole.

    Args:
        size: Width and height of the network's input.
    """
    height, width = image.shape[:2]
    ratio = min(size[0] / width, size[1] / height)
    inner = max(int(height * ratio), 1), max(int(width * ratio), 1)
    planes = image.movedim(-1, 0)[None].float()
    small = interpolate(planes, inner, mode="bilinear", align_corners=False).round()
    framed = pad(small, (0, size[0] - inner[1], 0, size[1] - inner[0]), value=GREY)
    return Letterbox(standardised(framed, recipe), ratio)


def widened(
    corners: Float[Tensor, "boxes 4"], size: tuple[int, int], margin: float
) -> Float[Tensor, "boxes 4"]:
    """Boxes with a margin, in the shape of a network's input, about the same middles.

    Args:
        corners: Left, top, right, bottom.
    """
    middle = (corners[:, :2] + corners[:, 2:]) / 2
    sides = (corners[:, 2:] - corners[:, :2]).clamp_min(1) * margin
    aspect = size[0] / size[1]
    width = torch.maximum(sides[:, 0], sides[:, 1] * aspect)
    half = torch.stack([width, width / aspect], dim=-1) / 2
    return torch.cat([middle - half, middle + half], dim=-1)


def cut_out(
    image: Image, box: Float[Tensor, " 4"], size: tuple[int, int], recipe: Recipe
) -> Float[Tensor, "3 rows columns"]:
    """The part of a picture in a box, in the size of a network's input; black beyond the picture.

    Args:
        box: Left, top, right, bottom, in the shape of the input.
        size: Width and height of the network's input.
    """
    part, offset = _around(image, box)
    steps = [torch.arange(count) / count for count in size]
    x, y = (box[axis] + steps[axis] * (box[axis + 2] - box[axis]) - offset[axis] for axis in (0, 1))
    height, width = part.shape[-2:]
    grid = torch.stack(
        torch.broadcast_tensors(
            (2 * x / max(width - 1, 1) - 1)[None, :], (2 * y / max(height - 1, 1) - 1)[:, None]
        ),
        dim=-1,
    )
    found = grid_sample(part[None], grid[None], mode="bilinear", align_corners=True)
    return standardised(found.round(), recipe)[0]


def _around(image: Image, box: Float[Tensor, " 4"]) -> tuple[Tensor, tuple[int, int]]:
    """The planes of the least part of a picture that a box needs, and where it begins.

    A pixel of black is added on all sides of the picture, so that its edge fades to black.
    """
    height, width = image.shape[:2]
    left, top = (max(int(box[axis].floor()) - 1, -1) for axis in (0, 1))
    right, bottom = int(box[2].ceil()) + 2, int(box[3].ceil()) + 2
    left, top = min(left, width - 1), min(top, height - 1)
    right, bottom = min(max(right, left + 2), width + 1), min(max(bottom, top + 2), height + 1)
    inside = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    planes = inside.movedim(-1, 0).float()
    edges = (int(left < 0), int(right > width), int(top < 0), int(bottom > height))
    return pad(planes, edges), (left, top)


def standardised(
    planes: Float[Tensor, "batch 3 height width"], recipe: Recipe
) -> Float[Tensor, "batch 3 height width"]:
    """Planes of red, green and blue in the order and the units that a network takes."""
    ordered = planes if recipe.rgb else planes.flip(1)
    mean, scale = (planes.new_tensor(each)[:, None, None] for each in (recipe.mean, recipe.scale))
    return ((ordered - mean) / scale).contiguous()
