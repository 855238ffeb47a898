"""What PoseDA's players minimise and remember, and when their contest counts as lost."""

import math
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.augment.body_parts import body_parts
from crosslift.errors import SettingsError, TrainingError
from crosslift.recipes.poseda.players import Clock, History
from crosslift.recipes.poseda.settings import Feedback, Watching
from crosslift.recipes.poseda.terms import (
    hardness,
    limb_errors,
    outside_range,
    taken_for_real,
    told_apart,
)
from crosslift.recipes.poseda.watch import Watch
from crosslift.skeletons import H36M_16

from .jobs import generator


def test_judges_want_one_and_zero_and_the_generator_one():
    real, made = torch.tensor([[1.0, 0.5]]), torch.tensor([[0.0, 0.5]])
    terms = told_apart(real, made)
    assert_close(terms["real"], torch.tensor(0.0625))
    assert_close(terms["made"], torch.tensor(0.0625))
    assert_close(taken_for_real(made), torch.tensor((1 + 0.25) / 4))
    assert taken_for_real(torch.ones(3, 2)) == 0


def test_only_what_is_beyond_the_reach_costs():
    values = torch.tensor([0.0, 0.4, 0.6, -1.0])
    assert_close(outside_range(values, 0.1, 0.4), torch.tensor((0.25 + 1.21) / 4))
    assert outside_range(values, 0.1, 2.0) == 0


def test_errors_are_weighted_means_of_three_groups():
    errors = torch.ones(2, 16)
    errors[:, 9] = 11.0  # the head
    found = limb_errors(errors, body_parts(H36M_16))
    assert_close(found[0], torch.tensor([5.0, (4 * 2 + 11) / 5, 1.0]))


def test_hardness_is_a_ratio_that_tiny_errors_do_not_blow_up():
    easy, hard = torch.tensor([[0.1, 0.0]]), torch.tensor([[0.3, 0.3]])
    assert_close(hardness(hard, easy, 0.0)[:, 0], torch.tensor([3.0]))
    assert hardness(hard, easy, 0.0)[0, 1].isinf()
    assert_close(hardness(hard, easy, 0.05), torch.tensor([[2.0, 6.0]]))


def test_the_wanted_hardness_changes_evenly():
    feedback = Feedback(0.1, 3.0, 5.0, 2.0)
    assert [feedback.wanted(progress) for progress in (0.0, 0.2, 1.0)] == [3.0, 3.4, 5.0]


def test_a_history_is_filled_first_and_gives_back_what_it_was_given():
    history = History(6, 2)
    first = torch.arange(8.0).view(4, 2)
    assert torch.equal(history.exchange(first, generator()), first)
    assert int(history.count) == 4 and torch.equal(history.items[:4], first)
    more = 100 + torch.arange(8.0).view(4, 2)
    found = history.exchange(more, generator())
    assert int(history.count) == 6 and torch.equal(found[:2], more[:2])


def test_a_full_history_exchanges_about_half_and_loses_nothing():
    history = History(1000, 1)
    old = torch.arange(1000.0)[:, None]
    history.exchange(old, generator())
    fresh = 1000 + torch.arange(500.0)[:, None]
    found = history.exchange(fresh, generator(1))
    swapped = found[:, 0] < 1000
    assert 0.42 < swapped.float().mean() < 0.58
    assert torch.equal(found[~swapped], fresh[~swapped])
    everything = torch.cat([found, history.items]).flatten().sort().values
    assert torch.equal(everything, torch.arange(1500.0))


def test_a_history_smaller_than_a_batch_works_and_repeats():
    def played() -> tuple[torch.Tensor, torch.Tensor]:
        history = History(3, 1)
        history.exchange(torch.zeros(3, 1), generator())
        found = history.exchange(torch.arange(1.0, 21.0)[:, None], generator(1))
        return found, history.items

    (found, items), again = played(), played()
    assert torch.equal(found, again[0]) and torch.equal(items, again[1])
    assert (found == 0).sum() == 3 and (items > 0).all()


def test_a_history_that_forgot_is_filled_anew():
    history = History(2, 1)
    history.exchange(torch.ones(2, 1), generator())
    history.forget()
    fresh = torch.full((2, 1), 5.0)
    assert torch.equal(history.exchange(fresh, generator()), fresh)
    assert torch.equal(history.items, fresh)


def test_what_is_remembered_is_in_the_state():
    history, other = History(4, 1), History(4, 1)
    history.exchange(torch.ones(3, 1), generator())
    other.load_state_dict(history.state_dict())
    assert int(other.count) == 3 and torch.equal(other.items, history.items)


def test_a_clock_counts_batches_in_epochs():
    clock = Clock(in_an_epoch=2, epochs=3)
    seen = [(clock.tick(), clock.epoch, round(clock.progress, 3)) for _ in range(5)]
    assert seen == [(0, 0, 0.333), (1, 0, 0.333), (2, 1, 0.667), (3, 1, 0.667), (4, 2, 1.0)]


def watched(**readings: float) -> Watch:
    watch = Watch(Watching(), seed=7)
    for name, share in readings.items():
        watch.note(name, torch.tensor(share))
    return watch


FINE = {"parts": 0.7, "picture": 0.6, "kept": 0.9}


@pytest.mark.parametrize(("change", "degrees", "words"), [
    ({}, 10.0, None),
    ({"parts": 0.99}, 10.0, "the 3D discriminator judges 99% of all poses rightly"),
    ({"picture": 0.01}, 10.0, "the 2D discriminator judges 1% of all poses rightly"),
    ({}, 0.1, "two poses that the generator makes of one are 0.1 degrees apart"),
    ({}, math.nan, "are nan degrees apart"),
    ({"kept": 0.0}, 10.0, "0% of all made poses lie within the picture"),
])  # fmt: skip
def test_each_way_to_lose_is_noticed(change, degrees, words):
    found = watched(**FINE | change).complaint(degrees)
    assert found is None if words is None else words in found


def test_a_watch_that_has_seen_nothing_does_not_complain():
    assert watched().complaint(10.0) is None


def test_readings_follow_slowly():
    watch = watched(kept=1.0)
    for _ in range(50):
        watch.note("kept", torch.tensor(0.0))
    assert float(watch.means[2]) == pytest.approx(0.98**50, rel=1e-4)


def test_judgements_are_right_above_and_below_one_half():
    watch = watched()
    watch.judged("parts", torch.tensor([[0.9, 0.2]]), torch.tensor([[0.1], [0.7]]))
    assert float(watch.means[0]) == 0.5


def test_only_a_complaint_that_lasts_is_a_lost_contest():
    watch = Watch(Watching(patience=3), 0)
    looks = ["bad", "bad", None, "bad", "bad", "bad"]
    assert [watch.is_lost(look) for look in looks] == [False] * 5 + [True]


def test_after_so_many_new_beginnings_the_training_ends():
    watch = Watch(Watching(restarts=2), 40)
    watch.note("kept", torch.tensor(0.0))
    assert [watch.restart("it is bad", 9) for _ in range(2)] == [41, 42]
    assert watch.means.isnan().all()
    with pytest.raises(TrainingError, match="up to batch 9 it is bad, after 2 new beginnings"):
        watch.restart("it is bad", 9)


@pytest.mark.parametrize("change", [{"every": 0}, {"patience": 0}, {"restarts": -1}])
def test_a_watch_that_never_looks_is_refused(change):
    with pytest.raises(SettingsError, match="Watching needs every and patience of at least 1"):
        replace(Watching(), **change)
