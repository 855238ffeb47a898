"""Sums and counts: equal to the metrics, whatever the order and the pieces."""

import math
from dataclasses import replace
from functools import reduce
from operator import add

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from crosslift import metrics
from crosslift.evaluation.protocols import PLAIN, protocol_named
from crosslift.evaluation.tally import CURVE, tally
from crosslift.metrics import rooted
from crosslift.skeletons import MPI_INF_3DHP_17

from .clips import noisy, off, truth

ROOTED = [rooted(clip.poses[0], 0) for clip in (noisy(truth()), truth())]

CLIPS = [truth(name, frames) for name, frames in zip("abcde", (1, 2, 3, 5, 9), strict=True)]
FIVE = [tally(noisy(clip), clip, PLAIN) for clip in CLIPS]


def test_the_truth_against_itself_is_perfect():
    found = tally(truth(), truth(), PLAIN)
    for name in ("mpjpe", "n_mpjpe", "mpjve", "acceleration_error"):
        assert found.mean(name) < 1e-7
    assert found.mean("p_mpjpe") < 1e-6
    assert found.mean("pck") == found.mean("cps") == 1
    assert found.mean("auc") == pytest.approx(30 / 31)
    assert found.lost == 0 and found.frames == 8


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        *((name, getattr(metrics, name)) for name in ("mpjpe", "p_mpjpe", "n_mpjpe", "pck")),
        *((name, getattr(metrics, name)) for name in ("auc", "cps", "mpjve")),
        ("acceleration_error", metrics.acceleration_error),
    ],
)
def test_each_measure_is_the_mean_of_its_metric(name, metric):
    found = tally(noisy(truth()), truth(), PLAIN)
    assert found.mean(name) == pytest.approx(float(metric(*ROOTED).mean()), rel=1e-5)


def test_the_measures_without_a_truth_are_those_of_the_estimate():
    clip = noisy(truth())
    found, poses = tally(clip, truth(), PLAIN), ROOTED[0]
    for name, metric in (
        ("bone_stretch", metrics.mean_bone_stretch),
        ("bone_asymmetry", metrics.mean_bone_asymmetry),
    ):
        expected = float(metric(poses, clip.skeleton).mean())
        assert found.mean(f"estimate.{name}") == pytest.approx(expected, rel=1e-5)
    assert found.mean("estimate.jitter") == pytest.approx(float(metrics.jitter(poses)), rel=1e-5)
    assert found.mean("truth.jitter") != found.mean("estimate.jitter")


def test_the_curve_is_the_pck_at_each_threshold():
    found = tally(noisy(truth()), truth(), PLAIN)
    curve = found.curve(list(range(17)))
    for place in (0, 1, 40, 150, 300):
        share = metrics.pck(*ROOTED, threshold=CURVE[place]).mean()
        assert float(curve[place]) == pytest.approx(float(share), abs=1e-6)


