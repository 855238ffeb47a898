"""Inverse kinematics: there and back, limits, missing joints, and its Jacobian."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError, SkeletonError
from crosslift.geometry.rotations import axis_angle_to_matrix
from crosslift.kinematics import (
    ANGLES,
    MOVING,
    NARROW,
    WIDE,
    Fitting,
    forward,
    forward_with_nose,
    inverse,
    measured_lengths,
    posed,
)
from crosslift.kinematics.jacobian import jacobian
from crosslift.kinematics.unknown_joints import filled

from .bodies import AVERAGE_BODY, F32, F64, given


@pytest.mark.parametrize("function", [forward, forward_with_nose])
@pytest.mark.parametrize("limits", [NARROW, WIDE])
def test_there_and_back_within_limits(limits, function):
    body = given(150, limits=limits, seed=3)
    poses = function(*body)
    found = inverse(poses, body.lengths, Fitting(limits=limits))
    again = function(found.angles, found.lengths, found.rotation, found.root)
    assert_close((again - poses).norm(dim=-1), found.error, rtol=0, atol=1e-9)
    assert limits.contains(found.angles).all()
    worst = found.error.amax(dim=-1)
    assert worst.median() < 1e-4 and worst.quantile(0.97) < 5e-3


def test_single_precision_finds_the_same():
    body = given(100, seed=5, dtype=F32)
    found = inverse(forward(*body), body.lengths, Fitting(limits=NARROW))
    assert found.angles.dtype == F32
    assert found.error.median() < 1e-4 and found.error.amax(-1).quantile(0.97) < 5e-3


def test_the_rest_pose_is_found_exactly():
    poses = forward_with_nose(torch.zeros(1, len(ANGLES), dtype=F64), AVERAGE_BODY)
    found = inverse(poses)
    assert found.error.max() < 1e-6
    assert_close(found.rotation[0], torch.eye(3, dtype=F64), rtol=0, atol=1e-6)
    assert found.angles.abs().max() < 1e-5


def test_lengths_are_measured_where_none_are_given():
    body = given(20, seed=1)
    poses = forward(*body)
    assert_close(measured_lengths(poses), body.lengths)
    assert_close(inverse(poses).lengths, body.lengths)


def test_lengths_that_cannot_be_measured_are_the_averages_at_the_poses_scale():
    poses = forward(given(1).angles, 2 * AVERAGE_BODY)
    poses[:, 3] = torch.nan
    assert_close(measured_lengths(poses)[0], 2 * AVERAGE_BODY)
    assert_close(measured_lengths(torch.full_like(poses, torch.nan))[0], AVERAGE_BODY)


def test_missing_joints_do_not_count():
    body = given(100, seed=7)
    poses = forward(*body)
    rng = torch.Generator().manual_seed(0)
    gone = torch.rand(100, 16, generator=rng) < 0.1
    seen = poses.masked_fill(gone[..., None], torch.nan)
    found = inverse(seen, body.lengths, Fitting(limits=NARROW))
    assert torch.equal(found.error.isnan(), gone)
    assert found.angles.isfinite().all() and found.root.isfinite().all()
    assert found.error.nan_to_num(0).amax(dim=-1).quantile(0.9) < 5e-3


def test_poses_that_say_next_to_nothing_still_give_a_body():
    poses = torch.full((3, 17, 3), torch.nan, dtype=F64)
    poses[1, 5], poses[2, :2] = 1.0, torch.tensor([[0.0, 0, 0], [0.1, 0, 0]], dtype=F64)
    found = inverse(poses)
    assert all(part.isfinite().all() for part in found[:4])
    assert found.error[1, 5] < 1e-6 and found.error[2, :2].max() < 1e-6


def test_what_is_known_is_kept_when_joints_are_filled():
    body = given(10)
    poses = forward_with_nose(*body)
    assert torch.equal(filled(poses, body.lengths), poses)
    poses[:, 1] = torch.nan  # the right hip, opposite to the left one
    guess = filled(poses, body.lengths)
    assert_close(guess[:, 1], 2 * guess[:, 0] - guess[:, 4])


@pytest.mark.parametrize("batch", [(), (0,), (2, 3)])
def test_any_leading_axes(batch):
    body = given(*batch)
    found = inverse(forward(*body), body.lengths)
    assert found.angles.shape == (*batch, 33)
    assert found.rotation.shape == (*batch, 3, 3)
    assert found.error.shape == (*batch, 16)


def test_poses_are_solved_independently_of_their_neighbours():
    body = given(12, limits=WIDE)
    poses = forward(*body)
    together = inverse(poses, body.lengths)
    apart = inverse(poses, body.lengths, Fitting(at_once=5))
    assert_close(together.angles, apart.angles, rtol=0, atol=1e-6)


def test_poses_beyond_the_limits_end_on_them():
    angles = torch.zeros(1, 33, dtype=F64)
    angles[0, ANGLES.index("right_knee_flexion")] = 0.5  # bent the wrong way
    stiff = NARROW.from_degrees({"right_hip_twist": (0, 0)}, base=NARROW)
    found = inverse(forward(angles, AVERAGE_BODY), AVERAGE_BODY, Fitting(limits=stiff))
    assert stiff.contains(found.angles).all()
    assert 0.01 < found.error.max() < 0.3


def test_the_jacobian_is_the_derivative():
    body = given(2, limits=WIDE)

    def joints(unknowns):
        steps = unknowns.split([len(MOVING), 3, 3], dim=-1)
        angles = body.angles.index_add(1, torch.tensor(MOVING), steps[0])
        rotation = axis_angle_to_matrix(steps[1]) @ body.rotation
        return forward_with_nose(angles, body.lengths, rotation, body.root + steps[2])

    start = torch.zeros(2, len(MOVING) + 6, dtype=F64)
    slow = torch.autograd.functional.jacobian(joints, start)
    slow = torch.stack([slow[pose, :, :, pose] for pose in range(2)])
    assert_close(jacobian(posed(*body)), slow, rtol=0, atol=1e-12)


def test_the_inputs_stay_as_they_were():
    body = given(3)
    poses = forward(*body)
    poses[0, 4] = torch.nan
    kept = poses.clone()
    inverse(poses, body.lengths)
    assert torch.equal(poses.nan_to_num(9), kept.nan_to_num(9))


def test_other_skeletons_and_bad_settings_are_refused():
    with pytest.raises(SkeletonError, match="the poses have 15; map them"):
        inverse(torch.zeros(2, 15, 3))
    with pytest.raises(SettingsError, match="patience of 1 or more"):
        Fitting(patience=0)
