"""SimpleBaseline as a lifter: a perceptron that sees one frame at a time."""

from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor, nn

from .. import registry
from ..networks.simple_baseline import SimpleBaseline, SimpleBaselineSettings
from ..skeleton import Skeleton
from .direct import Answers, Direct, frame_by_frame
from .inputs import PLANE, Inputs

GENERAL = SimpleBaselineSettings(dropout=0.25, kaiming=False)
"""Martinez' sizes with the dropout of PoseAug's form and a start that learns faster."""


@registry.lifter("simple_baseline")
@dataclass(frozen=True)
class SimpleBaselineLifter:
    """A perceptron with skips, frame by frame (Martinez and others 2017); trains within minutes."""

    network: SimpleBaselineSettings = GENERAL
    """Its joints and coordinates follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""
    unseen: tuple[str, ...] = ()
    """Joints whose keypoints are not looked at, as Martinez leaves out the nose."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights."""
        joints = len(skeleton)
        hidden = skeleton.indices(*self.unseen)
        seen = [joint for joint in range(joints) if joint not in hidden]
        sizes = replace(
            self.network,
            joints=len(seen),
            regressed=joints - self.network.zero_root,
            coordinates=self.inputs.channels,
        )
        read = partial(of_joints, seen) if len(seen) < joints else frame_by_frame
        return Direct(skeleton, SimpleBaseline(sizes), self.inputs, read, flip=self.flip)


def of_joints(seen: list[int], network: nn.Module, given: Tensor) -> Answers:
    """Asks the network about each frame, and tells it of some joints only."""
    return frame_by_frame(network, given[:, :, seen])
