"""Leaving the floor with both feet."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, coin, ease, hold
from ..kinds import kind, repeated
from ..track import DEGREE, Aims, Phrase, Place, Shape, clock

GRAVITY = 9.81
RISE = 0.05
"""Metres by which the pelvis is above its height at rest when the toes leave the floor."""


@dataclass(frozen=True)
class Flight:
    """The moments of one jump, in seconds, and its heights, in metres."""

    start: float
    """When the crouch turns into the push."""
    crouch: float
    height: float
    """Of the flight, above where the toes leave the floor."""
    down: float
    """How far the landing gives way."""
    rise: float
    """Seconds of coming up again afterwards."""

    @property
    def speed(self) -> float:
        """Upwards, when the toes leave the floor."""
        return math.sqrt(2 * GRAVITY * self.height)

    @property
    def off(self) -> float:
        """When the toes leave the floor."""
        return self.start + 2 * (self.crouch + RISE) / self.speed

    @property
    def landing(self) -> float:
        """When they touch it again."""
        return self.off + 2 * self.speed / GRAVITY

    @property
    def low(self) -> float:
        """When the landing has given way."""
        return self.landing + 2 * (self.down + RISE) / self.speed

    @property
    def end(self) -> float:
        """When the jumper stands again."""
        return self.low + self.rise

    def pelvis(self, times: Float[Tensor, " times"]) -> Float[Tensor, " times"]:
        """The pelvis' height above that at rest: even pushes, and free fall between them."""
        push, fall, give = times - self.start, times - self.off, times - self.landing
        curve = -self.crouch * ease(times, 0, self.start)
        pushed = -self.crouch + self.speed * push**2 / (2 * (self.off - self.start))
        curve = torch.where(push > 0, pushed, curve)
        curve = torch.where(fall > 0, RISE + self.speed * fall - GRAVITY * fall**2 / 2, curve)
        given = RISE - self.speed * give + self.speed * give**2 / (2 * (self.low - self.landing))
        curve = torch.where(give > 0, given, curve)
        stood = -self.down * (1 - ease(times, self.low, self.end))
        return torch.where(times > self.low, stood, curve)

    def airborne(self, times: Float[Tensor, " times"]) -> Float[Tensor, " times"]:
        """1 while the feet are off the floor, heels first and last."""
        roll = RISE / self.speed
        return ((times > self.off - roll) & (times < self.landing + roll)).double()


@kind("jump")
def jump(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Jumping from both feet, on the spot, forward or with a turn."""
    leg = actor.build.leg
    far = between(rng, 0.2, 0.9) * leg if coin(rng, 0.4) else 0.0
    spin = 110.0 if far else 90.0 if coin(rng, 0.25) else 0.0
    height, arms = between(rng, 0.1, 0.3), between(rng, 60, 150)

    def once() -> Phrase:
        turning = between(rng, 0.6, 1) * spin * DEGREE * (1 if coin(rng) else -1)
        flight = Flight(
            start=between(rng, 0.25, 0.45) / actor.tempo,
            crouch=between(rng, 0.14, 0.26) * leg,
            height=height * between(rng, 0.8, 1.1),
            down=between(rng, 0.12, 0.22) * leg,
            rise=between(rng, 0.25, 0.4) / actor.tempo,
        )
        times = clock(flight.end + between(rng, 0.0, 0.2))
        aims = actor.rest(len(times))
        fly(aims, times, flight, far, between(rng, 0.0, 0.1))
        end = spun(aims, turning * ease(times, flight.off, flight.landing), far)
        crouch(aims, (-flight.pelvis(times) / leg).clamp_min(0), leg)
        swing_up(aims, times, flight, arms)
        return Phrase(aims, end)

    return repeated(once, seconds)


def fly(
    aims: Aims, times: Float[Tensor, " times"], flight: Flight, far: float, tuck: float
) -> None:
    """Move pelvis and feet through one jump over a distance."""
    height, airborne = flight.pelvis(times), flight.airborne(times)
    along = ease(times, flight.off, flight.landing)
    top = (flight.off + flight.landing) / 2
    drawn_up = tuck * hold(times, flight.off, top, top, flight.landing)
    aims.pelvis[:, 2] += height
    aims.pelvis[:, 1] += far * (0.9 * along + 0.1 * ease(times, flight.start, flight.low))
    aims.ankles[:, :, 1] += far * along[:, None]
    aims.ankles[:, :, 2] += (airborne * height.clamp_min(0) + drawn_up)[:, None]
    aims.planted[:] *= 1 - airborne[:, None]


def spun(aims: Aims, heading: Float[Tensor, " times"], far: float) -> Place:
    """Turn the body about itself in the air, and say where it stands afterwards."""
    aims.tilt[:, 2] += heading
    cos, sin = heading.cos()[:, None], heading.sin()[:, None]
    middle = aims.ankles[:, :, :2].mean(dim=1, keepdim=True)
    x, y = (aims.ankles[:, :, :2] - middle).unbind(-1)
    aims.ankles[:, :, 0] = middle[..., 0] + cos * x - sin * y
    aims.ankles[:, :, 1] = middle[..., 1] + sin * x + cos * y
    return Place(0.0, far, float(heading[-1]))


def crouch(aims: Aims, depth: Float[Tensor, " times"], leg: float) -> None:
    """Fold the body over bent knees, wherever it then faces.

    Args:
        depth: How far the pelvis is down, in lengths of the leg.
    """
    heading = aims.tilt[:, 2]
    aims.pelvis[:, 0] += 0.2 * leg * depth * heading.sin()
    aims.pelvis[:, 1] -= 0.2 * leg * depth * heading.cos()
    aims.tilt[:, 0] += 60 * DEGREE * depth
    aims.bend(depth, pelvis_flexion=50, spine_flexion=20, neck_flexion=-50)


def swing_up(aims: Aims, times: Float[Tensor, " times"], flight: Flight, arms: float) -> None:
    """Swing both arms back in the crouch, up with the push and down with the landing."""
    start, off = flight.start, flight.off
    back = hold(times, 0.0, 0.9 * start, start, off)
    up = hold(times, start, off + 0.15, off + 0.17, flight.low + 0.8 * flight.rise)
    bent = hold(times, 0.0, start, off, flight.low)
    for side in (0, 1):
        aims.flex(side, back, Shape(flexion=-38))
        aims.flex(side, up, Shape(flexion=arms))
        aims.flex(side, bent, Shape(elbow=25))
