"""D3DP's choices among hypotheses, and the errors that it reports of them."""

import torch
from einops import rearrange
from torch import Tensor

from crosslift.aggregation import (
    distances,
    mean_pose,
    nearest_to_keypoints,
    of_each_joint,
    oracle_joints,
    oracle_pose,
)
from crosslift.camera import Camera, project
from crosslift.cameras_h36m import unpacked
from crosslift.geometry import align
from crosslift.metrics import mpjpe

from ..golden import Golden, Outputs, adapter


@adapter("PoSynDA", "aggregation")
def aggregation(golden: Golden) -> Outputs:
    truth, root = golden.input("target"), golden.input("trajectory")
    truth[:, :, 0] = 0
    root = root + torch.tensor([0, 0.2, 4.5])
    poses = truth[:, None, None] + golden.input("offset")
    poses[..., 0, :] = 0
    camera = unpacked(golden.input("camera"), (2.0, 2.0))
    keypoints = project(truth + root, camera) + golden.input("noise_2d")
    placed = poses + root[:, None, None]
    images = project(placed, camera)
    # the release chooses once for all windows of a call: windows become frames of one
    whole, true = _as_one(poses), rearrange(truth, "batch frames ... -> (batch frames) ...")
    best = oracle_pose(whole, true).unflatten(1, truth.shape[:2]).movedim(1, 0)
    poses_of = {
        "p_agg": mean_pose(poses),
        "j_agg": nearest_to_keypoints(placed, keypoints[:, None], camera) - root[:, None],
        "j_best": oracle_joints(poses, truth[:, None]),
        "p_best": best,
    }
    errors = {f"mpjpe_{kind}": _by_step(pose, truth) for kind, pose in poses_of.items()}
    valid = golden.input("valid").flatten()
    return {
        **{f"{kind}_pose": pose for kind, pose in poses_of.items()},
        **errors,
        **_aligned(poses, truth, placed, keypoints, camera),
        "reprojection": images,
        "reprojection_error": (images - keypoints[:, None, None]).norm(dim=-1),
        "valid_p_best": error(oracle_pose(whole[:, :, valid], true[valid]), true[valid]).mean(-1),
        "valid_p_agg": error(mean_pose(whole[:, :, valid]), true[valid]).mean(-1),
        "input_2d": keypoints,
        "hypotheses": poses,
    }


def _aligned(
    poses: Tensor, truth: Tensor, placed: Tensor, keypoints: Tensor, camera: Camera
) -> Outputs:
    """The same choices among aligned poses, but for J-Agg's, which are those of the others."""
    near = align(poses, truth[:, None, None])
    whole, true = _as_one(near), rearrange(truth, "batch frames ... -> (batch frames) ...")
    seen = (project(placed, camera) - keypoints[:, None, None]).norm(dim=-1).argmin(dim=-3)
    return {
        "p2_j_best": distances(near, truth[:, None]).amin(dim=-3).mean(dim=(0, 2, 3)),
        "p2_p_best": error(oracle_pose(whole, true), true).mean(dim=-1),
        "p2_p_agg": _by_step(align(mean_pose(poses), truth[:, None]), truth),
        "p2_j_agg": _by_step(of_each_joint(near, seen), truth),
    }


def _as_one(poses: Tensor) -> Tensor:
    order = "batch steps hypotheses frames ... -> steps hypotheses (batch frames) ..."
    return rearrange(poses, order)


def _by_step(poses: Tensor, truth: Tensor) -> Tensor:
    return error(poses, truth[:, None]).mean(dim=(0, 2))


def error(poses: Tensor, truth: Tensor) -> Tensor:
    """The error of poses against a truth that some of them share."""
    return mpjpe(poses, truth.expand_as(poses))
