"""One pose out of several: choices by hand, bounds that no choice beats, and clips."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.aggregation import (
    aggregated,
    chosen_by_oracle,
    distances,
    mean_pose,
    nearest_to_keypoints,
    oracle_joints,
    oracle_pose,
)
from crosslift.camera import pinhole, project
from crosslift.metrics import rooted

from .people import seen_walker

CAMERA = pinhole(1000.0, (1000, 1000))


def guesses(count: int = 4, windows: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Hypotheses before a camera, and the truth that they miss."""
    rng = torch.Generator().manual_seed(0)
    truth = torch.randn(windows, 3, 17, 3, generator=rng) * 0.3 + torch.tensor([0.0, 0.0, 4.0])
    return truth[:, None] + 0.05 * torch.randn(windows, count, 3, 17, 3, generator=rng), truth


def test_by_hand():
    """One joint, one frame: the second is nearest in the picture, the first in space."""
    poses = torch.tensor([[0.1, 0.0, 4.0], [0.0, 0.0, 6.0], [0.5, 0.0, 5.0]])[:, None, None]
    truth = torch.tensor([[[0.0, 0.0, 4.0]]])
    keypoints = project(truth, CAMERA)
    assert_close(nearest_to_keypoints(poses, keypoints, CAMERA), poses[1])
    assert_close(oracle_joints(poses, truth), poses[0])
    assert_close(oracle_pose(poses, truth), poses[0])
    assert_close(mean_pose(poses), torch.tensor([[[0.2, 0.0, 5.0]]]))


def test_each_joint_is_chosen_and_the_oracle_s_choice_is_beaten_by_none():
    poses, truth = guesses()
    best = oracle_joints(poses, truth)
    assert_close(distances(best[:, None], truth)[:, 0], distances(poses, truth).amin(dim=1))
    by_picture = nearest_to_keypoints(poses, project(truth, CAMERA), CAMERA)
    errors = {
        name: float((pose - truth).norm(dim=-1).mean())
        for name, pose in {
            "joints": best,
            "pose": oracle_pose(poses, truth),
            "picture": by_picture,
        }.items()
    }
    assert errors["joints"] < errors["picture"] and errors["joints"] < errors["pose"]
    off = project(poses, CAMERA) - project(truth, CAMERA)[:, None]
    near = (project(by_picture, CAMERA) - project(truth, CAMERA)).norm(dim=-1)
    assert_close(near, off.norm(dim=-1).amin(dim=1), atol=1e-3, rtol=0)


def test_the_oracle_chooses_one_hypothesis_for_each_window():
    poses, truth = guesses()
    chosen = oracle_pose(poses, truth)
    best = distances(poses, truth).mean(dim=(2, 3)).argmin(dim=1)
    assert_close(chosen, torch.stack([poses[0, best[0]], poses[1, best[1]]]))


def test_equal_hypotheses_are_all_the_same():
    poses, truth = guesses(1)
    poses = poses.expand(-1, 3, -1, -1, -1)
    keypoints = project(truth, CAMERA)
    for pose in (mean_pose(poses), nearest_to_keypoints(poses, keypoints, CAMERA),
                 oracle_pose(poses, truth), oracle_joints(poses, truth)):  # fmt: skip
        assert_close(pose, poses[:, 0])


def test_where_nothing_can_be_compared_the_mean_is_taken():
    poses, truth = guesses()
    keypoints = project(truth, CAMERA)
    keypoints[0, 0, 3] = torch.nan
    poses[1, :, 2, 5, 2] = -1.0  # behind the camera
    chosen = nearest_to_keypoints(poses, keypoints, CAMERA)
    assert chosen.isfinite().all()
    assert_close(chosen[0, 0, 3], mean_pose(poses)[0, 0, 3])
    assert_close(chosen[1, 2, 5], mean_pose(poses)[1, 2, 5])


def test_a_hypothesis_behind_the_camera_is_not_chosen():
    poses, truth = guesses(2)
    poses[:, 0] = -truth
    assert_close(nearest_to_keypoints(poses, project(truth, CAMERA), CAMERA), poses[:, 1])


def test_joints_whose_truth_is_unknown_do_not_count_in_an_oracle_s_choice():
    poses, truth = guesses()
    poses[0, 1, :, 3:] = truth[0, :, 3:]
    truth[0, :, :3] = torch.nan
    assert_close(oracle_pose(poses, truth)[0], poses[0, 1])
    assert oracle_joints(poses, truth).isfinite().all()


@pytest.mark.parametrize("how", ["j-agg", "p-agg", "mean"])
def test_a_clip_gets_one_pose_near_the_truth_and_its_spread(how):
    clip = seen_walker()
    rng = torch.Generator().manual_seed(0)
    off = 0.05 * torch.randn(200, *clip.poses.shape[1:], generator=rng)
    off[..., 0, :] = 0.01
    found = aggregated(replace(clip, poses=clip.poses + off), how)
    assert found.poses.shape == clip.poses.shape
    assert (found.poses - clip.poses).norm(dim=-1).mean() < 0.06
    assert found.provenance["aggregated"] == f"{how} of 200 hypotheses"
    assert_close(found.spread[:, 1:].mean(), torch.tensor(0.05 * 3**0.5), rtol=0.02, atol=0)
    assert (found.spread[:, 0] < 1e-6).all()


@pytest.mark.parametrize("how", ["j-agg", "mean"])
def test_a_hypothesis_that_has_no_place_is_left_out(how):
    clip = seen_walker()
    off = 0.05 * torch.randn(3, *clip.poses.shape[1:], generator=torch.Generator().manual_seed(0))
    whole = replace(clip, poses=clip.poses + off)
    lost = replace(clip, poses=torch.cat([whole.poses, torch.full_like(clip.poses, torch.nan)]))
    found, wanted = aggregated(lost, how), aggregated(whole, how)
    assert_close(found.poses, wanted.poses)
    assert_close(found.spread, wanted.spread)
    assert found.provenance["aggregated"] == f"{how} of 3 hypotheses"
    alone = replace(lost, poses=lost.poses[-2:])
    assert aggregated(alone, how).poses.isfinite().all() and aggregated(alone, how).spread is None


@pytest.mark.parametrize("how", ["oracle-p-best", "oracle-j-best"])
def test_an_oracle_s_choice_of_a_clip_is_nearer_than_the_mean(how):
    clip = seen_walker()
    rng = torch.Generator().manual_seed(0)
    size = torch.tensor([0.02, 0.2, 0.2])[:, None, None, None]
    off = size * torch.randn(3, *clip.poses.shape[1:], generator=rng)
    guesses = replace(clip, poses=clip.poses + off)
    found, mean = chosen_by_oracle(guesses, clip, how), aggregated(guesses, "mean")

    def error(some):
        return (rooted(some.poses, 0) - rooted(clip.poses, 0)).norm(dim=-1).mean()

    assert error(found) < 0.5 * error(mean)
    assert found.provenance["aggregated"] == f"{how} of 3 hypotheses"
    assert chosen_by_oracle(clip, clip, how) is clip


def test_one_pose_stays_and_a_guessed_focal_length_decides_nothing():
    clip = seen_walker()
    assert aggregated(clip) is clip
    assert aggregated(replace(clip, poses=None)).poses is None
    guessed = replace(clip, camera=replace(clip.camera, focal_from="assumed"))
    poses = clip.poses + torch.randn(3, *clip.poses.shape[1:]) * 0.05
    found = aggregated(replace(guessed, poses=poses))
    assert found.provenance["aggregated"] == "mean of 3 hypotheses"
    assert_close(found.poses[0], poses.mean(dim=0))
