"""HRNet (Sun et al. 2019), from a folder of ours or a published file of weights."""

from dataclasses import dataclass
from typing import ClassVar

from .. import registry
from .map_settings import MapSettings


@registry.detector("hrnet")
@dataclass(frozen=True)
class HRNetDetector(MapSettings):
    """HRNet in PyTorch; people's boxes by YOLOX or from a table."""

    kind: ClassVar[str] = "hrnet"
