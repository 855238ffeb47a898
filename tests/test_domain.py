"""How like the training a clip's keypoints are."""

from dataclasses import replace
from functools import cache

import pytest
import torch

from crosslift.camera import pinhole, to_image_plane
from crosslift.clip import Clip, clip_of
from crosslift.domain import Domain, fit_domain
from crosslift.errors import CheckpointError, DataError, SkeletonError
from crosslift.skeletons import H36M_16, H36M_17
from crosslift.synth.recordings import Settings, recordings

from .stores import with_gaps

KINDS = ("walk", "turn", "squat", "reach")
OTHER_ORDER = (9, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3, 0, 7, 8, 10)


@cache
def people(seed: int, frames: int, kinds: tuple[str, ...] = KINDS) -> tuple[Clip, ...]:
    settings = Settings(kinds=kinds, cameras=("ring",), frames=frames, seconds=3.0)
    return tuple(recordings(settings, torch.Generator().manual_seed(seed)))


def windows_of(clips: tuple[Clip, ...]) -> torch.Tensor:
    planes = [to_image_plane(clip.keypoints, clip.camera) for clip in clips]
    return torch.cat([plane.unflatten(0, (-1, 15)) for plane in planes])


@cache
def trained() -> Domain:
    return fit_domain(windows_of(people(0, 9_000)), H36M_17, torch.Generator().manual_seed(0))


def beyond(clips: tuple[Clip, ...] | list[Clip]) -> float:
    return sum(trained().score(clip).beyond for clip in clips) / len(clips)


def turned(clip: Clip) -> Clip:
    """As a camera held upside down sees it."""
    return replace(clip, keypoints=clip.camera.size - clip.keypoints)


@pytest.mark.slow
def test_new_people_who_do_the_same_are_as_the_training_was():
    scores = [trained().score(clip) for clip in people(1, 6_000)]
    assert beyond(people(1, 6_000)) < 0.06
    middle = sorted(score.percentile for score in scores)[len(scores) // 2]
    assert 25 < middle < 75


@pytest.mark.slow
def test_the_training_itself_is_beyond_its_99th_percentile_one_time_in_a_hundred():
    assert beyond(people(0, 9_000)) < 0.015


@pytest.mark.parametrize("kind", ["lie_down", pytest.param("crawl", marks=pytest.mark.slow)])
def test_other_movements_are_noticed(kind):
    assert beyond(people(2, 1_000, (kind,))) > 0.4


def test_a_camera_upside_down_is_noticed():
    assert beyond([turned(clip) for clip in people(1, 6_000)]) > 0.9


def test_joints_in_another_order_are_noticed():
    mixed = [
        replace(
            clip,
            keypoints=clip.keypoints[:, OTHER_ORDER],
            scores=clip.scores[:, OTHER_ORDER],
            observed=clip.observed[:, OTHER_ORDER],
        )
        for clip in people(1, 6_000)
    ]
    assert beyond(mixed) > 0.9


def test_neither_distance_nor_focal_length_alone_makes_a_difference_to_the_joints():
    plane = windows_of(people(1, 6_000))[0].nan_to_num(0)
    root = plane[:, :1]
    nearer = root + (plane - root) * 1.1
    first, second = (trained().distances(each) for each in (plane, nearer))
    assert (first - second).abs().max() < 0.2 * first.min()


def test_some_missing_joints_are_no_strangeness():
    gappy = [with_gaps(clip, 0.15) for clip in people(1, 6_000)]
    assert beyond(gappy) < beyond(people(1, 6_000)) + 0.05


def test_frames_that_show_too_little_are_not_judged():
    clip = people(1, 6_000)[0]
    observed = torch.zeros_like(clip.observed)
    assert trained().score(replace(clip, observed=observed)) == (None, None, 0)
    observed[:10] = True
    assert trained().score(replace(clip, observed=observed)).frames == 10
    none = clip_of(torch.zeros(0, 17, 2), pinhole(1000, (10, 10)), H36M_17, 30)
    assert trained().score(none) == (None, None, 0)


def test_it_is_small_and_comes_back_from_its_tensors():
    tensors = trained().tensors()
    assert sum(each.numel() * each.element_size() for each in tensors.values()) < 100_000
    again = Domain.from_tensors(tensors, H36M_17)
    clip = people(1, 6_000)[0]
    assert again.score(clip) == trained().score(clip)


def test_percentiles_rise():
    percentiles = trained().percentiles
    assert (percentiles.diff() >= 0).all() and percentiles[0] > 0


def test_the_same_rng_gives_the_same_statistics():
    windows = windows_of(people(1, 6_000))
    first, second, other = (
        fit_domain(windows, H36M_17, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(first.centres, second.centres)
    assert not torch.equal(first.centres, other.centres)


def test_a_long_clip_is_compared_in_parts_to_the_same_end(monkeypatch):
    plane = windows_of(people(1, 6_000)).flatten(0, 1)[:500]
    whole = trained().distances(plane)
    monkeypatch.setattr("crosslift.domain.AT_ONCE", 64)
    torch.testing.assert_close(trained().distances(plane), whole)


def test_too_few_frames_are_refused():
    with pytest.raises(
        DataError, match="need at least 100 frames to fit .* found in 2 windows; give more"
    ):
        fit_domain(torch.rand(2, 15, 17, 2), H36M_17, torch.Generator())


def test_a_clip_of_another_skeleton_is_refused():
    clip = people(1, 6_000)[0]
    with pytest.raises(SkeletonError, match='had the skeleton "h36m16", but .* map the clip first'):
        replace(trained(), skeleton=H36M_16).score(clip)


def test_other_tensors_are_refused():
    tensors = trained().tensors()
    with pytest.raises(CheckpointError, match="are mean, axes, centres, percentiles, but mean was"):
        Domain.from_tensors({"mean": tensors["mean"]}, H36M_17)
    with pytest.raises(CheckpointError, match='those of 35 numbers a frame, as "h36m16" has them'):
        Domain.from_tensors(tensors, H36M_16)
