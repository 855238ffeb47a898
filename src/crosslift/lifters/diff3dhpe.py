"""Diff3DHPE as a lifter: poses drawn from noise by attention that says how tokens differ."""

from dataclasses import dataclass, replace

from .. import registry
from ..diffusion import Process
from ..diffusion.process import DIFF3DHPE
from ..networks.grand import DIFF3DHPE_27, GrandMixSTE, GrandSettings
from ..skeleton import Skeleton
from .diffusion import Diffusion, Flips
from .diffusion_settings import DiffusionSettings


@registry.lifter("diff3dhpe")
@dataclass(frozen=True)
class Diff3DHPELifter(DiffusionSettings):
    """Draws poses from noise by graph neural diffusion of features (Zhou and others 2023)."""

    network: GrandSettings = DIFF3DHPE_27
    flips: Flips = "own_noise"
    steps: int = 5
    """Calls of the network for each of them; the published figures have 6, 7 or 9."""
    process: Process = DIFF3DHPE

    def build(self, skeleton: Skeleton) -> Diffusion:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        predict = "centre" if sizes.centre else "all"
        return self.around(GrandMixSTE(sizes), skeleton, predict=predict, in_units=True)
