"""From a box about a person to a crop: how large, how turned, and what is drawn anew for it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn.functional import grid_sample

from ..errors import DataError, SettingsError

PAD = 0.075
"""The share of its own sides by which a box about keypoints is widened on each side."""


@dataclass(frozen=True)
class Framing:
    """How a crop lies about its box."""

    size: tuple[int, int] = (192, 256)
    """Width and height of the crop, in pixels."""
    margin: float = 1.25
    """How much larger than the box the crop is, once the box has the crop's shape."""

    def __post_init__(self) -> None:
        if min(self.size) < 1 or not 0 < self.margin < math.inf:
            raise SettingsError(
                "A crop is at least one pixel wide and high and its margin is above 0, but "
                f"{self.size[0]} x {self.size[1]} and {self.margin:g} were given; change them."
            )


@dataclass(frozen=True)
class Changes:
    """What is changed at random in crops for training; HRNet's published values."""

    flip: float = 0.5
    """The share that is mirrored, with keypoints, poses and camera."""
    scale: float = 0.35
    """Standard deviation of the size, as a share of it; never further than this from 1."""
    turned: float = 0.6
    """The share that is turned."""
    turn: float = 45.0
    """Standard deviation of the turn in degrees; never more than twice of it."""
    colour: float = 0.2
    """How far brightness, contrast and each colour are changed, as a share, either way."""


NO_CHANGES = Changes(flip=0.0, scale=0.0, turned=0.0, turn=0.0, colour=0.0)


def box_of(
    keypoints: Float[Tensor, "*batch joints 2"], size: Float[Tensor, "*#batch 2"]
) -> Float[Tensor, "*batch 4"]:
    """Left, top, right and bottom of a box about keypoints, widened, within the picture.

    The published rule: over all joints that are numbers, in or out of the picture, then cut to the
    picture and to whole pixels.
    """
    known = keypoints.isfinite()
    low = torch.where(known, keypoints, torch.inf).amin(dim=-2)
    high = torch.where(known, keypoints, -torch.inf).amax(dim=-2)
    pad = PAD * (high - low)
    sides = (low - pad, high + pad)
    return torch.cat(
        [side.maximum(torch.zeros_like(side)).minimum(size) for side in sides], -1
    ).trunc()


def check_box(box: Float[Tensor, "*batch 4"], what: str) -> None:
    """Refuse a box that has no inside."""
    if not bool(((box[..., 2:] - box[..., :2]) > 0).all()):
        raise DataError(
            f"The box about a person in {what} should have a width and a height, but is "
            f"{[round(float(side), 1) for side in box.reshape(-1, 4)[0]]}; leave the person out."
        )


def way_of(
    box: Float[Tensor, " 4"], framing: Framing, scale: float = 1.0, turn: float = 0.0
) -> Float[Tensor, "2 3"]:
    """What takes pixels of a crop to pixels of its picture.

    The box is brought to the crop's shape about its own middle, by its short side; the middle of
    the box comes to half the crop's width and height.

    Args:
        turn: Radians by which the crop is turned about its middle.
    """
    width, height = framing.size
    middle, sides = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    wide = torch.maximum(sides[0], sides[1] * width / height)
    step = wide * framing.margin * scale / width
    cosine, sine = math.cos(turn), math.sin(turn)
    linear = step * box.new_tensor([[cosine, -sine], [sine, cosine]])
    corner = middle - linear @ box.new_tensor([width / 2, height / 2])
    return torch.cat([linear, corner[:, None]], dim=-1)


def drawn_way(
    box: Float[Tensor, " 4"], framing: Framing, changes: Changes, rng: Generator
) -> Float[Tensor, "2 3"]:
    """A way from a crop to its picture, with size and turn drawn at random."""
    size, angle, share = (
        float(torch.randn((), generator=rng)),
        float(torch.randn((), generator=rng)),
        float(torch.rand((), generator=rng)),
    )
    scale = 1 + min(max(changes.scale * size, -changes.scale), changes.scale)
    most = 2 * changes.turn
    turn = min(max(changes.turn * angle, -most), most) if share < changes.turned else 0.0
    return way_of(box, framing, scale, math.radians(turn))


def cut(
    pixels: np.ndarray, way: Float[Tensor, "2 3"], size: tuple[int, int]
) -> Float[Tensor, "3 height width"]:
    """The crop of a picture, between pixels by straight lines, black beyond the picture.

    Args:
        way: From the crop to this picture.
    """
    height, width = pixels.shape[:2]
    x, y = torch.arange(size[0], dtype=way.dtype), torch.arange(size[1], dtype=way.dtype)[:, None]
    places = [way[axis, 0] * x + (way[axis, 1] * y + way[axis, 2]) for axis in (0, 1)]
    # a frame of one black pixel, in which the picture's edge fades out
    planes = np.zeros((3, height + 2, width + 2), np.float32)
    planes[:, 1:-1, 1:-1] = pixels.transpose(2, 0, 1)
    grid = torch.stack(
        [
            2 * (place + 1) / (side + 1) - 1
            for place, side in zip(places, (width, height), strict=True)
        ],
        dim=-1,
    )
    found = grid_sample(torch.from_numpy(planes)[None], grid[None], align_corners=True)
    return found[0] / 255


def recoloured(
    picture: Float[Tensor, "3 height width"], share: float, rng: Generator
) -> Float[Tensor, "3 height width"]:
    """The picture with other brightness, contrast and colours."""
    if not share:
        return picture
    bright, contrast = (torch.rand(2, generator=rng) * 2 - 1) * share
    gain = 1 + (torch.rand(3, 1, 1, generator=rng) * 2 - 1) * share
    middle = picture.mean()
    return ((picture - middle) * (1 + contrast) + middle * (1 + bright)).mul(gain).clamp(0, 1)
