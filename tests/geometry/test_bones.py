"""Bones: there and back, a slow twin, other lengths, what is missing, gradients."""

import pytest
import torch
from torch.autograd import gradcheck
from torch.testing import assert_close

from crosslift.geometry import (
    at_bones,
    at_joints,
    body_lengths,
    bone_directions,
    bone_lengths,
    bone_vectors,
    poses_from_bones,
    with_bones_scaled,
    with_lengths,
)
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16, H36M_17

F64 = torch.float64
UPSIDE_DOWN = Skeleton("upside down", tuple("abcdefghij"), (1, 2, 3, 4, 5, 6, 7, 8, 9, -1))
ONE_JOINT = Skeleton("one joint", ("a",), (-1,))
SKELETONS = [H36M_17, H36M_16, UPSIDE_DOWN, ONE_JOINT]


def some_poses(skeleton: Skeleton, *batch: int, axes: int = 3) -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.randn(*batch, len(skeleton), axes, generator=rng, dtype=F64)


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize("axes", [2, 3])
def test_to_bones_and_back_is_the_identity(skeleton, axes):
    poses = some_poses(skeleton, 2, 3, axes=axes)
    vectors = bone_vectors(poses, skeleton)
    assert vectors.shape == (2, 3, len(skeleton) - 1, axes)
    assert_close(poses_from_bones(vectors, poses[..., skeleton.root, :], skeleton), poses)


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
def test_bones_agree_with_a_walk_along_the_tree(skeleton):
    poses = some_poses(skeleton, 4)
    body = torch.rand(4, len(skeleton), generator=torch.Generator().manual_seed(1), dtype=F64)
    expected = poses.clone()
    for joint in skeleton.outwards:
        parent = skeleton.parents[joint]
        if parent >= 0:
            bone = poses[:, joint] - poses[:, parent]
            unit = bone / bone.norm(dim=-1, keepdim=True)
            expected[:, joint] = expected[:, parent] + body[:, joint, None] * unit
    assert_close(with_lengths(poses, body, skeleton), expected)


def test_a_bone_points_from_the_parent_to_the_child():
    poses = torch.zeros(17, 3)
    poses[H36M_17.index("left_knee")] = torch.tensor([0.0, 3, 4])
    bone = H36M_17.index("left_knee") - 1
    assert_close(bone_vectors(poses, H36M_17)[bone], torch.tensor([0.0, 3, 4]))
    assert_close(bone_directions(poses, H36M_17)[bone], torch.tensor([0.0, 0.6, 0.8]))
    assert bone_lengths(poses, H36M_17)[bone] == 5
    assert body_lengths(poses, H36M_17)[H36M_17.index("left_knee")] == 5
    assert body_lengths(poses, H36M_17)[H36M_17.index("left_ankle")] == 5


@pytest.mark.parametrize("skeleton", [H36M_17, UPSIDE_DOWN], ids=lambda skeleton: skeleton.name)
def test_a_body_has_a_zero_at_the_root_and_the_bones_elsewhere(skeleton):
    lengths = bone_lengths(some_poses(skeleton, 3), skeleton)
    body = at_joints(lengths, skeleton)
    assert (body[:, skeleton.root] == 0).all()
    for bone, (_, child) in enumerate(skeleton.bones):
        assert_close(body[:, child], lengths[:, bone])
    assert_close(at_bones(body, skeleton), lengths)


def test_other_lengths_keep_directions_and_roots():
    poses = some_poses(H36M_17, 5)
    body = torch.linspace(0.1, 0.5, 17, dtype=F64)
    changed = with_lengths(poses, body, H36M_17)
    assert_close(bone_directions(changed, H36M_17), bone_directions(poses, H36M_17))
    assert_close(changed[:, 0], poses[:, 0])
    assert_close(body_lengths(changed, H36M_17)[:, 1:], body[1:].expand(5, 16))


def test_a_pose_with_its_own_lengths_is_itself():
    poses = some_poses(H36M_17, 5)
    assert_close(with_lengths(poses, body_lengths(poses, H36M_17), H36M_17), poses)


def test_one_body_serves_all_frames_and_each_clip_may_have_its_own():
    poses = some_poses(H36M_17, 2, 3)
    bodies = torch.rand(2, 1, 17, generator=torch.Generator().manual_seed(2), dtype=F64)
    changed = with_lengths(poses, bodies, H36M_17)
    assert_close(changed[1], with_lengths(poses[1], bodies[1, 0], H36M_17))


def test_scaled_bones_grow_by_their_factor():
    poses = some_poses(H36M_16, 4)
    factors = torch.linspace(0.8, 1.2, 15, dtype=F64)
    changed = with_bones_scaled(poses, factors, H36M_16)
    assert_close(bone_vectors(changed, H36M_16), factors[:, None] * bone_vectors(poses, H36M_16))
    assert_close(changed[:, 0], poses[:, 0])


def test_a_missing_joint_spoils_only_what_hangs_from_it():
    poses = some_poses(H36M_17, 1)
    poses[:, H36M_17.index("left_elbow")] = torch.nan
    changed = with_lengths(poses, torch.full((17,), 0.3, dtype=F64), H36M_17)
    lost = changed.isnan().any(dim=-1)[0]
    assert lost.nonzero()[:, 0].tolist() == H36M_17.indices("left_elbow", "left_wrist")


def test_a_bone_without_length_has_no_direction_and_stays_so():
    poses = some_poses(H36M_17, 1)
    head, nose = H36M_17.indices("head", "nose")
    poses[:, head] = poses[:, nose]
    poses.requires_grad_()
    changed = with_lengths(poses, torch.ones(17, dtype=F64), H36M_17)
    assert_close(changed[:, head], changed[:, nose])
    (slope,) = torch.autograd.grad(changed.sum() + body_lengths(poses, H36M_17).sum(), poses)
    assert slope.isfinite().all()


def test_directions_survive_very_small_and_very_large_bones():
    poses = some_poses(H36M_17, 1).float()
    expected = bone_directions(poses, H36M_17)
    for factor in (1e-25, 1e25):
        assert_close(bone_directions(poses * factor, H36M_17), expected)


def test_bones_have_right_gradients():
    poses = some_poses(H36M_16, 1).requires_grad_()
    body = torch.linspace(0.1, 0.5, 16, dtype=F64).requires_grad_()
    assert gradcheck(lambda p, b: with_lengths(p, b, H36M_16), (poses, body))
    assert gradcheck(lambda p: body_lengths(p, H36M_16), poses)


def test_what_inference_keeps_can_be_trained_through():
    skeleton = Skeleton("first seen in inference", ("a", "b"), (-1, 0))
    with torch.inference_mode():
        body_lengths(torch.ones(2, 3), skeleton)
    poses = torch.tensor([[0.0, 0, 0], [0, 2, 0]], requires_grad=True)
    (slope,) = torch.autograd.grad(body_lengths(poses, skeleton).sum(), poses)
    assert_close(slope, torch.tensor([[0.0, -1, 0], [0, 1, 0]]))


def test_no_poses_have_no_bones():
    poses = some_poses(H36M_17, 0)
    body = body_lengths(poses, H36M_17)
    assert body.shape == (0, 17)
    assert with_lengths(poses, body, H36M_17).shape == (0, 17, 3)


def test_the_poses_stay_as_they_were():
    poses = some_poses(H36M_17, 2)
    with_lengths(poses, torch.ones(17, dtype=F64), H36M_17)
    assert_close(poses, some_poses(H36M_17, 2), rtol=0, atol=0)
