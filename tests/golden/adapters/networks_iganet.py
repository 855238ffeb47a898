"""IGANet on the two skeletons that L2D-Pose builds it for."""

from dataclasses import replace

from einops import reduce

from crosslift.networks.iganet import IGANET_H36M, IGANET_PANOPTIC, IGANet, adjacency

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

SKELETONS = {"h36m": IGANET_H36M, "panoptic": IGANET_PANOPTIC}


@adapter("L2D-Pose", "iganet")
def iganet(golden: Golden) -> Outputs:
    config = golden.config
    published = SKELETONS[config["skeleton"]]
    settings = replace(published, width=config["channel"], depth=config["layers"])
    network = loaded(IGANet(settings), golden)
    keypoints = golden.input("keypoints")[:, 0]
    encoded = network.encoder(keypoints)
    mean = "batch joints width -> batch joints"
    return {
        "keypoints_3d": network(keypoints)[:, None],
        "adjacency": adjacency(settings),
        "encoder_mean": reduce(encoded, mean, "mean"),
        "block0_mean": reduce(network.IGANet.blocks[0](encoded), mean, "mean"),
    }
