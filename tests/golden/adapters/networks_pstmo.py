"""P-STMO and its masked pre-training; the release puts coordinates before frames."""

import torch
from einops import rearrange

from crosslift.networks.pstmo import PSTMO, PSTMOSettings
from crosslift.networks.pstmo_pretraining import Masks, PSTMOPretraining

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded


@adapter("p-stmo", "Model")
def lifter(golden: Golden) -> Outputs:
    network = loaded(PSTMO(_settings(golden)), golden)
    poses = network(_keypoints(golden))
    return {"pose": _released(poses.centre), "vte": _released(poses.all_frames)}


@adapter("p-stmo", "Model_MAE")
def pretraining(golden: Golden) -> Outputs:
    network = loaded(PSTMOPretraining(_settings(golden)), golden)
    masks = Masks(golden.input("mask"), golden.input("spatial_mask"))
    restored = network(_keypoints(golden), masks)
    visible_first = torch.cat([restored[:, ~masks.frames], restored[:, masks.frames]], dim=1)
    return {"pose_2d": _released(visible_first)}


def _settings(golden: Golden) -> PSTMOSettings:
    config = golden.config
    return PSTMOSettings(
        frames=config["frames"],
        strides=tuple(config["stride_num"]),
        joints=config["n_joints"],
        out_joints=config["out_joints"],
        width=config["channel"],
        hidden=config["d_hid"],
        depth=config["layers"],
    )


def _keypoints(golden: Golden) -> torch.Tensor:
    return rearrange(golden.input("x"), "batch xy frames joints 1 -> batch frames joints xy")


def _released(poses: torch.Tensor) -> torch.Tensor:
    return rearrange(poses, "batch frames joints xyz -> batch xyz frames joints 1")
