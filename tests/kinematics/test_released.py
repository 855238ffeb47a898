"""The release's own ways: order of lengths, late arms, 32 joints."""

import torch

from crosslift.kinematics import angle_index, forward
from crosslift.kinematics.released import (
    JOINTS_32,
    forward_32,
    lengths_to_released,
    numbered_to_angles,
    released_to_lengths,
    with_shifted_arms,
)

from .bodies import given


def test_lengths_there_and_back():
    lengths = torch.arange(30).reshape(2, 15) / 10
    assert torch.equal(released_to_lengths(lengths_to_released(lengths)), lengths)
    assert lengths_to_released(lengths)[0, 0] == lengths[0, 5]  # left shin
    assert lengths_to_released(lengths)[0, 14] == lengths[0, 8]  # neck


def test_the_released_arms_get_each_angle_one_joint_late():
    angles = torch.arange(33.0)[None]
    shifted = with_shifted_arms(angles)
    first, elbow = angle_index("right_shoulder_twist"), angle_index("left_elbow_flexion")
    assert torch.equal(shifted[:, :first], angles[:, :first])
    assert shifted[0, first] == 0
    assert shifted[0, elbow] == angle_index("left_shoulder_flexion")
    assert shifted[0, angle_index("left_shoulder_twist")] == angle_index("right_wrist_flexion")


def test_the_32_joints():
    body = given(3)
    joints, ours = forward_32(*body), forward(*body)
    assert torch.equal(joints[:, list(JOINTS_32)], ours)
    assert torch.equal(joints[:, 14], joints[:, 15])
    unused = [slot for slot in range(32) if slot not in (*JOINTS_32, 14)]
    assert torch.equal(joints[:, unused], body.root[:, None].expand(3, len(unused), 3))


def test_numbered_columns_without_the_24th():
    assert 24 not in numbered_to_angles(torch.arange(1.0, 35.0)[None])
