"""VideoPose3D and the forms of it in PoseAug, DH-AUG and L2D-Pose."""

from dataclasses import replace

from torch import Tensor

from crosslift.networks.videopose import VideoPose, VideoPoseSettings

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded


def _settings(golden: Golden) -> VideoPoseSettings:
    config = golden.config
    return VideoPoseSettings(
        joints=config["num_joints_in"],
        regressed=config["num_joints_out"],
        coordinates=config.get("in_features", 2),
        filter_widths=tuple(config["filter_widths"]),
        channels=config.get("channels", 1024),
        causal=config.get("causal", False),
        dense=config.get("dense", False),
    )


def _poses(golden: Golden, settings: VideoPoseSettings, strided: bool | None = None) -> Tensor:
    """The network's answer to the only input; without an axis of frames, the batch is a clip."""
    network = loaded(VideoPose(settings), golden)
    keypoints = golden.input(golden.meta["inputs"][0][0])
    if keypoints.ndim == 4:
        return network(keypoints, strided)
    clip = keypoints.reshape(1, -1, settings.joints, settings.coordinates)
    return network(clip, strided)[0]


@adapter("poseda", "TemporalModel")
def dilated(golden: Golden) -> Outputs:
    return {"pose_3d": _poses(golden, _settings(golden), strided=False)}


@adapter("poseda", "TemporalModelOptimized1f")
def strided(golden: Golden) -> Outputs:
    return {"pose_3d": _poses(golden, _settings(golden), strided=True)}


@adapter("poseda", "PoseAug videopose")
def poseaug(golden: Golden) -> Outputs:
    settings = VideoPoseSettings(
        joints=golden.config.get("num_joints_in", 16),
        regressed=golden.config.get("num_joints_out", 15),
        zero_root=True,
        filter_widths=(1,) * (golden.config["stages"] + 1),
        channels=golden.config.get("channels", 1024),
    )
    return {"pose_3d": _poses(golden, settings)}


@adapter("DH-AUG", "multi-frame VPose")
def dh_aug(golden: Golden) -> Outputs:
    strided = "strided" in golden.meta["model"]
    return {"pose": _poses(golden, _settings(golden), strided)}


@adapter("DH-AUG", "single-frame VPose")
def dh_aug_single(golden: Golden) -> Outputs:
    settings = replace(_settings(golden), zero_root=True)
    return {"pose": _poses(golden, settings)}


@adapter("L2D-Pose", "videopose")
def l2d_pose(golden: Golden) -> Outputs:
    return {"keypoints_3d": _poses(golden, _settings(golden))}
