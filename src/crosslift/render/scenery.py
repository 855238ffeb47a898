"""What is behind people: a floor in perspective, a wall or the sky, things that stand about."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from ..camera import Camera, project
from .draws import CLOTH, SHADES, chance, colours, even, picked
from .figure import Figure
from .look import Wardrobe
from .raster import Capsules, taken

BOXES = 10
"""The most boxes that stand about."""


class Scenery(NamedTuple):
    """Pictures without anybody."""

    planes: Float[Tensor, "3 pictures height width"]
    floor: Bool[Tensor, "pictures height width"]


def scenery(camera: Camera, wardrobe: Wardrobe, size: tuple[int, int], rng: Generator) -> Scenery:
    """A floor and a wall for each camera, with boxes before the wall."""
    count = len(camera.focal)
    colour = colours(rng, count, 2, grey=(0.5, 1.0)) * 0.9 + 0.05
    spread = even(rng, 0.05, 0.6, count, 2, 1) * colours(rng, count, 2, grey=(0.4, 1.0))
    steps = torch.linspace(-0.7, 0.7, SHADES, device=rng.device)
    palette = colour[:, :, None] + spread[:, :, None] * steps[:, None]
    wall = even(rng, 1.8, 8.3, count)
    scale = torch.stack([even(rng, 0.6, 5, count), even(rng, 16, 120, count)], dim=-1)
    shade, floor = _shades(camera, wardrobe, wall, scale, size)
    planes = palette.flatten(0, 2).T.contiguous().index_select(1, shade.flatten())
    planes = planes.view(3, *shade.shape)
    _boxes(planes, floor, rng)
    planes *= _falloff(count, size, rng)
    return Scenery(planes, floor)


def _shades(
    camera: Camera, wardrobe: Wardrobe, wall: Tensor, scale: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """For each pixel its place in the palettes of its picture, and whether it shows the floor.

    Args:
        wall: Metres of the wall behind the place that the camera looks at.
        scale: Of the wall's cloth in its pixels for each of the picture, of the floor's a metre.
    """
    count = len(wall)
    ray = _rays(camera, size)
    height = camera.position[:, 2, None, None].clamp_min(0.05)
    reach = height / (-ray[2]).clamp_min(1e-4)
    floor = reach < (height * 2 + wall[:, None, None])
    kind = wardrobe.kind.to(reach.device)
    shift = wardrobe.shift.to(reach)
    x = torch.arange(size[0], device=reach.device).to(reach)
    y = torch.arange(size[1], device=reach.device).to(reach)[:, None]
    places = []
    for axis, pixel in enumerate((x, y)):
        there = torch.addcmul(
            shift[:, 1, axis, None, None], reach * ray[axis], scale[:, 1, None, None]
        )
        upright = pixel * scale[:, 0, None, None] + shift[:, 0, axis, None, None]
        places.append(torch.where(floor, there, upright).clamp_(-1e6, 1e6).long() & (CLOTH - 1))
    which = torch.where(floor, kind[:, 1, None, None], kind[:, 0, None, None])
    place = (which * CLOTH + places[1]) * CLOTH + places[0]
    shade = taken(wardrobe.cloth.flatten(), place.flatten()).view_as(place)
    number = torch.arange(count, device=reach.device)[:, None, None]
    return shade + SHADES * (floor + 2 * number), floor


def _rays(camera: Camera, size: tuple[int, int]) -> list[Tensor]:
    """East, north and up of the ray through each pixel, for a metre along the camera's z."""
    x = torch.arange(size[0], device=camera.focal.device) - camera.centre[:, :1]
    y = torch.arange(size[1], device=camera.focal.device) - camera.centre[:, 1:]
    x, y = x / camera.focal[:, :1], y / camera.focal[:, 1:]
    turn = camera.rotation
    return [
        (x * turn[:, 0, axis, None])[:, None]
        + (y * turn[:, 1, axis, None] + turn[:, 2, axis, None])[:, :, None]
        for axis in range(3)
    ]


def _boxes(planes: Tensor, floor: Tensor, rng: Generator) -> None:
    """Paint boxes, panels and strips of other colours, some with a second tone."""
    _, count, height, width = planes.shape
    tall = (even(rng, 0.03, 0.6, count, BOXES) * height).long() + 1
    wide = (even(rng, 0.02, 0.35, count, BOXES) * width).long() + 1
    left = (even(rng, -0.15, 1, count, BOXES) * width).long()
    top = (even(rng, -0.3, 0.7, count, BOXES) * height).long()
    tone = colours(rng, count, BOXES, grey=(0.3, 1.0))
    numbers = picked(rng, BOXES + 1, count).tolist()
    second = (even(rng, 0.6, 1.3, count, BOXES) * chance(rng, 0.5, count, BOXES)).tolist()
    corners = torch.stack([left, top, left + wide, top + tall], dim=-1).clamp_min(0).tolist()
    for picture, boxes in enumerate(numbers):
        for box in range(boxes):
            x0, y0, x1, y1 = corners[picture][box]
            part = planes[:, picture, y0:y1, x0:x1]
            part.copy_(tone[picture, box][:, None, None].expand_as(part))
            if second[picture][box]:
                part[:, :, :: 2 + box] *= second[picture][box]
            floor[picture, y0:y1, x0:x1] = False


def _falloff(count: int, size: tuple[int, int], rng: Generator) -> Tensor:
    """How light changes across each picture."""
    x = torch.linspace(-1, 1, size[0], device=rng.device)
    y = torch.linspace(-1, 1, size[1], device=rng.device)[:, None]
    slope = even(rng, -0.3, 0.3, 2, count, 1, 1)
    return 1 + slope[0] * x + slope[1] * y


def shadow_of(figure: Figure, towards: Float[Tensor, "pictures 3"], camera: Camera) -> Capsules:
    """The parts of bodies thrown onto the floor by a light."""
    up = camera.rotation[:, :, 2]
    level = (up * camera.translation).sum(dim=-1)
    ends = figure.ends.flatten(1, 2)
    height = torch.einsum("pei, pi -> pe", ends, up) - level[:, None]
    rise = (up * towards).sum(dim=-1)[:, None].clamp_min(0.2)
    fallen = ends - (height / rise)[..., None] * towards[:, None]
    pixels = project(fallen, camera).unflatten(1, (-1, 2))
    depth = fallen[..., 2].unflatten(1, (-1, 2))
    focal = camera.focal.mean(dim=-1)[:, None, None]
    radius = 0.8 * figure.radius * focal / depth
    return Capsules(
        pixels, radius.nan_to_num(0.0), depth.clamp_min(0.1), torch.zeros_like(radius[..., 0])
    )
