"""Tapered capsules in pictures, the nearer before the farther, pixel by pixel.

A capsule is the hull of two balls. In a picture it is the hull of two discs, and each pixel of it
shows the ball about the nearest point of the axis: from there come its depth, its normal and its
place along the capsule. The rows of all capsules are cut into strips of a few pixels, so that a
small limb costs what its pixels cost, and strips are columns of one table, so that nothing has to
be looked up for a pixel. Then the nearest of each pixel is kept.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

FAR = 1e9
"""Metres: the depth where nothing is."""
FLAT = 0.05
"""The slope of an axis below which its rows are as long as the capsule."""
STRIP = 16
"""Pixels in a strip."""


class Capsules(NamedTuple):
    """Capsules as they appear in pictures; each picture has the same number of them."""

    ends: Float[Tensor, "pictures capsules 2 2"]
    """Pixels of both ends of the axis."""
    radius: Float[Tensor, "pictures capsules 2"]
    """Pixels about each end; a capsule with one of 0 or less is not there."""
    depth: Float[Tensor, "pictures capsules 2"]
    """Metres of each end before the camera."""
    bulge: Float[Tensor, "pictures capsules"]
    """Metres by which the surface comes before the axis, for each pixel of the radius."""


class Painted(NamedTuple):
    """The pixels that show a capsule; those of all pictures are counted line after line."""

    pixel: Tensor
    capsule: Tensor
    """Its number, those of all pictures being counted."""
    along: Float[Tensor, " shown"]
    """From 0 at the capsule's first end to 1 at the second."""
    across: Float[Tensor, " shown"]
    """The normal's part to the right, from -1 to 1."""
    down: Float[Tensor, " shown"]
    """The normal's part downwards; what is left points at the camera."""
    depth: Float[Tensor, " pixels"]
    """Metres of what each pixel of all pictures shows; `FAR` where that is nothing."""


def painted(capsules: Capsules, size: tuple[int, int]) -> Painted:
    """All capsules of all pictures, the nearest in each pixel.

    Args:
        size: Width and height of the pictures. A pixel shows what is at its whole numbers.
    """
    pictures, several = capsules.ends.shape[:2]
    flat = Capsules(*(part.flatten(0, 1) for part in capsules))
    strips = _strips(flat, size)
    points = _points(flat, strips, size[0])
    picture = torch.div(strips.capsule, several, rounding_mode="floor")
    first = (picture * size[1] + strips.y) * size[0] + strips.left
    pixel = (first + torch.arange(STRIP, device=first.device)[:, None]).flatten()
    depth = points.depth.flatten()
    count = pictures * size[0] * size[1]
    nearest = depth.new_full((count + STRIP,), FAR)  # the last strip may run over the end
    nearest.scatter_reduce_(0, pixel, depth, "amin")
    front = (depth == taken(nearest, pixel)) & (depth < FAR)
    chosen = front.nonzero()[:, 0]
    capsule = taken(strips.capsule, chosen % len(strips.capsule))
    along, aside, beyond = (taken(each.flatten(), chosen) for each in points[1:])
    across, down = _normal(flat, capsule, aside, beyond, along)
    return Painted(taken(pixel, chosen), capsule, along, across, down, nearest[:count])


def taken(values: Tensor, index: Tensor) -> Tensor:
    """Values at indices along the first axis: `values[index]`, in a quarter of the time."""
    return values.index_select(0, index)


class _Strips(NamedTuple):
    """Stretches of pixels that may belong to a capsule."""

    capsule: Tensor
    y: Tensor
    left: Tensor


class _Points(NamedTuple):
    """What the capsule of each strip is at its pixels, `pixel strip`."""

    depth: Tensor
    """`FAR` beside the capsule."""
    along: Tensor
    aside: Tensor
    """Pixels from the axis."""
    beyond: Tensor
    """Pixels from the nearest point of the axis along it."""


