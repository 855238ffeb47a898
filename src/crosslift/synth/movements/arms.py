"""Movements of the arms while the feet stay, or nearly so.

An arm that is twisted outwards by a right angle and flexed by one points to its side, its elbow
bending upwards; flexed without a twist it points ahead, and up beyond a right angle.
"""

import math

from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, bump, coin, hold, through
from ..kinds import kind, repeated
from ..track import DEGREE, Aims, Phrase, Shape, clock
from .legs import step_forward


@kind("wave")
def wave(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Raising a hand and waving it from side to side."""
    side = actor.handed if coin(rng, 0.85) else 1 - actor.handed
    arms = (0, 1) if coin(rng, 0.15) else (side,)
    shape = Shape(
        between(rng, 55, 95), between(rng, 0, 12), between(rng, 75, 125), between(rng, 65, 95)
    )

    def once() -> Phrase:
        rise, waving = between(rng, 0.5, 0.9) / actor.tempo, between(rng, 1.0, 2.6)
        rate, swing = between(rng, 1.2, 2.1) * actor.tempo, between(rng, 18, 34)
        times = clock(2 * rise + waving + between(rng, 0.0, 0.4))
        aims = actor.rest(len(times))
        up = hold(times, 0, rise, rise + waving, 2 * rise + waving)
        beat = (2 * math.pi * rate * (times - 0.6 * rise)).sin()
        beat = beat * hold(times, 0.6 * rise, 1.2 * rise, 0.8 * rise + waving, 1.3 * rise + waving)
        for arm in arms:
            actor.put_arm(aims, arm, shape, up)
            aims.flex(arm, beat * swing, Shape(flexion=-0.4, elbow=1))
        aside = 2 * side - 1
        aims.bend(aside * up, spine_side_bend=3, pelvis_side_bend=2)
        aims.bend(beat, spine_side_bend=1.5 * aside, spine_twist=4)
        aims.pelvis[:, 0] -= aside * (0.03 * up + 0.018 * beat)
        return Phrase(aims)

    return repeated(once, seconds)


@kind("reach")
def reach(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Reaching with a hand for things ahead, above, aside and below."""

    def once() -> Phrase:
        side = actor.handed if coin(rng, 0.65) else 1 - actor.handed
        shape = Shape(
            between(rng, -25, 85), between(rng, -5, 10), between(rng, 40, 165), between(rng, 5, 35)
        )
        go, back = (between(rng, 0.5, 0.8) / actor.tempo for _ in range(2))
        wait = between(rng, 0.0, 0.25)
        times = clock(go + wait + back + between(rng, 0.0, 0.2))
        aims = actor.rest(len(times))
        out = hold(times, 0, go, go + wait, go + wait + back)
        actor.put_arm(aims, side, shape, out)
        if coin(rng, 0.3):
            actor.put_arm(aims, 1 - side, shape._replace(elbow=shape.elbow + 10), out)
        follow(aims, side, shape, out, between(rng, 8, 28))
        aims.pelvis[:, 2] -= between(rng, 0.01, 0.1) * out
        return Phrase(aims)

    return repeated(once, seconds)


def follow(aims: Aims, side: int, shape: Shape, out: Float[Tensor, " times"], lean: float) -> None:
    """Lean and turn trunk and head after a hand that reaches out."""
    sign, aside = 2 * side - 1, shape.twist / 85
    straight = 1 - abs(aside)
    lean = lean if shape.flexion < 110 else -0.2 * lean
    turn = sign * (18 - 30 * aside)
    aims.tilt[:, 0] += 0.3 * lean * straight * DEGREE * out
    aims.tilt[:, 2] += 0.6 * turn * DEGREE * out
    aims.bend(out, pelvis_flexion=lean * straight, spine_side_bend=-sign * lean * aside)
    aims.bend(out, spine_twist=0.5 * turn, thorax_twist=0.5 * turn)
    aims.bend(out, neck_flexion=0.25 * (90 - shape.flexion), neck_twist=-35 * sign * aside)
    aims.pelvis[:, 1] += 0.07 * out * straight
    aims.pelvis[:, 0] -= 0.06 * sign * aside * out


@kind("throw")
def throw(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Throwing overhand: drawing the arm back, a step, the throw and the follow-through."""
    side, other = actor.handed, 1 - actor.handed
    far, raised = between(rng, 0.35, 0.6) * actor.build.leg, between(rng, 85, 110)

    def once() -> Phrase:
        wind, cast = between(rng, 0.6, 0.9) / actor.tempo, between(rng, 0.28, 0.4) / actor.tempo
        drawn, loose = wind, wind + cast
        after = loose + between(rng, 0.3, 0.5)
        home = after + between(rng, 0.6, 0.9) / actor.tempo
        times = clock(home + between(rng, 0.2, 0.6))
        aims = actor.rest(len(times))
        step = [0.45 * drawn, drawn + 0.3 * cast, after, home]
        step_forward(actor, aims, times, other, far, step)
        marks = [0.0, drawn, loose, after, home]
        throwing_arm(actor, aims, times, marks, raised)
        balancing = bump(times, 0.1 * drawn, loose + 0.2, 0.6)
        actor.put_arm(aims, other, Shape(30, 5, 75, 25), balancing)
        throwing_trunk(aims, times, marks, side)
        aims.pelvis[:, 1] -= 0.08 * bump(times, 0, loose, 0.6)
        return Phrase(aims)

    return repeated(once, seconds)


def throwing_arm(
    actor: Actor, aims: Aims, times: Float[Tensor, " times"], marks: list[float], raised: float
) -> None:
    """From rest to drawn back, stretched ahead, across the body, and to rest."""
    rest = Shape(0, actor.arms_out / DEGREE, 0, actor.elbows / DEGREE)
    drawn, loose = Shape(100, 0, raised, 105), Shape(15, 0, raised + 15, 25)
    shapes = (rest, drawn, loose, Shape(-30, 0, 25, 30), rest)
    for column, values in enumerate(zip(*shapes, strict=True)):
        change = through(times, marks, [value - rest[column] for value in values])
        aims.arms[:, actor.handed, column] += change * DEGREE


def throwing_trunk(
    aims: Aims, times: Float[Tensor, " times"], marks: list[float], side: int
) -> None:
    """Turn away and back, then through and over, with the eyes kept on the aim."""
    turn = (2 * side - 1) * through(times, marks, [0, 38, -30, -38, 0])
    aims.tilt[:, 2] += 0.55 * turn * DEGREE
    aims.bend(turn, pelvis_twist=0.15, spine_twist=0.35, thorax_twist=0.35, neck_twist=-1.2)
    bend = through(times, marks, [0, -8, 14, 26, 0])
    aims.tilt[:, 0] += 0.4 * bend * DEGREE
    aims.bend(bend, pelvis_flexion=0.5, spine_flexion=0.4, neck_flexion=-0.6)


@kind("punch")
def punch(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Boxing: fists before the chin, quick straight punches from a bouncing stance."""
    guard = Shape(
        between(rng, -10, 15), between(rng, 0, 12), between(rng, 25, 45), between(rng, 105, 125)
    )

    def once() -> Phrase:
        count = 3 + int(between(rng, 0, 5))
        beat = between(rng, 0.42, 0.7) / actor.tempo
        times = clock(1.0 + count * beat + between(rng, 0.0, 0.3))
        aims = actor.rest(len(times))
        ready = hold(times, 0, 0.5, 0.5 + count * beat, 1.0 + count * beat)
        for side in (0, 1):
            actor.put_arm(aims, side, guard, ready)
        bounce(aims, times, ready, beat, between(rng, 0.02, 0.06) * actor.build.leg)
        for number in range(count):
            side = (number + actor.handed) % 2 if coin(rng, 0.8) else 1 - actor.handed
            start = 0.5 + number * beat
            hit(aims, side, bump(times, start, start + 0.95 * beat, 0.42), between(rng, 0.7, 1.0))
        return Phrase(aims)

    return repeated(once, seconds)


def bounce(
    aims: Aims,
    times: Float[Tensor, " times"],
    ready: Float[Tensor, " times"],
    beat: float,
    depth: float,
) -> None:
    """Bob and weave over bent knees."""
    quick, slow = (2 * math.pi / beat * times).sin(), (math.pi / beat * times).sin()
    aims.pelvis[:, 2] -= ready * depth * (1 + 0.4 * quick)
    aims.pelvis[:, 0] += 0.05 * ready * slow
    aims.pelvis[:, 1] += 0.03 * ready * (0.7 * math.pi / beat * times).sin()
    aims.bend(ready, spine_flexion=10, neck_flexion=4)


def hit(aims: Aims, side: int, strike: Float[Tensor, " times"], force: float) -> None:
    """Stretch an arm from the guard straight ahead, with the trunk behind it."""
    aims.flex(side, strike, Shape(twist=-10, flexion=52 * force, elbow=-92 * force))
    turn = 24 * force * (1 - 2 * side)
    aims.tilt[:, 2] += 0.5 * turn * DEGREE * strike
    aims.bend(strike, spine_twist=0.5 * turn, thorax_twist=0.4 * turn, neck_twist=-1.2 * turn)
    aims.bend(strike, pelvis_flexion=5)
    aims.pelvis[:, 1] += 0.03 * strike


@kind("stretch")
def stretch(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Stretching: arms up over the head or out to the sides, bending to each side."""

    def once() -> Phrase:
        up, wait, down = (between(rng, *span) / actor.tempo for span in SPANS)
        times = clock(up + wait + down + between(rng, 0.0, 0.2))
        aims = actor.rest(len(times))
        high = hold(times, 0, up, up + wait, up + wait + down)
        if coin(rng, 0.4):
            shape = Shape(80, 5, between(rng, 85, 100), between(rng, 4, 30))
        else:
            shape = Shape(between(rng, 5, 25), 5, between(rng, 145, 168), between(rng, 4, 30))
        for side in (0, 1):
            actor.put_arm(aims, side, shape, high)
        ends = [0.5 * up, up + 0.4 * wait, up + wait, up + wait + 0.7 * down]
        sideways = through(times, ends, [0, 1, -1, 0]) * between(rng, 12, 24)
        twist = between(rng, -25, 25) * bump(times, 0.5 * up, up + wait + 0.5 * down)
        aims.bend(sideways, pelvis_side_bend=0.4, spine_side_bend=0.7, thorax_side_bend=0.3)
        aims.bend(twist, spine_twist=0.6, thorax_twist=0.4)
        aims.bend(high, neck_flexion=-8)
        aims.tilt[:, 1] -= 0.25 * sideways * DEGREE
        aims.pelvis[:, 0] -= 0.45 * sideways * DEGREE
        aims.pelvis[:, 2] -= 0.06 * high * (2 * math.pi * times / (up + wait)).sin() ** 2
        return Phrase(aims)

    return repeated(once, seconds)


SPANS = ((0.65, 1.0), (0.8, 1.4), (0.6, 0.9))
"""Least and greatest seconds of going up, of staying there and of coming down."""
