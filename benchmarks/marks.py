"""Pictures in which every joint is a mark of its own colour: the least a detector can learn."""

import colorsys
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn.functional import interpolate

JOINTS = 17


class Marks(NamedTuple):
    """People of marks; see `recipes.detector.Seen`."""

    crops: Float[Tensor, "batch 3 height width"]
    joints: Float[Tensor, "batch joints 2"]
    visible: Float[Tensor, "batch joints"]


def marks(count: int, size: tuple[int, int], rng: Generator) -> Marks:
    """So many pictures: dim clutter, and a bright round mark for each joint.

    Args:
        size: Width and height.
    """
    width, height = size
    coarse = torch.rand(count, 3, height // 8, width // 8, generator=rng)
    crops = 0.3 * interpolate(coarse, (height, width), mode="bilinear")
    joints = torch.rand(count, JOINTS, 2, generator=rng) * torch.tensor([width - 9, height - 9]) + 4
    colours = torch.tensor([colorsys.hsv_to_rgb(each / JOINTS, 1, 1) for each in range(JOINTS)])
    x, y = torch.arange(width).float(), torch.arange(height).float()
    for joint in range(JOINTS):
        off = (x - joints[:, joint, :1])[:, None, :] ** 2 + (y - joints[:, joint, 1:])[
            ..., None
        ] ** 2
        shape = (-off / 32).exp()[:, None]
        crops = crops * (1 - shape) + shape * colours[joint][:, None, None]
    return Marks(crops, joints, torch.ones(count, JOINTS))
