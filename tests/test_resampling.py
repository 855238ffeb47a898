"""Clips at another frame rate."""

from dataclasses import replace

import pytest
import torch

from crosslift.camera import pinhole
from crosslift.clip import Clip, clip_of
from crosslift.errors import DataError
from crosslift.resampling import (
    at_moments,
    moments,
    needs_resampling,
    resampled,
    without_gaps,
)
from crosslift.skeletons import H36M_17

from .stores import moving

CAMERA = pinhole(800.0, (1000, 1000))


def straight(frames: int, fps: float, times: torch.Tensor | None = None) -> Clip:
    """Joints that move at constant speeds."""
    speeds = torch.linspace(-40, 40, 34).reshape(17, 2)
    when = torch.arange(frames) / fps if times is None else times
    clip = clip_of(500 + when[:, None, None] * speeds, CAMERA, H36M_17, fps)
    return replace(clip, times=times)


@pytest.mark.parametrize(("own", "fps"), [(30, 50), (120, 50), (25, 50), (50, 30), (29.97, 60)])
def test_a_straight_motion_stays_straight_at_any_rate(own, fps):
    clip = resampled(straight(21, own), fps)
    assert clip.fps == fps and len(clip) == int(20 / own * fps + 1e-6) + 1
    torch.testing.assert_close(clip.keypoints, straight(len(clip), fps).keypoints)
    assert clip.observed.all() and (clip.scores == 1).all()


def test_frames_at_varying_moments_become_even():
    times = torch.tensor([3.0, 3.05, 3.2, 3.21, 3.5])
    clip = straight(5, 10.0, times - 3)
    clip = resampled(replace(clip, times=times), 20.0)
    assert clip.times is None and len(clip) == 11
    torch.testing.assert_close(clip.keypoints, straight(11, 20.0).keypoints)


def test_the_same_rate_changes_nothing():
    clip = straight(8, 30.0)
    same = resampled(clip, 30.0)
    assert torch.equal(same.keypoints, clip.keypoints) and torch.equal(same.scores, clip.scores)


@pytest.mark.parametrize(
    ("own", "fps", "needed"),
    [(50, 50, False), (50, 51, False), (50, 53, True), (30, 50, True), (50, None, False)],
)
def test_nearly_the_same_rate_counts_as_the_same(own, fps, needed):
    assert needs_resampling(straight(5, own), fps) is needed


def test_what_counts_is_when_the_frames_were_taken():
    uneven = straight(5, 50.0, torch.tensor([0.0, 0.02, 0.04, 0.08, 0.1]))
    even = straight(5, 25.0, torch.arange(5) / 50)
    assert needs_resampling(uneven, 50.0) and not needs_resampling(even, 50.0)


def test_a_missing_keypoint_reaches_no_further_than_its_neighbours():
    clip = straight(7, 25.0)
    keypoints, scores = clip.keypoints.clone(), clip.scores.clone()
    keypoints[3, 5], scores[3, 5] = torch.nan, 0
    clip = replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0)
    found = resampled(clip, 50.0)
    lost = found.keypoints.isnan().any(dim=-1)
    assert lost.nonzero().tolist() == [[5, 5], [6, 5], [7, 5]]
    assert torch.equal(found.observed, ~lost) and torch.equal(found.scores, (~lost).float())


def test_a_keypoint_is_as_sure_as_the_less_sure_of_its_neighbours():
    clip = straight(3, 25.0)
    scores = clip.scores.clone()
    scores[1] = 0.25
    assert resampled(replace(clip, scores=scores), 50.0).scores[:, 0].tolist() == [
        1,
        0.25,
        0.25,
        0.25,
        1,
    ]


def test_a_moving_camera_comes_along():
    clip = straight(4, 25.0)
    camera = moving(CAMERA, 4)
    camera = replace(camera, focal=800 + 10 * torch.arange(4.0)[:, None].expand(4, 2))
    found = resampled(replace(clip, camera=camera), 50.0)
    assert found.camera.focal[:, 0].tolist() == [800, 800, 810, 810, 820, 820, 830]


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_very_short_clips(frames):
    clip = straight(frames, 25.0)
    found = resampled(replace(clip, poses=torch.zeros(1, frames, 17, 3)), 50.0)
    assert len(found) == (0, 1, 3)[frames] and found.poses is None and found.fps == 50
    assert not needs_resampling(straight(min(frames, 1), 25.0), 50.0)


def test_a_rate_that_is_none_is_refused():
    with pytest.raises(DataError):
        resampled(straight(3, 25.0), 0.0)


def test_there_and_back_is_where_it_was():
    clip = straight(9, 25.0)
    found = at_moments(resampled(clip, 100.0).keypoints[None], 100.0, moments(clip))[0]
    torch.testing.assert_close(found, clip.keypoints)


def test_moments_begin_at_zero():
    assert moments(straight(3, 50.0)).tolist() == [0, 0.02, 0.04]
    assert moments(straight(2, 50.0, torch.tensor([7.0, 7.5]))).tolist() == [0, 0.5]


def test_gaps_are_filled_and_stay_marked():
    clip = straight(6, 25.0)
    truth = clip.keypoints
    keypoints, scores = truth.clone(), clip.scores.clone()
    keypoints[2:4, 5], scores[2:4, 5] = torch.nan, 0
    keypoints[:, 7], scores[:, 7] = torch.nan, 0
    holed = replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0)
    found = without_gaps(holed)
    seen = [joint for joint in range(17) if joint != 7]
    torch.testing.assert_close(found.keypoints[:, seen], truth[:, seen])
    assert found.keypoints[:, 7].isnan().all()
    assert torch.equal(found.scores, scores) and torch.equal(found.observed, scores > 0)
    assert without_gaps(clip) is clip
