"""PoseFormer as a lifter: attention within frames, then over them, for the one in the middle."""

from dataclasses import dataclass, replace

from .. import registry
from ..networks.poseformer import POSEFORMER_27, PoseFormer, PoseFormerSettings
from ..skeleton import Skeleton
from .direct import Sliding, at_once
from .inputs import PLANE, Inputs


@registry.lifter("poseformer")
@dataclass(frozen=True)
class PoseFormerLifter:
    """Attention within frames and then over time (Zheng and others 2021), for the middle frame."""

    network: PoseFormerSettings = POSEFORMER_27
    """Its joints and channels follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Sliding:
        """The lifter with fresh weights."""
        sizes = replace(self.network, joints=len(skeleton), channels=self.inputs.channels)
        return Sliding(
            skeleton,
            PoseFormer(sizes),
            self.inputs,
            at_once,
            frames=sizes.frames,
            predict="centre",
            fps=self.fps,
            flip=self.flip,
        )
