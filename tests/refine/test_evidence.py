"""What is known of poses, and how much they contradict it."""

import math
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import stacked, world_to_camera
from crosslift.geometry import at_bones
from crosslift.refine import Trust
from crosslift.refine.evidence import Evidence, errors, robust, trembling
from crosslift.skeletons import H36M_17

from .clips import spoilt, true_walker

CLIP, TRUST = true_walker(), Trust(trembling=0.0)
LENGTHS = at_bones(CLIP.body, H36M_17)[None, None]
STRAIGHT = torch.zeros(1, len(CLIP), dtype=torch.bool)


def leaps(poses, **changes) -> float:
    return float(Evidence.of(replace(CLIP, poses=poses, **changes), TRUST).leaping(poses))


def test_the_truth_contradicts_neither_keypoints_nor_bones():
    evidence = Evidence.of(CLIP, TRUST)
    assert float(evidence.beside_rays(CLIP.poses)) < 1e-4
    assert float(evidence.unlike_bones(CLIP.poses, LENGTHS)) < 1e-2


def test_a_joint_beside_its_ray_counts_by_how_sure_its_keypoint_is():
    moved = CLIP.poses.clone()
    moved[0, 3, 16, 0] += 0.006
    found = float(Evidence.of(CLIP, TRUST).beside_rays(moved))
    assert found == pytest.approx(9 * math.log1p(1 / 9), rel=0.01)  # once as far as usual
    scores = CLIP.scores.clone()
    scores[3, 16] = math.exp(-1)  # 56 mm off as a rule
    doubted = float(Evidence.of(replace(CLIP, scores=scores), TRUST).beside_rays(moved))
    assert doubted == pytest.approx((6 / 56) ** 2, rel=0.05)


def test_what_was_not_observed_says_nothing():
    observed = CLIP.observed.clone()
    observed[:, 16] = False
    keypoints = torch.where(observed[..., None], CLIP.keypoints, torch.nan)
    scores = torch.where(observed, CLIP.scores, 0)
    blind = replace(CLIP, observed=observed, keypoints=keypoints, scores=scores)
    poses = spoilt(CLIP, 0.02).poses.requires_grad_(True)
    Evidence.of(blind, TRUST).beside_rays(poses).backward()
    assert poses.grad is not None and poses.grad.isfinite().all()
    assert poses.grad[:, :, 16].abs().max() == 0 < poses.grad[:, :, 15].abs().max()


def test_bones_count_by_their_length_and_by_where_they_point():
    evidence = Evidence.of(CLIP, TRUST)
    head = CLIP.poses.clone()
    along = torch.nn.functional.normalize(head[0, 5, 10] - head[0, 5, 9], dim=-1)
    head[0, 5, 10] += 0.02 * along
    length = float(CLIP.body[10])
    wanted = (0.02 / 0.01) ** 2 + (0.02 / length / 0.15) ** 2
    assert float(evidence.unlike_bones(head, LENGTHS)) == pytest.approx(wanted, rel=0.02)


def test_a_fall_is_an_acceleration_and_an_even_pace_is_none():
    seconds = torch.arange(len(CLIP)) / CLIP.fps
    still = CLIP.poses[:, :1].expand_as(CLIP.poses)
    down = torch.tensor([0.0, 1.0, 0.0])
    assert leaps(still + seconds[:, None, None] * down) < 1e-3
    fall = still + 0.5 * 9.81 * seconds[:, None, None] ** 2 * down
    each = 4 * math.log1p((9.81 / 4.4) ** 2 / 4)
    assert leaps(fall) == pytest.approx(each * 17 * (len(CLIP) - 2), rel=0.01)


def test_an_even_pace_is_none_at_an_uneven_frame_rate_either():
    gaps = 0.02 + 0.03 * torch.rand(len(CLIP), generator=torch.Generator().manual_seed(0))
    seconds = gaps.cumsum(dim=0)
    moving = CLIP.poses[:, :1] + seconds[:, None, None]
    assert leaps(moving, times=seconds) < 1e-2 < leaps(moving)


def test_a_camera_that_moves_does_not_make_people_leap():
    world = true_walker().poses[0, :1].expand(len(CLIP), 17, 3)
    shake = 0.05 * torch.randn(len(CLIP), 3, generator=torch.Generator().manual_seed(0))
    moving = stacked([
        replace(CLIP.camera, translation=CLIP.camera.translation + off) for off in shake
    ])  # fmt: skip
    poses = world_to_camera(world, moving)[None]
    assert leaps(poses, camera=moving) < 1e-2 < leaps(poses)


def test_the_whole_contradicts_as_much_as_its_parts_together():
    poses = spoilt(CLIP, 0.02).poses
    evidence, bent = Evidence.of(CLIP, TRUST), STRAIGHT | True
    whole = evidence.contradicted(poses, LENGTHS, bent)
    first = evidence[:12].contradicted(poses[:, :12], LENGTHS, bent[:, :12])
    rest = evidence[10:].contradicted(poses[:, 10:], LENGTHS, bent[:, 10:], known=2)
    assert_close(first + rest, whole)


def test_frames_that_bend_too_far_count_if_they_are_looked_at():
    mirrored = CLIP.poses * torch.tensor([1.0, 1.0, -1.0])
    evidence = Evidence.of(CLIP, TRUST)
    without = evidence.contradicted(mirrored, LENGTHS, STRAIGHT)
    assert evidence.contradicted(mirrored, LENGTHS, STRAIGHT | True) > without


def test_squares_grow_slowly_beyond_their_width():
    far = torch.tensor([[30.0, 40.0]])
    assert float(robust(far, 2.0)) == pytest.approx(4 * math.log1p(625))
    assert float(robust(far, 1e6)) == pytest.approx(2500, rel=1e-3)


def test_keypoints_that_tremble_are_not_believed_whatever_their_score():
    shaken = 0.02 * torch.randn(2000, 1, 2, generator=torch.Generator().manual_seed(0))
    seen, scores = torch.ones(2000, 1, dtype=torch.bool), torch.ones(2000, 1)
    assert float(trembling(shaken, seen)) == pytest.approx(0.02, rel=0.15)
    assert float(errors(shaken, seen, scores, Trust()).min()) > 0.02
    assert float(errors(shaken, seen, scores, TRUST).max()) == pytest.approx(0.006)
    assert errors(shaken, ~seen, scores, Trust()).isinf().all()
    assert trembling(shaken[:3], seen[:3]) == 0
