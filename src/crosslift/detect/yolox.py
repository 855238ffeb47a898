"""People's boxes by YOLOX (Ge et al. 2021), from an ONNX file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..errors import DataError
from .boxes import distinct
from .pictures import letterbox
from .recipe import LETTERBOX
from .runner import Network, load

STRIDES = (8, 16, 32)
"""Pixels from cell to cell of the three grids of a network that does not choose boxes itself."""
PERSON = 0
"""The class of people, in COCO and in models of people alone."""
OVERLAP = 0.45
"""Beyond which two boxes of such a network are of one person."""


@dataclass(frozen=True, eq=False)
class PersonBoxes:
    """Finds people's boxes in pictures."""

    network: Network
    least: float
    """The score that a box has at least."""

    @classmethod
    def load(cls, path: Path, device: str, least: float) -> "PersonBoxes":
        """The finder of boxes in an ONNX file."""
        return cls(load(path, LETTERBOX, device), least)

    def find(self, image: UInt8[Tensor, "height width 3"]) -> Float[Tensor, "people 4"]:
        """Left, top, right, bottom of each person in pixels, the most certain first."""
        size = self.network.size
        given = letterbox(image, size, self.network.recipe)
        scored = self._scored(self.network(given.pixels), size)
        scored = scored[scored[:, 4] >= self.least]
        chosen = distinct(scored[:, :4], scored[:, 4], OVERLAP)
        return within(scored[chosen, :4] / given.ratio, image)

    def _scored(
        self, outputs: Mapping[str, Tensor], size: tuple[int, int]
    ) -> Float[Tensor, "boxes 5"]:
        """Corners and score of boxes of people: the network's choice, or one for each cell."""
        boxes = next((each[0] for each in outputs.values() if each.ndim == 3), torch.zeros(0, 0))
        labels = [each[0] for each in outputs.values() if each.ndim == 2]
        if boxes.shape[-1] == 5:
            return boxes[labels[0] == PERSON] if labels else boxes
        if boxes.shape[-1] > 5:
            return of_cells(boxes, size)
        shapes = ", ".join(f"{name} {tuple(each.shape)}" for name, each in outputs.items())
        raise DataError(
            f'"{self.network.file.path}" should give boxes of 5 numbers or more, as YOLOX does, '
            f"but gives {shapes}; check which model it is."
        )


def of_cells(
    cells: Float[Tensor, "cells values"], size: tuple[int, int]
) -> Float[Tensor, "cells 5"]:
    """Corners and score of what each cell of the three grids says of a person.

    A cell has the box's middle from its corner and the logarithm of its sides, both in strides,
    the certainty that anything is there, and that it is of each class.
    """
    corners, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(
            torch.arange(size[1] // stride), torch.arange(size[0] // stride), indexing="ij"
        )
        corners.append(torch.stack([x, y], dim=-1).reshape(-1, 2).float())
        strides.append(torch.full((len(corners[-1]), 1), float(stride)))
    corner, stride = torch.cat(corners), torch.cat(strides)
    if len(cells) != len(corner):
        raise DataError(
            f"A YOLOX network for pictures of {size[0]} x {size[1]} pixels has {len(corner)} "
            f"cells, but this one gives {len(cells)}; check which model it is."
        )
    middle, half = (cells[:, :2] + corner) * stride, cells[:, 2:4].exp() * stride / 2
    score = cells[:, 4:5] * cells[:, 5 + PERSON : 6 + PERSON]
    return torch.cat([middle - half, middle + half, score], dim=-1)


def within(
    boxes: Float[Tensor, "people 4"], image: UInt8[Tensor, "height width 3"]
) -> Float[Tensor, "people 4"]:
    """Boxes cut to the picture; those that lie outside are left out."""
    height, width = image.shape[:2]
    cut = torch.minimum(boxes.clamp_min(0), boxes.new_tensor([width, height, width, height]))
    return cut[(cut[:, 2:] - cut[:, :2] >= 1).all(dim=-1)]
