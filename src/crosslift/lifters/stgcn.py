"""ST-GCN as a lifter: the joints' graph over one frame or a few, for the one in the middle."""

from dataclasses import dataclass

from torch import Tensor, nn

from .. import registry
from ..errors import SkeletonError
from ..networks.stgcn import STGCN, STGCN_1, PoseAugSTGCN, STGCNSettings
from ..skeleton import Skeleton
from ..skeletons import H36M_16, H36M_17
from ..windows import Predict
from .direct import Answers, Direct, check_numbers
from .inputs import PLANE, Inputs


@registry.lifter("stgcn")
@dataclass(frozen=True)
class STGCNLifter:
    """Graph convolutions over joints, parts and the body in 1 to 7 frames (Cai and others 2019)."""

    network: STGCNSettings = STGCN_1
    inputs: Inputs = PLANE
    fps: float | None = None
    """Frames a second at which it sees motion; training sets it to that of the data."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights."""
        check_numbers("ST-GCN", self.inputs)
        frames = self.network.frames
        predict: Predict = "all" if frames == 1 else "centre"
        return Direct(
            skeleton,
            network_for(skeleton, self.network),
            self.inputs,
            middle_first,
            frames=frames,
            predict=predict,
            fps=None if frames == 1 else self.fps,
            flip=self.flip,
        )


def network_for(skeleton: Skeleton, settings: STGCNSettings) -> nn.Module:
    """The network whose graph is that of the skeleton; there are two."""
    if skeleton == H36M_17:
        return STGCN(settings)
    if skeleton == H36M_16:
        return PoseAugSTGCN(settings)
    raise SkeletonError(
        f'ST-GCN knows the skeletons "{H36M_17.name}" and "{H36M_16.name}", but was given '
        f'"{skeleton.name}"; map the clips to one of them.'
    )


def middle_first(network: nn.Module, given: Tensor) -> Answers:
    """The middle frame's poses, and then all frames', which training compares with the truth."""
    poses = network(given)
    middle = poses.shape[1] // 2
    return (poses[:, middle : middle + 1], poses) if poses.shape[1] > 1 else (poses,)
