"""Noise schedules: the published values, what all of them share, and the times of a drawing."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.diffusion import noise_schedule, visited
from crosslift.diffusion.schedule import MOST
from crosslift.errors import SettingsError

KINDS = ["cosine", "linear", "log_cosine"]


def test_the_published_values_of_the_cosine():
    schedule = noise_schedule()
    at = [0, 100, 332, 554, 887, 999]
    signal = [0.999959, 0.971576, 0.743338, 0.408639, 0.0301584, 2.4288e-9]
    betas = [4.128e-5, 5.319e-4, 1.827e-3, 3.737e-3, 1.744e-2, 0.999]
    like = {"dtype": torch.float64}
    assert_close(schedule.signal[at], torch.tensor(signal, **like), rtol=1e-4, atol=0)
    assert_close(schedule.betas[at], torch.tensor(betas, **like), rtol=1e-3, atol=0)


def test_the_linear_one_does_not_depend_on_the_number_of_times():
    for times in (10, 1000):
        betas = noise_schedule("linear", times).betas
        assert_close(betas[[0, -1]], torch.tensor([1e-4, 0.02], dtype=torch.float64))


@pytest.mark.parametrize(
    ("kind", "times"),
    [(kind, times) for kind in KINDS for times in (1, 7, 1000)
     if kind != "log_cosine" or times == 1000],
)  # fmt: skip
def test_noise_only_grows_and_something_of_the_pose_is_always_left(kind, times):
    schedule = noise_schedule(kind, times)
    assert schedule.betas.shape == (times,) and schedule.signal.dtype == torch.float64
    assert ((schedule.betas >= 0) & (schedule.betas <= MOST)).all()
    assert (schedule.signal.diff() < 0).all() and (schedule.signal > 0).all()


def test_tables_agree_with_each_other():
    tables = noise_schedule().tables()
    now, before = tables["alphas_cumprod"], tables["alphas_cumprod_prev"]
    assert before[0] == 1 and torch.equal(before[1:], now[:-1])
    assert_close(tables["sqrt_alphas_cumprod"] * tables["sqrt_recip_alphas_cumprod"], now / now)
    # what is left of pose and noise one step earlier, if both are known, is what the schedule says
    back = tables["posterior_mean_coef1"] + tables["posterior_mean_coef2"] * now.sqrt()
    assert_close(back, before.sqrt())


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        (1, (999,)),
        (2, (999, 499)),
        (5, (999, 799, 599, 399, 199)),
        (6, (999, 832, 665, 499, 332, 165)),
        (7, (999, 856, 713, 570, 427, 284, 141)),
        (9, (999, 887, 776, 665, 554, 443, 332, 221, 110)),
    ],
)
def test_the_published_times_of_a_drawing(steps, times):
    assert visited(steps, 1000) == times


def test_every_time_can_be_visited():
    assert visited(8, 8) == (7, 6, 5, 4, 3, 2, 1, 0)


def test_impossible_numbers_are_refused():
    with pytest.raises(SettingsError, match="in 1 to 10 steps, .* but 11 were asked for"):
        visited(11, 10)
    with pytest.raises(SettingsError, match="but 0 were asked for"):
        visited(0, 10)
    with pytest.raises(SettingsError, match="at least 1 time, but 0 were"):
        noise_schedule("cosine", 0)
