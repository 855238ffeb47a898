"""Limits: what they hold, what they refuse, their values in the publication."""

import math

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.kinematics import ANGLES, NARROW, WIDE, Limits, angle_index, mirror_angles

from .bodies import F32, F64, given


def test_clamped_angles_are_within_and_what_is_within_stays():
    angles = 4 * torch.randn(100, 33, generator=torch.Generator().manual_seed(0))
    assert not NARROW.contains(angles).any()
    clamped = NARROW.clamp(angles)
    assert NARROW.contains(clamped).all()
    assert torch.equal(NARROW.clamp(clamped), clamped)


@pytest.mark.parametrize("dtype", [F32, F64])
def test_ends_belong_to_the_limits_in_any_precision(dtype):
    for ends in (WIDE.lower, WIDE.upper):
        assert WIDE.contains(torch.tensor(ends, dtype=dtype))


def test_excess_says_how_far_outside_and_on_which_side():
    angles = torch.zeros(33, dtype=F64)
    knee = angle_index("left_knee_flexion")
    for value, excess in ((0.3, 0.3), (-1.0, 0.0), (-math.pi, -math.radians(45))):
        angles[knee] = value
        found = NARROW.excess(angles)
        assert_close(found[knee].item(), excess)
        assert found.count_nonzero() == (excess != 0)


def test_narrow_lies_within_wide_and_zero_is_in_both():
    for lower, upper in zip(WIDE.lower, WIDE.upper, strict=True):
        assert lower <= 0 <= upper
    assert WIDE.contains(torch.tensor(NARROW.lower)) and WIDE.contains(torch.tensor(NARROW.upper))


@pytest.mark.parametrize("limits", [WIDE, NARROW])
def test_limits_are_the_same_on_both_sides(limits):
    inside = given(50, limits=limits).angles
    swapped = [name for name in ANGLES if name.startswith(("left", "right"))]
    mirrored = mirror_angles(inside)[:, [angle_index(name) for name in swapped]]
    whole = inside.clone()
    whole[:, [angle_index(name) for name in swapped]] = mirrored
    assert limits.contains(whole).all()


def test_limits_from_degrees_and_back():
    again = Limits.from_degrees(WIDE.to_degrees())
    assert_close(torch.tensor(again.lower), torch.tensor(WIDE.lower))
    stiff = Limits.from_degrees({"neck_twist": (-5, 10)}, base=NARROW)
    assert stiff.to_degrees()["neck_twist"] == pytest.approx((-5, 10))
    assert stiff.to_degrees()["neck_flexion"] == NARROW.to_degrees()["neck_flexion"]


def test_values_of_the_publication():
    wide, narrow = WIDE.to_degrees(), NARROW.to_degrees()
    assert wide["right_elbow_flexion"] == pytest.approx((0, 180))
    assert wide["left_shoulder_twist"] == pytest.approx((-65, 155))
    assert narrow["pelvis_flexion"] == pytest.approx((-10, 90))
    assert narrow["thorax_flexion"] == (0, 0)


def test_bad_limits_are_refused():
    with pytest.raises(SettingsError, match='"neck_twist" go from the lower end .* 10 to -10 deg'):
        Limits.from_degrees({"neck_twist": (10, -10)}, base=WIDE)
    with pytest.raises(SettingsError, match="nan"):
        Limits.from_degrees({"neck_twist": (math.nan, 10)}, base=WIDE)
    with pytest.raises(SettingsError, match='did you mean "neck_twist"'):
        Limits.from_degrees({"neck_twst": (0, 10)}, base=WIDE)
    with pytest.raises(SettingsError, match='"right_hip_twist" is missing'):
        Limits.from_degrees({"neck_twist": (0, 10)})
    with pytest.raises(SettingsError, match="got 2; name the angles"):
        Limits((0.0, 0.0), WIDE.upper)
