"""From proportions to metres."""

import pytest
import torch

from crosslift.body.bones import KINDS, SKELETON, average, of_joints
from crosslift.body.network import Normal
from crosslift.body.size import (
    STATURES,
    TAPE,
    check_height,
    conditioned,
    kind_named,
    places_of,
    sized,
)
from crosslift.errors import SettingsError
from crosslift.geometry import stature

SHIN, THIGH = KINDS.index("knee-ankle"), KINDS.index("hip-knee")


def shares(together: float = 0.0) -> Normal:
    """The average body, every bone unsure by a tenth, thigh and shin going together."""
    covariance = 0.01 * torch.eye(10)
    covariance[SHIN, THIGH] = covariance[THIGH, SHIN] = 0.01 * together
    return Normal(torch.zeros(10), covariance)


def tall(lengths: torch.Tensor) -> float:
    return float(stature(of_joints(lengths), SKELETON))


@pytest.mark.parametrize(("height", "wanted"), [(None, 1.70), (1.60, 1.60), (2.00, 2.00)])
def test_a_stature_is_kept(height, wanted):
    assert tall(sized(shares(), height, {}).lengths) == pytest.approx(wanted, abs=1e-5)


def test_a_spread_is_a_share_of_the_length():
    found = sized(shares(), 1.8, {})
    torch.testing.assert_close(found.spread, 0.1 * found.lengths)


def test_a_measured_bone_is_taken_as_it_is():
    for height in (None, 1.75):
        found = sized(shares(), height, {SHIN: 0.45})
        assert float(found.lengths[SHIN]) == pytest.approx(0.45)
        assert float(found.spread[SHIN]) == pytest.approx(TAPE * 0.45)
    assert tall(found.lengths) == pytest.approx(1.75, abs=1e-5)


def test_one_measured_bone_by_hand():
    """Two unknowns with variances a and b and covariance c; the first was found off by x."""
    a, b, c, x = 0.04, 0.09, 0.03, 0.1
    covariance = 1e-9 * torch.eye(10).double()
    covariance[SHIN, SHIN], covariance[THIGH, THIGH] = a, b
    covariance[SHIN, THIGH] = covariance[THIGH, SHIN] = c
    tape = {SHIN: float(average()[SHIN]) * torch.tensor(x).exp().item()}
    mean, left = conditioned(torch.zeros(10).double(), covariance, tape)
    known = a + TAPE**2
    assert float(mean[THIGH]) == pytest.approx(c / known * x, rel=1e-4)
    assert float(left[THIGH, THIGH]) == pytest.approx(b - c**2 / known, rel=1e-4)


def test_a_long_measured_bone_says_that_the_person_is_tall():
    longer = float(average()[SHIN]) * 1.1
    surer = Normal(torch.zeros(10), 1e-4 * torch.eye(10))  # of its proportions
    found = sized(surer, None, {SHIN: longer})
    grown = float((found.lengths / average()).log()[THIGH])
    assert 0.8 * torch.tensor(1.1).log() < grown < torch.tensor(1.1).log()
    assert float(found.spread[THIGH] / found.lengths[THIGH]) < STATURES


def test_what_goes_with_a_measured_bone_moves_with_it():
    alone, together = (sized(shares(share), 1.7, {SHIN: 0.5}).lengths for share in (0.0, 0.9))
    assert together[THIGH] > 1.05 * alone[THIGH]


@pytest.mark.parametrize(
    "name", ["knee-ankle", "ankle-knee", "left_knee-left_ankle", "right_ankle-right_knee"]
)
def test_a_bone_is_named_by_its_joints_in_any_order(name):
    assert kind_named(name) == SHIN


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"knee-ankel": 0.4}, 'no bone called "knee-ankel"; did you mean "knee-ankle"'),
        ({"knee-ankle": 41}, "at most 0.8 metres, but 41 was given"),
        ({"knee-ankle": -0.4}, "longer than 0"),
        ({"knee-ankle": float("nan")}, "nan was given"),
        ({"left_knee-ankle": 0.4, "right_knee-ankle": 0.42}, "give their mean"),
    ],
)
def test_measurements_that_cannot_be_are_refused(measured, words):
    with pytest.raises(SettingsError, match=words):
        places_of(measured)


@pytest.mark.parametrize("height", [170, 0.2, -1.7, float("nan")])
def test_statures_that_cannot_be_are_refused(height):
    with pytest.raises(SettingsError, match="between 0.4 and 2.7 metres"):
        check_height(height)


def test_bones_that_do_not_fit_a_stature_are_refused():
    with pytest.raises(SettingsError, match="should fit a stature of 0.9 m"):
        sized(shares(), 0.9, {SHIN: 0.6, THIGH: 0.6})
