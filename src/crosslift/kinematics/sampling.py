"""Random poses of the kinematic body: DH-AUG's sampler without a network, its method "normal"."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..errors import SettingsError
from ..geometry.rotations import euler_to_matrix
from .chains import ANGLES, NUMBERS
from .limits import NARROW, Limits

SLOTS = 34
"""How many angles the published sampler chooses among: one of them does not exist."""


class Drawn(NamedTuple):
    """Random angles and the turn of the whole body."""

    angles: Float[Tensor, "poses 33"]
    turn: Float[Tensor, "poses 3"]
    """Radians about x, y and z."""

    @property
    def rotation(self) -> Float[Tensor, "poses 3 3"]:
        """The turn as the body takes it: `Rx Ry Rz`."""
        return euler_to_matrix(self.turn, "xyz")


@dataclass(frozen=True)
class Sampling:
    """How random poses are spread; as published unless said otherwise."""

    limits: Limits = NARROW
    sigma: float = math.radians(60)
    """Of the normal distribution about the middle of an angle's limits, in radians; what falls
    outside is put on the limit, which makes limits frequent."""
    share: tuple[float, float] = (0.0, 1.0)
    """How many of the angles are moved: a pose draws its share evenly between the two."""
    turn: tuple[float, float, float] = (math.radians(20), math.radians(20), math.pi)
    """How far the whole body turns about x, y and z, to either side, in radians."""

    def __post_init__(self) -> None:
        check_sampling(self)


def check_sampling(settings: Sampling) -> None:
    """Refuse a spread below zero and shares that are none."""
    least, most = settings.share
    if not 0 <= least <= most <= 1:
        raise SettingsError(
            f"The share of moved angles lies between 0 and 1, the lower end first, but is {least} "
            f"to {most}; give two such numbers."
        )
    if not (settings.sigma >= 0 and min(settings.turn) >= 0):
        raise SettingsError(
            f"Random poses spread by zero or more, but sigma is {settings.sigma} and turn "
            f"{settings.turn}; give numbers above zero, in radians."
        )


def random_angles(
    poses: int,
    rng: Generator,
    settings: Sampling = Sampling(),
    *,
    dtype: torch.dtype | None = None,
) -> Drawn:
    """Random poses on the generator's device.

    A pose moves some of its angles, all equally likely, and leaves the others at zero; the whole
    body is always turned.
    """
    device = rng.device
    lower = torch.tensor(settings.limits.lower, dtype=dtype, device=device)
    upper = torch.tensor(settings.limits.upper, dtype=dtype, device=device)
    drawn = _normal((lower + upper) / 2, poses, settings.sigma, rng).clamp(lower, upper)
    moved = _moved(poses, settings.share, rng)
    reach = torch.tensor(settings.turn, dtype=dtype, device=device)
    turn = _normal(torch.zeros_like(reach), poses, settings.sigma, rng).clamp(-reach, reach)
    return Drawn(torch.where(moved, drawn, torch.zeros_like(drawn)), turn)


def _normal(middle: Tensor, poses: int, sigma: float, rng: Generator) -> Tensor:
    shape = (poses, len(middle))
    noise = torch.randn(shape, generator=rng, dtype=middle.dtype, device=middle.device)
    return middle + sigma * noise


def _moved(poses: int, share: tuple[float, float], rng: Generator) -> Tensor:
    """Which angles each pose moves: the first k of its slots in a random order."""
    least, most = share
    shares = torch.rand(poses, 1, generator=rng, device=rng.device) * (most - least) + least
    order = torch.rand(poses, SLOTS, generator=rng, device=rng.device).argsort(dim=-1)
    chosen = order.argsort(dim=-1) < (shares * SLOTS).floor()
    return chosen[:, [number - 1 for number in NUMBERS]]


def published_angles(poses: int, stream: np.random.RandomState) -> Drawn:
    """The poses that DH-AUG's own code draws from `stream`, in double precision.

    The first pose of a run stays zero although its choice is drawn, the angle that does not exist
    can be chosen and is skipped without a draw, and angles that cannot move draw all the same.
    """
    settings = Sampling()
    least = np.array([*settings.limits.lower, *(-reach for reach in settings.turn)])
    most = np.array([*settings.limits.upper, *settings.turn])
    middle, columns = (least + most) / 2, range(len(ANGLES), len(ANGLES) + 3)
    drawn = np.zeros((poses, len(middle)))
    for pose in range(poses):
        chosen = stream.choice(SLOTS, stream.randint(0, SLOTS), replace=False)
        if pose == 0:
            continue
        numbers = [slot + 1 for slot in sorted(chosen.tolist())]
        moved = [NUMBERS.index(number) for number in numbers if number in NUMBERS]
        for angle in (*moved, *columns):
            value = stream.normal(middle[angle], settings.sigma)
            drawn[pose, angle] = np.clip(value, least[angle], most[angle])
    values = torch.from_numpy(drawn)
    return Drawn(values[:, : len(ANGLES)], values[:, len(ANGLES) :])
