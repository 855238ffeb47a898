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

How = Literal["mean", "p-agg", "j-agg"]
"""The mean of all hypotheses, which D3DP calls P-Agg; or for each joint the hypothesis that is seen
nearest to its keypoint, J-Agg."""
ByOracle = Literal["oracle-p-best", "oracle-j-best"]
"""The hypothesis, or for each joint the one, that is nearest to the truth."""
Hypotheses = Float[Tensor, "*batch hypotheses frames joints 3"]
Pose = Float[Tensor, "*batch frames joints 3"]


def aggregated(clip: Clip, how: How = "j-agg") -> Clip:
    """The clip with one pose for each frame, and how far the hypotheses lie apart.

    No truth is needed: the body stands where its hypotheses, each placed by reprojection, stand on
    average. Where the focal length is a guess, so is the image of a hypothesis: the mean is taken
    then. The provenance says what was done.
    """
    if clip.poses is None or len(clip.poses) == 1:
        return clip
    poses, place = about_root(clip)
    if how == "j-agg" and clip.camera.focal_from == "assumed":
        how = "mean"
    pose = mean_pose(poses) + place
    if how == "j-agg":
        pose = nearest_to_keypoints(poses + place, clip.keypoints, clip.camera)
    return in_place_of_all(clip, pose, how)


def chosen_by_oracle(clip: Clip, truth: Clip, how: ByOracle) -> Clip:
    """The clip with the pose that someone would choose who knows the truth: a bound, no result.

    Poses are compared about the root.
    """
    if clip.poses is None or len(clip.poses) == 1 or truth.poses is None:
        return clip
    (poses, place), (wanted, _) = about_root(clip), about_root(truth)
    choose = oracle_pose if how == "oracle-p-best" else oracle_joints
    return in_place_of_all(clip, choose(poses, wanted[0]) + place, how)


def about_root(clip: Clip) -> tuple[Hypotheses, Float[Tensor, "frames 1 3"]]:
    """A clip's poses about the root, and where the root is on the mean of them.

    A hypothesis that contradicts the keypoints so much that it has no place before the camera, and
    so no number at all, is left out.
    """
    assert clip.poses is not None
    placed = clip.poses.isfinite().flatten(1).any(dim=1)
    poses = clip.poses[placed] if bool(placed.any()) else clip.poses
    roots = poses[..., [clip.skeleton.root], :]
    return poses - roots, roots.mean(dim=0)


def in_place_of_all(clip: Clip, pose: Float[Tensor, "frames joints 3"], how: str) -> Clip:
    """The clip with one pose instead of its hypotheses, whose spread about the root it keeps."""
    poses, _ = about_root(clip)
    return replace(
        clip,
        poses=pose[None],
        spread=poses.var(dim=0).sum(dim=-1).sqrt() if len(poses) > 1 else None,
        provenance={**clip.provenance, "aggregated": f"{how} of {len(poses)} hypotheses"},
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
