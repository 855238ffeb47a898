"""VideoPose3D as a lifter: convolutions over time, for the frame in the middle or the last one."""

from dataclasses import dataclass, replace

from .. import registry
from ..networks.videopose import VIDEOPOSE_27, VideoPose, VideoPoseSettings
from ..skeleton import Skeleton
from .direct import Sliding, at_once
from .inputs import PLANE, Inputs


@registry.lifter("videopose")
@dataclass(frozen=True)
class VideoPoseLifter:
    """Convolutions over time (Pavllo and others 2019): fast, and a causal form runs live."""

    network: VideoPoseSettings = VIDEOPOSE_27
    """Its joints and coordinates follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Sliding:
        """The lifter with fresh weights."""
        joints = len(skeleton)
        sizes = replace(
            self.network,
            joints=joints,
            regressed=joints - self.network.zero_root,
            coordinates=self.inputs.channels,
        )
        frames = sizes.receptive_field
        return Sliding(
            skeleton,
            VideoPose(sizes),
            self.inputs,
            at_once,
            frames=frames,
            predict="all" if frames == 1 else "last" if sizes.causal else "centre",
            fps=None if frames == 1 else self.fps,
            flip=self.flip,
        )
