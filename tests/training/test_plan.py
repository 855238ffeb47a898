"""Learning rates, worked by hand."""

import pytest

from crosslift.training import Schedule


@pytest.mark.parametrize(
    ("schedule", "step", "epoch", "progress", "wanted"),
    [
        (Schedule("constant"), 99, 9, 0.9, 1.0),
        (Schedule("cosine"), 0, 0, 0.0, 1.0),
        (Schedule("cosine"), 50, 5, 0.5, 0.5),
        (Schedule("cosine"), 100, 10, 1.0, 0.0),
        (Schedule("cosine"), 100, 10, 1.5, 0.0),
        (Schedule("exponential", factor=0.5), 7, 3, 0.3, 0.125),
        (Schedule("exponential", factor=0.5, every=2), 7, 3, 0.3, 0.5),
        (Schedule("steps", factor=0.96, every=100), 250, 0, 0.3, 0.96**2),
        (Schedule("constant", warm_up=4), 0, 0, 0.0, 0.25),
        (Schedule("constant", warm_up=4), 3, 0, 0.0, 1.0),
        (Schedule("constant", warm_up=4), 30, 0, 0.0, 1.0),
    ],
)
def test_the_factor_is_what_it_should_be(schedule, step, epoch, progress, wanted):
    assert schedule(step, epoch, progress) == pytest.approx(wanted)
