"""Scores of clips."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import DataError
from crosslift.evaluation import score

from ..people import seen_walker


def test_the_truth_scores_perfectly():
    clip = seen_walker()
    scores = score(clip, clip)
    assert scores.mpjpe == scores.n_mpjpe == 0 and scores.p_mpjpe < 0.01
    assert scores.pck == 100
    assert abs(scores.auc - 3000 / 31) < 1e-3


def test_the_place_of_the_root_does_not_count():
    clip = seen_walker()
    assert score(replace(clip, poses=clip.poses + 1.0), clip).mpjpe < 1e-3


def test_a_known_error_is_found_in_millimetres():
    clip = seen_walker()
    off = clip.poses.clone()
    off[..., 3, 0] += 0.170
    scores = score(replace(clip, poses=off), clip)
    assert abs(scores.mpjpe - 10) < 1e-3
    assert abs(scores.pck - 1600 / 17) < 1e-3


def test_joints_without_a_truth_do_not_count():
    clip = seen_walker()
    off, truth = clip.poses.clone(), clip.poses.clone()
    off[..., 3, 0] += 0.170
    truth[..., 3, :] = torch.nan
    truth[:, 0] = torch.nan
    assert score(replace(clip, poses=off), replace(clip, poses=truth)).mpjpe < 1e-3


def test_clips_without_poses_are_refused():
    clip = seen_walker()
    with pytest.raises(DataError, match="The estimate .* has no poses"):
        score(replace(clip, poses=None), clip)
    with pytest.raises(DataError, match="The truth .* has no poses"):
        score(clip, replace(clip, poses=None))
