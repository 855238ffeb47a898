"""What lifters that draw poses from noise have in common to be told."""

from dataclasses import dataclass
from typing import Any

from ..diffusion import Process
from ..networks.denoising import Denoising
from ..networks.mixste import MixSTESettings
from ..skeleton import Skeleton
from .diffusion import Diffusion, Flips, no_single_pass
from .inputs import PLANE, Inputs


@dataclass(frozen=True)
class DiffusionSettings:
    """A denoiser, the process that it undoes, and how often it is asked."""

    network: MixSTESettings
    """Its joints and channels follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""
    flips: Flips = "each_step"
    """When it is taken: at each step, or of two drawings from the same noise or their own."""
    hypotheses: int = 1
    """Poses that are drawn for each window."""
    steps: int = 1
    """Calls of the network for each of them."""
    process: Process = Process()  # noqa: RUF009  frozen
    frames_at_once: int = 243
    """Frames of all hypotheses that go through the network together; fewer need less memory."""

    def around(self, network: Denoising, skeleton: Skeleton, **more: Any) -> Diffusion:
        """The lifter around a network that has these sizes.

        Args:
            more: What else such a lifter is to be given.
        """
        frames = self.network.frames
        return Diffusion(
            skeleton,
            network,
            self.inputs,
            no_single_pass,
            frames=frames,
            fps=None if frames == 1 else self.fps,
            flip=self.flip,
            process=self.process,
            hypotheses=self.hypotheses,
            steps=self.steps,
            flips=self.flips,
            frames_at_once=self.frames_at_once,
            **more,
        )
