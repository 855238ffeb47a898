"""RTMPose (Jiang et al. 2023): one person in each box, from ONNX files."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
import tyro
from jaxtyping import Float, UInt8
from torch import Tensor

from .. import registry
from ..errors import DataError, SettingsError
from ..protocols import Detected
from ..skeleton import Skeleton
from ..video import Frame
from .finder import People
from .joints import joints_of_model
from .pictures import cut_out, widened
from .recipe import CUT_OUT
from .runner import Network, load
from .yolox import PersonBoxes


@registry.detector("rtmpose")
@dataclass(frozen=True)
class RTMPoseSettings:
    """RTMPose and its kin (RTMW, DWPose) in ONNX files; people's boxes by YOLOX."""

    weights: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """The pose model: an .onnx file, or the folder or zip archive in which it is published."""
    boxes: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """A YOLOX model that finds the people, likewise; without it, one person fills the picture."""
    box_score: float = 0.3
    """How certain a person's box is at least."""
    skeleton: str | None = None
    """The joints' order, where their number (17, 26, 133 ...) does not say it."""

    def build(self, device: str = "cpu") -> "TopDown":
        """The detector, on a device."""
        if self.weights is None:
            raise SettingsError(
                'The detector "rtmpose" needs a file of weights, but none was named; give one, as '
                "in --weights rtmpose-m.zip --boxes yolox-m.zip."
            )
        pose = RTMPose(load(self.weights, CUT_OUT, device), self.skeleton)
        if self.boxes is None:
            return TopDown(pose, None)
        return TopDown(pose, PersonBoxes.load(self.boxes, device, self.box_score))


@dataclass(frozen=True, eq=False)
class RTMPose:
    """Finds one person in each box; see `Detector`."""

    network: Network
    named: str | None = None
    """The skeleton, where the user names it."""

    @cached_property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found, by their number."""
        width, height = self.network.size
        blank = torch.zeros(1, 3, height, width)
        return joints_of_model(self._answer(blank)[0].shape[1], self.named)

    def detect(
        self, images: UInt8[Tensor, "boxes height width 3"], corners: Float[Tensor, "boxes 4"]
    ) -> Detected:
        """The keypoints of one person in each box; see `Detector`."""
        recipe, size = self.network.recipe, self.network.size
        if not len(images):
            return Detected(*People.none(self.skeleton))
        boxes = widened(corners.float().cpu(), size, recipe.margin)
        parts = [
            cut_out(image, box, size, recipe)
            for image, box in zip(images.cpu(), boxes, strict=True)
        ]
        along_x, along_y = self._answer(torch.stack(parts))
        (score_x, x), (score_y, y) = along_x.max(dim=-1), along_y.max(dim=-1)
        within = torch.stack([x, y], dim=-1) / recipe.split / torch.tensor(size)
        places = boxes[:, None, :2] + within * (boxes[:, 2:] - boxes[:, :2])[:, None]
        return Detected(*People.of(places, torch.minimum(score_x, score_y)))

    def _answer(self, images: Float[Tensor, "batch 3 height width"]) -> tuple[Tensor, Tensor]:
        """The classes along x and along y of each joint: bins of the input's width and height."""
        outputs = self.network(images)
        given = list(outputs.values())
        names = ("simcc_x", "simcc_y")
        pair = [outputs[name] for name in names] if set(names) <= set(outputs) else given
        width, height = self.network.size
        bins = [round(side * self.network.recipe.split) for side in (width, height)]
        if len(pair) < 2 or [each.shape[-1] for each in pair[:2]] != bins:
            shapes = ", ".join(f"{name} {tuple(each.shape)}" for name, each in outputs.items())
            raise DataError(
                f'"{self.network.file.path}" should give {bins[0]} classes along x and {bins[1]} '
                f"along y of each joint (SimCC), as RTMPose does, but gives {shapes}; check which "
                "model it is."
            )
        return pair[0], pair[1]


@dataclass(frozen=True, eq=False)
class TopDown:
    """Finds everybody in a picture: boxes first, one person in each of them; see `Finder`."""

    pose: RTMPose
    boxes: PersonBoxes | None

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found."""
        return self.pose.skeleton

    @property
    def provenance(self) -> Mapping[str, str]:
        """The two models."""
        told = {"detector": "rtmpose", **self.pose.network.file.provenance}
        if self.boxes is None:
            return told
        file = self.boxes.network.file
        return told | {"boxes": file.path.name, "boxes_sha256": file.sha256}

    def find(self, frame: Frame) -> People:
        """Everybody in the picture."""
        height, width = frame.image.shape[:2]
        if self.boxes is None:
            corners = torch.tensor([[0.0, 0.0, width, height]])
        else:
            corners = self.boxes.find(frame.image)
        images = frame.image.expand(len(corners), *frame.image.shape)
        return People(*self.pose.detect(images, corners))
