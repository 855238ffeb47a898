"""Movements that bend the knees on the spot: squatting, sitting, picking up."""

from torch import Generator

from ..actor import DEGREE, Actor
from ..curves import between, bump, coin, ease, hold
from ..kinds import kind, repeated
from ..track import Phrase, clock


@kind("squat")
def squat(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Going down on bent knees and up again, arms forward for balance."""
    deep, arms, elbows = between(rng, 0.3, 0.55), between(rng, 50, 95), between(rng, 5, 40)

    def once() -> Phrase:
        down, up = (between(rng, 0.65, 1.1) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.0, 0.3), between(rng, 0.0, 0.4)
        times = clock(down + wait + up + rest)
        aims = actor.rest(len(times))
        low = hold(times, 0, down, down + wait, down + wait + up)
        depth = deep * between(rng, 0.85, 1.0)
        aims.pelvis[:, 2] -= depth * actor.build.leg * low
        aims.pelvis[:, 1] -= 0.28 * depth * actor.build.leg * low
        aims.tilt[:, 0] += 45 * depth * DEGREE * low
        aims.of("pelvis_flexion").add_(35 * depth * DEGREE * low)
        aims.of("spine_flexion").add_(20 * depth * DEGREE * low)
        aims.of("neck_flexion").add_(-30 * depth * DEGREE * low)
        aims.knees.add_(12 * DEGREE * low[:, None])
        aims.arms[:, :, 2] += arms * DEGREE * low[:, None]
        aims.arms[:, :, 3] += elbows * DEGREE * low[:, None]
        return Phrase(aims)

    return repeated(once, seconds)


@kind("sit")
def sit(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Sitting down on a seat and standing up again."""
    build = actor.build
    seat = build.ankle + build.shin * between(rng, 0.95, 1.15)
    back = build.thigh * between(rng, 0.8, 0.95)
    slouch, lap = between(rng, 0, 25), between(rng, 20, 45)

    def once() -> Phrase:
        down, up = (between(rng, 0.8, 1.2) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.1, 1.0), between(rng, 0.0, 0.4)
        times = clock(down + wait + up + rest)
        aims = actor.rest(len(times))
        late = down + wait
        low = hold(times, 0.15 * down, down, late, late + 0.85 * up)
        away = hold(times, 0, 0.9 * down, late + 0.1 * up, late + up)
        bend = bump(times, 0, 1.15 * down, 0.6) + bump(times, late - 0.1, late + up, 0.4)
        aims.pelvis[:, 2] += (seat - actor.height) * low
        aims.pelvis[:, 1] -= back * away
        aims.tilt[:, 0] += (22 * bend - 8 * low) * DEGREE
        aims.of("pelvis_flexion").add_((22 * bend + 0.4 * slouch * low) * DEGREE)
        aims.of("spine_flexion").add_((8 * bend + 0.6 * slouch * low) * DEGREE)
        aims.of("neck_flexion").add_((-18 * bend - 0.3 * slouch * low) * DEGREE)
        aims.arms[:, :, 2] += ((lap - 5) * low + 15 * bend)[:, None] * DEGREE
        aims.arms[:, :, 3] += ((75 - lap) * low + 10 * bend)[:, None] * DEGREE
        if coin(rng, 0.5):
            look = between(rng, -50, 50) * DEGREE
            aims.of("neck_twist").add_(look * bump(times, down, late + 0.5 * up, 0.5))
        return Phrase(aims)

    return repeated(once, seconds)


@kind("pick_up")
def pick_up(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Bending down to take something from the floor, and coming up with it."""
    build = actor.build

    def once() -> Phrase:
        down, up = (between(rng, 0.8, 1.2) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.0, 0.3), between(rng, 0.0, 0.3)
        times = clock(down + wait + up + rest)
        aims = actor.rest(len(times))
        low = hold(times, 0, down, down + wait, down + wait + up)
        knees = between(rng, 0.22, 0.45)
        aims.pelvis[:, 2] -= knees * build.leg * low
        aims.pelvis[:, 1] -= (0.1 + 0.12 * knees) * build.leg * low
        aims.tilt[:, 0] += (52 - 45 * knees) * DEGREE * low
        aims.of("pelvis_flexion").add_(26 * DEGREE * low)
        aims.of("spine_flexion").add_(16 * DEGREE * low)
        aims.of("neck_flexion").add_(-12 * DEGREE * low)
        sides = (0, 1) if coin(rng, 0.5) else (actor.handed,)
        grasp(actor, aims, times, sides, (down, wait, up), rng)
        return Phrase(aims)

    return repeated(once, seconds)


def grasp(actor, aims, times, sides, spans, rng) -> None:
    """Lead hands to the thing on the floor, and hold it at the belly on the way up."""
    down, wait, up = spans
    build, late = actor.build, down + wait
    height, ahead = between(rng, 0.06, 0.22), between(rng, 0.3, 0.42) * build.leg
    for side in sides:
        out = (1 - 2 * side) * (between(rng, 0.08, 0.16) if len(sides) == 2 else 0.03)
        aims.hands[:, side, 0] = out
        aims.hands[:, side, 1] = ahead
        aims.hands[:, side, 2] = height
        lifting = ease(times, late, late + 0.9 * up)
        aims.hands[:, side, 1] += (0.3 * build.leg - ahead) * lifting
        aims.hands[:, side, 2] += (actor.height + 0.12 - height) * lifting
        aims.held[:, side] = hold(times, 0.1 * down, 0.95 * down, late + 0.8 * up, times[-1].item())
    for side in {0, 1} - set(sides):
        low = hold(times, 0, down, late, late + up)
        aims.arms[:, side, 2] += 25 * DEGREE * low
