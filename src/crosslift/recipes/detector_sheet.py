"""Sheets of pictures with the keypoints that a detector finds in them, to see how training goes."""

from itertools import product
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image, ImageDraw
from torch import Tensor

from ..files import whole
from ..skeleton import Skeleton
from ..view.figure import lines, side_of_line
from ..view.raster import Colour, rgb
from ..view.shown import PALETTES, TRUTH, Palette

COLUMNS = 6
MOST = 24
"""Pictures on a sheet."""
SHORT = 160
"""Pixels of a picture's shorter side, at least."""


def write_sheet(
    path: Path,
    crops: Float[Tensor, "batch 3 height width"],
    found: Float[Tensor, "batch joints 2"],
    truth: Float[Tensor, "batch joints 2"],
    skeleton: Skeleton,
) -> None:
    """Write the first pictures side by side; the truth is grey, what was found is coloured.

    Args:
        crops: Red, green and blue from 0 to 1.
        found: Pixels of the cut-out.
    """
    height, width = crops.shape[-2:]
    scale = max(1, -(-SHORT // min(height, width)))
    count = min(len(crops), MOST)
    columns = min(COLUMNS, count)
    tile = width * scale, height * scale
    sheet = Image.new("RGB", (columns * tile[0], -(-count // columns) * tile[1]))
    for index, (row, column) in enumerate(product(range(-(-count // columns)), range(columns))):
        if index < count:
            drawn = of_one(crops[index], (found[index], truth[index]), skeleton, scale)
            sheet.paste(drawn, (column * tile[0], row * tile[1]))
    with whole(path) as draft:
        sheet.save(draft, format="PNG")


def of_one(
    crop: Float[Tensor, "3 height width"],
    keypoints: tuple[Float[Tensor, "joints 2"], Float[Tensor, "joints 2"]],
    skeleton: Skeleton,
    scale: int,
) -> Image.Image:
    """One picture, enlarged, with what was found over the truth."""
    pixels = (crop.movedim(0, -1).clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
    picture = Image.fromarray(pixels)
    picture = picture.resize((picture.width * scale, picture.height * scale))
    pen = ImageDraw.Draw(picture)
    found, truth = (scale * (each.detach().cpu().numpy() + 0.5) for each in keypoints)
    draw(pen, truth, skeleton, TRUTH, 3)
    draw(pen, found, skeleton, PALETTES[0], 2)
    return picture


def draw(
    pen: ImageDraw.ImageDraw,
    points: Float[np.ndarray, "joints 2"],
    skeleton: Skeleton,
    palette: Palette,
    width: int,
) -> None:
    """A figure of lines; those of joints that were not found are left out."""
    for start, end in lines(skeleton):
        ends = points[[start, end]]
        if np.isfinite(ends).all():
            colour: Colour = rgb(getattr(palette, side_of_line(skeleton, start, end)))
            pen.line([tuple(map(float, each)) for each in ends], fill=colour, width=width)
