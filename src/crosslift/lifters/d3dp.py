"""D3DP as a lifter: several poses drawn from noise by a MixSTE that knows the time."""

from dataclasses import dataclass, replace

from .. import registry
from ..diffusion import Process
from ..diffusion.process import D3DP as D3DP_PROCESS
from ..networks.d3dp import D3DP
from ..networks.mixste import MIXSTE_27, MixSTESettings
from ..skeleton import Skeleton
from .diffusion import Diffusion
from .diffusion_settings import DiffusionSettings


@registry.lifter("d3dp")
@dataclass(frozen=True)
class D3DPLifter(DiffusionSettings):
    """Draws several poses from noise for each window, in metres (Shan and others 2023)."""

    network: MixSTESettings = MIXSTE_27
    hypotheses: int = 1
    """Poses that are drawn for each window; the publication draws 5 or 20."""
    steps: int = 1
    """Calls of the network for each of them; the publication has 5 or 10, which differ little."""
    process: Process = D3DP_PROCESS

    def build(self, skeleton: Skeleton) -> Diffusion:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        return self.around(D3DP(sizes), skeleton)
