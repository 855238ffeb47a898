"""Every method: keypoints in, another lifter out, the given one untouched, the same for a seed."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift import registry
from crosslift.adapt.gpa import Alignment, answered_by
from crosslift.adapt.job import Method, Rounds, until_over
from crosslift.adapt.judging import watching, worth
from crosslift.adapt.likeness import Likeness
from crosslift.augment.gpa import GPA
from crosslift.data.shuffled import Shuffled
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import DataError
from crosslift.geometry import body_lengths
from crosslift.recipes.supervised import Optimizing
from crosslift.settings import as_data, from_data
from crosslift.windows import Windowing

from .given import (
    METHODS,
    SUITED,
    changed,
    cut,
    filmed,
    footage,
    generator,
    in_steps,
    job,
    small_lifter,
    suited,
)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_is_settings_that_can_be_written_down(name):
    kind = registry.settings_of("adapter", name)
    assert isinstance(kind(), Method) and isinstance(METHODS[name], kind)
    assert from_data(kind, as_data(METHODS[name])) == METHODS[name]
    assert kind().fitting.schedule.kind == "cosine"


@pytest.mark.parametrize("name", METHODS)
def test_the_lifter_changes_and_the_given_one_stays(name, source, tmp_path):
    given = suited(name)
    before = {key: each.clone() for key, each in given.lifter.state().items()}
    done = in_steps(METHODS[name], 5).adapt(job(source, given, folder=tmp_path))
    assert done.fitted.steps == 5 and done.fitted.skipped == 0
    assert changed(done.lifter, given.lifter)
    assert all(torch.equal(each, before[key]) for key, each in given.lifter.state().items())
    assert not done.lifter.network.training


@pytest.mark.parametrize("name", METHODS)
def test_the_same_seed_gives_the_same_weights(name, source, tmp_path):
    one, other = (
        in_steps(METHODS[name], 2).adapt(job(source, suited(name), folder=tmp_path)).lifter
        for _ in range(2)
    )
    assert not changed(one, other)


@pytest.mark.parametrize("name", METHODS)
def test_wrong_truth_and_other_pairings_give_the_same_weights(name, source, tmp_path):
    clips, found = filmed(3), suited(name)
    planted = [
        replace(clip, poses=torch.zeros_like(clip.poses), body=clip.body * 3, name=f"x/{number}",
                camera=replace(clip.camera, translation=clip.camera.translation * -2))
        for number, clip in enumerate(clips)
    ]  # fmt: skip
    one, other = (
        in_steps(METHODS[name], 2)
        .adapt(job(source, found, footage(some, found), tmp_path / str(number)))
        .lifter
        for number, some in enumerate((clips, planted[::-1]))
    )
    assert not changed(one, other)


@pytest.mark.parametrize("name", METHODS)
def test_a_lifter_of_windows_is_adapted_too(name, source, tmp_path):
    found = suited(name) if name in SUITED else small_lifter("videopose", fps=30.0)
    done = in_steps(METHODS[name], 2).adapt(job(source, found, folder=tmp_path))
    assert changed(done.lifter, found.lifter)


@pytest.mark.parametrize("name", METHODS)
def test_ten_frames_of_a_target_are_enough(name, source, tmp_path):
    found = suited(name)
    few = footage([cut(filmed(1)[0], slice(10))], found)
    done = in_steps(METHODS[name], 2).adapt(job(source, found, few, tmp_path))
    assert changed(done.lifter, found.lifter)


def test_a_judge_of_pictures_needs_two_of_them(source):
    one = footage([cut(filmed(1)[0], slice(1))])
    with pytest.raises(DataError, match="there are fewer than 2; fill the keypoints"):
        in_steps(METHODS["poseda"], 1).adapt(job(source, target=one))


@pytest.mark.parametrize("name", ["lpa", "poseda"])
def test_a_lifter_rests_for_rounds_however_large_the_source_is(name, source, tmp_path):
    found, method = suited(name), METHODS[name]
    method = replace(method, round=2, game=replace(method.game, warm_up=2))
    rested, moved = (
        in_steps(method, steps).adapt(job(source, found, folder=tmp_path / str(steps))).lifter
        for steps in (4, 5)
    )
    assert not changed(rested, found.lifter) and changed(moved, found.lifter)


@pytest.mark.parametrize("name", METHODS)
def test_augmenters_come_after_all_else(name, source, tmp_path):
    found = suited(name)
    method = replace(METHODS[name], augment=("detector:exact=0:lost=0.5",))
    done = in_steps(method, 1).adapt(job(source, found, folder=tmp_path))
    shown = done.shown.batch(0, 0)
    assert (shown.scores == 0).any()
    plain = in_steps(METHODS[name], 1).adapt(job(source, found, folder=tmp_path))
    assert changed(done.lifter, plain.lifter)


def test_a_lifter_that_knew_nothing_learns_the_target(source, tmp_path):
    found, target = small_lifter(), footage(height=1.6)
    of_target = watching(target.store(tmp_path / "target"), 0)
    quick = Alignment(batch=48, round=30, optimizer=Optimizing(rate=1e-2))
    method = in_steps(quick, 90)
    done = method.adapt(job(source, found, target, validation=of_target))
    assert [row["step"] for row in done.fitted.history] == [30, 60, 90]
    assert done.fitted.best == pytest.approx(worth(of_target(done.lifter)), rel=1e-4)
    assert worth(of_target(done.lifter)) < 0.5 * worth(of_target(found.lifter))


def test_what_is_shown_has_the_target_s_bodies_cameras_and_places(source):
    target = footage(height=1.6)
    exact = Likeness(flip=False, bones=replace(Likeness().bones, spread=0.0))
    shown = Shuffled(StoreWindows(source, Windowing(1)), 32, 0, exact.whole(target.target))
    batch = shown.batch(0, 0)
    lengths = body_lengths(batch.poses, batch.skeleton)[:, 0]
    assert_close(lengths, target.target.people[0].lengths.expand_as(lengths), atol=1e-4, rtol=0)
    assert_close(batch.body, lengths, atol=1e-4, rtol=0)
    focals = set(batch.camera.focal[..., 0].flatten().tolist())
    assert focals <= set(target.target.cameras.focal[:, 0].tolist())


def test_each_likeness_can_be_switched_off(source):
    target = footage().target
    assert [type(each).__name__ for each in Likeness().whole(target)] == [
        "Flip", "Proportions", "Viewpoint", "GPA",
    ]  # fmt: skip
    sized = Likeness(proportions=False, flip=False).turned(target)
    assert [type(each).__name__ for each in sized] == ["Stature", "Viewpoint"]
    none = Likeness(proportions=False, stature=False, viewpoint=False, position=False, flip=False)
    (unmoved,) = none.whole(target)
    batch = StoreWindows(source, Windowing(1)).take([0, 1])
    assert not isinstance(unmoved, GPA) and unmoved(batch, generator()) is batch
    assert Alignment().likeness == Likeness()


def test_a_network_that_goes_along_sequences_answers_for_many_frames_at_once(source):
    found = small_lifter("videopose", fps=30.0)
    assert (answered_by(found.lifter), answered_by(small_lifter().lifter)) == (27, 1)
    method = in_steps(replace(METHODS["gpa"], batch=54), 1)
    shown = method.adapt(job(source, found, footage(found=found))).shown
    assert shown.batch(0, 0).keypoints.shape[:2] == (2, 9 + 26)
    alone = replace(method, answered=1)
    shown = alone.adapt(job(source, found, footage(found=found))).shown
    assert shown.batch(0, 0).keypoints.shape[:2] == (54, 9)


def test_rounds_show_all_batches_in_the_same_order(source):
    own = Shuffled(StoreWindows(source, Windowing(1)), 60, 0)
    rounds = Rounds(own, 3)
    assert len(own) == 4 and len(rounds) == 3 and rounds.hash == own.hash
    for number in range(10):
        batch = rounds.batch(*divmod(number, 3))
        assert torch.equal(batch.keypoints, own.batch(*divmod(number, 4)).keypoints)
    assert len(rounds.part(batch, 1, 2)) == 30


def test_a_training_until_a_budget_is_over_has_no_other_end():
    assert until_over(minutes=2).minutes == 2 and until_over().epochs > 1e5
