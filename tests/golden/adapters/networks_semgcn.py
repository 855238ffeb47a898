"""SemGCN in the forms of its publications, and the graphs of the networks of PoseDA."""

import re

from torch import Tensor

from crosslift.networks.graphs import semgcn_adjacency
from crosslift.networks.semgcn import H36M_16_PAIRS, SemGCN, SemGCNSettings
from crosslift.networks.stgcn_graph import pooled_adjacency, stgcn_adjacency
from crosslift.skeletons import H36M_16

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded


def parents_of(golden: Golden) -> list[int]:
    stated = golden.config.get("parents", golden.meta.get("parents16", H36M_16.parents))
    return list(stated)


def poses(golden: Golden, blocks: int, pooled: bool = False) -> Tensor:
    """The network's answer to the only input."""
    weights = golden.weights()
    groups = golden.config.get("nodes_group") or golden.meta.get("groups", H36M_16_PAIRS)
    settings = SemGCNSettings(
        width=weights["gconv_output.W"].shape[1],
        blocks=blocks,
        groups=tuple(map(tuple, groups)) if pooled else (),
    )
    adjacency = semgcn_adjacency(parents_of(golden))
    network = loaded(SemGCN(adjacency, settings), golden)
    keypoints = golden.input(golden.meta["inputs"][0][0])
    return network(keypoints.reshape(-1, len(adjacency), 2))


@adapter("poseda", "SemGCN")
def semgcn(golden: Golden) -> Outputs:
    config = golden.config
    return {"pose_3d": poses(golden, config["num_layers"], config.get("non_local", False))}


@adapter("poseda", "PoseAug gcn")
def poseaug(golden: Golden) -> Outputs:
    return {"pose_3d": poses(golden, golden.config["stages"])}


@adapter("DH-AUG", "SemGCN")
def dh_aug(golden: Golden) -> Outputs:
    """The release's copy leaves all its blocks out where it is given groups."""
    grouped = golden.config.get("nodes_group")
    return {"pose": poses(golden, 0 if grouped else golden.config["num_layers"])}


@adapter("poseda", "adjacency")
def graphs(golden: Golden) -> Outputs:
    adjacency = semgcn_adjacency(parents_of(golden))
    made: dict[str, Tensor] = {"semgcn_adj": adjacency, "semgcn_mask_order": adjacency.nonzero()}
    for name in golden.outputs:
        if found := re.fullmatch(r"stgcn_A(pool)?(\d+)", name):
            graph = pooled_adjacency if found[1] else stgcn_adjacency
            made[name] = graph(int(found[2]))
    return made
