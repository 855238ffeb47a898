"""RTMO (Lu et al. 2024): everybody in a picture at once, from an ONNX file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
import tyro
from torch import Tensor

from .. import registry
from ..errors import DataError, SettingsError
from ..skeleton import Skeleton
from ..video import Frame
from .boxes import distinct
from .finder import People
from .joints import joints_of_model
from .pictures import letterbox
from .recipe import LETTERBOX
from .runner import Network, load

OVERLAP = 0.65
"""Beyond which two boxes are of one person."""


@registry.detector("rtmo")
@dataclass(frozen=True)
class RTMOSettings:
    """RTMO in an ONNX file; it needs no boxes."""

    weights: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """The model: an .onnx file, or the folder or zip archive in which it is published."""
    box_score: float = 0.3
    """How certain a person is at least."""
    skeleton: str | None = None
    """The joints' order, where their number (17, 26 ...) does not say it."""

    def build(self, device: str = "cpu") -> "RTMO":
        """The detector, on a device."""
        if self.weights is None:
            raise SettingsError(
                'The detector "rtmo" needs a file of weights, but none was named; give one, as in '
                "--weights rtmo-m.zip."
            )
        return RTMO(load(self.weights, LETTERBOX, device), self.box_score, self.skeleton)


@dataclass(frozen=True, eq=False)
class RTMO:
    """Finds everybody in a picture; see `Finder`."""

    network: Network
    least: float
    named: str | None = None
    """The skeleton, where the user names it."""

    @cached_property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found, by their number."""
        width, height = self.network.size
        _, joints = self._answer(torch.zeros(1, 3, height, width))
        return joints_of_model(joints.shape[1], self.named)

    @property
    def provenance(self) -> Mapping[str, str]:
        """The model."""
        return {"detector": "rtmo", **self.network.file.provenance}

    def find(self, frame: Frame) -> People:
        """Everybody in the picture, the most certain first."""
        given = letterbox(frame.image, self.network.size, self.network.recipe)
        boxes, joints = self._answer(given.pixels)
        sure = boxes[:, 4] >= self.least
        boxes, joints = boxes[sure], joints[sure]
        chosen = distinct(boxes[:, :4], boxes[:, 4], OVERLAP)
        return People.of(joints[chosen, :, :2] / given.ratio, joints[chosen, :, 2])

    def _answer(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes with their scores, and joints with theirs, in pixels of the input."""
        outputs = self.network(image)
        boxes = [each[0] for each in outputs.values() if each.ndim == 3 and each.shape[-1] == 5]
        joints = [each[0] for each in outputs.values() if each.ndim == 4 and each.shape[-1] == 3]
        if not boxes or not joints or len(boxes[0]) != len(joints[0]):
            shapes = ", ".join(f"{name} {tuple(each.shape)}" for name, each in outputs.items())
            raise DataError(
                f'"{self.network.file.path}" should give boxes (1, people, 5) and keypoints '
                f"(1, people, joints, 3), as RTMO does, but gives {shapes}; check which model it "
                "is."
            )
        return boxes[0], joints[0]
