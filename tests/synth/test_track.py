"""Curves, splines and limbs that movements are made from."""

import math

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from crosslift.geometry import euler_to_matrix
from crosslift.synth.curves import ease, hold, wander
from crosslift.synth.limbs import hung, reach
from crosslift.synth.track import CHANNELS, RATE, Aims, Phrase, Place, joined, read


def test_easing_rests_at_both_ends():
    times = torch.linspace(-1, 2, 3001).double()
    curve = ease(times, 0, 1)
    assert (float(curve[0]), float(curve[-1])) == (0, 1)
    assert float(curve.diff().min()) >= 0
    assert float((hold(times, 0, 0.4, 0.6, 1) - hold(1 - times, 0, 0.4, 0.6, 1)).abs().max()) < 1e-9


def test_wandering_has_the_size_that_is_asked_for():
    curve = wander(torch.arange(40000).double() / 10, torch.Generator().manual_seed(0), 2.0, 5.0)
    assert abs(float(curve.std()) - 2.0) < 0.1


def test_a_spline_rests_where_its_controls_do():
    values = torch.zeros(60, CHANNELS).double()
    values[30:] = 1
    found = read(Aims(values), torch.linspace(0, 0.4, 77)).values
    assert_close(found, torch.zeros_like(found), rtol=0, atol=0)
    whole = read(Aims(values), torch.linspace(-1, 2, 500)).values
    assert float(whole.min()) >= 0
    assert float(whole.max()) <= 1 + 1e-12


def test_a_spline_through_a_line_is_the_line():
    line = torch.arange(120).double()[:, None].expand(120, CHANNELS) / RATE
    times = torch.linspace(0.1, 1.8, 50).double()
    assert_close(read(Aims(line), times).pelvis[:, 0], times)


def test_movements_are_joined_where_the_one_before_ended():
    step = Aims(torch.zeros(1, CHANNELS).double())
    step.ankles[:, 0, 1] = 1.0
    phrase = Phrase(step, Place(0.0, 2.0, math.pi / 2))
    twice = joined([phrase, phrase])
    assert_close(twice.aims.ankles[:, 0, :2], torch.tensor([[0.0, 1.0], [-1.0, 2.0]]).double())
    assert math.isclose(twice.end.x, -2.0)
    assert math.isclose(twice.end.heading, math.pi)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1.5, 3.0))
def test_a_hung_limb_has_the_angles_that_turned_it(twist, abduction, flexion):
    angles = torch.tensor([twist, abduction, flexion]).double()
    turned = euler_to_matrix(angles, "zyx")
    assert_close(hung(turned[:, 0], -turned[:, 2]), angles, rtol=0, atol=1e-9)


@given(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-0.6, -0.3), st.booleans())
def test_a_limb_reaches_its_point(x, y, z, forward):
    point, axis = torch.tensor([x, y, z]).double(), torch.tensor([1.0, 0.0, 0.0]).double()
    bent = reach(point, axis, 0.46, 0.44, soft=1e-4, forward=forward)
    upper = euler_to_matrix(bent.angles[:3], "zyx")
    lower = upper @ euler_to_matrix(bent.angles[3:], "x")
    end = -0.46 * upper[:, 2] - 0.44 * lower[:, 2]
    assert_close(end, point, rtol=0, atol=2e-3)
    assert (float(bent.angles[3]) < 0) == forward


def test_a_limb_that_is_too_short_says_by_how_much():
    bent = reach(torch.tensor([0.0, 0, -1.2]), torch.tensor([1.0, 0, 0]), 0.5, 0.5, soft=1e-4)
    assert abs(float(bent.short) - 0.2) < 0.01
