"""PoseResNet (Xiao et al. 2018), from a folder of ours or a published file of weights."""

from dataclasses import dataclass
from typing import ClassVar

from .. import registry
from .map_settings import MapSettings


@registry.detector("pose_resnet")
@dataclass(frozen=True)
class PoseResNetDetector(MapSettings):
    """PoseResNet in PyTorch: simpler than HRNet; people's boxes by YOLOX or from a table."""

    kind: ClassVar[str] = "pose_resnet"
