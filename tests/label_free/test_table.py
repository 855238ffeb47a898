"""Every score keeps the same few promises."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import SettingsError
from crosslift.label_free import SCORES, Question, measured
from crosslift.label_free.question import unlabelled_windows

from .lifters import generator, knowing, off_by, walking

SINGLE = [name for name in SCORES if name != "hypotheses"]


@pytest.mark.parametrize("name", SCORES)
def test_a_score_says_what_it_is(name):
    score = SCORES[name]
    assert score.unit and score.sentence.endswith(".") and len(score.sentence.split()) > 7


@pytest.mark.parametrize("name", SINGLE)
def test_a_score_is_one_number_for_each_window_and_looks_at_no_pose(name):
    batch, lifter = walking(), knowing(off_by(0.03))
    found = SCORES[name](lifter, batch, generator())
    assert found.shape == (len(batch),)
    assert found.isfinite().all() and (found >= 0).all()
    blind = unlabelled_windows(batch, tell_body=True)
    assert torch.equal(SCORES[name](lifter, blind, generator()), found)


@pytest.mark.parametrize("name", [name for name in SINGLE if name != "restlessness"])
def test_who_knows_is_better_than_who_guesses(name):
    right = SCORES[name](knowing(), walking(), generator()).mean()
    wrong = SCORES[name](knowing(off_by(0.1)), walking(), generator()).mean()
    assert right < wrong / 10


def test_what_a_score_draws_does_not_depend_on_the_others():
    question = Question(knowing(off_by(0.03)), walking())
    every = measured(question, generator())
    alone = measured(question, generator(), ["viewpoint"])
    assert every.keys() == SCORES.keys() and alone.keys() == {"viewpoint"}
    assert torch.equal(every["viewpoint"], alone["viewpoint"])


def test_people_are_told_millimetres():
    question = Question(knowing(off_by(0.03)), walking())
    inside = SCORES["flip"].measure(question, generator())
    assert torch.equal(measured(question, generator(), ["flip"])["flip"], 1000 * inside)


def test_windows_do_not_depend_on_each_other():
    knows = knowing(lambda poses, rng: poses * poses.new_tensor([1, 1, 0.8]))
    every = SCORES["flip"](knows, walking(), generator())
    some = SCORES["flip"](replace(knows, known=knows.known[:2]), walking()[:2], generator())
    torch.testing.assert_close(every[:2], some)


def test_a_score_that_does_not_exist_is_refused():
    with pytest.raises(SettingsError, match='no unlabelled score "viewpont"; did you mean "viewp'):
        measured(Question(knowing(), walking()), generator(), ["viewpont"])
