"""PoseFormer, of any number of joints."""

from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

OURS = {
    "num_frame": "frames",
    "num_joints": "joints",
    "in_chans": "channels",
    "embed_dim_ratio": "joint_width",
    "depth": "depth",
    "num_heads": "heads",
    "mlp_ratio": "mlp_ratio",
    "qkv_bias": "qkv_bias",
    "drop_path_rate": "drop_path",
}
"""Our names of the publication's arguments."""


@adapter("DH-AUG", "PoseFormer")
def poseformer(golden: Golden) -> Outputs:
    settings = {OURS[name]: value for name, value in golden.config.items() if name in OURS}
    network = loaded(PoseFormer(PoseFormerSettings(**settings)), golden)
    return {"pose": network(golden.input("keypoints"))}
