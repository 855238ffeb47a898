"""Movements of the arms while the feet stay, or nearly so.

An arm that is twisted outwards by a right angle and flexed by one points to its side, its elbow
bending upwards; flexed without a twist it points ahead, and up beyond a right angle.
"""

import math

from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import DEGREE, Actor
from ..curves import between, bump, coin, ease, hold, through
from ..kinds import kind, repeated
from ..track import Aims, Phrase, clock
from .legs import step_forward

Shape = tuple[float, float, float, float]
"""Degrees of an arm: twist outwards, abduction, flexion, elbow; instead of those at rest."""


def arm_to(
    actor: Actor, aims: Aims, side: int, shape: Shape, share: Float[Tensor, " times"]
) -> None:
    """Move an arm from where it is at rest to a shape, by a share."""
    rest = (0.0, actor.arms_out, 0.0, actor.elbows)
    for column, (degrees, at_rest) in enumerate(zip(shape, rest, strict=True)):
        aims.arms[:, side, column] += (degrees * DEGREE - at_rest) * share


@kind("wave")
def wave(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Raising a hand and waving it from side to side."""
    side = actor.handed if coin(rng, 0.85) else 1 - actor.handed
    shape = (between(rng, 55, 95), between(rng, 0, 12), between(rng, 75, 125), between(rng, 65, 95))
    both = coin(rng, 0.15)

    def once() -> Phrase:
        rise, waving = between(rng, 0.5, 0.9) / actor.tempo, between(rng, 1.0, 2.6)
        rate, swing = between(rng, 1.2, 2.1) * actor.tempo, between(rng, 18, 34)
        times = clock(2 * rise + waving + between(rng, 0.0, 0.4))
        aims = actor.rest(len(times))
        up = hold(times, 0, rise, rise + waving, 2 * rise + waving)
        beat = (2 * math.pi * rate * (times - 0.6 * rise)).sin()
        beat = beat * hold(times, 0.6 * rise, 1.2 * rise, 0.8 * rise + waving, 1.3 * rise + waving)
        for arm in (0, 1) if both else (side,):
            arm_to(actor, aims, arm, shape, up)
            aims.arms[:, arm, 3] += swing * DEGREE * beat
            aims.arms[:, arm, 2] -= 0.4 * swing * DEGREE * beat
        aside = 2 * side - 1
        aims.of("spine_side_bend").add_(aside * (3 * up + 1.5 * beat) * DEGREE)
        aims.of("pelvis_side_bend").add_(aside * 2 * up * DEGREE)
        aims.of("spine_twist").add_(4 * beat * DEGREE)
        aims.pelvis[:, 0] -= aside * (0.03 * up + 0.018 * beat)
        return Phrase(aims)

    return repeated(once, seconds)


@kind("reach")
def reach(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Reaching with a hand for things ahead, above, aside and below."""

    def once() -> Phrase:
        side = actor.handed if coin(rng, 0.65) else 1 - actor.handed
        sign = 2 * side - 1
        shape = (
            between(rng, -25, 85),
            between(rng, -5, 10),
            between(rng, 40, 165),
            between(rng, 5, 35),
        )
        go, back = (between(rng, 0.5, 0.8) / actor.tempo for _ in range(2))
        wait = between(rng, 0.0, 0.25)
        times = clock(go + wait + back + between(rng, 0.0, 0.2))
        aims = actor.rest(len(times))
        out = hold(times, 0, go, go + wait, go + wait + back)
        arm_to(actor, aims, side, shape, out)
        if coin(rng, 0.3):
            arm_to(actor, aims, 1 - side, (*shape[:3], shape[3] + 10), out)
        lean = between(rng, 8, 28) * DEGREE * out * (1 if shape[2] < 110 else -0.3)
        aside = shape[0] / 85
        aims.tilt[:, 0] += 0.3 * lean * (1 - abs(aside))
        aims.of("pelvis_flexion").add_(lean * (1 - abs(aside)))
        aims.of("spine_side_bend").add_(-sign * lean * aside)
        turn = sign * (18 - 30 * aside) * DEGREE * out
        aims.of("spine_twist").add_(0.5 * turn)
        aims.of("thorax_twist").add_(0.5 * turn)
        aims.tilt[:, 2] += 0.6 * turn
        aims.of("neck_flexion").add_((90 - shape[2]) * 0.25 * DEGREE * out)
        aims.of("neck_twist").add_(-sign * 35 * aside * DEGREE * out)
        aims.pelvis[:, 1] += 0.07 * out * (1 - abs(aside))
        aims.pelvis[:, 0] -= sign * 0.06 * aside * out
        aims.pelvis[:, 2] -= between(rng, 0.01, 0.1) * out
        return Phrase(aims)

    return repeated(once, seconds)


@kind("throw")
def throw(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Throwing overhand: drawing the arm back, a step, the throw and the follow-through."""
    side = actor.handed
    sign, other = 1 - 2 * side, 1 - side
    far, raised = between(rng, 0.35, 0.6) * actor.build.leg, between(rng, 85, 110)

    def once() -> Phrase:
        wind, cast = between(rng, 0.6, 0.9) / actor.tempo, between(rng, 0.28, 0.4) / actor.tempo
        follow, home = between(rng, 0.3, 0.5), between(rng, 0.6, 0.9) / actor.tempo
        a, b, c = wind, wind + cast, wind + cast + follow
        times = clock(c + home + between(rng, 0.2, 0.6))
        aims = actor.rest(len(times))
        step_forward(actor, aims, times, other, far, [0.45 * a, a + 0.3 * cast, c, c + home])
        marks = [0.0, a, b, c, c + home]
        rest = (0.0, actor.arms_out / DEGREE, 0.0, actor.elbows / DEGREE)
        curves = zip(
            *(rest, (100, 0, raised, 105), (15, 0, raised + 15, 25), (-30, 0, 25, 30), rest),
            strict=True,
        )
        for column, values in enumerate(curves):
            change = [value - rest[column] for value in values]
            aims.arms[:, side, column] += through(times, marks, change) * DEGREE
        arm_to(actor, aims, other, (30, 5, 75, 25), bump(times, 0.1 * a, b + 0.2, 0.6))
        turn = -sign * through(times, marks, [0, 38, -30, -38, 0]) * DEGREE
        aims.tilt[:, 2] += 0.55 * turn
        aims.of("pelvis_twist").add_(0.15 * turn)
        aims.of("spine_twist").add_(0.35 * turn)
        aims.of("thorax_twist").add_(0.35 * turn)
        aims.of("neck_twist").add_(-1.2 * turn)
        bend = through(times, marks, [0, -8, 14, 26, 0]) * DEGREE
        aims.tilt[:, 0] += 0.4 * bend
        aims.of("pelvis_flexion").add_(0.5 * bend)
        aims.of("spine_flexion").add_(0.4 * bend)
        aims.of("neck_flexion").add_(-0.6 * bend)
        aims.pelvis[:, 1] -= 0.08 * bump(times, 0, b, 0.6)
        return Phrase(aims)

    return repeated(once, seconds)


@kind("punch")
def punch(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Boxing: fists before the chin, quick straight punches from a bouncing stance."""
    guard = (
        between(rng, -10, 15),
        between(rng, 0, 12),
        between(rng, 25, 45),
        between(rng, 105, 125),
    )

    def once() -> Phrase:
        count = 3 + int(between(rng, 0, 5))
        beat = between(rng, 0.42, 0.7) / actor.tempo
        times = clock(1.0 + count * beat + between(rng, 0.0, 0.3))
        aims = actor.rest(len(times))
        ready = hold(times, 0, 0.5, 0.5 + count * beat, 1.0 + count * beat)
        for side in (0, 1):
            arm_to(actor, aims, side, guard, ready)
        crouch = between(rng, 0.02, 0.06) * actor.build.leg
        aims.pelvis[:, 2] -= ready * crouch * (1 + 0.4 * (2 * math.pi / beat * times).sin())
        aims.pelvis[:, 0] += 0.05 * ready * (math.pi / beat * times).sin()
        aims.pelvis[:, 1] += 0.03 * ready * (0.7 * math.pi / beat * times).sin()
        aims.of("spine_flexion").add_(10 * DEGREE * ready)
        aims.of("neck_flexion").add_(4 * DEGREE * ready)
        for number in range(count):
            side = (number + actor.handed) % 2 if coin(rng, 0.8) else 1 - actor.handed
            start = 0.5 + number * beat
            strike = bump(times, start, start + 0.95 * beat, 0.42)
            hit(aims, side, strike, between(rng, 0.7, 1.0))
        return Phrase(aims)

    return repeated(once, seconds)


def hit(aims: Aims, side: int, strike: Float[Tensor, " times"], force: float) -> None:
    """Stretch an arm from the guard straight ahead, with the trunk behind it."""
    sign = 1 - 2 * side
    aims.arms[:, side, 2] += 52 * force * DEGREE * strike
    aims.arms[:, side, 3] -= 92 * force * DEGREE * strike
    aims.arms[:, side, 0] -= 10 * DEGREE * strike
    turn = sign * 24 * force * DEGREE * strike
    aims.tilt[:, 2] += 0.5 * turn
    aims.of("spine_twist").add_(0.5 * turn)
    aims.of("thorax_twist").add_(0.4 * turn)
    aims.of("neck_twist").add_(-1.2 * turn)
    aims.of("pelvis_flexion").add_(5 * DEGREE * strike)
    aims.pelvis[:, 1] += 0.03 * strike


@kind("stretch")
def stretch(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Stretching: arms up over the head or out to the sides, bending to each side."""

    def once() -> Phrase:
        up, wait, down = (between(rng, *span) / actor.tempo for span in SPANS)
        times = clock(up + wait + down + between(rng, 0.0, 0.3))
        aims = actor.rest(len(times))
        high = hold(times, 0, up, up + wait, up + wait + down)
        aside = coin(rng, 0.4)
        flexion = between(rng, 85, 100) if aside else between(rng, 145, 168)
        shape = (80.0 if aside else between(rng, 5, 25), 5.0, flexion, between(rng, 4, 30))
        for side in (0, 1):
            arm_to(actor, aims, side, shape, high)
        middle = up + 0.5 * wait
        sway = through(times, [0.7 * up, middle, up + wait, up + wait + 0.5 * down], [0, 1, -1, 0])
        sway = sway * between(rng, 12, 24) * DEGREE
        sway = sway * (1 + 0.15 * (7 * times).sin())
        for angle, share in (
            ("pelvis_side_bend", 0.4),
            ("spine_side_bend", 0.7),
            ("thorax_side_bend", 0.3),
        ):
            aims.of(angle).add_(share * sway)
        aims.pelvis[:, 0] -= 0.35 * sway + 0.02 * high * (3.3 * times).sin()
        aims.pelvis[:, 2] -= 0.03 * high * (2.1 * times).sin() ** 2
        twist = between(rng, -25, 25) * DEGREE * bump(times, 0.5 * up, up + wait + 0.5 * down)
        aims.of("spine_twist").add_(0.6 * twist)
        aims.of("thorax_twist").add_(0.4 * twist)
        aims.of("neck_flexion").add_(-8 * DEGREE * high)
        return Phrase(aims)

    return repeated(once, seconds)


SPANS = ((0.7, 1.1), (0.8, 1.4), (0.6, 0.9))
"""Least and greatest seconds of going up, of staying there and of coming down."""