def _strips(capsule: Capsules, size: tuple[int, int]) -> _Strips:
    """The rows that each capsule crosses, cut to the band about its axis and into strips."""
    low = (capsule.ends - capsule.radius[..., None]).amin(dim=1).ceil()
    high = (capsule.ends + capsule.radius[..., None]).amax(dim=1).floor()
    there = (capsule.radius > 0).all(dim=-1) & low.isfinite().all(-1) & high.isfinite().all(-1)
    top, bottom = low[:, 1].clamp(0, size[1]), high[:, 1].clamp(-1, size[1] - 1)
    height = torch.where(there, bottom - top + 1, 0).clamp_min(0).long()
    which, step = _repeated(height)
    y = top[which].long() + step
    band = _band(capsule, which, y)
    left = torch.maximum(low[:, 0][which], band[0]).clamp(0, size[0]).long()
    right = torch.minimum(high[:, 0][which], band[1]).clamp(-1, size[0] - 1).long()
    row, step = _repeated((right - left + STRIP).clamp_min(0) // STRIP)
    return _Strips(taken(which, row), taken(y, row), taken(left, row) + STRIP * step)


def _repeated(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Each index so many times, and how often it was there before."""
    which = torch.repeat_interleave(counts)
    begins = counts.cumsum(0) - counts
    return which, torch.arange(len(which), device=which.device) - taken(begins, which)


def _band(capsule: Capsules, which: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where each row enters and leaves the band that is as wide as the capsule's larger end."""
    start, end = capsule.ends.unbind(1)
    step = end - start
    length = step.norm(dim=-1)
    steep = torch.where(step[:, 1].abs() < FLAT * length + 1e-6, torch.nan, step[:, 1])
    half = (capsule.radius.amax(dim=-1) * length / steep.abs())[which]
    middle = start[which, 0] + (y - start[which, 1]) * (step[:, 0] / steep)[which]
    left, right = (middle - half).ceil(), (middle + half).floor()
    return left.nan_to_num(-FAR), right.nan_to_num(FAR)


def _points(capsule: Capsules, strips: _Strips, width: int) -> _Points:
    """The capsules at the pixels of their strips.

    Along a row both the place along the axis and the distance from it change evenly.
    """
    which = strips.capsule
    start, end = capsule.ends.unbind(1)
    long = (end - start).norm(dim=-1).clamp_min(1e-3)
    turn = ((end - start) / long[:, None])[which]
    length = long[which]
    x, y = strips.left - start[which, 0], strips.y - start[which, 1]
    right = torch.arange(STRIP, dtype=x.dtype, device=x.device)[:, None]
    axial = torch.addcmul((x * turn[:, 0] + y * turn[:, 1]) / length, right, turn[:, 0] / length)
    aside = torch.addcmul(y * turn[:, 0] - x * turn[:, 1], right, turn[:, 1], value=-1)
    along = axial.clamp(0, 1)
    beyond = axial.sub_(along).mul_(length)
    small, large = capsule.radius[which].unbind(-1)
    facing = torch.addcmul(small, along, large - small).square_()
    facing.addcmul_(aside, aside, value=-1).addcmul_(beyond, beyond, value=-1)
    facing = torch.where(right < width - strips.left, facing, -1.0)
    near, far = capsule.depth[which].unbind(-1)
    depth = torch.addcmul(near, along, far - near)
    depth.addcmul_(facing.sqrt(), capsule.bulge[which], value=-1).nan_to_num_(FAR)
    return _Points(depth, along, aside, beyond)


def _normal(
    capsule: Capsules, which: Tensor, aside: Tensor, beyond: Tensor, along: Tensor
) -> tuple[Tensor, Tensor]:
    """Where the surface looks: to the right, and downwards."""
    step = capsule.ends[:, 1] - capsule.ends[:, 0]
    turn = step / step.norm(dim=-1, keepdim=True).clamp_min(1e-3)
    x, y = (taken(each, which) for each in turn.unbind(-1))
    small, large = capsule.radius.unbind(-1)
    wide = torch.addcmul(taken(small, which), along, taken(large - small, which)).reciprocal_()
    return (beyond * x - aside * y).mul_(wide), (beyond * y + aside * x).mul_(wide)
