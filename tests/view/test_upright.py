"""Recordings stood upright."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import pinhole, project, world_to_camera
from crosslift.clip import unlabelled
from crosslift.view.upright import is_placed, level_camera, upright

from ..people import seen_walker, walker


@pytest.fixture
def filmed_by_hand():
    """A walker four metres before a camera of which only the focal length is known."""
    clip = seen_walker()
    poses = clip.poses - clip.poses[:, :, [0]] + torch.tensor([0.3, 0.2, 4.0])
    camera = pinhole(1000.0, (1000, 1000))
    return replace(clip, camera=camera, poses=poses, keypoints=project(poses[0], camera))


def test_a_placed_cameras_world_is_kept():
    clip, motion = seen_walker(), walker()
    standing = upright(clip)
    assert standing.known and is_placed(clip.camera)
    assert_close(standing.poses[0], motion.positions, atol=1e-4, rtol=0)
    assert level_camera(clip) is clip.camera


def test_without_a_place_down_in_the_picture_is_down_and_far_is_ahead(filmed_by_hand):
    standing = upright(filmed_by_hand)
    assert not standing.known
    poses = filmed_by_hand.poses
    assert_close(standing.poses[..., 0], poses[..., 0])
    assert_close(standing.poses[..., 1], poses[..., 2])
    assert_close(standing.poses[..., 2].diff(dim=1), -poses[..., 1].diff(dim=1), atol=1e-5, rtol=0)


def test_the_floor_is_where_the_feet_come_down(filmed_by_hand):
    lowest = upright(filmed_by_hand).poses[0, ..., 2].amin(dim=-1)
    assert -0.03 < float(lowest.min()) <= 0 < float(lowest.max())


def test_the_camera_is_raised_with_the_body(filmed_by_hand):
    standing = upright(filmed_by_hand)
    back = world_to_camera(standing.poses, standing.camera)
    assert_close(back, filmed_by_hand.poses, atol=1e-5, rtol=0)


def test_a_clip_without_poses_has_none_and_a_motion_has_one():
    clip = seen_walker()
    assert upright(unlabelled(clip)).poses.shape == (0, *clip.scores.shape, 3)
    motion = walker()
    assert upright(motion).poses.shape == (1, *motion.positions.shape)
    assert upright(motion).camera is None


def test_a_body_of_which_nothing_is_known_stays_unknown(filmed_by_hand):
    lost = replace(filmed_by_hand, poses=torch.full_like(filmed_by_hand.poses, torch.nan))
    assert upright(lost).poses.isnan().all()
