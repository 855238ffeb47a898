"""One pose out of several hypotheses: by the mean, by the picture, or by someone who knows.

The names in brackets are D3DP's. Those that need the truth are no results but bounds: they say how
good the best choice would be.
"""

from dataclasses import replace
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .camera import Camera, project
from .clip import Clip

How = Literal["joints", "mean"]
Hypotheses = Float[Tensor, "*batch hypotheses frames joints 3"]
Pose = Float[Tensor, "*batch frames joints 3"]


def aggregated(clip: Clip, how: How = "joints") -> Clip:
    """The clip with one pose for each frame, and how far the hypotheses lie apart.

    Where the focal length is a guess, so is the image of a hypothesis: the mean is taken then. The
    provenance says what was done.

    Args:
        how: For each joint the hypothesis that is seen nearest to its keypoint, or the mean of all.
    """
    if clip.poses is None or len(clip.poses) == 1:
        return clip
    roots = clip.poses[..., [clip.skeleton.root], :]
    poses, place = clip.poses - roots, roots.mean(dim=0)
    if clip.camera.focal_from == "assumed":
        how = "mean"
    pose = mean_pose(poses) + place
    if how == "joints":
        pose = nearest_to_keypoints(poses + place, clip.keypoints, clip.camera)
    said = f"{how} of {len(poses)} hypotheses"
    return replace(
        clip,
        poses=pose[None],
        spread=poses.var(dim=0).sum(dim=-1).sqrt(),
        provenance={**clip.provenance, "aggregated": said},
    )


def mean_pose(poses: Hypotheses) -> Pose:
    """The mean of all hypotheses (P-Agg)."""
    return poses.mean(dim=-4)


def nearest_to_keypoints(
    poses: Hypotheses, keypoints: Float[Tensor, "*#batch frames joints 2"], camera: Camera
) -> Pose:
    """For each joint the hypothesis that the camera sees nearest to the keypoint (J-Agg, JPMA).

    Where the keypoint is missing, or no hypothesis of the joint lies before the camera, the mean is
    taken.

    Args:
        poses: In metres along the camera's axes, absolute.
        keypoints: In pixels.
        camera: Its leading axes broadcast against `*batch hypotheses frames`.
    """
    off = torch.linalg.vector_norm(project(poses, camera) - keypoints.unsqueeze(-4), dim=-1)
    off = off.nan_to_num(nan=torch.inf)
    known = off.isfinite().any(dim=-3)[..., None]
    return torch.where(known, of_each_joint(poses, off.argmin(dim=-3)), mean_pose(poses))


def oracle_pose(poses: Hypotheses, truth: Float[Tensor, "*#batch frames joints 3"]) -> Pose:
    """The one hypothesis that is nearest to the truth over all frames (P-Best), by an oracle.

    The publication chooses once for a whole batch of windows, so that its figure depends on the
    batch's size; here it is once for each. Unknown joints do not count.
    """
    off = distances(poses, truth).flatten(-2).nanmean(dim=-1)
    best = off.nan_to_num(nan=torch.inf).argmin(dim=-1)
    return of_each_joint(poses, best[..., None, None].expand(mean_pose(poses).shape[:-1]))


def oracle_joints(poses: Hypotheses, truth: Float[Tensor, "*#batch frames joints 3"]) -> Pose:
    """For each joint the hypothesis that is nearest to the truth (J-Best), by an oracle."""
    off = distances(poses, truth).nan_to_num(nan=torch.inf)
    return of_each_joint(poses, off.argmin(dim=-3))


def distances(
    poses: Hypotheses, truth: Float[Tensor, "*#batch frames joints 3"]
) -> Float[Tensor, "*batch hypotheses frames joints"]:
    """How far each joint of each hypothesis is from the truth."""
    return torch.linalg.vector_norm(poses - truth.unsqueeze(-4), dim=-1)


def of_each_joint(poses: Hypotheses, which: Int[Tensor, "*batch frames joints"]) -> Pose:
    """For each joint the hypothesis of that number."""
    index = which[..., None, :, :, None].expand(*which.shape[:-2], 1, *which.shape[-2:], 3)
    return poses.gather(-4, index).squeeze(-4)
