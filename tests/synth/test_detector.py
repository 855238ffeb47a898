"""The detector model: statistics of what it does to true keypoints."""

from dataclasses import replace

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.testing import assert_close

from crosslift.clip import Clip
from crosslift.observe import observe, perfect
from crosslift.skeletons import H36M_17
from crosslift.synth import RIGS, DetectorModel, draw_body, placed, record, visibility
from crosslift.synth.detector import bursts, scale_of

PLAIN = DetectorModel(swaps=0.0, losses=0.0)


@pytest.fixture(scope="module")
def truths() -> list[Clip]:
    rng = torch.Generator().manual_seed(0)
    clips = []
    for kind, rig in (("walk", "ring"), ("dance", "low"), ("punch", "high"), ("run", "moving")):
        motion = record(kind, draw_body(rng), 30.0, 30.0, rng)
        clips.append(observe(motion, placed(RIGS[rig], motion.positions, 30.0, rng), perfect, rng))
    return clips


def errors(found: Clip, truth: Clip) -> Tensor:
    """Metres on the body by which each keypoint is off."""
    off = (found.keypoints - truth.keypoints).norm(dim=-1)
    return off / scale_of(truth)[:, None]


def detected(clip: Clip, model: DetectorModel = DetectorModel(), seed: int = 1) -> Clip:  # noqa: B008
    return model(clip, torch.Generator().manual_seed(seed))


def test_the_same_generator_gives_the_same_detections(truths):
    before = truths[0].keypoints.clone()
    first, second = detected(truths[0]), detected(truths[0])
    assert_close(first.keypoints, second.keypoints, rtol=0, atol=0, equal_nan=True)
    assert_close(truths[0].keypoints, before, rtol=0, atol=0)
    assert first.poses is truths[0].poses


def test_errors_are_as_large_as_those_of_detectors(truths):
    for truth in truths:
        assert 0.01 < float(errors(detected(truth), truth).nanmedian()) < 0.04


def test_hidden_joints_are_found_worse(truths):
    off = torch.cat([errors(detected(truth, PLAIN), truth) for truth in truths])
    assert all(truth.poses is not None for truth in truths)
    seen = torch.cat([visibility(truth.poses[0]) for truth in truths if truth.poses is not None])
    assert float(off[seen < 0.2].mean()) > 2.5 * float(off[seen > 0.9].mean())


def test_quick_joints_are_found_worse(truths):
    still = replace(PLAIN, exposure=0.0)
    blurred = replace(PLAIN, exposure=1 / 25)
    wrist = H36M_17.index("right_wrist")
    run = truths[3]
    more = errors(detected(run, blurred), run)[:, wrist].mean()
    assert float(more) > 1.2 * float(errors(detected(run, still), run)[:, wrist].mean())


def test_errors_last(truths):
    off = (detected(truths[0], PLAIN).keypoints - truths[0].keypoints)[:, 1:, 0]
    off = off - off.mean(dim=0)
    next_to = (off[1:] * off[:-1]).sum(dim=0) / (off**2).sum(dim=0)
    later = (off[60:] * off[:-60]).sum(dim=0) / (off**2).sum(dim=0)
    assert float(next_to.mean()) > 0.5
    assert float(later.mean()) < 0.2


def test_scores_tell_how_good_a_keypoint_is(truths):
    for truth in truths:
        found = detected(truth)
        there = found.observed
        score, off = found.scores[there], errors(found, truth)[there]
        assert spearmanr(score.numpy(), off.numpy()).statistic < -0.4
        best, worst = score > score.quantile(0.8), score < score.quantile(0.2)
        assert float(off[worst].mean()) > 2 * float(off[best].mean())


def test_lost_joints_have_no_keypoint_and_no_score(truths):
    found = detected(truths[1])
    lost = ~found.observed
    assert 0.01 < float(lost.float().mean()) < 0.2
    assert bool((found.scores[lost] == 0).all())
    assert not bool(found.keypoints[lost].isfinite().any())
    assert bool(found.keypoints[found.observed].isfinite().all())


def test_sides_are_swapped_where_they_are_near_each_other(truths):
    model = DetectorModel(metres=1e-6, pixels=1e-6, exposure=0.0, losses=0.0, swaps=3.0)
    right, left = H36M_17.indices("right_knee", "left_knee")
    apart, swapped = [], []
    for truth in truths:
        found = detected(truth, model).keypoints
        there = found[:, right].isfinite().all(dim=-1)
        changed = (found[:, right] - truth.keypoints[:, left]).norm(dim=-1) < 0.1
        gap = (truth.keypoints[:, right] - truth.keypoints[:, left]).norm(dim=-1)
        apart.append((gap / scale_of(truth))[there])
        swapped.append(changed[there])
    near, happened = torch.cat(apart) < 0.12, torch.cat(swapped).float()
    assert 0.01 < float(happened.mean()) < 0.4
    assert float(happened[near].mean()) > 1.5 * float(happened[~near].mean())


def test_bursts_come_as_often_and_last_as_long_as_said():
    rate = torch.full((60_000, 4), 0.2)
    going = bursts(rate, 0.3, 30.0, torch.Generator().manual_seed(0))
    starts = int((going[1:] & ~going[:-1]).sum())
    assert abs(starts / (60_000 * 4 / 30) - 0.2) < 0.03
    assert abs(int(going.sum()) / starts / 30 - 0.32) < 0.05


def test_a_clip_without_poses_is_detected_too(truths):
    found = detected(replace(truths[0], poses=None))
    assert 0.005 < float(errors(found, truths[0]).nanmedian()) < 0.05
