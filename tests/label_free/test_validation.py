"""Trainings that are stopped, and weights that are kept, by a target's keypoints."""

from dataclasses import replace

import pytest
import torch

from crosslift.clip import Clip
from crosslift.data.store import Store
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.label_free import TERMS, unlabelled
from crosslift.recipes.supervised import Supervised, examples_for, supervised
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, fit

from ..lifters.small import small_settings
from ..stores import short_clips, stored, with_gaps
from .lifters import generator


@pytest.fixture
def store(tmp_path) -> Store:
    return stored(tmp_path / "target", short_clips())


def built(name: str = "simple_baseline", seed: int = 0):
    torch.manual_seed(seed)
    lifter = small_settings(name).build(H36M_17)
    lifter.network.eval()
    return lifter


def garbled(clip: Clip) -> Clip:
    """The clip with other poses and bones, which nobody may look at."""
    return replace(clip, poses=torch.full_like(clip.poses, 7.0), body=None)


@pytest.mark.parametrize("name", ["simple_baseline", "videopose", "mixste"])
def test_every_kind_of_lifter_is_measured(store, name):
    validation = unlabelled("target", built(name), store)
    figures = validation.measure()
    assert validation.labels == "none" and validation.by == "combined"
    assert figures.keys() == {*TERMS, "combined"}
    assert all(value > 0 for value in figures.values())


def test_labels_are_not_looked_at(store, tmp_path):
    lifter = built()
    other = stored(tmp_path / "other", [garbled(clip) for clip in short_clips()])
    bare = stored(
        tmp_path / "bare", [replace(clip, poses=None, body=None) for clip in short_clips()]
    )
    wanted = unlabelled("target", lifter, store).measure()
    assert unlabelled("target", lifter, other).measure() == wanted
    assert unlabelled("target", lifter, bare).measure() == wanted


def test_every_measurement_draws_the_same_and_nothing_else(store):
    validation = unlabelled("target", built(), store)
    before = torch.get_rng_state()
    assert validation.measure() == validation.measure()
    assert torch.equal(torch.get_rng_state(), before)
    other = unlabelled("target", built(), store, seed=1)
    assert other.measure()["camera_change"] != validation.measure()["camera_change"]


def test_bodies_are_told_only_if_asked(store):
    lifter = built("bodywise")
    untold, told = (
        unlabelled("target", lifter, store, by="body", tell_body=tell).measure()
        for tell in (False, True)
    )
    assert untold["body"] != told["body"]
    assert untold["camera_change"] != told["camera_change"]


def test_fewer_frames_are_fewer_windows(store):
    lifter = built()
    few, many = (unlabelled("t", lifter, store, frames=frames).measure() for frames in (27, 1000))
    assert few["camera_change"] != many["camera_change"]


def test_a_training_keeps_what_scores_best_and_ends_when_nothing_gets_better(store):
    lifter = built()
    settings = Supervised(batch=16, stride=1)
    examples = examples_for(lifter, store, settings, generator())
    validation = unlabelled("target", lifter, store)
    fitting = Fitting(epochs=6, patience=2)
    fitted = fit(
        {"lifter": lifter.network},
        [supervised(lifter, settings)],
        examples,
        fitting,
        generator(),
        validation=validation,
    )
    told = [each["target.combined"] for each in fitted.history]
    assert fitted.best == min(told)
    assert validation.measure()["combined"] == pytest.approx(fitted.best)
    assert len(told) == 6 or fitted.why == "2 epochs brought nothing better"


def test_clips_with_gaps_and_short_ones_are_measured(tmp_path):
    clips = [with_gaps(clip) for clip in short_clips(2, 5)]
    figures = unlabelled("target", built(), stored(tmp_path, clips)).measure()
    assert figures.keys() == {*TERMS, "combined"}


def test_a_score_that_does_not_exist_is_refused(store):
    with pytest.raises(SettingsError, match='no unlabelled score "flipp"; did you mean "flip"'):
        unlabelled("target", built(), store, by="flipp")


def test_other_joints_are_refused_before_the_training(store):
    lifter = small_settings("simple_baseline").build(replace(H36M_17, name="other"))
    with pytest.raises(SkeletonError, match="map the clips first"):
        unlabelled("target", lifter, store)


def test_an_empty_store_is_refused(store):
    with pytest.raises(DataError, match='validation "target" should have at least one frame'):
        unlabelled("target", built(), store.select(subject="nobody"))


def test_what_is_not_told_cannot_be_gone_by(store):
    with pytest.raises(SettingsError, match='goes by "hypotheses", but that is told by none'):
        unlabelled("target", built(), store, by="hypotheses").measure()
