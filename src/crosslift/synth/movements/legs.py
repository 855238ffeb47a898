"""Movements in which one leg does something else than the other."""

import itertools
import math

from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, bump, coin, ease, hold, through
from ..kinds import kind, repeated
from ..plant import swing_foot
from ..track import DEGREE, Aims, Phrase, Shape, clock

ON_HIPS = Shape(twist=-28, abduction=40, flexion=-25, elbow=75)


@kind("lunge")
def lunge(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """A long step forward, down on the bent front knee, and back again."""
    leg, sides = actor.build.leg, itertools.cycle((actor.handed, 1 - actor.handed))
    far, deep = between(rng, 0.7, 0.95) * leg, between(rng, 0.28, 0.42) * leg
    on_hips = coin(rng, 0.3)

    def once() -> Phrase:
        front = next(sides)
        go, back = (between(rng, 0.7, 1.0) / actor.tempo for _ in range(2))
        down, wait, rest = between(rng, 0.3, 0.6), between(rng, 0.0, 0.3), between(rng, 0.1, 0.4)
        late = go + down + wait
        times = clock(late + back + rest)
        aims = actor.rest(len(times))
        out = 0.06 * (1 - 2 * front)
        swing_foot(aims, times, front, (0.05, go), (out, far), 0.2 * leg)
        swing_foot(aims, times, front, (late + 0.1, late + back), (-out, -far), 0.16 * leg)
        ahead = hold(times, 0, go + 0.5 * down, late, late + back)
        low = hold(times, 0.4 * go, go + down, late, late + 0.8 * back)
        aims.pelvis[:, 1] += 0.55 * far * ahead
        aims.pelvis[:, 2] -= deep * low
        aims.tilt[:, 0] += between(rng, 0, 12) * DEGREE * low
        aims.bend(low, neck_flexion=-5)
        raise_heel(aims, 1 - front, leg, hold(times, 0.5 * go, go + down, late, late + 0.6 * back))
        lunging_arms(aims, times, front, ahead, on_hips)
        return Phrase(aims)

    return repeated(once, seconds)


def raise_heel(aims: Aims, side: int, leg: float, share: Float[Tensor, " times"]) -> None:
    """Roll a foot onto its toes."""
    aims.ankles[:, side, 2] += 0.1 * leg * share
    aims.ankles[:, side, 1] += 0.06 * leg * share
    aims.planted[:, side] *= (share < 1e-3).double()


def lunging_arms(
    aims: Aims,
    times: Float[Tensor, " times"],
    front: int,
    ahead: Float[Tensor, " times"],
    on_hips: bool,
) -> None:
    """Both hands on the hips, or each arm swung with the other leg."""
    end = times[-1].item()
    for side in (0, 1):
        if on_hips:
            aims.flex(side, hold(times, 0, 0.5, end - 0.5, end), ON_HIPS)
        else:
            swing = -28 if side == front else 28
            aims.flex(side, ahead, Shape(flexion=swing, elbow=35))


@kind("kick")
def kick(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Swinging a leg back and kicking forward, low or high."""

    def once() -> Phrase:
        foot = actor.handed if coin(rng, 0.75) else 1 - actor.handed
        high = between(rng, 0.15, 0.85)
        wind, snap = between(rng, 0.35, 0.5) / actor.tempo, between(rng, 0.24, 0.36) / actor.tempo
        home = between(rng, 0.45, 0.6) / actor.tempo
        back, hit = 0.15 + wind, 0.15 + wind + snap
        marks = [0.15, back, hit, hit + home]
        times = clock(marks[-1] + between(rng, 0.0, 0.3))
        aims = actor.rest(len(times))
        kicking_foot(actor, aims, times, marks, foot, high)
        on_one_leg(actor, aims, times, foot, (marks[0] + 0.1, marks[-1] - 0.15))
        balance(aims, times, marks, foot, high)
        return Phrase(aims)

    return repeated(once, seconds)


def kicking_foot(
    actor: Actor,
    aims: Aims,
    times: Float[Tensor, " times"],
    marks: list[float],
    foot: int,
    high: float,
) -> None:
    """Lead the foot back, forward on a low arc to the height of the kick, and home."""
    leg, swing = actor.build.leg, (35 + 50 * high) * DEGREE
    ahead, up = 1.01 * leg * math.sin(swing), (0.98 - 1.01 * math.cos(swing)) * leg
    in_air = [marks[0] + 0.1, *marks[1:3], marks[3] - 0.1]
    dip = 0.2 * leg * high * bump(times, marks[1], marks[2], 0.4)
    inwards = -actor.width * (1 - 2 * foot)
    aims.ankles[:, foot, 0] += through(times, in_air, [0, 0.02, inwards, 0])
    aims.ankles[:, foot, 1] += through(times, in_air, [0, -0.38 * leg, ahead, 0])
    aims.ankles[:, foot, 2] += through(times, marks, [0, 0.3 * leg, up, 0]) - dip
    aims.planted[:, foot] *= ((times < marks[0]) | (times > marks[-1])).double()


def on_one_leg(
    actor: Actor,
    aims: Aims,
    times: Float[Tensor, " times"],
    foot: int,
    span: tuple[float, float],
) -> None:
    """Shift the weight off `foot` until the first moment, and back on it after the second."""
    sign = 1 - 2 * foot
    over = hold(times, 0, span[0], span[1], times[-1].item())
    aims.pelvis[:, 0] -= 0.75 * actor.width * sign * over
    aims.tilt[:, 1] -= 4 * sign * DEGREE * over
    aims.bend(over, pelvis_side_bend=3 * sign)


def balance(
    aims: Aims, times: Float[Tensor, " times"], marks: list[float], foot: int, high: float
) -> None:
    """Lean and turn against a kicking leg, and swing the arms against it."""
    sign = 1 - 2 * foot
    lean = through(times, marks, [0, 14, -10 - 16 * high, 0])
    aims.tilt[:, 0] += lean * DEGREE
    aims.bend(lean, pelvis_flexion=-0.3, spine_flexion=-0.2)
    turn = sign * through(times, marks, [0, -14, 16, 0])
    aims.tilt[:, 2] += turn * DEGREE
    aims.bend(turn, spine_twist=-0.8)
    swing = through(times, marks, [0, -20, 45, 0])
    bend = through(times, marks, [0, 40, 30, 0])
    out = through(times, marks, [0, 25, 25, 0])
    for arm in (0, 1):
        aims.flex(arm, swing * (-1 if arm == foot else 1), Shape(flexion=1))
        aims.flex(arm, bend, Shape(elbow=1))
        aims.flex(arm, out, Shape(abduction=1))


def step_forward(
    actor: Actor,
    aims: Aims,
    times: Float[Tensor, " times"],
    foot: int,
    far: float,
    marks: list[float],
) -> None:
    """Step ahead with a foot between the first two moments, and back between the last two."""
    start, land, leave, home = marks
    swing_foot(aims, times, foot, (start, land), (0, far), 0.16 * actor.build.leg)
    swing_foot(aims, times, foot, (leave, home), (0, -far), 0.12 * actor.build.leg)
    ahead: Tensor = ease(times, start, land + 0.1) - ease(times, leave, home + 0.1)
    aims.pelvis[:, 1] += 0.6 * far * ahead
    aims.pelvis[:, 2] -= 0.04 * actor.build.leg * ahead
