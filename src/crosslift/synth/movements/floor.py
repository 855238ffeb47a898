"""Movements down on the floor: crawling, lying down and getting up."""

import math
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, coin, ease
from ..kinds import kind, repeated
from ..plant import Gait, Path, swings
from ..track import DEGREE, Aims, Phrase, Place, Shape, clock, joined
from .gait import FINE, turning

PALM = 0.05
"""Height of a wrist above the floor that the hand is on, in metres."""
KNEE = 0.055
"""Height of the joint of a knee that is knelt on, in metres."""
SEAT = 0.11
"""Height of the pelvis above the floor that one sits or lies on, in metres."""


KNEES = Gait(lift=0.05, peak=0.5, lag=1.0, full=0.15)
HANDS = Gait(lift=0.09, peak=0.5, lag=1.0, full=0.15)


@kind("crawl")
def crawl(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Getting down on hands and knees and crawling along, up and round and back again."""

    def once() -> Phrase:
        there = crawling(actor, min(seconds, between(rng, 4.0, 6.5)), rng)
        return joined([there, turning(actor, 180.0 if coin(rng) else -180.0, rng)])

    return repeated(once, seconds)


def crawling(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Down on all fours, along, and up again."""
    down, up = between(rng, 1.2, 1.7) / actor.tempo, between(rng, 1.3, 1.8) / actor.tempo
    cadence, step = between(rng, 2.5, 3.3) * actor.tempo, between(rng, 0.26, 0.38)
    count = max(round((seconds - 2.0) * cadence), 4)
    times = clock(down + (count + 2) / cadence + up)
    phase = (times - down) * cadence - 0.6
    way = straight_on(actor, count, step * actor.build.leg)
    ahead = way.at(phase)[:, 1]
    aims, standing = on_all_fours(actor, len(times)), actor.rest(len(times))
    aims.pelvis[:, 1] += ahead
    roll(aims, phase, count)
    knees_and_hands(aims, phase, way)
    for points in (standing.pelvis[:, None], standing.ankles):
        points[..., 1] += ahead[:, None]
    end = times[-1].item()
    return Phrase(
        lowered(standing, aims, times, (0.0, down, end - up, end)),
        Place(0.0, float(ahead[-1]), 0.0),
    )


def straight_on(actor: Actor, count: int, step: float) -> Path:
    """A straight way of so many steps."""
    phases = torch.arange(-2 * FINE, (count + 4) * FINE, dtype=torch.float64) / FINE
    going = ease(phases, 0, 1.5) * (1 - ease(phases, count - 1.5, count))
    ahead = torch.cumsum(going, 0) * step / FINE
    nothing = torch.zeros_like(phases)
    places = torch.stack([nothing, ahead], dim=-1)
    return Path(phases, places, nothing, torch.full_like(phases, actor.width))


def on_all_fours(actor: Actor, count: int) -> Aims:
    """The actor on hands and knees, ankles where they stood, facing +y."""
    build, aims = actor.build, actor.rest(count)
    shin = math.sqrt(build.shin**2 - (build.ankle - KNEE) ** 2)
    hips, shoulders = KNEE + 0.985 * build.thigh, PALM + 0.93 * build.arm
    slope = math.asin(max(min((hips - shoulders) / build.trunk, 0.6), -0.6))
    aims.pelvis[:, 1] = shin
    aims.pelvis[:, 2] = hips
    aims.tilt[:, 0] = math.pi / 2 + slope - 14 * DEGREE
    aims.bend(aims.tilt.new_ones(count), pelvis_flexion=8, spine_flexion=6, neck_flexion=-18)
    for side, sign in ((0, 1.0), (1, -1.0)):
        aims.hands[:, side, 0] = sign * 1.05 * build.shoulder
        aims.hands[:, side, 1] = shin + build.trunk * math.cos(slope)
        aims.hands[:, side, 2] = PALM
        aims.flex(side, aims.tilt.new_ones(count), Shape(flexion=80))
    aims.held[:] = 1
    return aims


def roll(aims: Aims, phase: Float[Tensor, " times"], count: int) -> None:
    """Shift the weight from knee to knee."""
    rolling = (math.pi * phase).cos() * ease(phase, 0, 1) * (1 - ease(phase, count - 1, count))
    aims.pelvis[:, 0] += 0.02 * rolling
    aims.pelvis[:, 2] -= 0.01 * rolling**2
    aims.tilt[:, 1] += 4 * DEGREE * rolling
    aims.bend(rolling, spine_side_bend=6, neck_side_bend=-3)


def knees_and_hands(aims: Aims, phase: Float[Tensor, " times"], way: Path) -> None:
    """Move each knee, its shin with it, and each hand with the knee of the other side."""
    for side in (0, 1):
        feet = swings(phase, way, KNEES, side)
        aims.ankles[:, side, 1] += feet.place[:, 1]
        aims.ankles[:, side, 2] += feet.height
        aims.planted[:, side] = feet.planted
        hands = swings(phase, way, HANDS, 1 - side)
        aims.hands[:, side, 1] += hands.place[:, 1]
        aims.hands[:, side, 2] += hands.height


def lowered(
    standing: Aims,
    low: Aims,
    times: Float[Tensor, " times"],
    marks: tuple[float, float, float, float],
) -> Aims:
    """From standing down to `low` in the first two moments, and up again in the last two.

    The hands find the floor before the body is down, and leave it after the body has begun to rise.
    """
    start, down, rise, end = marks
    share = (ease(times, start, down) - ease(times, rise, end))[:, None]
    aims = Aims(standing.values * (1 - share) + low.values * share)
    early, late = (down - start) / 4, (end - rise) / 4
    grip = ease(times, start + early, down - early) - ease(times, rise + late, end - late)
    aims.held[:] = low.held * grip[:, None]
    aims.hands[:] = low.hands
    aims.planted[:] = low.planted
    return aims


@kind("lie_down")
def lie_down(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Sitting down on the floor, lying back, resting, and getting up again."""

    def once() -> Phrase:
        return lying(actor, rng)

    return repeated(once, seconds)


def lying(actor: Actor, rng: Generator) -> Phrase:
    """Standing, crouching, sitting on the floor, lying on the back, and the same way back."""
    marks = [0.0]
    for span in LYING:
        marks.append(marks[-1] + between(rng, *span) / actor.tempo)
    times = clock(marks[-1] + between(rng, 0.3, 0.9))
    crouched, seated, flat = crouching(actor), sitting(actor), supine(actor, rng)
    crouched.hands[:] = seated.hands  # where they are led to while the body goes down
    standing = actor.rest(1)
    standing.hands[:] = seated.hands
    poses = [standing, crouched, seated, flat, flat, seated, crouched, standing]
    values = poses[0].values.repeat(len(times), 1)
    for (before, after), span in zip(pairwise(poses), pairwise(marks), strict=True):
        values += ease(times, *span)[:, None] * (after.values - before.values)
    return Phrase(Aims(values))


LYING = ((0.8, 1.1), (0.4, 0.6), (0.6, 0.9), (0.1, 0.4), (0.6, 0.9), (0.5, 0.7), (0.8, 1.1))
"""Least and greatest seconds of crouching, sitting, lying back, lying, and each way back."""


def crouching(actor: Actor) -> Aims:
    """Deep down on both feet."""
    aims, leg = actor.rest(1), actor.build.leg
    aims.pelvis[:, 1] = -0.2 * leg
    aims.pelvis[:, 2] = 0.5 * leg
    aims.tilt[:, 0] = 2 * DEGREE
    aims.bend(aims.tilt.new_ones(1), pelvis_flexion=40, spine_flexion=22)
    for side in (0, 1):
        aims.flex(side, aims.tilt.new_ones(1), Shape(flexion=35))
    return aims


def sitting(actor: Actor) -> Aims:
    """On the floor with drawn-up knees, the hands behind the seat."""
    aims, leg = actor.rest(1), actor.build.leg
    aims.pelvis[:, 1] = -0.7 * leg
    aims.pelvis[:, 2] = SEAT
    aims.tilt[:, 0] = -18 * DEGREE
    aims.bend(aims.tilt.new_ones(1), pelvis_flexion=20, spine_flexion=15)
    for side, sign in ((0, 1.0), (1, -1.0)):
        aims.hands[:, side, 0] = sign * 1.5 * actor.build.shoulder
        aims.hands[:, side, 1] = -0.7 * leg - 0.3 * actor.build.arm
        aims.hands[:, side, 2] = PALM
    aims.held[:] = 1
    return aims


def supine(actor: Actor, rng: Generator) -> Aims:
    """On the back, feet where they stood, the knees more or less up."""
    aims, leg = actor.rest(1), actor.build.leg
    aims.pelvis[:, 1] = -between(rng, 0.75, 0.97) * leg
    aims.pelvis[:, 2] = SEAT
    aims.tilt[:, 0] = -86 * DEGREE
    aims.bend(aims.tilt.new_ones(1), neck_flexion=8)
    for side, sign in ((0, 1.0), (1, -1.0)):
        out, arm = between(rng, 15, 50) * DEGREE, 0.985 * actor.build.arm
        aims.hands[:, side, 0] = sign * (actor.build.shoulder + arm * math.sin(out))
        aims.hands[:, side, 1] = aims.pelvis[:, 1] - actor.build.trunk + arm * math.cos(out)
        aims.hands[:, side, 2] = SEAT  # the back of the arm lies on the floor
    aims.held[:] = 1
    return aims
