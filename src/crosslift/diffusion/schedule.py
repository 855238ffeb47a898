"""How much of a clean pose is left at each time of a diffusion, in double precision."""

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from ..errors import SettingsError

Kind = Literal["cosine", "linear", "log_cosine"]
OFFSET = 0.008
"""By which the cosine begins later, so that the first steps add some noise."""
MOST = 0.999
"""Of the share of noise that one step adds."""


class NoiseSchedule(NamedTuple):
    """The noise of every time, from the least to the most."""

    betas: Float64[Tensor, " times"]
    """Variance of the noise that a step adds."""

    @property
    def signal(self) -> Float64[Tensor, " times"]:
        """The clean pose's share of the variance, "alpha bar" in the literature."""
        return torch.cumprod(1 - self.betas, dim=0)

    def tables(self) -> Mapping[str, Float64[Tensor, " times"]]:
        """All that the published state dicts store of it, by their names."""
        betas, now = self.betas, self.signal
        before = torch.cat([torch.ones_like(now[:1]), now[:-1]])
        variance = betas * (1 - before) / (1 - now)
        return {
            "betas": betas,
            "alphas_cumprod": now,
            "alphas_cumprod_prev": before,
            "sqrt_recip_alphas": (1 / (1 - betas)).sqrt(),
            "sqrt_alphas_cumprod": now.sqrt(),
            "sqrt_one_minus_alphas_cumprod": (1 - now).sqrt(),
            "log_one_minus_alphas_cumprod": (1 - now).log(),
            "sqrt_recip_alphas_cumprod": (1 / now).sqrt(),
            "sqrt_recipm1_alphas_cumprod": (1 / now - 1).sqrt(),
            "posterior_variance": variance,
            "posterior_log_variance_clipped": variance.clamp_min(1e-20).log(),
            "posterior_mean_coef1": betas * before.sqrt() / (1 - now),
            "posterior_mean_coef2": (1 - before) * (1 - betas).sqrt() / (1 - now),
            "p2_loss_weight": torch.ones_like(now),
        }


def noise_schedule(kind: Kind = "cosine", times: int = 1000) -> NoiseSchedule:
    """The noise of so many times.

    Args:
        kind: Along a squared cosine (Nichol and Dhariwal 2021); in equal steps; along the cosine
            at places that grow in equal ratios, which Diff3DHPE lays out for 1000 times.
    """
    if times < 1:
        raise SettingsError(f"A diffusion has at least 1 time, but {times} were asked for.")
    if kind == "linear":
        return NoiseSchedule(torch.linspace(1e-4, 0.02, times, dtype=torch.float64))
    places = torch.arange(times + 1, dtype=torch.float64)
    if kind == "log_cosine":  # from 10 to 1000, however many times there are
        places = torch.logspace(0, 2, times + 1, dtype=torch.float64) / 0.1
    left = torch.cos((places / times + OFFSET) / (1 + OFFSET) * math.pi / 2) ** 2
    return NoiseSchedule((1 - left[1:] / left[:-1]).clamp(0, MOST))


def visited(steps: int, times: int) -> tuple[int, ...]:
    """The times at which a denoiser is asked if it is asked so often, the noisiest first."""
    if not 1 <= steps <= times:
        raise SettingsError(
            f"Poses are drawn in 1 to {times} steps, one for each time of the diffusion at most, "
            f"but {steps} were asked for."
        )
    ends = torch.linspace(-1, times - 1, steps + 1, dtype=torch.float64)
    return tuple(int(time) for time in ends[1:].flip(0).tolist())
