"""Movements that bend the knees on the spot: squatting, sitting, picking up."""

from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, bump, coin, ease, hold
from ..kinds import kind, repeated
from ..track import DEGREE, Aims, Phrase, Shape, clock


@kind("squat")
def squat(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Going down on bent knees and up again, arms forward for balance."""
    deep, leg = between(rng, 0.3, 0.55), actor.build.leg
    arms = Shape(flexion=between(rng, 50, 95), elbow=between(rng, 5, 40))

    def once() -> Phrase:
        down, up = (between(rng, 0.55, 0.95) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.0, 0.3), between(rng, 0.0, 0.4)
        times = clock(down + wait + up + rest)
        aims = actor.rest(len(times))
        low = hold(times, 0, down, down + wait, down + wait + up)
        depth = deep * between(rng, 0.85, 1.0) * low
        aims.pelvis[:, 2] -= depth * leg
        aims.pelvis[:, 1] -= 0.28 * depth * leg
        aims.tilt[:, 0] += 45 * DEGREE * depth
        aims.bend(depth, pelvis_flexion=35, spine_flexion=20, neck_flexion=-30)
        aims.knees.add_(12 * DEGREE * low[:, None])
        for side in (0, 1):
            aims.flex(side, low, arms)
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
        down, up = (between(rng, 0.9, 1.4) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.1, 1.0), between(rng, 0.0, 0.4)
        late = down + wait
        times = clock(late + up + rest)
        aims = actor.rest(len(times))
        low = hold(times, 0.15 * down, down, late, late + 0.85 * up)
        away = hold(times, 0, 0.9 * down, late + 0.1 * up, late + up)
        aims.pelvis[:, 2] += (seat - actor.height) * low
        aims.pelvis[:, 1] -= back * away
        lean = bump(times, 0, 1.15 * down, 0.6) + bump(times, late - 0.1, late + up, 0.4)
        seated(aims, low, lean, slouch, lap)
        if coin(rng, 0.5):
            aims.bend(bump(times, down, late + 0.5 * up), neck_twist=between(rng, -50, 50))
        return Phrase(aims)

    return repeated(once, seconds)


def seated(
    aims: Aims,
    low: Float[Tensor, " times"],
    lean: Float[Tensor, " times"],
    slouch: float,
    lap: float,
) -> None:
    """Lean forward on the way down and up, and rest slouched, the hands on the lap."""
    aims.tilt[:, 0] += (22 * lean - 8 * low) * DEGREE
    aims.bend(lean, pelvis_flexion=22, spine_flexion=8, neck_flexion=-18)
    aims.bend(low * slouch, pelvis_flexion=0.4, spine_flexion=0.6, neck_flexion=-0.3)
    for side in (0, 1):
        aims.flex(side, low, Shape(flexion=lap - 5, elbow=75 - lap))
        aims.flex(side, lean, Shape(flexion=15, elbow=10))


@kind("pick_up")
def pick_up(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Bending down to take something from the floor, and coming up with it."""
    leg = actor.build.leg

    def once() -> Phrase:
        down, up = (between(rng, 0.8, 1.2) / actor.tempo for _ in range(2))
        wait, rest = between(rng, 0.0, 0.3), between(rng, 0.0, 0.3)
        times = clock(down + wait + up + rest)
        aims = actor.rest(len(times))
        low = hold(times, 0, down, down + wait, down + wait + up)
        knees = between(rng, 0.22, 0.45)
        aims.pelvis[:, 2] -= knees * leg * low
        aims.pelvis[:, 1] -= (0.1 + 0.12 * knees) * leg * low
        aims.tilt[:, 0] += (52 - 45 * knees) * DEGREE * low
        aims.bend(low, pelvis_flexion=26, spine_flexion=16, neck_flexion=-12)
        sides = (0, 1) if coin(rng, 0.5) else (actor.handed,)
        for side in {0, 1} - set(sides):
            aims.flex(side, low, Shape(flexion=25))
        grasp(actor, aims, times, sides, (down, down + wait, down + wait + up), rng)
        return Phrase(aims)

    return repeated(once, seconds)


def grasp(
    actor: Actor,
    aims: Aims,
    times: Float[Tensor, " times"],
    sides: tuple[int, ...],
    marks: tuple[float, float, float],
    rng: Generator,
) -> None:
    """Lead hands to the thing on the floor, and hold it at the belly on the way up.

    Args:
        marks: When the hands are down, when they leave and when the actor stands again.
    """
    down, late, stood = marks
    up, leg = stood - late, actor.build.leg
    height, ahead = between(rng, 0.06, 0.22), between(rng, 0.3, 0.42) * leg
    apart = between(rng, 0.08, 0.16) if len(sides) == 2 else 0.03
    lifting = ease(times, late, late + 0.9 * up)
    end = times[-1].item()
    for side in sides:
        aims.hands[:, side, 0] = apart * (1 - 2 * side)
        aims.hands[:, side, 1] = ahead + (0.3 * leg - ahead) * lifting
        aims.hands[:, side, 2] = height + (actor.height + 0.12 - height) * lifting
        aims.held[:, side] = hold(times, 0.1 * down, 0.95 * down, late + 0.8 * up, end)
