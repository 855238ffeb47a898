"""SimpleBaseline as a lifter: a perceptron that sees one frame at a time."""

from dataclasses import dataclass, replace

from .. import registry
from ..networks.simple_baseline import SimpleBaseline, SimpleBaselineSettings
from ..skeleton import Skeleton
from .direct import Direct, frame_by_frame
from .inputs import PLANE, Inputs

GENERAL = SimpleBaselineSettings(dropout=0.25)
"""Martinez' sizes with the dropout of PoseAug's form, which suits more data better."""


@registry.lifter("simple_baseline")
@dataclass(frozen=True)
class SimpleBaselineLifter:
    """A perceptron with skips, frame by frame (Martinez and others 2017); trains within minutes."""

    network: SimpleBaselineSettings = GENERAL
    """Its joints and coordinates follow from the skeleton and the inputs."""
    inputs: Inputs = PLANE
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights."""
        joints = len(skeleton)
        sizes = replace(
            self.network,
            joints=joints,
            regressed=joints - self.network.zero_root,
            coordinates=self.inputs.channels,
        )
        return Direct(skeleton, SimpleBaseline(sizes), self.inputs, frame_by_frame, flip=self.flip)
