"""Drawing poses from noise in a few steps (DDIM; Song, Meng and Ermon 2021)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor

from .schedule import NoiseSchedule

Noisy = Float[Tensor, "*shape"]
Denoise = Callable[[Noisy, int], Noisy]
"""The clean poses behind noisy ones of a time."""
Draw = Callable[[], Noisy]
"""Standard normal noise, new at every call."""
Signal = float | Float[Tensor, "*#shape"]
"""How much of clean poses is left: one number, or one for each of the poses."""
Direction = Callable[[Noisy, Noisy, Signal], Noisy]
"""The noise in noisy poses of which clean ones are known, and how much of those is left."""


class Stage(NamedTuple):
    """Where a drawing stands after a step."""

    noisy: Noisy
    """From which the next step starts; the clean poses after the last one."""
    clean: Noisy


def textbook_direction(noisy: Noisy, clean: Noisy, signal: Signal) -> Noisy:
    """The noise that was added, by the equation by which it was."""
    return (noisy - signal**0.5 * clean) / (1 - signal) ** 0.5


def published_direction(noisy: Noisy, clean: Noisy, signal: Signal) -> Noisy:
    """As in Diff3DHPE's release, which takes the signal where its root belongs.

    Its published figures were made so. The two agree where nothing is left, and differ most in the
    middle.
    """
    return (noisy - signal * clean) / (1 - signal) ** 0.5


def ddim(
    denoise: Denoise,
    draw: Draw,
    schedule: NoiseSchedule,
    times: Sequence[int],
    *,
    eta: float = 0.0,
    direction: Direction = textbook_direction,
) -> Iterator[Stage]:
    """Poses from noise, step by step; the last stage's clean poses are the result.

    Args:
        times: At which the denoiser is asked, falling; see `visited`.
        eta: Share of fresh noise in each step: 0 draws once, 1 as much as was taken away.
    """
    signal, noisy = schedule.signal.tolist(), draw()
    for time, earlier in pairwise(times):
        clean = denoise(noisy, time)
        now, then = signal[time], signal[earlier]
        sigma = eta * ((1 - now / then) * (1 - then) / (1 - now)) ** 0.5
        kept = max(0.0, 1 - then - sigma**2) ** 0.5  # rounding may take it below zero
        noisy = then**0.5 * clean + kept * direction(noisy, clean, now)
        if sigma:
            noisy = noisy + sigma * draw()
        yield Stage(noisy, clean)
    clean = denoise(noisy, times[-1])
    yield Stage(clean, clean)
