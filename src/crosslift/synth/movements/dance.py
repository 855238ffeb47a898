"""Dancing: steps to a beat with arms, trunk and turns that never quite repeat."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..actor import Actor
from ..curves import between, coin, ease, pick, wander
from ..kinds import kind
from ..plant import Gait, Path, steps
from ..track import DEGREE, Aims, Phrase, Place, Shape, clock
from .gait import FINE

BARS = 4
"""Steps for which a figure of the dance lasts."""


@dataclass(frozen=True)
class Figure:
    """What is done for a bar: steps in metres, degrees of turning and of the limbs."""

    ahead: float
    aside: float
    turn: float
    arms: Shape
    """About which the arms swing."""
    swing: float
    together: bool
    """Whether both arms go up and down at once."""


@kind("dance")
def dance(actor: Actor, seconds: float, rng: Generator) -> Phrase:
    """Dancing to a beat: steps to all sides, turns, swinging arms and hips."""
    cadence = between(rng, 1.7, 2.5)
    count = BARS * max(math.ceil(seconds * cadence / BARS), 2)
    figures = [drawn(actor, rng) for _ in range(count // BARS)]
    times = clock((count + 1.6) / cadence)
    phase = times * cadence - 0.8
    way = dancing_way(actor, figures)
    aims = actor.rest(len(times))
    moving = ease(phase, -0.6, 1.0) * (1 - ease(phase, count - 1.0, count + 0.5))
    groove(aims, phase, way.at(phase), moving, rng)
    arms_of(aims, actor, phase, figures, moving)
    gait = Gait(lift=between(rng, 0.1, 0.2), peak=0.45, lag=1.0, stance=0.4, full=0.3)
    steps(aims, phase, way, gait, actor.toes_out)
    x, y, heading, _ = way.at(phase[-1:])[0].tolist()
    return Phrase(aims, Place(x, y, heading))


def groove(
    aims: Aims,
    phase: Float[Tensor, " times"],
    place: Float[Tensor, "times 4"],
    moving: Float[Tensor, " times"],
    rng: Generator,
) -> None:
    """Carry the pelvis along, with hips and trunk swinging to the beat."""
    half = (math.pi * phase).cos() * moving
    heading, hips = place[:, 2], between(rng, 0.02, 0.06)
    aims.pelvis[:, 0] += place[:, 0] + hips * half * heading.cos()
    aims.pelvis[:, 1] += place[:, 1] + hips * half * heading.sin()
    bob = between(rng, 0.005, 0.025) * (2 * math.pi * phase).cos()
    aims.pelvis[:, 2] -= moving * (between(rng, 0.02, 0.07) + bob)
    aims.tilt[:, 1] -= between(rng, 2, 7) * DEGREE * half
    aims.tilt[:, 2] += heading + wander(phase, rng, 6 * DEGREE, 9) * moving
    aims.bend(half * between(rng, 0.3, 1.0), pelvis_side_bend=6, spine_side_bend=-8)
    aims.bend(half * between(rng, 0.3, 1.0), spine_twist=7)
    aims.bend(wander(phase, rng, 12, 8) * moving, neck_twist=1)
    aims.bend(wander(phase, rng, 5, 9).abs() * moving, spine_flexion=1)


def drawn(actor: Actor, rng: Generator) -> Figure:
    """A figure drawn at random."""
    ahead, aside = WAYS[pick(rng, len(WAYS))]
    turn = between(rng, 30, 85) * (1 if coin(rng) else -1) if coin(rng, 0.35) else 0.0
    return Figure(
        ahead=ahead * actor.build.leg,
        aside=aside * actor.build.leg,
        turn=turn,
        arms=ARMS[pick(rng, len(ARMS))],
        swing=between(rng, 10, 30),
        together=coin(rng),
    )


WAYS = ((0.0, 0.0), (0.25, 0.0), (-0.2, 0.0), (0.0, 0.16), (0.0, -0.16), (0.15, 0.1))
"""Steps ahead and to the right, in lengths of the leg."""
ARMS = (
    Shape(10, 5, 60, 70),
    Shape(80, 0, 80, 40),
    Shape(20, 0, 140, 30),
    Shape(-10, 15, 25, 90),
    Shape(0, 30, 5, 40),
)


def over_bars(phase: Tensor, values: list[float]) -> Float[Tensor, " times"]:
    """A value a bar, each going over into the next."""
    curve = torch.full_like(phase, values[0])
    for bar in range(1, len(values)):
        curve = curve + (values[bar] - values[bar - 1]) * ease(
            phase, BARS * bar - 0.9, BARS * bar + 0.9
        )
    return curve


def dancing_way(actor: Actor, figures: list[Figure]) -> Path:
    """The way of the dance over the floor."""
    count = BARS * len(figures)
    phases = torch.arange(-2 * FINE, (count + 3) * FINE + 1, dtype=torch.float64) / FINE
    going = ease(phases, -0.5, 1.0) * (1 - ease(phases, count - 1.0, count + 0.5))
    turning = over_bars(phases, [figure.turn for figure in figures]) * DEGREE * going
    headings = torch.cumsum(turning, 0) / FINE
    ahead = over_bars(phases, [figure.ahead for figure in figures])
    aside = over_bars(phases, [figure.aside for figure in figures])
    cos, sin = headings.cos(), headings.sin()
    moves = torch.stack([aside * cos - ahead * sin, aside * sin + ahead * cos], dim=-1)
    places = torch.cumsum(moves * going[:, None], 0) / FINE
    return Path(phases, places, headings, torch.full_like(phases, actor.width))


def arms_of(
    aims: Aims, actor: Actor, phase: Tensor, figures: list[Figure], moving: Float[Tensor, " times"]
) -> None:
    """Swing the arms about each figure's shape."""
    swing = over_bars(phase, [figure.swing for figure in figures])
    both = over_bars(phase, [float(figure.together) for figure in figures])
    beat = (math.pi * phase).sin() * swing
    for side, sign in ((0, 1.0), (1, -1.0)):
        for number, column in enumerate(Shape._fields):
            here = over_bars(phase, [figure.arms[number] for figure in figures])
            aims.flex(side, here * moving, Shape(**{column: 1}))
        actor.put_arm(aims, side, Shape(), moving)
        mixed = beat * (both + (1 - both) * sign) * moving
        aims.flex(side, mixed, Shape(twist=0.5, abduction=0.1, flexion=1, elbow=0.6))
