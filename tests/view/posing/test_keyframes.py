"""A motion through keyframes."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError
from crosslift.geometry.rotations import euler_to_matrix
from crosslift.kinematics import ANGLES, NARROW, forward_with_nose
from crosslift.view.posing import motion_of
from crosslift.view.posing.keyframes import at

from .bodies import at_random, of_angle


def test_a_single_keyframe_is_a_motion_of_one_frame():
    keyed = at_random(1)
    motion = motion_of(keyed)
    rotation = euler_to_matrix(keyed.turn, "xyz")
    wanted = forward_with_nose(keyed.angles, keyed.lengths, rotation, keyed.root)
    assert_close(motion.positions, wanted.float())
    assert motion.angle_names == ANGLES


def test_the_poses_of_the_keyframes_are_passed_through():
    keyed = at_random(6)
    angles, rotation, root = at(keyed, keyed.times)
    found = forward_with_nose(angles, keyed.lengths, rotation, root)
    wanted = forward_with_nose(
        keyed.angles, keyed.lengths, euler_to_matrix(keyed.turn, "xyz"), keyed.root
    )
    assert_close(found, wanted)


def test_what_keeps_within_limits_at_the_keyframes_does_between_them():
    keyed = at_random(12, seed=3)
    assert NARROW.contains(keyed.angles).all()
    found, *_ = at(keyed, torch.linspace(0, float(keyed.times[-1]), 500, dtype=torch.float64))
    assert NARROW.excess(found).abs().max() < 1e-12


def test_before_the_first_and_after_the_last_nothing_moves():
    keyed = at_random(3)
    moments = torch.tensor([-1.0, 0.0, 99.0], dtype=torch.float64)
    angles, *_ = at(keyed, moments)
    assert_close(angles[0], keyed.angles[0])
    assert_close(angles[2], keyed.angles[2])


def test_frames_are_counted_from_the_first_keyframe_to_the_last():
    keyed = of_angle("right_elbow_flexion", 0, 90)
    motion = motion_of(replace(keyed, times=keyed.times + 5))
    assert len(motion) == 11 and motion.fps == 10
    elbow = motion.angles[:, ANGLES.index("right_elbow_flexion")].rad2deg()
    assert_close(elbow, torch.linspace(0, 90, 11), atol=1e-4, rtol=0)


def test_what_may_turn_full_circle_takes_the_shorter_way_and_a_limited_angle_the_only_one():
    twist = motion_of(of_angle("pelvis_twist", 170, -170)).angles.rad2deg()
    assert_close(twist[5, ANGLES.index("pelvis_twist")], torch.tensor(180.0))
    hip = motion_of(of_angle("right_hip_flexion", 170, -100)).angles.rad2deg()
    assert_close(hip[5, ANGLES.index("right_hip_flexion")], torch.tensor(35.0))


def test_the_whole_body_turns_the_shorter_way():
    keyed = of_angle("right_elbow_flexion", 0, 0)
    turn = torch.tensor([[0, 0, 170.0], [0, 0, -170.0]], dtype=torch.float64).deg2rad()
    _, rotation, _ = at(replace(keyed, turn=turn), torch.tensor([0.5], dtype=torch.float64))
    half = torch.tensor([[0, 0, torch.pi]], dtype=torch.float64)
    assert_close(rotation, euler_to_matrix(half, "xyz"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fps": 0.0}, "positive number of frames a second, but has 0"),
        ({"times": torch.tensor([0.0, 0.0])}, "later than the one before"),
        ({"times": torch.tensor([0.0, 1e6])}, "up to 100,000 frames, but would have 10,000,001"),
        ({"times": torch.tensor([0.0, torch.inf])}, "finite numbers"),
        ({"lengths": torch.zeros(15)}, "longer than nothing, but the shortest is 0 mm"),
    ],
)
def test_what_no_body_can_do_is_refused(change, sentence):
    with pytest.raises(DataError, match=sentence):
        replace(of_angle("neck_twist", 0, 1), **change)


def test_no_keyframe_at_all_is_refused():
    with pytest.raises(DataError, match="1 to 1000 keyframes, but has 0"):
        of_angle("neck_twist")
