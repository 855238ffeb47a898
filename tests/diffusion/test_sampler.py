"""Drawing from noise: exact where the denoiser is, by both directions, whatever is drawn anew."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.diffusion import (
    Process,
    ddim,
    draw_times,
    gaussian,
    noise_schedule,
    noised,
    published_direction,
    textbook_direction,
    time_weights,
    visited,
)
from crosslift.diffusion.process import D3DP, DIFF3DHPE, DIFF3DHPE_RELEASED
from crosslift.errors import SettingsError

SCHEDULE = noise_schedule()
FIVE = visited(5, 1000)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def poses(seed: int = 1) -> torch.Tensor:
    return torch.randn(4, 3, generator=generator(seed), dtype=torch.float64)


class Drawing:
    """Noise that counts how often it was drawn."""

    def __init__(self) -> None:
        self.rng, self.count = generator(), 0

    def __call__(self) -> torch.Tensor:
        self.count += 1
        return torch.randn(4, 3, generator=self.rng, dtype=torch.float64)


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
def test_who_knows_the_pose_draws_the_pose(eta):
    truth = poses()
    stages = list(ddim(lambda noisy, time: truth, Drawing(), SCHEDULE, FIVE, eta=eta))
    assert len(stages) == 5
    assert torch.equal(stages[-1].noisy, stages[-1].clean) and torch.equal(stages[-1].clean, truth)


def test_without_new_noise_the_noise_stays_what_it_was():
    """The textbook's way leads from one time to the next along the same pose and noise."""
    truth, noise = poses(), poses(2)
    stages = ddim(lambda noisy, time: truth, lambda: noise, SCHEDULE, FIVE)
    begun = noised(truth[None], noise[None], SCHEDULE.signal[[999]])[0]
    assert_close(begun, noise, atol=1e-3, rtol=0)  # next to nothing is left of the pose
    for stage, time in zip(stages, FIVE[1:], strict=False):
        expected = noised(truth[None], noise[None], SCHEDULE.signal[[time]])[0]
        assert_close(stage.noisy, expected, atol=1e-3, rtol=0)


def test_noise_is_drawn_once_or_at_each_step_but_the_last():
    for eta, times in ((0.0, 1), (1.0, 5)):
        draw = Drawing()
        list(ddim(lambda noisy, time: noisy, draw, SCHEDULE, FIVE, eta=eta))
        assert draw.count == times


def test_the_denoiser_is_asked_at_the_times_and_the_last_answer_counts():
    asked = []

    def denoise(noisy, time):
        asked.append(time)
        return noisy / (1 + time)

    *_, before, last = ddim(denoise, Drawing(), SCHEDULE, FIVE, eta=1.0)
    assert tuple(asked) == FIVE
    assert_close(last.clean, before.noisy / 200)


def test_full_new_noise_keeps_the_variance():
    """Of noise whose pose is always taken for zero, each step keeps as much as belongs there."""
    many = torch.zeros(20_000)
    rng = generator()
    stages = ddim(lambda noisy, time: many, lambda: gaussian(many, rng), SCHEDULE, FIVE, eta=1.0)
    for stage, time in zip(stages, FIVE[1:], strict=False):
        assert float(stage.noisy.var()) == pytest.approx(1 - float(SCHEDULE.signal[time]), rel=0.05)


def test_the_textbook_finds_the_noise_and_the_release_does_where_nothing_is_left():
    truth, noise = poses(), poses(2)
    for time in (10, 500, 999):
        signal = SCHEDULE.signal[time]
        noisy = noised(truth[None], noise[None], signal[None])[0]
        found, released = (way(noisy, truth, float(signal))
                           for way in (textbook_direction, published_direction))  # fmt: skip
        assert_close(found, noise)
        assert bool((released - noise).abs().max() < 1e-3) == (time == 999)