@given(st.permutations(range(5)), st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_clips_pool_the_same_in_any_order_and_in_any_pieces(order, cut):
    parts = [FIVE[place] for place in order]
    pieces = [piece for piece in (parts[:cut], parts[cut:]) if piece]
    pooled = reduce(add, [reduce(add, piece) for piece in pieces])
    plain = reduce(add, FIVE)
    assert (pooled.clips, pooled.frames) == (5, 20)
    assert torch.equal(pooled.passed, plain.passed)
    for name, sums in plain.sums.items():
        assert_close(pooled.sums[name], sums)


def test_a_joint_weighs_as_much_as_the_frames_in_which_it_is_known():
    clip = truth(frames=4)
    poses = clip.poses.clone()
    poses[:, :3, 5] = torch.nan
    true = replace(clip, poses=poses)
    found = tally(off(true, 100.0, ["left_knee"]), true, PLAIN)
    assert found.mean("mpjpe") == pytest.approx(0.1 / (4 * 17 - 3), rel=1e-4)
    assert found.means("mpjpe")[5] == pytest.approx(0.1, rel=1e-4)
    assert found.lost == 0


def test_joints_that_only_the_truth_knows_are_lost_and_in_no_figure():
    clip = truth(frames=4)
    poses = off(clip, 50.0).poses.clone()
    poses[:, 0, 3] = torch.nan
    poses[:, 1, 0] = torch.nan  # the root: nothing of the frame can be placed
    found = tally(replace(clip, poses=poses), clip, PLAIN)
    assert found.lost == 1 + 17
    assert found.frames == 3
    assert found.mean("mpjpe") == pytest.approx(0.05 * (3 * 16 - 1) / (3 * 17 - 1), rel=1e-4)


def test_velocities_are_not_taken_across_a_gap():
    clip = truth(frames=6)
    poses = clip.poses.clone()
    poses[:, 3] = torch.nan
    true = replace(clip, poses=poses)
    jumped = true.poses.clone()
    jumped[:, 4:, 1:, 0] += 1.0  # all of the body but its root, after the gap
    found = tally(replace(true, poses=jumped), true, PLAIN)
    assert found.count("mpjve") == 3 * 17
    assert found.mean("mpjve") == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_clips_too_short_for_a_measure_add_nothing_to_it(frames):
    clip = truth(frames=frames)
    found = tally(off(clip, 10.0), clip, PLAIN)
    assert found.count("mpjve") == max(frames - 1, 0) * 17
    assert found.count("acceleration_error") == max(frames - 2, 0) * 17
    assert found.count("estimate.jitter") == max(frames - 3, 0) * 17
    assert math.isnan(found.mean("mpjve")) == (frames < 2)


def test_only_the_protocols_joints_count():
    protocol = protocol_named("h36m-p1-14")
    clip = truth()
    assert tally(off(clip, 90.0, ["nose", "spine"]), clip, protocol).mean("mpjpe") < 1e-7
    wrong = tally(off(clip, 140.0, ["head"]), clip, protocol)
    assert wrong.mean("mpjpe") == pytest.approx(0.010, rel=1e-3)


def test_errors_are_relative_to_the_root_unless_the_protocol_says_otherwise():
    clip = truth(skeleton=MPI_INF_3DHP_17)
    moved = replace(clip, poses=clip.poses + 0.1)
    assert tally(moved, clip, PLAIN).mean("mpjpe") < 1e-6
    absolute = tally(moved, clip, protocol_named("plain-absolute"))
    assert absolute.mean("mpjpe") == pytest.approx(0.1 * math.sqrt(3), rel=1e-4)


def test_the_mean_of_the_hypotheses_is_compared_and_the_oracle_is_no_worse_than_any():
    clip = truth()
    guesses = noisy(clip, hypotheses=4)
    found = tally(guesses, clip, PLAIN)
    mean = replace(clip, poses=guesses.poses.mean(dim=0, keepdim=True))
    assert found.mean("mpjpe") == pytest.approx(tally(mean, clip, PLAIN).mean("mpjpe"), rel=1e-5)
    each = [tally(replace(clip, poses=one[None]), clip, PLAIN) for one in guesses.poses]
    for name in ("mpjpe", "p_mpjpe"):
        assert found.mean(f"first.{name}") == pytest.approx(each[0].mean(name), rel=1e-5)
        best = min(one.mean(name) for one in each)
        assert found.mean(f"oracle_joint.{name}") < found.mean(f"oracle_pose.{name}") <= best


def test_one_hypothesis_is_its_own_mean_and_best():
    found = tally(noisy(truth()), truth(), PLAIN)
    for choice in ("first", "oracle_pose", "oracle_joint"):
        assert found.mean(f"{choice}.p_mpjpe") == found.mean("p_mpjpe")


def test_a_pose_that_is_one_point_is_left_out_of_the_aligned_error():
    clip = truth()
    poses = noisy(clip).poses.clone()
    poses[:, 2] = torch.tensor([0.0, 0.0, 3.0])
    found = tally(replace(clip, poses=poses), clip, PLAIN)
    assert found.count("mpjpe") == 8 * 17
    assert found.count("p_mpjpe") == found.count("mpjpe") - 17
    assert found.count("cps") == 7
    assert math.isfinite(found.mean("p_mpjpe"))
