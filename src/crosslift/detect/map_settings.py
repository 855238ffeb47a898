"""What is asked of a detector whose network answers with maps, whichever network it is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import torch
import tyro

from ..errors import CheckpointError, SettingsError
from ..summed_folder import sha256
from .detector_folder import WEIGHTS, load_detector
from .map_detector import Decoding
from .map_networks import MAP_NETWORKS, kind_of
from .top_down import TopDown, boxes_from


@dataclass(frozen=True)
class MapSettings:
    """Where weights and boxes come from, and how maps are read."""

    kind: ClassVar[str]
    """The name of the network."""

    weights: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """The folder that crosslift train detector made, or a published file of weights (.pth)."""
    boxes: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """Where people are: a YOLOX model that finds them, or a table (.csv) with the columns frame,
    left, top, right, bottom; without it, one person fills the picture."""
    box_score: float = 0.3
    """How certain a person's box is at least, where a model finds it."""
    skeleton: str | None = None
    """The joints' order, where a file of weights does not tell it by their number."""
    crop: tuple[int, int] | None = None
    """Width and height of the cut-outs; as the network was trained unless given."""
    decoding: Decoding | None = None
    """Where in a map a joint is: a quarter of a cell beside the highest (quarter), in the highest
    (peak), at the soft-argmax (soft), or a quarter of a cell beside that (soft_quarter). Unless
    given, as the detector's folder tells; quarter for a file of weights."""
    flip: bool = True
    """Whether the mean with the mirrored picture's maps is taken."""
    products: Literal["float32", "bfloat16"] = "float32"
    """Precision inside of the network; bfloat16 is faster where the processor has it."""

    def build(self, device: str = "cpu") -> TopDown:
        """The detector, on a device."""
        if self.weights is None:
            raise SettingsError(
                f'The detector "{self.kind}" needs weights, but none were named; give a file or a '
                f"folder, as in --detector {self.kind} --weights FILE."
            )
        kept = load_detector(self.weights, skeleton=self.skeleton, size=self.crop)
        found = kind_of(kept.detector.network).name
        if found != self.kind:
            raise CheckpointError(
                f'"{self.weights}" holds the weights of {MAP_NETWORKS[found].title}; say '
                f"--detector {found}."
            )
        decoding = self.decoding or kept.detector.decoding
        detector = replace(kept.detector.to(device), decoding=decoding, flip=self.flip)
        boxes, told = boxes_from(self.boxes, device, self.box_score)
        file = self.weights / WEIGHTS if self.weights.is_dir() else self.weights
        provenance = {
            "detector": self.kind,
            "model": self.weights.name,
            "model_sha256": sha256(file),
            "decoding": decoding,
            **told,
        }
        return TopDown(detector.fast(getattr(torch, self.products)), boxes, provenance)
