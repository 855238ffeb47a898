"""MixSTE as a lifter: attention over joints and over time in turn, for all frames of a window."""

from dataclasses import dataclass, replace

from .. import registry
from ..networks.mixste import MIXSTE_27, MixSTE, MixSTESettings
from ..skeleton import Skeleton
from .direct import Direct, at_once
from .inputs import PLANE, Inputs


@registry.lifter("mixste")
@dataclass(frozen=True)
class MixSTELifter:
    """Attention over joints and over time in turn (Zhang and others 2022); the most accurate."""

    network: MixSTESettings = MIXSTE_27
    """Its joints and channels follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        network, fps = MixSTE(sizes), None if sizes.frames == 1 else self.fps
        return Direct(
            skeleton, network, self.inputs, at_once, frames=sizes.frames, fps=fps, flip=self.flip
        )
