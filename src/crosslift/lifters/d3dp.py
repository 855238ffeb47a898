"""D3DP as a lifter: several poses drawn from noise by a MixSTE that knows the time."""

from dataclasses import dataclass, replace

from .. import registry
from ..diffusion import Process
from ..diffusion.process import D3DP as D3DP_PROCESS
from ..networks.d3dp import D3DP
from ..networks.mixste import MIXSTE_27, MixSTESettings
from ..skeleton import Skeleton
from .diffusion import Diffusion, Flips, no_single_pass
from .inputs import PLANE, Inputs


@registry.lifter("d3dp")
@dataclass(frozen=True)
class D3DPLifter:
    """Draws several poses from noise for each window, in metres (Shan and others 2023)."""

    network: MixSTESettings = MIXSTE_27
    """Its joints and channels follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""
    flips: Flips = "each_step"
    """When it is taken: at each step, or of two drawings from the same noise or their own."""
    hypotheses: int = 1
    """Poses that are drawn for each window; the publication draws 5 or 20."""
    steps: int = 1
    """Calls of the network for each of them; the publication has 5 or 10, which differ little."""
    process: Process = D3DP_PROCESS
    frames_at_once: int = 1024
    """Frames of all hypotheses that go through the network together; fewer need less memory."""

    def build(self, skeleton: Skeleton) -> Diffusion:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        return Diffusion(
            skeleton,
            D3DP(sizes),
            self.inputs,
            no_single_pass,
            frames=sizes.frames,
            fps=None if sizes.frames == 1 else self.fps,
            flip=self.flip,
            process=self.process,
            hypotheses=self.hypotheses,
            steps=self.steps,
            flips=self.flips,
            frames_at_once=self.frames_at_once,
        )
