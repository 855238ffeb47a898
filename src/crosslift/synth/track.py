"""What a performer aims at over time, as smooth curves that can be read at any moment.

A movement is written down as controls, sixty a second, whatever the frame rate that is asked for
in the end. Read as cubic B-splines they have continuous acceleration, stay between the least and
the greatest of their four controls, and rest exactly where these are equal: a foot that is
planted does not move at all.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..kinematics import ANGLES

DEGREE = math.pi / 180
"""In radians."""
RATE = 60.0
"""Controls a second."""

TRUNK = ANGLES[ANGLES.index("pelvis_twist") : ANGLES.index("head_flexion")]
"""The angles of the trunk that move, in order."""


class Shape(NamedTuple):
    """Angles of an arm in degrees; the first two count outwards."""

    twist: float = 0.0
    abduction: float = 0.0
    flexion: float = 0.0
    elbow: float = 0.0


@dataclass(frozen=True, eq=False)
class Aims:
    """What a performer aims at, at each of some times; fields are views of one tensor.

    Sides are right, then left. Angles of limbs count outwards: the same number on both sides is
    the mirror image.
    """

    values: Float[Tensor, "times channels"]

    @property
    def pelvis(self) -> Float[Tensor, "times 3"]:
        """Where the pelvis should be, in metres; legs that are too short draw it down."""
        return self.values[:, 0:3]

    @property
    def tilt(self) -> Float[Tensor, "times 3"]:
        """How the pelvis is turned: forward, to the right, and its heading to the left."""
        return self.values[:, 3:6]

    @property
    def ankles(self) -> Float[Tensor, "times 2 3"]:
        """Where the ankles are, in metres."""
        return self.values[:, 6:12].unflatten(1, (2, 3))

    @property
    def knees(self) -> Float[Tensor, "times 2"]:
        """How far each knee points outwards from where the pelvis faces."""
        return self.values[:, 12:14]

    @property
    def trunk(self) -> Float[Tensor, "times 12"]:
        """The angles of `TRUNK`."""
        return self.values[:, 14:26]

    @property
    def arms(self) -> Float[Tensor, "times 2 4"]:
        """Twist, abduction and flexion of the shoulder, flexion of the elbow."""
        return self.values[:, 26:34].unflatten(1, (2, 4))

    @property
    def hands(self) -> Float[Tensor, "times 2 3"]:
        """Where the wrists are while they are held, in metres."""
        return self.values[:, 34:40].unflatten(1, (2, 3))

    @property
    def held(self) -> Float[Tensor, "times 2"]:
        """1 where `hands` counts, 0 where `arms` does."""
        return self.values[:, 40:42]

    @property
    def planted(self) -> Float[Tensor, "times 2"]:
        """1 while a foot stands flat on the floor."""
        return self.values[:, 42:44]

    def of(self, angle: str) -> Float[Tensor, " times"]:
        """One angle of the trunk."""
        return self.trunk[:, TRUNK.index(angle)]

    def bend(self, share: Float[Tensor, " times"], **degrees: float) -> None:
        """Add so many degrees to angles of the trunk, by a share of each moment."""
        for angle, size in degrees.items():
            self.of(angle).add_(size * DEGREE * share)

    def flex(self, side: int, share: Float[Tensor, " times"], shape: "Shape") -> None:
        """Add so many degrees to the angles of an arm, by a share of each moment."""
        for column, size in enumerate(shape):
            self.arms[:, side, column] += size * DEGREE * share

    def moved(self, place: "Place") -> "Aims":
        """The same movement started from another place and heading."""
        values = self.values.clone()
        turned = Aims(values)
        for points in (turned.pelvis[:, None], turned.ankles, turned.hands):
            points[..., :2] = place.of(points[..., :2])
        turned.tilt[:, 2] += place.heading
        return turned


CHANNELS = 44


@dataclass(frozen=True)
class Place:
    """A spot on the floor and a heading, counted to the left from facing +y."""

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0

    def of(self, points: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch 2"]:
        """Points that are given as seen from here, in the world."""
        turn = torch.tensor(self.heading, dtype=points.dtype)
        cos, sin = turn.cos(), turn.sin()
        x, y = points.unbind(-1)
        return torch.stack([cos * x - sin * y + self.x, sin * x + cos * y + self.y], dim=-1)

    def then(self, step: "Place") -> "Place":
        """Where one stands after a movement that ends at `step`, as seen from here."""
        there = self.of(torch.tensor([step.x, step.y], dtype=torch.float64))
        return Place(float(there[0]), float(there[1]), self.heading + step.heading)


@dataclass(frozen=True)
class Phrase:
    """A movement that begins at the origin facing +y, with its controls and where it ends."""

    aims: Aims
    end: Place = Place()

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return len(self.aims.values) / RATE


def clock(seconds: float) -> Float[Tensor, " times"]:
    """The times of the controls of a movement that lasts so long."""
    return torch.arange(max(round(seconds * RATE), 1), dtype=torch.float64) / RATE


def joined(phrases: list[Phrase]) -> Phrase:
    """Movements one after the other, each from where the one before it ended."""
    place, parts = Place(), []
    for phrase in phrases:
        parts.append(phrase.aims.moved(place).values)
        place = place.then(phrase.end)
    return Phrase(Aims(torch.cat(parts)), place)


def read(aims: Aims, times: Float[Tensor, " times"]) -> Aims:
    """The cubic B-spline through the controls at any times; still before and after them."""
    last = len(aims.values) - 1
    at = (times.double() * RATE).clamp(0, last)
    base = at.floor().clamp_max(max(last - 1, 0))
    u = (at - base)[:, None]
    weights = (
        (1 - u) ** 3 / 6,
        (3 * u**3 - 6 * u**2 + 4) / 6,
        (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6,
        u**3 / 6,
    )
    index = base.long()
    total = torch.zeros(len(times), aims.values.shape[1], dtype=aims.values.dtype)
    for offset, weight in enumerate(weights):
        total += weight * aims.values[(index + offset - 1).clamp(0, last)]
    return Aims(total)
