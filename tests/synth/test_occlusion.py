"""Self-occlusion, on cases worked by hand."""

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from crosslift.camera import looking_at, pinhole, world_to_camera
from crosslift.errors import SkeletonError
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.synth import visibility


def body(**degrees: float) -> Tensor:
    """The average body facing +y, its pelvis a metre above the floor."""
    angles = torch.zeros(len(ANGLES))
    for name, value in degrees.items():
        angles[ANGLES.index(name)] = value * torch.pi / 180
    lengths = torch.from_numpy(AVERAGE.copy()).float()
    return forward_with_nose(angles, lengths, None, torch.tensor([0.0, 0, 1]))


def seen_from(position: tuple[float, float, float], pose: Tensor) -> dict[str, float]:
    camera = looking_at(
        pinhole(1000.0, (1000, 1000)), torch.tensor(position), torch.tensor([0.0, 0, 1])
    )
    seen = visibility(world_to_camera(pose[None], camera), H36M_17)
    return dict(zip(H36M_17.joints, seen[0].tolist(), strict=True))


FRONT, BACK, RIGHT = (0.0, 5.0, 1.0), (0.0, -5.0, 1.0), (5.0, 0.0, 1.0)
BEHIND_THE_BACK = {
    "right_shoulder_flexion": -40.0,
    "right_shoulder_twist": -45.0,
    "right_elbow_flexion": 40.0,
}


def test_who_stands_before_the_camera_is_seen():
    seen = seen_from(FRONT, body(right_shoulder_abduction=-20, left_shoulder_abduction=20))
    assert min(seen.values()) > 0.99


def test_an_arm_behind_the_trunk_is_hidden_from_the_front_only():
    pose = body(**BEHIND_THE_BACK)
    assert seen_from(FRONT, pose)["right_wrist"] < 0.1
    assert seen_from(BACK, pose)["right_wrist"] > 0.9


def test_from_the_side_the_near_leg_hides_the_far_one():
    seen = seen_from(RIGHT, body())
    assert seen["left_knee"] < 0.1
    assert seen["right_knee"] > 0.99


def test_a_swung_leg_is_seen_past_the_other():
    seen = seen_from(RIGHT, body(left_hip_flexion=40))
    assert seen["left_knee"] > 0.99


def test_a_smaller_body_nearby_is_hidden_alike():
    pose = world_to_camera(
        body(**BEHIND_THE_BACK)[None],
        looking_at(pinhole(1000.0, (1000, 1000)), torch.tensor(FRONT), torch.tensor([0.0, 0, 1])),
    )
    assert_close(visibility(0.6 * pose), visibility(pose), rtol=0, atol=1e-4)


def test_another_skeleton_is_refused():
    with pytest.raises(SkeletonError, match="bring the poses to it first"):
        visibility(torch.ones(1, 17, 3), COCO_17)
