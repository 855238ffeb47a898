"""What a denoiser learns from: clean poses with noise added, and how much each time counts."""

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor


def noised(
    clean: Float[Tensor, "batch *pose"],
    noise: Float[Tensor, "batch *pose"],
    signal: Float[Tensor, " batch"],
) -> Float[Tensor, "batch *pose"]:
    """Poses at the times at which so much of them is left."""
    left = signal.view(-1, *[1] * (clean.ndim - 1))
    return left.sqrt().to(clean) * clean + (1 - left).sqrt().to(clean) * noise


def draw_times(
    count: int, times: int, rng: Generator, *, shared: bool = False, last: float = 0.0
) -> Int[Tensor, " count"]:
    """A time for each window, all equally likely unless the last is to come more often.

    Args:
        shared: Draw one for all windows.
        last: Share of the windows that get the last time, besides those that get it by chance.
    """
    drawn = torch.randint(times, (1 if shared else count,), generator=rng, device=rng.device)
    if last > 0:
        chosen = torch.rand(drawn.shape, generator=rng, device=rng.device) < last
        drawn = torch.where(chosen, times - 1, drawn)
    return drawn.expand(count)


def gaussian(like: Float[Tensor, "*shape"], rng: Generator) -> Float[Tensor, "*shape"]:
    """Standard normal noise of a tensor's shape; the same on every device and in all precisions."""
    return torch.randn(like.shape, generator=rng, device=rng.device).to(like)


def time_weights(
    signal: Float[Tensor, " batch"], most: float | None = None
) -> Float[Tensor, " batch"]:
    """How much the error of a clean pose counts at a time: more, the less noise there is.

    One for the pose, and as much as Diff3DHPE's release takes for the noise that the pose implies;
    for squared errors the textbook has signal / (1 - signal) there.

    Args:
        most: What no weight exceeds.
    """
    weights = 1 + signal / (1 - signal).sqrt()
    return weights if most is None else weights.clamp_max(most)
