"""Slow and obvious twins of the networks, written as the publications describe them.

They have the published state-dict names and so take a network's weights as they are; benchmarks are
measured against them.
"""

from torch import nn

from crosslift.networks.graphs import semgcn_adjacency
from crosslift.networks.iganet import IGANet
from crosslift.networks.mixste import MixSTE
from crosslift.networks.poseformer import PoseFormer
from crosslift.networks.pstmo import PSTMO
from crosslift.networks.semgcn import SEMGCN, SemGCN, SemGCNSettings
from crosslift.networks.simple_baseline import SimpleBaseline
from crosslift.networks.stgcn import STGCN
from crosslift.networks.videopose import VideoPose
from crosslift.skeletons import H36M_16

from .convolutions import PlainSemGCN, PlainSimpleBaseline, PlainSTGCN, PlainVideoPose
from .transformers import PlainIGANet, PlainMixSTE, PlainPoseFormer, PlainPSTMO

TWINS = {
    IGANet: PlainIGANet,
    MixSTE: PlainMixSTE,
    PoseFormer: PlainPoseFormer,
    PSTMO: PlainPSTMO,
    SimpleBaseline: PlainSimpleBaseline,
    STGCN: PlainSTGCN,
    VideoPose: PlainVideoPose,
}
ADJACENCY = semgcn_adjacency(H36M_16.parents)


def semgcn(settings: SemGCNSettings = SEMGCN) -> SemGCN:
    """A SemGCN of Human3.6M's 16 joints."""
    return SemGCN(ADJACENCY, settings)


def twin(network: nn.Module, semgcn_settings: SemGCNSettings = SEMGCN) -> nn.Module:
    """The plain form of a network, with its weights, for evaluation."""
    if isinstance(network, SemGCN):
        plain = PlainSemGCN(ADJACENCY, semgcn_settings)
    else:
        plain = TWINS[type(network)](network.settings)
    plain.load_state_dict(network.state_dict())
    return plain.eval()
