"""Movements in which one leg does something else than the other."""

import math

from torch import Generator

from ..actor import DEGREE, Actor
from ..curves import between, bump, coin, ease, hold, through
from ..kinds import kind, repeated
from ..plant import swing_foot
from ..track import Phrase, clock


@kind("lunge")
def lunge(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """A long step forward, down on the bent front knee, and back again."""
    build, side = actor.build, [actor.handed]
    far, deep = between(rng, 0.7, 0.95) * build.leg, between(rng, 0.28, 0.42) * build.leg
    on_hips = coin(rng, 0.3)

    def once() -> Phrase:
        front = side[0]
        side[0] = 1 - front
        go, back = (between(rng, 0.7, 1.0) / actor.tempo for _ in range(2))
        down, wait, rest = between(rng, 0.3, 0.6), between(rng, 0.0, 0.3), between(rng, 0.1, 0.4)
        late = go + down + wait
        times = clock(late + back + rest)
        aims = actor.rest(len(times))
        out = 0.06 * (1 - 2 * front)
        swing_foot(aims, times, front, (0.05, go), (out, far), 0.2 * build.leg)
        swing_foot(aims, times, front, (late + 0.1, late + back), (-out, -far), 0.16 * build.leg)
        ahead = hold(times, 0, go + 0.5 * down, late, late + back)
        low = hold(times, 0.4 * go, go + down, late, late + 0.8 * back)
        aims.pelvis[:, 1] += 0.55 * far * ahead
        aims.pelvis[:, 2] -= deep * low
        heel = hold(times, 0.5 * go, go + down, late, late + 0.6 * back)
        aims.ankles[:, 1 - front, 2] += 0.1 * build.leg * heel
        aims.ankles[:, 1 - front, 1] += 0.06 * build.leg * heel
        aims.planted[:, 1 - front] *= (heel < 1e-3).double()
        aims.tilt[:, 0] += between(rng, 0, 12) * DEGREE * low
        aims.of("neck_flexion").add_(-5 * DEGREE * low)
        if on_hips:
            rest_on_hips(aims, times)
        else:
            for arm, sign in ((front, -1), (1 - front, 1)):
                aims.arms[:, arm, 2] += sign * 28 * DEGREE * ahead
                aims.arms[:, arm, 3] += 35 * DEGREE * ahead
        return Phrase(aims)

    return repeated(once, seconds)


def rest_on_hips(aims, times) -> None:
    """Both hands on the hips from near the beginning to near the end."""
    on = hold(times, 0, 0.5, times[-1].item() - 0.5, times[-1].item())[:, None]
    aims.arms[:, :, 0] += -28 * DEGREE * on
    aims.arms[:, :, 1] += 40 * DEGREE * on
    aims.arms[:, :, 2] += -25 * DEGREE * on
    aims.arms[:, :, 3] += 75 * DEGREE * on


@kind("kick")
def kick(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Swinging a leg back and kicking forward, low or high."""
    leg = actor.build.leg

    def once() -> Phrase:
        foot = actor.handed if coin(rng, 0.75) else 1 - actor.handed
        high, out = between(rng, 0.15, 0.85), 1 - 2 * foot
        wind, snap = between(rng, 0.4, 0.6) / actor.tempo, between(rng, 0.24, 0.36) / actor.tempo
        home = between(rng, 0.5, 0.7) / actor.tempo
        marks = [0.25, 0.25 + wind, 0.25 + wind + snap, 0.25 + wind + snap + home]
        times = clock(marks[-1] + between(rng, 0.2, 0.6))
        aims = actor.rest(len(times))
        swing, reach = (35 + 50 * high) * DEGREE, 0.95 * leg
        y = through(times, marks, [0, -0.38 * leg, reach * math.sin(swing), 0])
        z = through(times, marks, [0, 0.3 * leg, 0.97 * leg - reach * math.cos(swing), 0])
        z = z - 0.2 * leg * high * bump(times, marks[1], marks[2], 0.4)
        inwards = through(times, marks, [0, 0.02, -actor.width * out, 0])
        aims.ankles[:, foot, 0] += inwards
        aims.ankles[:, foot, 1] += y
        aims.ankles[:, foot, 2] += z.clamp_min(0)
        aims.planted[:, foot] *= ((times < marks[0]) | (times > marks[-1])).double()
        on_one_leg(actor, aims, times, foot, (0, marks[0] + 0.1, marks[-1] - 0.15))
        lean = through(times, marks, [0, 14, -10 - 16 * high, 0]) * DEGREE
        aims.tilt[:, 0] += lean
        aims.of("pelvis_flexion").add_(-0.3 * lean)
        aims.of("spine_flexion").add_(-0.3 * lean)
        turn = through(times, marks, [0, -14, 16, 0]) * DEGREE * out
        aims.tilt[:, 2] += turn
        aims.of("spine_twist").add_(-0.8 * turn)
        for arm, sign in ((foot, -1), (1 - foot, 1)):
            swing = through(times, marks, [0, -20, 45, 0])
            aims.arms[:, arm, 2] += sign * swing * DEGREE
            aims.arms[:, arm, 3] += through(times, marks, [0, 40, 30, 0]) * DEGREE
            aims.arms[:, arm, 1] += through(times, marks, [0, 25, 25, 0]) * DEGREE
        return Phrase(aims)

    return repeated(once, seconds)


def on_one_leg(actor: Actor, aims, times, foot: int, span: tuple[float, float, float]) -> None:
    """Shift the weight off `foot` between the second and the third moment."""
    over = hold(times, span[0], span[1], span[2], times[-1].item())
    aims.pelvis[:, 0] -= 0.75 * actor.width * (1 - 2 * foot) * over
    aims.tilt[:, 1] -= 4 * (1 - 2 * foot) * DEGREE * over
    aims.of("pelvis_side_bend").add_(3 * (1 - 2 * foot) * DEGREE * over)


def step_forward(actor: Actor, aims, times, foot: int, far: float, spans: list[float]) -> None:
    """Step ahead with a foot during the first two moments, and back during the last two."""
    start, land, leave, home = spans
    swing_foot(aims, times, foot, (start, land), (0, far), 0.16 * actor.build.leg)
    swing_foot(aims, times, foot, (leave, home), (0, -far), 0.12 * actor.build.leg)
    ahead = ease(times, start, land + 0.1) - ease(times, leave, home + 0.1)
    aims.pelvis[:, 1] += 0.6 * far * ahead
    aims.pelvis[:, 2] -= 0.04 * actor.build.leg * ahead
