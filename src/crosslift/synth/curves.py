"""Curves over time that movements are put together from, and the draws that vary them."""

import math

import torch
from jaxtyping import Float
from torch import Generator, Tensor


def between(rng: Generator, low: float, high: float) -> float:
    """A number drawn evenly between two."""
    return low + (high - low) * float(torch.rand((), generator=rng, device=rng.device))


def coin(rng: Generator, chance: float = 0.5) -> bool:
    """True as often as `chance` says."""
    return between(rng, 0, 1) < chance


def pick(rng: Generator, choices: int) -> int:
    """One of the numbers from 0 to below `choices`."""
    return int(torch.randint(choices, (), generator=rng, device=rng.device))


def ease(times: Float[Tensor, " times"], start: float, end: float) -> Float[Tensor, " times"]:
    """From 0 at `start` to 1 at `end` with the least jerk, as a hand moves between two rests."""
    share = ((times - start) / max(end - start, 1e-6)).clamp(0, 1)
    return share**3 * (10 - 15 * share + 6 * share**2)


def hold(
    times: Float[Tensor, " times"], rise: float, top: float, leave: float, end: float
) -> Float[Tensor, " times"]:
    """From 0 at `rise` to 1 at `top`, there until `leave`, and 0 again from `end` on."""
    return ease(times, rise, top) - ease(times, leave, end)


def bump(
    times: Float[Tensor, " times"], start: float, end: float, peak: float = 0.5
) -> Float[Tensor, " times"]:
    """A hill of height 1 between `start` and `end`, highest at the share `peak` of the way."""
    top = start + peak * (end - start)
    return hold(times, start, top, top, end)


def wander(
    times: Float[Tensor, " times"], rng: Generator, size: float, period: float
) -> Float[Tensor, " times"]:
    """Slow, aimless drifting about 0 that never repeats, of the standard deviation `size`.

    Args:
        period: Seconds of its slowest part; the quickest is five times as quick.
    """
    rates = 2 * math.pi / period * torch.tensor([1.0, 1.71, 2.83, 4.9], dtype=times.dtype)
    phases = 2 * math.pi * torch.rand(4, generator=rng, device=rng.device).to(times)
    weights = torch.tensor([0.62, 0.53, 0.43, 0.39], dtype=times.dtype) * math.sqrt(2)
    return size * ((times[:, None] * rates + phases).sin() * weights).sum(dim=-1)


def through(
    times: Float[Tensor, " times"], marks: list[float], values: list[float]
) -> Float[Tensor, " times"]:
    """A curve that rests at each value at its mark and moves between them with the least jerk."""
    curve = torch.full_like(times, values[0])
    for number in range(1, len(marks)):
        change = values[number] - values[number - 1]
        curve = curve + change * ease(times, marks[number - 1], marks[number])
    return curve
