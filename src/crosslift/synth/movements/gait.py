"""Ways of getting about on two feet."""

import itertools
import math
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, coin, ease, hold, wander
from ..kinds import kind, repeated
from ..plant import Gait, Path, steps
from ..track import DEGREE, Aims, Phrase, Place, Shape, clock

FINE = 50
"""Samples of a path for each step."""


@dataclass(frozen=True)
class Pace:
    """How one walks or runs; angles in degrees, lengths in metres."""

    step: float
    """Length of a step."""
    cadence: float
    """Steps a second."""
    gait: Gait = field(default_factory=Gait)
    lean: float = 2.0
    arms: float = 20.0
    """How far the arms swing."""
    elbow: float = 15.0
    twist: float = 5.0
    bounce: float = 0.0
    """How far the pelvis rises in each step beyond what the legs ask for."""
    crouch: float = 0.01
    """How much lower than standing the pelvis is carried."""
    sway: float = 0.02
    wind: float = 10.0
    """Degrees by which the heading changes from step to step."""
    aside: float = 0.0
    """Length of a step to the right."""
    turn: float = 0.0
    """Degrees to the left in each step."""
    width: float = 0.75
    """How far apart the feet are set, as a share of how they stand at rest."""


@kind("walk")
def walk(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Walking along a winding way, from one stand to the next."""
    leg, brisk = actor.build.leg, between(rng, 0.75, 1.15)
    back = -0.75 if coin(rng, 0.08) else 1.0
    pace = Pace(
        step=0.8 * leg * brisk * back,
        cadence=1.8 * (0.5 + 0.5 * brisk) * actor.tempo * math.sqrt(0.88 / leg),
        gait=Gait(lift=between(rng, 0.15, 0.2) * leg, peak=0.4, lag=1.2 if back > 0 else 0.9),
        lean=between(rng, 0, 5) * back,
        arms=between(rng, 10, 30) * brisk,
        elbow=between(rng, 5, 25),
        twist=between(rng, 3, 8),
        sway=between(rng, 0.01, 0.03),
        wind=between(rng, 0, 14),
    )
    return travel(actor, pace, seconds, rng)


@kind("run")
def run(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Running along a winding way with bent arms."""
    leg, brisk = actor.build.leg, between(rng, 0.85, 1.15)
    pace = Pace(
        step=1.3 * leg * brisk,
        cadence=2.75 * actor.tempo**0.5 * math.sqrt(0.88 / leg),
        gait=Gait(stance=0.14, lift=between(rng, 0.34, 0.44) * leg, peak=0.4, lag=1.1),
        lean=between(rng, 8, 16),
        arms=between(rng, 28, 45),
        elbow=between(rng, 60, 80),
        twist=between(rng, 6, 12),
        bounce=between(rng, 0.025, 0.04),
        crouch=0.05 * leg,
        sway=0.01,
        wind=between(rng, 0, 12),
        width=0.55,
    )
    return travel(actor, pace, seconds, rng)


@kind("turn")
def turn(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Turning on the spot with small steps, now one way and now the other."""

    def once() -> Phrase:
        return turning(actor, between(rng, 150, 480) * (1 if coin(rng) else -1), rng)

    return repeated(once, seconds)


def turning(actor: Actor, angle: float, rng: Generator) -> Phrase:
    """Turning on the spot by so many degrees to the left."""
    count = max(round(abs(angle) / between(rng, 40, 65)), 2)
    pace = Pace(
        step=0.0,
        cadence=between(rng, 2.3, 3.1) * actor.tempo,
        gait=Gait(lift=0.13, peak=0.5, lag=1.0, full=0.25),
        arms=between(rng, 10, 26),
        twist=8.0,
        bounce=0.012,
        crouch=0.025,
        sway=0.035,
        turn=angle / count,
        wind=0.0,
        width=0.95,
    )
    return travel(actor, pace, count / pace.cadence, rng)


@kind("side_step")
def side_step(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Stepping sideways without crossing the feet, to and fro."""
    ways = itertools.cycle((1, -1) if coin(rng) else (-1, 1))
    spread = Shape(between(rng, 0, 40), 20, between(rng, 10, 40), between(rng, 30, 80))

    def once() -> Phrase:
        pace = Pace(
            step=0.0,
            cadence=between(rng, 2.8, 3.8) * actor.tempo,
            gait=Gait(lift=0.13, peak=0.5, lag=1.0, stance=0.4, full=0.3),
            arms=5.0,
            elbow=0.0,
            twist=2.0,
            crouch=between(rng, 0.05, 0.15) * actor.build.leg,
            sway=0.03,
            wind=0.0,
            aside=next(ways) * between(rng, 1.1, 1.7) * actor.width,
            width=1.5,
        )
        phrase = travel(actor, pace, between(rng, 5, 9) / pace.cadence, rng)
        end = phrase.seconds
        for side in (0, 1):
            out = hold(clock(end), 0, 0.5, end - 0.5, end)
            actor.put_arm(phrase.aims, side, spread, out)
        return phrase

    return repeated(once, seconds)


def travel(actor: Actor, pace: Pace, seconds: float, rng: Generator) -> Phrase:
    """Getting about at a pace for a while, with a start and a stop."""
    count = max(round(seconds * pace.cadence), 3)
    way = winding(actor, count, pace, rng)
    times = clock((count + 1.6) / pace.cadence)
    phase = times * pace.cadence - 0.8 + wander(times, rng, 0.04, 5)
    aims = actor.rest(len(times))
    moving = ease(phase, -0.6, 1.5) * (1 - ease(phase, count - 1.5, count + 0.5))
    carry(aims, phase, way.at(phase), pace, moving)
    swing_arms(aims, phase, pace, moving)
    steps(aims, phase, way, pace.gait, actor.toes_out)
    x, y, heading, _ = way.at(phase[-1:])[0].tolist()
    return Phrase(aims, Place(x, y, heading))


def winding(actor: Actor, count: int, pace: Pace, rng: Generator) -> Path:
    """A way of so many steps that begins and ends at a stand and turns a little all the while."""
    phases = torch.arange(-2 * FINE, (count + 3) * FINE + 1, dtype=torch.float64) / FINE
    going = ease(phases, -0.5, 2.0) * (1 - ease(phases, count - 2.0, count + 0.5))
    bend = (wander(phases, rng, pace.wind, 14) + pace.turn * 1.1) * going
    headings = steered(bend, going * pace.step, between(rng, 0.8, 1.4))
    ahead = torch.stack([-headings.sin(), headings.cos()], dim=-1) * pace.step
    right = torch.stack([headings.cos(), headings.sin()], dim=-1) * pace.aside
    places = torch.cumsum((ahead + right) * going[:, None], 0) / FINE
    widths = actor.width * (1 + (pace.width - 1) * going)
    return Path(phases, places, headings, widths)


def steered(
    bend: Float[Tensor, " samples"], pace: Float[Tensor, " samples"], roam: float
) -> Float[Tensor, " samples"]:
    """The heading over a path that bends so many degrees a step, but comes back when it is far.

    Args:
        pace: Metres a step; negative when going backwards.
        roam: Metres from the origin within which nothing calls back.
    """
    x = y = heading = 0.0
    headings = []
    for degrees, length in zip(bend.tolist(), pace.tolist(), strict=True):
        headings.append(heading)
        far = math.hypot(x, y)
        going = heading if length >= 0 else heading + math.pi
        off = math.remainder(math.atan2(x, -y) - going, 2 * math.pi)  # towards the origin
        call = min(max(far - roam, 0.0), 1.0) * min(abs(length) * 4, 1.0)
        back = BACK * max(-1.0, min(1.0, off)) * call
        heading += (degrees * (1 - call) + back) * DEGREE / FINE
        x -= math.sin(heading) * length / FINE
        y += math.cos(heading) * length / FINE
    return bend.new_tensor(headings)


BACK = 32.0
"""Degrees a step by which one at most turns back to where one came from."""


def carry(
    aims: Aims,
    phase: Float[Tensor, " times"],
    place: Float[Tensor, "times 4"],
    pace: Pace,
    moving: Float[Tensor, " times"],
) -> None:
    """Move the pelvis along the way, with what it does in each step."""
    right = (math.pi * phase).cos()  # 1 in the middle of the right foot's stance
    stride = (math.pi * phase).sin()  # 1 half a step later, when the left foot leads
    heading = place[:, 2]
    aside = pace.sway * right * moving
    aims.pelvis[:, 0] += place[:, 0] + aside * heading.cos()
    aims.pelvis[:, 1] += place[:, 1] + aside * heading.sin()
    aims.pelvis[:, 2] += moving * (pace.bounce * -(2 * math.pi * phase).cos() - pace.crouch)
    aims.tilt[:, 0] += pace.lean * 0.5 * DEGREE * moving
    aims.tilt[:, 1] += -3 * DEGREE * right * moving
    aims.tilt[:, 2] += heading - pace.twist * 0.6 * DEGREE * stride * moving
    aims.bend(moving * pace.lean, pelvis_flexion=0.5, neck_flexion=-0.7)
    aims.bend(moving * right, pelvis_side_bend=3)
    aims.bend(moving * stride * pace.twist, spine_twist=1, thorax_twist=0.8, neck_twist=-1)


def swing_arms(
    aims: Aims, phase: Float[Tensor, " times"], pace: Pace, moving: Float[Tensor, " times"]
) -> None:
    """Swing each arm with the other leg."""
    stride = (math.pi * phase).sin()
    for side, ahead in ((0, stride), (1, -stride)):
        aims.flex(side, moving, Shape(flexion=-4, elbow=pace.elbow))
        aims.flex(side, moving * ahead * pace.arms, Shape(flexion=1, elbow=0.35))
