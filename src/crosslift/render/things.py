"""Things about a person: sticks and balls behind, and others before, which hide what is there."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .draws import chance, even
from .raster import Capsules

BEHIND, BEFORE = 3, 2
"""The most things on either side of a person."""
THINGS = BEHIND + BEFORE


def draw_things(
    distance: Float[Tensor, " pictures"], size: tuple[int, int], hidden: float, rng: Generator
) -> Capsules:
    """Things behind and before the people of pictures.

    Args:
        distance: Metres of the people from their cameras.
        hidden: The share of pictures with something in the foreground.
    """
    count = len(distance)
    frame = torch.tensor(size, dtype=torch.float32, device=rng.device)
    first = even(rng, -0.1, 1.1, count, THINGS, 2) * frame
    step = torch.randn(count, THINGS, 2, generator=rng, device=rng.device) * 0.45 * frame
    ends = torch.stack([first, first + step], dim=2)
    slim, stout = even(rng, 0.01, 0.08, count, BEHIND, 1), even(rng, 0.03, 0.14, count, BEFORE, 1)
    radius = torch.cat([slim, stout], dim=1) * frame.mean()
    radius = radius * even(rng, 0.6, 1.4, count, THINGS, 2)
    there = chance(rng, 0.5, count, THINGS)
    there[:, BEHIND] = True
    there[:, BEHIND:] &= chance(rng, hidden, count, 1)
    factor = torch.cat(
        [even(rng, 1.4, 2.5, count, BEHIND), even(rng, 0.45, 0.7, count, BEFORE)], dim=1
    )
    depth = (distance[:, None] * factor)[..., None].expand(count, THINGS, 2).contiguous()
    return Capsules(ends, radius * there[..., None], depth, torch.full_like(depth[..., 0], 1e-3))