def test_times_are_drawn_for_each_window_or_for_all():
    times = draw_times(5000, 1000, generator())
    assert times.min() >= 0 and times.max() == 999 and len(times.unique()) > 900
    shared = draw_times(5000, 1000, generator(), shared=True)
    assert len(shared) == 5000 and len(shared.unique()) == 1
    assert torch.equal(times, draw_times(5000, 1000, generator()))


def test_the_last_time_may_come_more_often():
    times = draw_times(5000, 1000, generator(), last=0.5)
    assert float((times == 999).float().mean()) == pytest.approx(0.5, abs=0.02)
    assert len(times.unique()) > 850
    assert (draw_times(50, 1000, generator(), last=1.0) == 999).all()
    some = [draw_times(4, 1000, generator(seed), shared=True, last=0.5) for seed in range(200)]
    assert all(len(each.unique()) == 1 for each in some)
    assert sum(int(each[0]) == 999 for each in some) == pytest.approx(100, abs=20)


def test_weights_of_times_are_those_published():
    signal = SCHEDULE.signal[[0, 100, 332, 554, 887, 999]]
    published = torch.tensor([156.63, 6.763, 2.4673, 1.5314, 1.0306, 1.0], dtype=torch.float64)
    assert_close(time_weights(signal), published, rtol=1e-4, atol=0)
    assert_close(time_weights(signal, 3.0), published.clamp_max(3), rtol=1e-4, atol=0)
    assert float(time_weights(SCHEDULE.signal, 3.0).mean()) == pytest.approx(1.928, abs=1e-3)
    assert float(time_weights(SCHEDULE.signal).mean()) == pytest.approx(3.828, abs=1e-3)
    assert int((time_weights(SCHEDULE.signal) > 3).nonzero().max()) == 265


def test_noise_is_the_same_in_all_precisions():
    coarse, fine = (gaussian(torch.zeros(7, dtype=dtype), generator())
                    for dtype in (torch.float32, torch.float64))  # fmt: skip
    assert torch.equal(coarse.double(), fine)


def test_limits_hold_and_the_scale_is_taken_out_again():
    process = Process(limit=1.1, limits_noisy=True, scale=2.0)
    far = torch.tensor([[-9.0, 0.5, 9.0]])
    assert_close(process.entering(far), torch.tensor([[-1.1, 0.25, 1.1]]))
    assert_close(process.leaving(far), torch.tensor([[-2.2, 1.0, 2.2]]))
    free = Process(scale=2.0)
    assert torch.equal(free.leaving(free.entering(far)), far)
    signal = torch.tensor([0.25])
    clean, noise = torch.ones(1, 3), torch.zeros(1, 3)
    assert_close(process.noised(clean, noise, signal), torch.full((1, 3), 0.5))


def test_a_process_draws_by_its_own_choices():
    truth = poses()
    steps = {
        process: [stage.noisy for stage in process.drawn(lambda n, t: truth, Drawing(), 4)]
        for process in (Process(), DIFF3DHPE, DIFF3DHPE_RELEASED, D3DP, Process(schedule="linear"))
    }
    first = [each[0] for each in steps.values()]
    assert all(len(each) == 4 for each in steps.values())
    assert torch.equal(first[0], first[1])  # the limit is the denoiser's affair
    second = [each[1] for each in steps.values()]
    for number, one in enumerate(second[1:], 1):
        assert not any(torch.allclose(one, other, atol=1e-3) for other in second[number + 1 :])


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"eta": 1.5}, "an eta from 0 to 1, but 1000, 1.0 and 1.5 were given"),
        ({"scale": 0.0}, "a scale above 0 .* 0.0 and 0.0 were given"),
        ({"schedule": "log_cosine", "times": 10}, "laid out for 1000 times, but 10 were given"),
        ({"limit": -1.0}, "lies above 0, but -1.0 was given; leave it out"),
    ],
)
def test_impossible_processes_are_refused(choice, words):
    with pytest.raises(SettingsError, match=words):
        Process(**choice)
