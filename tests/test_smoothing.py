"""Poses smoothed over time."""

import math
from dataclasses import replace

import pytest
import torch

from crosslift.camera import pinhole, world_to_camera
from crosslift.clip import Clip, clip_of
from crosslift.errors import SettingsError
from crosslift.geometry import rotation_about
from crosslift.skeletons import H36M_17
from crosslift.smoothing import Smoothing, smoothed

from .people import seen_walker

BOTH = [Smoothing("one_euro"), Smoothing("spline"), Smoothing("spline", order=2)]
SPLINES = BOTH[1:]


def clip_with(poses: torch.Tensor, fps: float = 30.0, **facts: object) -> Clip:
    """A clip of these poses (frames joints 3, or with hypotheses before)."""
    poses = poses if poses.ndim == 4 else poses[None]
    clip = clip_of(torch.zeros(*poses.shape[1:3], 2), pinhole(1000, (1000, 1000)), H36M_17, fps)
    return replace(clip, poses=poses, **facts).to("cpu", poses.dtype)


def moving(track: torch.Tensor) -> torch.Tensor:
    """Poses whose joints all go along a track (frames 3), each from its own place."""
    start = torch.arange(17 * 3, dtype=track.dtype).view(17, 3) / 10
    return start + track[:, None]


def line(frames: int = 40, fps: float = 30.0) -> torch.Tensor:
    return torch.arange(frames, dtype=torch.float64)[:, None] / fps * torch.tensor([1.0, -0.5, 0.2])


def wave(hertz: float, fps: float, seconds: float = 8.0) -> torch.Tensor:
    times = torch.arange(int(seconds * fps), dtype=torch.float64) / fps
    return torch.stack([(2 * math.pi * hertz * times).sin()] * 3, dim=-1)


def trembling(clip: Clip, metres: float, seed: int = 0) -> Clip:
    noise = torch.randn(clip.poses.shape, generator=torch.Generator().manual_seed(seed))
    return replace(clip, poses=clip.poses + metres * noise.to(clip.poses))


def off(clip: Clip, truth: Clip) -> float:
    return float((clip.poses - truth.poses).norm(dim=-1).mean())


def test_nothing_is_done_unless_asked():
    clip = seen_walker(0.5)
    assert smoothed(clip, Smoothing()) is clip
    bare = replace(clip, poses=None)
    assert smoothed(bare, Smoothing("spline")) is bare


@pytest.mark.parametrize("settings", BOTH)
def test_who_stands_still_is_left_alone(settings):
    clip = clip_with(moving(torch.zeros(30, 3)))
    torch.testing.assert_close(smoothed(clip, settings).poses, clip.poses, rtol=0, atol=1e-6)


@pytest.mark.parametrize("settings", SPLINES)
@pytest.mark.parametrize("fps", [10.0, 30.0, 240.0])
def test_the_spline_leaves_straight_lines(settings, fps):
    clip = clip_with(moving(line(60, fps)), fps)
    torch.testing.assert_close(smoothed(clip, settings).poses, clip.poses, rtol=0, atol=1e-6)


def test_third_differences_leave_a_fall_and_second_ones_bend_it():
    times = torch.arange(60, dtype=torch.float64)[:, None] / 30
    clip = clip_with(moving(4.9 * times**2 * torch.tensor([0.0, 1.0, 0.0])))
    assert off(smoothed(clip, Smoothing("spline", 2.0, order=3)), clip) < 1e-6
    assert off(smoothed(clip, Smoothing("spline", 2.0, order=2)), clip) > 1e-4


def test_straight_lines_stay_where_frames_are_unevenly_apart():
    gaps = torch.rand(50, generator=torch.Generator().manual_seed(1)) * 0.05 + 0.01
    times = gaps.double().cumsum(dim=0)
    clip = clip_with(moving(times[:, None] * torch.tensor([1.0, 2.0, 3.0])), times=times)
    torch.testing.assert_close(smoothed(clip, SPLINES[0]).poses, clip.poses, rtol=0, atol=1e-6)
    as_if_even = smoothed(replace(clip, times=None), SPLINES[0])
    assert off(as_if_even, clip) > 1e-3


