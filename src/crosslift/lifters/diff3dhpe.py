"""Diff3DHPE as a lifter: poses drawn from noise by attention that says how tokens differ."""

from dataclasses import dataclass, replace

from .. import registry
from ..diffusion import Process
from ..diffusion.process import DIFF3DHPE
from ..networks.grand import DIFF3DHPE_27, GrandMixSTE, GrandSettings
from ..skeleton import Skeleton
from .diffusion import Diffusion, Flips, no_single_pass
from .inputs import PLANE, Inputs


@registry.lifter("diff3dhpe")
@dataclass(frozen=True)
class Diff3DHPELifter:
    """Draws poses from noise by graph neural diffusion of features (Zhou and others 2023)."""

    network: GrandSettings = DIFF3DHPE_27
    """Its joints and channels follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""
    flips: Flips = "own_noise"
    """When it is taken: at each step, or of two drawings from the same noise or their own."""
    hypotheses: int = 1
    """Poses that are drawn for each window."""
    steps: int = 5
    """Calls of the network for each of them; the published figures have 6, 7 or 9."""
    process: Process = DIFF3DHPE
    frames_at_once: int = 1024
    """Frames of all hypotheses that go through the network together; fewer need less memory."""

    def build(self, skeleton: Skeleton) -> Diffusion:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        return Diffusion(
            skeleton,
            GrandMixSTE(sizes),
            self.inputs,
            no_single_pass,
            frames=sizes.frames,
            predict="centre" if sizes.centre else "all",
            fps=None if sizes.frames == 1 else self.fps,
            flip=self.flip,
            process=self.process,
            hypotheses=self.hypotheses,
            steps=self.steps,
            flips=self.flips,
            in_units=True,
            frames_at_once=self.frames_at_once,
        )
