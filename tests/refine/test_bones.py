"""Bone lengths that move: left and right alike, the person as tall as before."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.geometry import body_lengths, stature
from crosslift.refine.bones import Bones, tall
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17

from .clips import true_walker

CLIP = true_walker()
THIGHS = list(H36M_17.indices("left_knee", "right_knee"))


def longer_thighs(bones: Bones) -> Bones:
    logs = bones.logs.clone()
    logs[:, bones.pair[THIGHS[0]]] = 0.1
    return replace(bones, logs=logs)


def test_told_lengths_are_where_they_begin():
    assert_close(Bones.of(CLIP.poses, H36M_17, CLIP.body).lengths[0], CLIP.body)


def test_without_a_body_they_begin_at_the_poses_own_with_sides_alike():
    lengths = Bones.of(CLIP.poses, H36M_17, None).lengths[0]
    own = body_lengths(CLIP.poses[0], H36M_17).median(dim=0).values
    assert_close(lengths, (own + own[list(H36M_17.mirror)]) / 2)
    assert_close(lengths, lengths[list(H36M_17.mirror)])


def test_a_bone_that_nobody_told_is_that_of_the_poses():
    told = CLIP.body.clone()
    told[THIGHS] = torch.nan
    assert_close(Bones.of(CLIP.poses, H36M_17, told).lengths[0], CLIP.body, atol=1e-4, rtol=0)


def test_both_sides_change_by_one_factor_and_the_stature_stays():
    before = Bones.of(CLIP.poses, H36M_17, CLIP.body)
    after = longer_thighs(before)
    ratio = (after.lengths / before.lengths)[0]
    assert ratio[THIGHS[0]] == pytest.approx(float(ratio[THIGHS[1]]))
    assert float(ratio[THIGHS[0]] / ratio[10]) == pytest.approx(1.10517, abs=1e-4)  # e to the 0.1
    assert_close(stature(after.lengths, H36M_17), stature(before.lengths, H36M_17))


def test_a_skeleton_that_tells_no_stature_keeps_the_sum_of_its_bones():
    arm = Skeleton("arm", ("shoulder", "elbow", "wrist"), (-1, 0, 1))
    assert_close(tall(torch.tensor([[0.0, 0.3, 0.25]]), arm), torch.tensor([0.55]))


def test_lengths_have_a_slope_in_what_moves():
    bones = Bones.of(CLIP.poses, H36M_17, CLIP.body)
    bones = replace(bones, logs=bones.logs.requires_grad_(True))
    bones.of_bones.square().sum().backward()
    assert bones.logs.grad is not None and bones.logs.grad.abs().max() > 0
