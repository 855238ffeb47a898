"""P-STMO as a lifter: a frame becomes a token, and attention narrows a window to its middle."""

from dataclasses import dataclass, replace

from torch import Tensor, nn

from .. import registry
from ..networks.pstmo import PSTMO, PSTMOSettings
from ..skeleton import Skeleton
from .direct import Answers, Sliding, check_numbers
from .inputs import PLANE, Inputs

PSTMO_S_27 = PSTMOSettings(frames=27, strides=(3, 3, 3))


@registry.lifter("pstmo")
@dataclass(frozen=True)
class PSTMOLifter:
    """Attention over tokens of frames (Shan and others 2022), for the middle one."""

    network: PSTMOSettings = PSTMO_S_27
    """Its joints follow from the skeleton."""
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Sliding:
        """The lifter with fresh weights."""
        check_numbers("P-STMO", self.inputs)
        sizes = replace(self.network, joints=len(skeleton), out_joints=len(skeleton))
        return Sliding(
            skeleton,
            PSTMO(sizes),
            self.inputs,
            middle_and_all,
            frames=sizes.frames,
            predict="centre",
            fps=self.fps,
            flip=self.flip,
        )


def middle_and_all(network: nn.Module, given: Tensor) -> Answers:
    """The middle frame's poses, and those of all frames from before the window was narrowed."""
    return tuple(network(given))
