"""One figure of several: a weighted geometric mean."""

import math

import pytest

from crosslift.errors import DataError
from crosslift.label_free import SCORES, TERMS, combined
from crosslift.label_free.combined import FLOOR

USUAL = {name: term.usual for name, term in TERMS.items()}


def test_the_terms_are_scores_whose_weights_add_up():
    assert TERMS.keys() <= SCORES.keys()
    assert sum(term.weight for term in TERMS.values()) == pytest.approx(1, abs=0.005)
    assert all(term.weight > 0 and term.usual > 0 for term in TERMS.values())


def test_what_is_usual_is_one_and_twice_as_much_is_two():
    assert combined(USUAL) == pytest.approx(1)
    assert combined({name: 2 * usual for name, usual in USUAL.items()}) == pytest.approx(2)


@pytest.mark.parametrize("name", TERMS)
def test_each_term_counts_by_its_weight(name):
    total = sum(term.weight for term in TERMS.values())
    wanted = math.e ** (math.log(3) * TERMS[name].weight / total)
    assert combined(USUAL | {name: 3 * USUAL[name]}) == pytest.approx(wanted)


def test_a_perfect_term_is_worth_no_more_than_the_floor():
    first = next(iter(TERMS))
    assert combined(USUAL | {first: 0.0}) == combined(USUAL | {first: FLOOR * USUAL[first]})


@pytest.mark.parametrize("name", TERMS)
def test_a_missing_term_leaves_the_others(name):
    others = {key: 2 * usual for key, usual in USUAL.items() if key != name}
    assert combined(others) == pytest.approx(2)
    assert combined(others | {name: math.nan}) == pytest.approx(2)


def test_other_scores_do_not_count():
    others = {name: 1e6 for name in SCORES if name not in TERMS}
    assert combined(USUAL | others) == combined(USUAL)


def test_nothing_cannot_be_combined():
    with pytest.raises(DataError, match="but none of them could be told"):
        combined({"asymmetry": 1.0})
