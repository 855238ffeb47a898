"""Random numbers, colours and cloths that pictures are made of."""

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn.functional import interpolate

CLOTH = 128
"""Width and height of a cloth in its own pixels; it repeats itself beyond."""
SHADES = 64
"""Different values in a cloth."""


def even(rng: Generator, low: float, high: float, *shape: int) -> Float[Tensor, "..."]:
    """Numbers drawn evenly between two."""
    return low + (high - low) * torch.rand(shape, generator=rng, device=rng.device)


def chance(rng: Generator, share: float, *shape: int) -> Bool[Tensor, "..."]:
    """True as often as `share` says."""
    return torch.rand(shape, generator=rng, device=rng.device) < share


def picked(rng: Generator, choices: int, *shape: int) -> Tensor:
    """Numbers from 0 to below `choices`."""
    return torch.randint(choices, shape, generator=rng, device=rng.device)


def colours(
    rng: Generator, *shape: int, grey: tuple[float, float] = (0.0, 1.0)
) -> Float[Tensor, "... 3"]:
    """Red, green and blue from 0 to 1, of all hues, light and dark.

    Args:
        grey: How grey they are, from 0, the purest, to 1: least and most.
    """
    hue = even(rng, 0, 6, *shape, 1)
    wheel = (hue + torch.tensor([5.0, 3.0, 1.0], device=rng.device)) % 6
    pure = (wheel.minimum(4 - wheel)).clamp(0, 1)
    dull = even(rng, *grey, *shape, 1)
    light = even(rng, 0.04, 1.0, *shape, 1)
    return light * (1 - (1 - dull) * pure)


def between_two(
    rng: Generator, palette: Float[Tensor, "several 3"], *shape: int
) -> Float[Tensor, "... 3"]:
    """Colours of a palette, each mixed with its neighbour."""
    at = even(rng, 0, len(palette) - 1.001, *shape, 1)
    lower = at.floor().long()[..., 0]
    return torch.lerp(palette[lower], palette[lower + 1], at - at.floor())


def cloths(rng: Generator) -> Tensor:
    """Grey textures `kinds CLOTH CLOTH` as whole numbers from 0 to below `SHADES`.

    Plain noise, coarse noise, chequers, planks, bricks, and stripes, all a little worn.
    """
    noise = [_noise(rng, cells) for cells in (64, 16, 5)]
    row = torch.arange(CLOTH, device=rng.device)
    y, x = row[:, None], row[None, :]
    plank = (y // 16) * 37 % 11 / 11
    brick = 0.8 - 0.7 * ((y % 16 < 2) | ((x + 16 * (y // 16 % 2)) % 32 < 2)).float()
    patterns = [
        0.6 * noise[0] + 0.4 * noise[1],
        0.7 * noise[2] + 0.3 * noise[1],
        0.25 + 0.5 * ((x // 32 + y // 32) % 2).float() + 0.25 * noise[1],
        0.7 * plank + 0.3 * noise[1] - 0.3 * (y % 16 == 0).float(),
        brick * (0.7 + 0.3 * noise[0]),
        0.3 + 0.4 * (x // 16 % 2).float() + 0.1 * y / CLOTH + 0.2 * noise[0],
    ]
    grey = torch.stack([pattern.expand(CLOTH, CLOTH) for pattern in patterns])
    return (grey.clamp(0, 0.999) * SHADES).long()


def _noise(rng: Generator, cells: int) -> Float[Tensor, "rows columns"]:
    """Smooth noise from 0 to 1 with so many hills a side; it goes on at the opposite edge."""
    coarse = torch.rand(1, 1, cells, cells, generator=rng, device=rng.device)
    around = torch.nn.functional.pad(coarse, (1, 1, 1, 1), mode="circular")
    step = CLOTH // cells + 1
    fine = interpolate(around, scale_factor=step, mode="bicubic")[0, 0]
    return fine[step : step + CLOTH, step : step + CLOTH].clamp(0, 1)
