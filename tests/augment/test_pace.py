"""The pace of made motion: what changes is multiplied, what stays is kept, people lead."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.augment.pace import Pace, accelerations, at_pace, greatest


def motion(seed: int = 0, clips: int = 40) -> torch.Tensor:
    """Bodies of four joints whose places are anywhere in every frame."""
    return torch.randn(clips, 9, 4, 3, generator=torch.Generator().manual_seed(seed))


def test_changes_are_multiplied_about_the_middle_of_the_clip():
    numbers = torch.randn(3, 9, 35)
    found = at_pace(numbers, 0.25)
    assert_close(found.mean(dim=1), numbers.mean(dim=1), atol=1e-6, rtol=0)
    assert_close(found.diff(n=2, dim=1), 0.25 * numbers.diff(n=2, dim=1), atol=1e-5, rtol=0)
    assert_close(at_pace(numbers, 1.0), numbers, atol=1e-6, rtol=0)
    assert not at_pace(numbers, 0.0).diff(dim=1).abs().gt(1e-6).any()


def test_an_acceleration_worked_by_hand():
    falling = torch.zeros(1, 4, 2, 3)
    falling[0, :, 1, 2] = torch.tensor([0.0, 1.0, 4.0, 9.0])
    falling[0, :, :, 0] = torch.tensor([0.0, 7.0, 1.0, 2.0])[:, None]  # all joints alike: the root
    assert accelerations(falling).tolist() == [0, 2, 0, 2]


@pytest.mark.parametrize("quick", [0.2, 3.0])
def test_the_pace_becomes_that_of_people(quick):
    pace, real = Pace(), motion()
    for seed in range(1, 120):
        pace.follow(real, quick * float(pace.quickness) * motion(seed))
    assert float(pace.quickness) == pytest.approx(1 / quick, rel=0.03)


def test_one_look_changes_little_and_stillness_nothing():
    pace, real = Pace(), motion()
    pace.follow(real, 1e6 * real)
    assert float(pace.quickness) == pytest.approx(0.5**0.3)
    pace.follow(real, torch.zeros_like(real))
    pace.follow(torch.zeros_like(real), real)
    assert float(pace.quickness) == pytest.approx(0.5**0.3)
    pace.begin_anew()
    assert float(pace.quickness) == 1


def test_the_greatest_are_exceeded_by_a_twentieth():
    real = motion()
    share = (accelerations(real) <= greatest(real)).float().mean()
    assert float(share) == pytest.approx(0.95, abs=1e-3)
