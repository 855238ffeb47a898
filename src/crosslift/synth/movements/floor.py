"""Movements down on the floor: crawling, lying down and getting up."""

import math

import torch
from torch import Generator

from ..actor import DEGREE, Actor
from ..curves import between, coin, ease
from ..kinds import kind, repeated
from ..plant import Gait, Path, footprint, hill
from ..track import Aims, Phrase, Place, clock, joined
from .gait import turning

PALM = 0.05
"""Height of a wrist above the floor that the hand is on, in metres."""
KNEE = 0.055
"""Height of the joint of a knee that is knelt on, in metres."""


@kind("crawl")
def crawl(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Getting down on hands and knees and crawling along, up and round and back again."""

    def once() -> Phrase:
        there = crawling(actor, min(seconds, between(rng, 4.0, 6.5)), rng)
        round_it = turning(actor, 180.0 if coin(rng) else -180.0, rng)
        return joined([there, round_it])

    return repeated(once, seconds)


def on_all_fours(actor: Actor, count: int) -> Aims:
    """The actor on hands and knees, ankles where they stood, facing +y."""
    build = actor.build
    aims = actor.rest(count)
    shin = math.sqrt(build.shin**2 - (build.ankle - KNEE) ** 2)
    hips = KNEE + 0.985 * build.thigh
    shoulders = PALM + 0.93 * build.arm
    slope = math.asin(max(min((hips - shoulders) / build.trunk, 0.6), -0.6))
    aims.pelvis[:, 1] = shin
    aims.pelvis[:, 2] = hips
    aims.tilt[:, 0] = math.pi / 2 + slope - 14 * DEGREE
    aims.of("pelvis_flexion")[:] = 8 * DEGREE
    aims.of("spine_flexion")[:] = 6 * DEGREE
    aims.of("neck_flexion")[:] = -18 * DEGREE
    aims.hands[:, :, 1] = shin + build.trunk * math.cos(slope)
    for side, sign in ((0, 1.0), (1, -1.0)):
        aims.hands[:, side, 0] = sign * 1.05 * build.shoulder
    aims.hands[:, :, 2] = PALM
    aims.held[:] = 1
    aims.planted[:] = 0
    aims.arms[:, :, 2] = 80 * DEGREE
    return aims


def crawling(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Down on all fours, along, and up again."""
    down, up = between(rng, 1.3, 1.8) / actor.tempo, between(rng, 1.4, 1.9) / actor.tempo
    cadence, step = between(rng, 2.3, 3.1) * actor.tempo, between(rng, 0.24, 0.36) * actor.build.leg
    count = max(round((seconds - 2.0) * cadence), 4)
    times = clock(down + (count + 2) / cadence + up)
    phase = (times - down) * cadence - 0.6
    phases = torch.arange(-100, (count + 4) * 50, dtype=torch.float64) / 50
    going = ease(phases, 0, 1.5) * (1 - ease(phases, count - 1.5, count))
    places = torch.stack([torch.zeros_like(phases), torch.cumsum(going, 0) * step / 50], dim=-1)
    path = Path(phases, places, torch.zeros_like(phases), torch.full_like(phases, actor.width))
    aims = on_all_fours(actor, len(times))
    ahead = path.at(phase)[:, 1]
    aims.pelvis[:, 1] += ahead
    rolling = (math.pi * phase).cos() * ease(phase, 0, 1) * (1 - ease(phase, count - 1, count))
    aims.pelvis[:, 0] += 0.015 * rolling
    aims.tilt[:, 1] += 3 * DEGREE * rolling
    aims.of("spine_side_bend").add_(4 * DEGREE * rolling)
    knees_and_hands(aims, phase, path)
    standing = actor.rest(len(times))
    for part in (standing.pelvis, standing.ankles[:, 0], standing.ankles[:, 1]):
        part[:, 1] += ahead
    rise = times[-1].item() - up
    return Phrase(
        settled(standing, aims, times, (0.0, down, rise, rise + up)),
        Place(0.0, float(ahead[-1]), 0.0),
    )


def knees_and_hands(aims: Aims, phase, path: Path) -> None:
    """Move each knee, its shin with it, and each hand with the knee of the other side."""
    gait = Gait(stance=0.5, lift=0.035)
    for side in (0, 1):
        for points, offset, lift in ((aims.ankles, side, 0.035), (aims.hands, 1 - side, 0.07)):
            shifted = phase - offset
            count = torch.div(shifted + gait.stance, 2, rounding_mode="floor")
            here = 2 * count + offset
            swing = ((phase - here - gait.stance) / (2 - 2 * gait.stance)).clamp(0, 1)
            start, goal = (footprint(path, at, 0)[:, 1] for at in (here, here + 2))
            points[:, side, 1] += start + ease(swing, 0, 1) * (goal - start)
            if offset == side:
                aims.planted[:, side] = ((swing <= 0) | (goal - start < 1e-3)).double()
            size = 1 - (-20 * (goal - start)).exp()
            points[:, side, 2] += lift * size * hill(swing, 0.5)


def settled(standing: Aims, low: Aims, times, spans: tuple[float, float, float, float]) -> Aims:
    """From standing down to `low` in the first two moments, and up again in the last two.

    The pelvis goes down before the trunk is level and the hands are led to their places early.
    """
    a, b, c, d = spans
    share = (ease(times, a, b) - ease(times, c, d))[:, None]
    values = standing.values * (1 - share) + low.values * share
    aims = Aims(values)
    grip = ease(times, a + 0.25 * (b - a), a + 0.75 * (b - a))
    grip = grip - ease(times, c + 0.25 * (d - c), c + 0.75 * (d - c))
    aims.held[:] = low.held * grip[:, None]
    aims.hands[:] = low.hands
    return aims


@kind("lie_down")
def lie_down(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Sitting down on the floor, lying back, resting, and getting up again."""

    def once() -> Phrase:
        return lying(actor, rng)

    return repeated(once, seconds)


def lying(actor: Actor, rng: Generator) -> Phrase:
    """Standing, crouching, sitting on the floor, lying on the back, and the same way back."""
    build = actor.build
    spans = [between(rng, *span) / actor.tempo for span in LYING]
    marks = [0.0]
    for span in spans:
        marks.append(marks[-1] + span)
    times = clock(marks[-1] + between(rng, 0.5, 1.2))
    crouch, sat, flat = crouching(actor), sitting(actor), supine(actor, rng)
    poses = [actor.rest(1), crouch, sat, flat, flat, sat, crouch, actor.rest(1)]
    values = torch.zeros(len(times), poses[0].values.shape[1], dtype=torch.float64)
    values += poses[0].values
    for number in range(1, len(poses)):
        change = poses[number].values - poses[number - 1].values
        values += ease(times, marks[number - 1], marks[number])[:, None] * change
    aims = Aims(values)
    return Phrase(aims)


LYING = ((0.8, 1.1), (0.4, 0.6), (0.6, 0.9), (0.1, 0.4), (0.6, 0.9), (0.5, 0.7), (0.8, 1.1))
"""Least and greatest seconds of going down, sitting, lying back, lying, and each way back."""


def crouching(actor: Actor) -> Aims:
    """Deep down on both feet."""
    aims, leg = actor.rest(1), actor.build.leg
    aims.pelvis[:, 1] = -0.2 * leg
    aims.pelvis[:, 2] = 0.42 * leg
    aims.tilt[:, 0] = 12 * DEGREE
    aims.of("pelvis_flexion")[:] = 35 * DEGREE
    aims.of("spine_flexion")[:] = 20 * DEGREE
    aims.arms[:, :, 2] = 35 * DEGREE
    return aims


def sitting(actor: Actor) -> Aims:
    """On the floor with drawn-up knees, the hands beside the seat."""
    aims, build = actor.rest(1), actor.build
    aims.pelvis[:, 1] = -0.7 * build.leg
    aims.pelvis[:, 2] = 0.1
    aims.tilt[:, 0] = -18 * DEGREE
    aims.of("pelvis_flexion")[:] = 20 * DEGREE
    aims.of("spine_flexion")[:] = 15 * DEGREE
    aims.arms[:, :, 2] = -20 * DEGREE
    aims.arms[:, :, 1] = 20 * DEGREE
    return aims


def supine(actor: Actor, rng: Generator) -> Aims:
    """On the back, feet where they stood, knees up."""
    aims, build = actor.rest(1), actor.build
    aims.pelvis[:, 1] = -between(rng, 0.75, 0.97) * build.leg
    aims.pelvis[:, 2] = 0.1
    aims.tilt[:, 0] = -88 * DEGREE
    aims.of("neck_flexion")[:] = 8 * DEGREE
    out = between(rng, 10, 60)
    aims.arms[:, :, 1] = out * DEGREE
    aims.arms[:, :, 2] = 0.0
    aims.arms[:, :, 3] = (10 if coin(rng) else 30) * DEGREE
    return aims
