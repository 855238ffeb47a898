"""Wrong joint orders are noticed and named; right ones are left alone."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.camera import pinhole
from crosslift.clip import clip_of
from crosslift.errors import SkeletonError
from crosslift.joint_order import (
    VOCABULARY,
    Verdict,
    check_keypoints,
    check_order,
    check_poses,
    refuse_wrong_order,
    spots_of,
)
from crosslift.mapping import mapping
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, MPI_INF_3DHP_17, SKELETONS

from .walkers import check, many, seen, turned, uniform

CORPUS = os.environ.get("CROSSLIFT_DATA")
needs_corpus = pytest.mark.skipif(
    CORPUS is None, reason="set CROSSLIFT_DATA to the folder that holds mocap/"
)


@pytest.mark.slow
@pytest.mark.parametrize("axes", [2, 3])
def test_at_most_one_good_clip_in_a_hundred_is_accused(axes):
    clips, _ = many(1000, axes, seed=1)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 10


@pytest.mark.parametrize("axes", [2, 3])
def test_nearly_every_permutation_is_noticed(axes):
    clips, rng = many(200, axes, seed=2)
    permuted = [clip[:, torch.randperm(17, generator=rng)] for clip in clips]
    assert sum(not check(clip, H36M_17).ok for clip in permuted) >= 198


@pytest.mark.parametrize("axes", [2, 3])
def test_single_frames_are_not_accused_without_evidence(axes):
    clips, _ = many(100, axes, seed=3, frames=1)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 1


@pytest.mark.parametrize("axes", [2, 3])
def test_the_order_of_another_skeleton_is_named(axes):
    clips, _ = many(30, axes, seed=4)
    order = spots_of(MPI_INF_3DHP_17)
    assert order is not None
    places = [H36M_17.index(VOCABULARY[place]) for place in order.places]
    verdicts = [check(clip[:, places], H36M_17) for clip in clips]
    assert sum(verdict.skeleton == "mpi_inf_3dhp17" for verdict in verdicts) >= 28
    back = [check(clip, MPI_INF_3DHP_17) for clip in clips]
    assert sum(verdict.skeleton == "h36m17" for verdict in back) >= 28
    assert '"mpi_inf_3dhp17"; name that as their skeleton.' in verdicts[0].guess


def test_a_permutation_in_space_is_undone_by_the_order_that_is_guessed():
    clips, rng = many(20, 3, seed=5)
    right = 0
    for clip in clips:
        permutation = torch.randperm(17, generator=rng)
        verdict = check_poses(clip[:, permutation], H36M_17)
        assert verdict.order is not None
        right += permutation[list(verdict.order)].tolist() == list(range(17))
    assert right >= 18


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_good_clips_of_every_known_skeleton_pass(name, axes):
    clips, _ = many(10, axes, seed=10)
    change = mapping(H36M_17, SKELETONS[name])
    for clip in clips:
        made = change.apply3d(clip) if axes == 3 else change.apply2d(clip).keypoints
        assert check(made, SKELETONS[name]).ok


@pytest.mark.parametrize("skeleton", [H36M_16, COCO_17])
def test_permutations_of_other_skeletons_are_noticed(skeleton):
    clips, rng = many(20, 3, seed=11)
    permuted = mapping(H36M_17, skeleton).apply3d(clips)[
        :, :, torch.randperm(len(skeleton), generator=rng)
    ]
    assert sum(not check_poses(clip, skeleton).ok for clip in permuted) >= 19


def test_size_place_and_unit_do_not_matter():
    clips, _ = many(5, 3, seed=12)
    for clip in clips:
        near, far = check_poses(clip, H36M_17), check_poses(1000 * clip + 5000, H36M_17)
        assert near.ok == far.ok
        assert near.score == pytest.approx(far.score, abs=1e-3)


def test_nothing_to_go_by_accuses_nobody():
    assert check_keypoints(torch.full((9, 17, 2), torch.nan), H36M_17) == Verdict(True, 0.0)
    assert check_keypoints(torch.zeros(0, 17, 2), H36M_17) == Verdict(True, 0.0)
    assert check_poses(torch.zeros(5, 17, 3), H36M_17).ok
    hand = Skeleton("hand", ("wrist", "tip"), (-1, 0))
    assert check_poses(torch.rand(5, 2, 3), hand) == Verdict(True, 0.0)


def test_distances_between_few_joints_accuse_nobody():
    clips, _ = many(20, 3, seed=18)
    few = torch.full_like(clips, torch.nan)
    trunk_and_arm = [0, 7, 8, 9, 10, 11, 12, 13]
    few[:, :, trunk_and_arm] = clips[:, :, trunk_and_arm[::-1]]
    assert all(check_poses(clip, H36M_17) == Verdict(True, 0.0) for clip in few)


def test_keypoints_without_a_score_are_left_out():
    clips, rng = many(1, 2, seed=13)
    clip = clips[0].nan_to_num(0)
    scores = clips[0].isfinite().all(dim=-1).float()
    assert check_keypoints(clip, H36M_17, scores) == check_keypoints(clips[0], H36M_17)
    permuted = torch.randperm(17, generator=rng)
    assert not check_keypoints(clip[:, permuted], H36M_17, scores[:, permuted]).ok


def test_a_recording_in_a_wrong_order_is_refused_in_a_sentence():
    clips, _ = many(1, 3, seed=14)
    spots = spots_of(MPI_INF_3DHP_17)
    assert spots is not None
    wrong = clips[0][:, [H36M_17.index(VOCABULARY[place]) for place in spots.places]]
    with pytest.raises(SkeletonError) as refusal:
        refuse_wrong_order(Motion("walk", H36M_17, 30, wrong))
    assert str(refusal.value) == (
        'In "walk" the joints should be those of the skeleton "h36m17", but their distances are '
        'those of "mpi_inf_3dhp17"; name that as their skeleton.'
    )
    refuse_wrong_order(Motion("walk", H36M_17, 30, clips[0]))


def test_a_permuted_recording_is_refused_with_examples():
    clips, _ = many(1, 3, seed=15)
    wrong = clips[0][:, [10, *range(1, 10), 0, *range(11, 17)]]
    words = 'joint 0 looks like "head", joint 10 looks like "pelvis" .2 of 17 look like another one'
    with pytest.raises(SkeletonError, match=words):
        refuse_wrong_order(Motion("walk", H36M_17, 30, wrong))


def test_a_clip_is_judged_by_its_keypoints_and_its_poses():
    poses, rng = many(1, 3, seed=16, frames=60)
    keypoints = seen(poses, rng)[0]
    clip = clip_of(keypoints, pinhole(1000, (1000, 1000)), H36M_17, 30)
    assert check_order(clip).ok
    swapped = poses[..., list(H36M_17.mirror), :]
    with_poses = type(clip)(**{**vars(clip), "poses": swapped})
    assert "whole body" in check_order(with_poses).guess


@needs_corpus
@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("domain", ["source_val", "target_val"])
def test_real_motion_is_judged_rightly(domain, axes):
    folder = Path(str(CORPUS)) / "mocap"
    assert json.loads((folder / "index.json").read_text("utf-8"))["joints"] == "h36m-17"
    with np.load(folder / f"{domain}.npz") as file:
        points = torch.from_numpy(file["xyz"].astype(np.float32)) * float(file["unit_m"])
        starts = file["clip_start"]
    rng = torch.Generator().manual_seed(0)
    picks = torch.randint(len(points) - 27, (100,), generator=rng).tolist()
    inside = [start for start in picks if not ((starts > start) & (starts < start + 27)).any()]
    clips = torch.stack([points[start : start + 27] for start in inside])
    clips = clips - clips[:, :, :1].mean(dim=1, keepdim=True)
    if axes == 2:
        turn = uniform(-math.pi, math.pi, (len(clips), 1), rng).expand(-1, 27)
        clips = seen(turned(clips, turn, 2), rng)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 1
    permuted = [clip[:, torch.randperm(17, generator=rng)] for clip in clips]
    assert sum(not check(clip, H36M_17).ok for clip in permuted) >= len(permuted) - 1