@pytest.mark.parametrize("order", [2, 3])
def test_a_wave_of_the_cutoff_comes_out_half_as_high_and_not_late(order):
    fps = 240.0
    clip = clip_with(moving(wave(5.0, fps)), fps)
    found = smoothed(clip, Smoothing("spline", 5.0, order=order))
    middle = slice(480, -480)
    still = clip_with(moving(torch.zeros(len(clip), 3))).poses
    want = (clip.poses - still)[0, middle] / 2
    torch.testing.assert_close((found.poses - still)[0, middle], want, rtol=0, atol=0.005)


def test_the_same_seconds_are_smoothed_alike_at_any_frame_rate():
    slow, fast = (
        smoothed(clip_with(moving(wave(2.0, fps)), fps), Smoothing("spline", 3.0)).poses
        for fps in (60.0, 240.0)
    )
    torch.testing.assert_close(slow[:, 60:-60], fast[:, 240:-240:4], rtol=0, atol=0.005)


@pytest.mark.parametrize("settings", BOTH)
def test_trembling_becomes_less(settings):
    clip = seen_walker(3.0)
    noisy = trembling(clip, 0.04)
    assert off(smoothed(noisy, settings), clip) < 0.85 * off(noisy, clip)


def test_the_one_euro_filter_lags_by_no_more_than_its_cutoff_says():
    for beta in (0.0, 1.0):
        settings = Smoothing("one_euro", cutoff=2.0, beta=beta)
        clip = clip_with(moving(line(120)))
        speed = float(line(2).diff(dim=0).norm()) * 30
        behind = (clip.poses - smoothed(clip, settings).poses).norm(dim=-1)
        late = behind / speed
        assert (late <= 1 / (2 * math.pi * 2.0) + 1e-6).all()
        wanted = 1 / (2 * math.pi * (2.0 + beta * speed))  # once the speed is known
        torch.testing.assert_close(
            late[0, -1], torch.full((17,), wanted).double(), rtol=0.01, atol=0
        )


def test_the_one_euro_filter_knows_no_future():
    noisy = trembling(seen_walker(1.0), 0.03)
    whole = smoothed(noisy, Smoothing("one_euro")).poses
    first = replace(
        noisy,
        poses=noisy.poses[:, :12],
        keypoints=noisy.keypoints[:12],
        scores=noisy.scores[:12],
        observed=noisy.observed[:12],
    )
    torch.testing.assert_close(smoothed(first, Smoothing("one_euro")).poses, whole[:, :12])


def test_the_spline_is_the_same_backwards():
    noisy = trembling(seen_walker(1.0), 0.03)
    back = replace(noisy, poses=noisy.poses.flip(1), scores=noisy.scores.flip(0))
    found = smoothed(back, Smoothing("spline")).poses.flip(1)
    torch.testing.assert_close(found, smoothed(noisy, Smoothing("spline")).poses, rtol=0, atol=1e-5)


@pytest.mark.parametrize("settings", BOTH)
@pytest.mark.parametrize("frames", [0, 1, 2, 3, 4])
def test_a_few_frames_are_fine(settings, frames):
    clip = clip_with(moving(line(5))[:frames].float())
    found = smoothed(clip, settings).poses
    assert found.shape == clip.poses.shape and found.isfinite().all()
    torch.testing.assert_close(found[:, :1], clip.poses[:, :1])


@pytest.mark.parametrize("settings", BOTH)
def test_what_is_missing_stays_missing_and_spoils_nothing(settings):
    clip = clip_with(moving(torch.zeros(30, 3)))
    poses = clip.poses.clone()
    poses[0, 10:15, 3] = torch.nan
    poses[0, :, 5] = torch.nan
    poses[0, :-1, 6] = torch.nan
    found = smoothed(replace(clip, poses=poses), settings).poses
    torch.testing.assert_close(found, poses, rtol=0, atol=1e-6, equal_nan=True)


