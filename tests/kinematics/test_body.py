"""Forward kinematics: twins, the rest pose by hand, senses of angles, laws, gradients."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from torch.autograd import gradcheck, gradgradcheck
from torch.testing import assert_close

from crosslift.errors import DataError
from crosslift.geometry import bone_lengths, mirror
from crosslift.geometry.rotations import axis_angle_to_matrix
from crosslift.kinematics import (
    ANGLES,
    AVERAGE,
    BONES,
    MOVING,
    REST_FRAMES,
    WIDE,
    angle_index,
    forward,
    forward_with_nose,
    mirror_angles,
    posed,
    turns,
)
from crosslift.kinematics.body import check_axes
from crosslift.skeletons import H36M_16, H36M_17

from .bodies import DEMONSTRATION, F32, F64, given
from .twins import plain_forward, slow_forward, slow_frames

few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 2**31 - 1)


def demonstration() -> torch.Tensor:
    names = [H36M_16.joints[child].removeprefix("left_") for _, child in H36M_16.bones]
    lengths = [DEMONSTRATION[name.removeprefix("right_")] for name in names]
    return torch.tensor(lengths, dtype=F64)


def at_rest(**degrees: float) -> dict[str, torch.Tensor]:
    """The demonstration body's joints by name, with some angles turned."""
    angles = torch.zeros(len(ANGLES), dtype=F64)
    for name, value in degrees.items():
        angles[angle_index(name)] = math.radians(value)
    return dict(zip(H36M_16.joints, forward(angles, demonstration()), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_slow_twin_to_the_last_digits(seed):
    body = given(8, limits=WIDE, seed=seed)
    slow = [slow_forward(*(part[pose].numpy() for part in body)) for pose in range(8)]
    assert np.abs(forward(*body).numpy() - np.stack(slow)).max() < 1e-12


def test_agrees_with_the_plain_torch_twin():
    body = given(50, limits=WIDE)
    assert_close(
        forward(body.angles, body.lengths),
        plain_forward(body.angles, body.lengths),
        rtol=0,
        atol=1e-12,
    )


def test_turns_and_rest_frames_are_the_frames_of_the_slow_twin():
    body = given(5, limits=WIDE, seed=4)
    ours = turns(body.angles, body.rotation) @ torch.tensor(REST_FRAMES, dtype=F64)
    for pose in range(5):
        frames = slow_frames(*(part[pose].numpy() for part in body))
        slow = np.stack([frames[name][:3, :3] for name in ANGLES])
        assert np.abs(ours[pose].numpy() - slow).max() < 1e-12


def test_the_rest_pose_is_the_one_worked_out_by_hand():
    joints = at_rest()
    by_hand = {
        "pelvis": (0, 0, 0),
        "right_hip": (0.25, 0, 0),
        "right_knee": (0.25, 0, -0.6),
        "right_ankle": (0.25, 0, -1.1),
        "spine": (0, 0, 0.25),
        "thorax": (0, 0, 0.45),
        "head": (0, 0, 0.6),
        "right_shoulder": (0.4, 0, 0.45),
        "right_elbow": (0.4, 0, 0.05),
        "right_wrist": (0.4, 0, -0.3),
    }
    for name, place in by_hand.items():
        assert_close(joints[name], torch.tensor(place, dtype=F64), rtol=0, atol=1e-15)
        other = name.replace("right", "left")
        mirrored = torch.tensor((-place[0], *place[1:]) if other != name else place, dtype=F64)
        assert_close(joints[other], mirrored, rtol=0, atol=1e-15)


@pytest.mark.parametrize("side", ["right", "left"])
def test_the_senses_of_the_limbs_angles(side):
    outwards = 1 if side == "right" else -1
    assert at_rest(**{f"{side}_knee_flexion": -40})[f"{side}_ankle"][1] < -0.1
    assert at_rest(**{f"{side}_elbow_flexion": 40})[f"{side}_wrist"][1] > 0.1
    assert at_rest(**{f"{side}_hip_flexion": 40})[f"{side}_knee"][1] > 0.1
    abducted = at_rest(**{f"{side}_hip_abduction": -40 * outwards})[f"{side}_knee"]
    assert abducted[0] * outwards > 0.25 + 0.1


def test_positive_flexion_bends_the_trunk_forwards_and_leaves_the_legs():
    rest, bent = at_rest(), at_rest(pelvis_flexion=40)
    assert bent["head"][1] > 0.3
    for name in H36M_16.joints:
        if name.endswith(("hip", "knee", "ankle")):
            assert_close(bent[name], rest[name])


def test_what_angles_move_nothing_and_what_twists_cannot_be_seen():
    body = given(4, limits=WIDE)
    idle = [index for index in range(len(ANGLES)) if index not in MOVING]
    assert [ANGLES[index] for index in idle] == [
        "right_ankle_flexion",
        "left_ankle_flexion",
        "head_flexion",
        "right_wrist_flexion",
        "left_wrist_flexion",
    ]
    turned = body.angles.clone()
    turned[:, idle] += 1
    assert torch.equal(forward(turned, body.lengths), forward(body.angles, body.lengths))
    for limb in ("right_hip", "left_hip", "neck", "right_shoulder", "left_shoulder"):
        twisted = at_rest(**{f"{limb}_twist": 50})
        for name, place in at_rest().items():
            assert_close(twisted[name], place, rtol=0, atol=1e-15)


@few
@drawn(seeds)
def test_bones_keep_their_lengths_whatever_the_angles(seed):
    body = given(3, limits=WIDE, seed=seed)
    assert_close(bone_lengths(forward(*body), H36M_16), body.lengths, rtol=0, atol=1e-13)


@few
@drawn(seeds)
def test_rotation_and_root_move_the_whole_body(seed):
    body = given(3, limits=WIDE, seed=seed)
    still = forward(body.angles, body.lengths)
    moved = still @ body.rotation.mT + body.root[:, None]
    assert_close(forward(*body), moved, rtol=0, atol=1e-13)
    assert_close(forward(*body)[:, 0], body.root)


@few
@drawn(seeds)
def test_mirrored_angles_give_the_mirrored_pose(seed):
    angles = given(3, limits=WIDE, seed=seed).angles
    lengths = torch.tensor(AVERAGE)
    assert_close(
        forward(mirror_angles(angles), lengths),
        mirror(forward(angles, lengths), H36M_16),
        rtol=0,
        atol=1e-13,
    )
    assert torch.equal(mirror_angles(mirror_angles(angles)), angles)


def test_bones_point_where_their_links_turn_them():
    body = given(6, limits=WIDE)
    joints = forward(body.angles, body.lengths)
    carried = turns(body.angles)
    for bone in BONES:
        turn = carried[:, bone.link] if bone.link >= 0 else torch.eye(3, dtype=F64)
        along = bone.sign * body.lengths[:, bone.length, None] * turn[..., bone.axis]
        assert_close(joints[:, bone.joint] - joints[:, bone.parent], along.expand(6, 3))


def test_turns_are_the_identity_at_rest_and_rotations_otherwise():
    eye = torch.eye(3, dtype=F64).expand(33, 3, 3)
    assert torch.equal(turns(torch.zeros(33, dtype=F64)), eye)
    turned = turns(given(4, limits=WIDE).angles)
    assert_close(turned.mT @ turned, eye.expand(4, 33, 3, 3), rtol=0, atol=1e-13)
    assert_close(torch.linalg.det(turned), torch.ones(4, 33, dtype=F64))


def test_the_seventeen_joints_are_the_sixteen_and_a_nose():
    body = given(20)
    joints = forward_with_nose(*body)
    rest = [index for index in range(17) if H36M_17.joints[index] != "nose"]
    assert torch.equal(joints[:, rest], forward(*body))


def test_the_nose_is_where_it_was_measured_and_rigid_in_the_head():
    upright = forward_with_nose(torch.zeros(33, dtype=F64), torch.tensor(AVERAGE))
    thorax, nose, head = upright[H36M_17.indices("thorax", "nose", "head")]
    ahead, above = (nose - thorax)[1:] * 1000
    assert 63 <= ahead <= 84 and 77 <= above <= 94
    behind, over = (nose - head)[1] * 1000, (head - nose)[2] * 1000
    assert 18 <= behind <= 78 and 78 <= over <= 112
    body = given(10, limits=WIDE)
    thorax, nose, head = forward_with_nose(*body)[
        :, H36M_17.indices("thorax", "nose", "head")
    ].unbind(1)
    neck = body.lengths[:, H36M_16.index("head") - 1]
    assert_close((nose - thorax).norm(dim=-1), neck * math.hypot(0.38, 0.46))
    assert_close((nose - head).norm(dim=-1), neck * math.hypot(0.38, 0.54))


def test_neck_twist_turns_the_nose_only():
    angles = torch.zeros(2, 33, dtype=F64)
    angles[1, angle_index("neck_twist")] = math.pi / 2
    still, twisted = forward_with_nose(angles, torch.tensor(AVERAGE))
    changed = [H36M_17.joints[i] for i in range(17) if (still[i] - twisted[i]).norm() > 1e-12]
    assert changed == ["nose"]
    assert twisted[H36M_17.index("nose"), 0] < -0.05  # to the left


def test_posed_is_both_forms_at_once():
    body = given(2, 3)
    both = posed(*body)
    assert_close(both.joints, forward_with_nose(*body))
    assert_close(both.turns, turns(body.angles, body.rotation))


@pytest.mark.parametrize("batch", [(), (1,), (0,), (2, 3), (2, 0, 3)])
def test_any_leading_axes(batch):
    body = given(*batch)
    assert forward(*body).shape == (*batch, 16, 3)
    assert forward_with_nose(*body).shape == (*batch, 17, 3)
    assert turns(body.angles).shape == (*batch, 33, 3, 3)
    assert forward(*body).is_contiguous()
    flat = [part.reshape(-1, *part.shape[len(batch) :]) for part in body]
    assert torch.equal(forward(*body).reshape(-1, 16, 3), forward(*flat))


def test_lengths_rotation_and_root_may_be_shared():
    body = given(4, 3)
    one = given(3, seed=1)
    shared = forward(body.angles, one.lengths[0], one.rotation, one.root[:1])
    spread = forward(
        body.angles,
        one.lengths[0].expand(4, 3, 15),
        one.rotation.expand(4, 3, 3, 3),
        one.root[:1].expand(4, 3, 3),
    )
    assert torch.equal(shared, spread)


def test_single_precision_is_near_double_precision():
    body = given(200, limits=WIDE)
    single = forward(*(part.to(F32) for part in body))
    assert single.dtype == F32
    assert_close(single.double(), forward(*body), rtol=0, atol=5e-6)


@pytest.mark.parametrize("function", [forward, forward_with_nose])
def test_gradients_in_every_argument(function):
    body = given(2, limits=WIDE)
    turn = torch.randn(2, 3, generator=torch.Generator().manual_seed(0), dtype=F64)

    def by_vector(angles, lengths, turn, root):
        return function(angles, lengths, axis_angle_to_matrix(turn), root)

    inputs = (body.angles, body.lengths, turn, body.root)
    assert gradcheck(by_vector, [part.clone().requires_grad_() for part in inputs])


def test_gradients_of_turns_and_gradients_of_gradients():
    body = given(1, limits=WIDE)
    angles = body.angles.clone().requires_grad_()
    assert gradcheck(turns, (angles, body.rotation))
    assert gradgradcheck(lambda angles: forward(angles, body.lengths), (angles,))


def test_the_inputs_stay_as_they_were():
    body, same = given(3), given(3)
    forward(*body)
    turns(body.angles)
    mirror_angles(body.angles)
    for part, kept in zip(body, same, strict=True):
        assert torch.equal(part, kept)


def test_wrong_shapes_are_refused():
    body = given(2)
    with pytest.raises(TypeCheckError):
        forward(body.angles[:, :-1], body.lengths)
    with pytest.raises(TypeCheckError):
        forward(body.angles, body.lengths[:, :-1])
    with pytest.raises(TypeCheckError):
        forward(body.angles, given(3).lengths)


def test_wrong_axes_are_refused_in_words_where_types_are_not_checked():
    with pytest.raises(DataError, match=r"angles whose last axes are \(33,\), .* \(2, 34\)"):
        check_axes("angles", torch.zeros(2, 34), (33,))
    with pytest.raises(DataError, match="rotations"):
        check_axes("rotations", torch.zeros(3), (3, 3))
