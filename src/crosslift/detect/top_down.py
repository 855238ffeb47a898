"""Everybody in a picture: boxes first, then one person in each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ..protocols import Detector
from ..skeleton import Skeleton
from ..summed_folder import sha256
from ..video import Frame
from .finder import People
from .given_boxes import SUFFIX, GivenBoxes
from .yolox import PersonBoxes


@dataclass(frozen=True, eq=False)
class TopDown:
    """Finds everybody in a picture; see `Finder`."""

    pose: Detector
    boxes: PersonBoxes | GivenBoxes | None
    """Without it, one person fills the picture."""
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found."""
        return self.pose.skeleton

    def find(self, frame: Frame) -> People:
        """Everybody in the picture."""
        corners = self.corners(frame)
        images = frame.image.expand(len(corners), *frame.image.shape)
        return People(*self.pose.detect(images, corners))

    def corners(self, frame: Frame) -> Float[Tensor, "people 4"]:
        """The boxes of everybody in the picture."""
        if isinstance(self.boxes, GivenBoxes):
            return self.boxes.boxes(frame)
        if self.boxes is not None:
            return self.boxes.find(frame.image)
        height, width = frame.image.shape[:2]
        return torch.tensor([[0.0, 0.0, width, height]])


def boxes_from(
    path: Path | None, device: str, least: float
) -> tuple[PersonBoxes | GivenBoxes | None, dict[str, str]]:
    """Where boxes come from, and what a result says of it.

    Args:
        path: A YOLOX model, or a table of boxes (.csv).
        least: The score that a box of the model has at least.
    """
    if path is None:
        return None, {"boxes": "the whole picture"}
    if path.suffix.lower() == SUFFIX:
        given = GivenBoxes.read(path)
        return given, {"boxes": path.name, "boxes_sha256": sha256(path)}
    found = PersonBoxes.load(path, device, least)
    return found, {"boxes": path.name, "boxes_sha256": found.network.file.sha256}
