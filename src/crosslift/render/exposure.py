"""What the camera adds: a shaking hand, a soft lens, noise, and its own idea of tones."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .draws import chance, even, picked

SPARE = 64
"""Pixels by which the sheet of noise is larger than a picture, to be cut from anywhere."""
TAPS = 4


def exposed(
    pictures: Float[Tensor, "pictures 3 height width"], rng: Generator, *, shaking: float
) -> Float[Tensor, "pictures 3 height width"]:
    """The pictures as a camera takes them, from 0 to 1; the given ones are changed.

    Args:
        shaking: The share of pictures that the moving camera blurs.
    """
    count, _, height, width = pictures.shape
    shaken = chance(rng, shaking, count).tolist()
    steps = (torch.randn(count, 2, generator=rng, device=rng.device) * 1.2).round().long().tolist()
    soft = even(rng, 0.0, 0.33, count).tolist()
    sheet = torch.randn(3, height + SPARE, width + SPARE, generator=rng, device=rng.device)
    corners = picked(rng, SPARE, count, 2).tolist()
    grain = even(rng, 0.0, 0.04, count).tolist()
    tone = even(rng, 0.8, 1.2, count, 3, 1, 1) ** 0.5
    gain = even(rng, 0.8, 1.2, count, 1, 1, 1) * tone
    lift = even(rng, -0.05, 0.08, count, 1, 1, 1)
    pictures.mul_(gain).add_(lift)
    for number, picture in enumerate(pictures):
        if shaken[number] and any(steps[number]):
            _smeared(picture, *steps[number])
        _softened(picture, soft[number])
        y, x = corners[number]
        picture.add_(sheet[:, y : y + height, x : x + width], alpha=grain[number])
    return pictures.clamp_(0, 1)


def _smeared(picture: Tensor, across: int, down: int) -> None:
    """Blur a picture along a line by a few shifted copies of it."""
    height, width = picture.shape[1:]
    total = picture.clone()
    for tap in range(1, TAPS):
        x, y = tap * across, tap * down
        here = (slice(None), slice(max(-y, 0), height - max(y, 0)),
                slice(max(-x, 0), width - max(x, 0)))  # fmt: skip
        there = (slice(None), slice(max(y, 0), height + min(y, 0)),
                 slice(max(x, 0), width + min(x, 0)))  # fmt: skip
        shifted = picture.clone()
        shifted[here] = picture[there]
        total += shifted
    picture.copy_(total.div_(TAPS))


def _softened(picture: Tensor, share: float) -> None:
    """Mix each pixel with its neighbours, along both axes."""
    for axis in (1, 2):
        inner = picture.narrow(axis, 1, picture.shape[axis] - 2)
        before = picture.narrow(axis, 0, picture.shape[axis] - 2)
        after = picture.narrow(axis, 2, picture.shape[axis] - 2)
        inner.copy_((before + after).mul_(share / 2).add_(inner, alpha=1 - share))
