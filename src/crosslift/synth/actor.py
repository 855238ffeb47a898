"""Who performs: a body and its habits, drawn once for a recording."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .bodies import Build, Lengths
from .curves import between, coin, wander
from .track import CHANNELS, DEGREE, Aims, Shape


@dataclass(frozen=True, eq=False)
class Actor:
    """A body with a way of standing and moving; angles in radians, lengths in metres."""

    build: Build
    handed: int
    """The side of the better hand and foot: 0 right, 1 left."""
    tempo: float
    """How quickly it moves; 1 is usual."""
    width: float
    """How far each foot stands from the middle."""
    toes_out: float
    arms_out: float
    elbows: float
    stoop: float
    """How far the trunk leans forward at rest."""
    restless: float
    """How much it sways while it stands; 1 is usual."""

    def put_arm(self, aims: Aims, side: int, shape: Shape, share: Float[Tensor, " times"]) -> None:
        """Lead an arm from where it is at rest to a shape, by a share of each moment."""
        twist, abduction, flexion, elbow = shape
        out, bent = self.arms_out / DEGREE, self.elbows / DEGREE
        aims.flex(side, share, Shape(twist, abduction - out, flexion, elbow - bent))

    def rest(self, count: int) -> Aims:
        """The actor standing quite still at the origin, facing +y, so many controls long."""
        aims = Aims(torch.zeros(count, CHANNELS, dtype=torch.float64))
        aims.pelvis[:, 2] = self.height
        aims.ankles[:, 0, 0] = self.width
        aims.ankles[:, 1, 0] = -self.width
        aims.ankles[:, :, 2] = self.build.ankle
        aims.knees[:] = self.toes_out
        aims.arms[:, :, 1] = self.arms_out
        aims.arms[:, :, 3] = self.elbows
        aims.of("spine_flexion")[:] = self.stoop
        aims.of("neck_flexion")[:] = 0.6 * self.stoop
        aims.planted[:] = 1
        return aims

    @property
    def height(self) -> float:
        """Of the pelvis at rest; the knees are never quite stretched."""
        spread = self.width - self.build.hip
        return self.build.ankle + math.sqrt((0.9965 * self.build.leg) ** 2 - spread**2)

    def sway(self, aims: Aims, times: Float[Tensor, " times"], rng: Generator) -> None:
        """Add the small movements that nobody can leave off."""
        size = self.restless
        aims.pelvis[:, 0] += wander(times, rng, 0.014 * size, 5)
        aims.pelvis[:, 1] += wander(times, rng, 0.010 * size, 4)
        for angle, reach, period in SWAYS:
            aims.of(angle).add_(wander(times, rng, reach * DEGREE * size, period))
            aims.of(angle).add_(wander(times, rng, 0.45 * DEGREE * size, 1.5))
        for side in (0, 1):
            for column, reach in ((0, 3.0), (1, 1.5), (2, 2.5), (3, 3.0)):
                aims.arms[:, side, column] += wander(times, rng, reach * DEGREE * size, 4.5)
                aims.arms[:, side, column] += wander(times, rng, 0.7 * DEGREE * size, 1.5)


SWAYS = (
    ("pelvis_flexion", 1.2, 5.0),
    ("pelvis_side_bend", 1.0, 5.0),
    ("spine_twist", 2.0, 5.0),
    ("spine_flexion", 1.2, 4.0),
    ("neck_twist", 6.0, 5.0),
    ("neck_flexion", 2.5, 5.0),
    ("neck_side_bend", 1.5, 6.0),
)
"""Angle, standard deviation in degrees, seconds of the slowest part."""


def draw_actor(body: Lengths, rng: Generator) -> Actor:
    """A person with this body and habits of its own."""
    build = Build(body.double())
    return Actor(
        build=build,
        handed=int(coin(rng, 0.15)),
        tempo=between(rng, 0.85, 1.2),
        width=build.hip * between(rng, 0.75, 1.25),
        toes_out=between(rng, 2, 14) * DEGREE,
        arms_out=between(rng, 5, 14) * DEGREE,
        elbows=between(rng, 8, 28) * DEGREE,
        stoop=between(rng, -2, 8) * DEGREE,
        restless=between(rng, 0.5, 1.5),
    )