def test_after_a_gap_the_one_euro_filter_catches_up_by_the_time_that_passed():
    track = torch.zeros(30, 3)
    track[20:] = 1.0
    clip = clip_with(moving(track))
    gap = clip.poses.clone()
    gap[0, 5:20] = torch.nan
    settings = Smoothing("one_euro", cutoff=1.0, beta=0.0)
    jump = (
        smoothed(each, settings).poses[0, 20, 0, 0] for each in (clip, replace(clip, poses=gap))
    )
    without, with_gap = (float(each) for each in jump)
    assert without == pytest.approx(1 / (1 + 30 / (2 * math.pi)))
    assert with_gap == pytest.approx(1 / (1 + 30 / 16 / (2 * math.pi)))


def test_a_doubtful_frame_has_less_say():
    track = torch.zeros(41, 3)
    track[20] = 0.3
    clip = clip_with(moving(track), scores=torch.ones(41, 17))
    scores = torch.ones(41, 17)
    scores[20] = 0.05
    sure, doubtful = (
        smoothed(replace(clip, scores=told), Smoothing("spline", 4.0)).poses[0, 20, 0, 0]
        for told in (clip.scores, scores)
    )
    assert 0 < doubtful < 0.4 * sure


def test_every_hypothesis_is_smoothed_by_itself():
    clip = seen_walker(1.0)
    several = torch.cat([trembling(clip, 0.03, seed).poses for seed in range(3)])
    several[1, 4:9] = torch.nan
    for settings in BOTH:
        together = smoothed(replace(clip, poses=several), settings).poses
        alone = smoothed(replace(clip, poses=several[2:]), settings).poses
        torch.testing.assert_close(together[2:], alone)


@pytest.mark.parametrize("settings", BOTH)
def test_a_camera_that_moves_is_not_taken_for_the_person(settings):
    still = clip_with(moving(torch.zeros(40, 3)) + torch.tensor([0.0, 0.0, 5.0]))
    turn = rotation_about("y", torch.arange(40) * 0.05)
    camera = still.camera.map(lambda each: each.expand(40, *each.shape).clone())
    camera = replace(camera, rotation=turn)
    poses = world_to_camera(still.poses, camera)
    found = smoothed(replace(still, poses=poses, camera=camera), settings).poses
    torch.testing.assert_close(found, poses, rtol=0, atol=1e-5)


@pytest.mark.parametrize("settings", BOTH)
def test_two_frames_of_one_moment_do_no_harm(settings):
    times = torch.tensor([0.0, 0.03, 0.03, 0.06, 0.05, 0.12, 0.15])
    clip = trembling(clip_with(moving(torch.zeros(7, 3)), times=times), 0.01)
    assert smoothed(clip, settings).poses.isfinite().all()


def test_the_clip_says_what_was_done_and_keeps_the_rest():
    clip = replace(seen_walker(0.5), provenance={"source": "a test"})
    found = smoothed(clip, Smoothing("spline", 4.0))
    assert found.provenance == {"source": "a test", "smoothed": "spline, 4 Hz"}
    assert found.keypoints is clip.keypoints and found.poses.dtype == clip.poses.dtype
    assert "2 Hz at rest and 3 Hz more" in Smoothing("one_euro", 2.0, beta=3.0).words


@pytest.mark.parametrize(
    "wrong", [{"cutoff": 0.0}, {"derivative_cutoff": -1.0}, {"cutoff": math.nan}]
)
def test_a_frequency_that_is_none_is_refused(wrong):
    with pytest.raises(
        SettingsError, match="frequencies above 0 Hz, but the .* is .*; give a number"
    ):
        Smoothing("spline", **wrong)


def test_a_filter_that_closes_with_speed_is_refused():
    with pytest.raises(SettingsError, match="opens by 0 Hz or more .* but -1 was asked for"):
        Smoothing("one_euro", beta=-1.0)
