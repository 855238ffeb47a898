"""ST-GCN from local to global, PoseAug's form of it, and its refinement."""

from crosslift.networks.stgcn import STGCN, PoseAugSTGCN, PostRefine, STGCNSettings

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded


@adapter("poseda", "ST-GCN local-to-global")
def stgcn(golden: Golden) -> Outputs:
    pad = golden.config["pad"]
    network = loaded(STGCN(STGCNSettings(frames=2 * pad + 1)), golden)
    poses = network(golden.input("inputs_2d"))
    return {"all_frames": poses, "centre": poses[:, pad : pad + 1]}


@adapter("poseda", "PoseAug stgcn")
def poseaug(golden: Golden) -> Outputs:
    network = loaded(PoseAugSTGCN(), golden)
    return {"pose_3d": network(golden.input("inputs_2d")[:, None])[:, 0]}


@adapter("poseda", "post_refine")
def post_refine(golden: Golden) -> Outputs:
    poses, placed = golden.input("pose_3d"), golden.input("pose_from_camera")
    network = loaded(PostRefine(poses.shape[-2]), golden)
    return {"pose_3d": network(poses, placed)}
