"""Mappings of keypoints and poses: laws, scores, missing joints, refusals."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from crosslift.errors import SkeletonError
from crosslift.mapping import mapped, mapping
from crosslift.skeletons import COCO_17, H36M_17, skeleton_named

from .made_up import NAMES, random_clip, random_poses

LINEAR = ("anatomical", "midpoints", "names")


@pytest.mark.parametrize("name", NAMES)
def test_a_skeleton_mapped_to_itself_stays_as_it_is(name):
    skeleton = skeleton_named(name)
    poses = random_poses(skeleton)
    assert torch.equal(mapping(name, name).apply3d(poses), poses)
    clip = random_clip(skeleton)
    assert mapped(clip, skeleton) is clip


@pytest.mark.parametrize("target", ["h36m17", "h36m16", "coco17", "body25", "mpi_inf_3dhp17"])
@pytest.mark.parametrize("source", NAMES)
def test_mirror_commutes_with_mapping(source, target):
    change = mapping(source, target)
    poses = random_poses(change.source)
    mirrored = change.apply3d(poses[..., list(change.source.mirror), :])
    expected = change.apply3d(poses)[..., list(change.target.mirror), :]
    assert_close(mirrored, expected, equal_nan=True)


def test_going_by_17_is_going_to_16_directly():
    poses = random_poses(skeleton_named("h36m32"))
    by_17 = mapping("h36m17", "h36m16").apply3d(mapping("h36m32", "h36m17").apply3d(poses))
    assert torch.equal(by_17, mapping("h36m32", "h36m16").apply3d(poses))


@pytest.mark.parametrize("rule", LINEAR)
@given(seed=st.integers(0, 2**16))
@settings(max_examples=10, deadline=None)
def test_pictures_and_space_agree_on_linear_rules(rule, seed):
    change = mapping("coco17", "h36m17", rule)
    poses = random_poses(COCO_17, seed)
    assert_close(change.apply2d(poses[..., :2]).keypoints, change.apply3d(poses)[..., :2])


@given(seed=st.integers(0, 2**16), rule=st.sampled_from(["adjusted", *LINEAR]))
@settings(max_examples=20, deadline=None)
def test_no_rule_cares_where_the_person_is(seed, rule):
    change = mapping("coco17", "h36m17", rule)
    keypoints = random_poses(COCO_17, seed)[..., :2]
    moved = torch.tensor([30.0, -70.0], dtype=keypoints.dtype)
    there = change.apply2d(keypoints + moved).keypoints
    assert_close(there, change.apply2d(keypoints).keypoints + moved)


def test_the_face_cannot_be_made_from_motion_capture():
    change = mapping("h36m17", "coco17")
    assert change.missing == ("left_eye", "right_eye", "left_ear", "right_ear")
    keypoints, scores, observed = change.apply2d(torch.ones(2, 17, 2))
    assert keypoints[:, 1:5].isnan().all()
    assert keypoints[:, [0, *range(5, 17)]].isfinite().all()
    assert (scores[:, 1:5] == 0).all()
    assert not observed[:, 1:5].any()


def test_a_derived_joint_has_the_least_score_of_its_sources():
    scores = torch.full((17,), 0.9)
    scores[COCO_17.index("left_hip")] = 0.4
    scores[COCO_17.index("nose")] = 0.0
    made = mapping("coco17", "h36m17").apply2d(torch.ones(17, 2), scores)
    of = dict(zip(H36M_17.joints, made.scores.tolist(), strict=True))
    assert of["pelvis"] == pytest.approx(0.4)
    assert of["spine"] == of["thorax"] == of["nose"] == 0
    assert of["head"] == of["left_knee"] == pytest.approx(0.9)
    assert made.observed.tolist() == [score > 0 for score in made.scores.tolist()]


def test_a_missing_source_makes_its_joints_missing_and_no_others():
    keypoints, scores = torch.ones(1, 17, 2), torch.ones(1, 17)
    keypoints[0, COCO_17.index("right_shoulder")] = torch.nan
    made = mapping("coco17", "h36m17").apply2d(keypoints, scores)
    lost = {H36M_17.joints[i] for i in made.keypoints.isnan().any(dim=-1)[0].nonzero()[:, 0]}
    assert lost == {"spine", "thorax", "nose", "head", "right_shoulder"}
    assert {H36M_17.joints[i] for i in (made.scores[0] == 0).nonzero()[:, 0]} == lost
    poses = torch.ones(1, 17, 3)
    poses[0, COCO_17.index("right_shoulder")] = torch.nan
    assert torch.equal(
        mapping("coco17", "h36m17").apply3d(poses).isnan()[..., 0], made.keypoints.isnan()[..., 0]
    )


def test_gradients_flow_through_and_stay_finite_beside_missing_joints():
    change = mapping("coco17", "h36m17")
    poses = random_poses(COCO_17)[:, :1].requires_grad_()
    assert torch.autograd.gradcheck(change.apply3d, poses)
    keypoints = torch.rand(17, 2, requires_grad=True)
    broken = torch.where(torch.arange(17)[:, None] == 3, torch.nan, keypoints)
    change.apply2d(broken).keypoints.nansum().backward()
    assert keypoints.grad is not None and bool(keypoints.grad.isfinite().all())


def test_the_input_and_its_precision_stay():
    keypoints = torch.rand(2, 17, 2, dtype=torch.float64)
    before = keypoints.clone()
    assert mapping("coco17", "h36m17").apply2d(keypoints).keypoints.dtype == torch.float64
    assert torch.equal(keypoints, before)


def test_no_frames_map_to_no_frames():
    assert mapping("coco17", "h36m17").apply2d(torch.zeros(0, 17, 2)).scores.shape == (0, 17)


def test_a_rule_for_pictures_is_refused_in_3d():
    with pytest.raises(SkeletonError, match='"adjusted" takes a picture\'s y .* nothing in 3D'):
        mapping("coco17", "h36m17", "adjusted").apply3d(torch.ones(17, 3))


def test_a_wrong_number_of_joints_is_refused():
    with pytest.raises(SkeletonError, match='"coco17" takes 17 joints, but 16 were found'):
        mapping("coco17", "h36m17").apply2d(torch.ones(16, 2))
