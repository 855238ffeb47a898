"""Leaving the floor with both feet."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import DEGREE, Actor
from ..curves import between, coin, ease, hold
from ..kinds import kind, repeated
from ..track import Phrase, Place, clock

GRAVITY = 9.81
RISE = 0.05
"""Metres by which the pelvis is above its height at rest when the toes leave the floor."""


@dataclass(frozen=True)
class Flight:
    """The moments of one jump, in seconds, and how high it goes, in metres."""

    start: float
    crouch: float
    height: float
    down: float

    @property
    def speed(self) -> float:
        """Upwards, when the toes leave the floor."""
        return math.sqrt(2 * GRAVITY * self.height)

    @property
    def push(self) -> float:
        return 2 * (self.crouch + RISE) / self.speed

    @property
    def off(self) -> float:
        return self.start + self.push

    @property
    def landing(self) -> float:
        return self.off + 2 * self.speed / GRAVITY

    @property
    def low(self) -> float:
        """When the landing is taken up."""
        return self.landing + 2 * (self.down + RISE) / self.speed

    def pelvis(self, times: Float[Tensor, " times"]) -> Float[Tensor, " times"]:
        """The pelvis' height above that at rest from the push to the end of the landing."""
        t = times - self.start
        rising = -self.crouch + self.speed * t**2 / (2 * self.push)
        t = times - self.off
        flying = RISE + self.speed * t - GRAVITY * t**2 / 2
        t = times - self.landing
        landing = RISE - self.speed * t + self.speed * t**2 / (2 * (self.low - self.landing))
        up = torch.where(times < self.off, rising, flying)
        return torch.where(times < self.landing, up, landing)


@kind("jump")
def jump(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Jumping from both feet, on the spot, forward or with a turn."""
    leg = actor.build.leg
    far = between(rng, 0.2, 0.9) * leg if coin(rng, 0.4) else 0.0
    spin = 110.0 if far else 90.0 if coin(rng, 0.25) else 0.0
    height, arms = between(rng, 0.1, 0.3), between(rng, 60, 160)

    def once() -> Phrase:
        turning = between(rng, 0.6, 1) * spin * DEGREE * (1 if coin(rng) else -1)
        bend = between(rng, 0.25, 0.45) / actor.tempo
        rise = between(rng, 0.25, 0.4) / actor.tempo
        flight = Flight(
            start=bend,
            crouch=between(rng, 0.14, 0.26) * leg,
            height=height * between(rng, 0.8, 1.1),
            down=between(rng, 0.12, 0.22) * leg,
        )
        times = clock(flight.low + rise + between(rng, 0.0, 0.2))
        aims = actor.rest(len(times))
        z = flight.pelvis(times)
        z = torch.where(times < bend, -flight.crouch * ease(times, 0, bend), z)
        z = torch.where(
            times > flight.low, flight.down * (ease(times, flight.low, flight.low + rise) - 1), z
        )
        air = ease(times, flight.off, flight.landing)
        aims.pelvis[:, 2] += z
        aims.pelvis[:, 1] += far * (0.9 * air + 0.1 * ease(times, flight.start, flight.low))
        aims.ankles[:, :, 1] += far * air[:, None]
        off = (times > flight.off - RISE / flight.speed) & (
            times < flight.landing + RISE / flight.speed
        )
        tuck = between(rng, 0.0, 0.12) * hold(
            times, flight.off, *[0.5 * (flight.off + flight.landing)] * 2, flight.landing
        )
        aims.ankles[:, :, 2] += (torch.where(off, z.clamp_min(0), 0) + tuck)[:, None]
        aims.planted[:] *= (~off).double()[:, None]
        end = spun(aims, air * turning, far)
        crouched = (-z / leg).clamp_min(0)
        aims.pelvis[:, 1] -= 0.2 * leg * crouched
        aims.tilt[:, 0] += 60 * DEGREE * crouched
        aims.of("pelvis_flexion").add_(50 * DEGREE * crouched)
        aims.of("spine_flexion").add_(20 * DEGREE * crouched)
        aims.of("neck_flexion").add_(-50 * DEGREE * crouched)
        swing = hold(times, 0.0, 0.9 * bend, bend, flight.off) * -38
        swing = swing + arms * hold(
            times, bend, flight.off + 0.1, flight.off + 0.12, flight.low + 0.6 * rise
        )
        aims.arms[:, :, 2] += swing[:, None] * DEGREE
        aims.arms[:, :, 3] += 25 * DEGREE * hold(times, 0, bend, flight.off, flight.low)[:, None]
        return Phrase(aims, end)

    return repeated(once, seconds)


def spun(aims, heading: Float[Tensor, " times"], far: float) -> Place:
    """Turn the body about itself in the air, and say where it stands afterwards."""
    aims.tilt[:, 2] += heading
    cos, sin = heading.cos()[:, None], heading.sin()[:, None]
    middle = aims.ankles[:, :, :2].mean(dim=1, keepdim=True)
    x, y = (aims.ankles[:, :, :2] - middle).unbind(-1)
    aims.ankles[:, :, 0] = middle[..., 0] + cos * x - sin * y
    aims.ankles[:, :, 1] = middle[..., 1] + sin * x + cos * y
    return Place(0.0, far, float(heading[-1]))
