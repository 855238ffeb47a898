"""MixSTE as a lifter of its own; the denoisers that grew from it are elsewhere."""

from crosslift.networks.mixste import MixSTE, MixSTESettings

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

OURS = {
    "num_frame": "frames",
    "num_joints": "joints",
    "in_chans": "channels",
    "embed_dim_ratio": "width",
    "depth": "depth",
    "num_heads": "heads",
    "mlp_ratio": "mlp_ratio",
    "qkv_bias": "qkv_bias",
    "drop_path_rate": "drop_path",
}
"""Our names of the publication's arguments."""


@adapter("PoSynDA", "mixste_plain")
def posynda(golden: Golden) -> Outputs:
    return {"pose_3d": _network(golden)(golden.input("x_2d"))}


@adapter("mixste", "MixSTE")
def diff3dhpe(golden: Golden) -> Outputs:
    return {"pose": _network(golden)(golden.input("x"))}


def _network(golden: Golden) -> MixSTE:
    settings = {OURS[name]: value for name, value in golden.config.items() if name in OURS}
    return loaded(MixSTE(MixSTESettings(**settings)), golden)
