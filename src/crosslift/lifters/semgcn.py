"""SemGCN as a lifter: convolutions along the body's own graph, one frame at a time."""

from dataclasses import dataclass

from .. import registry
from ..errors import SettingsError
from ..networks.graphs import semgcn_adjacency
from ..networks.semgcn import SEMGCN, SemGCN, SemGCNSettings
from ..skeleton import Skeleton
from .direct import Direct, check_numbers, frame_by_frame
from .inputs import PLANE, Inputs


@registry.lifter("semgcn")
@dataclass(frozen=True)
class SemGCNLifter:
    """Graph convolutions over the joints, frame by frame (Zhao and others 2019); small."""

    network: SemGCNSettings = SEMGCN
    inputs: Inputs = PLANE
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights."""
        check_numbers("SemGCN", self.inputs)
        named = {joint for group in self.network.groups for joint in group}
        if named and named != set(range(len(skeleton))):
            raise SettingsError(
                f"The groups of SemGCN's non-local blocks name {len(named)} joints, but the "
                f'skeleton "{skeleton.name}" has {len(skeleton)}; give groups of all its '
                "joints, or none."
            )
        network = SemGCN(semgcn_adjacency(skeleton.parents), self.network)
        return Direct(skeleton, network, self.inputs, frame_by_frame, flip=self.flip)
