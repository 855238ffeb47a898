"""Feet that stand where they are put: footsteps along a path, and the path itself.

Time is told in steps: the right foot is in the middle of its stance at even phases, the left one
at odd phases. Between two stances a foot swings to where the body will be in the middle of its
next stance, so that any path, heading and pace give feet that do not slide.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from .curves import ease
from .track import Aims

AIRBORNE = (0.06, 0.94)
"""The part of a swing in which a foot travels: it is up before, and down again after."""
MOST = 0.6
"""Radians by which a knee can point away from where the pelvis faces, beyond the toes."""


@dataclass(frozen=True, eq=False)
class Path:
    """Where the body is to be at each phase, as a finely sampled function of the phase."""

    phases: Float[Tensor, " samples"]
    places: Float[Tensor, "samples 2"]
    headings: Float[Tensor, " samples"]
    widths: Float[Tensor, " samples"]
    """How far each foot is set down from the middle, in metres."""

    def at(self, phases: Float[Tensor, " times"]) -> Float[Tensor, "times 4"]:
        """x, y, heading and width; still before the first phase and after the last."""
        step = self.phases[1] - self.phases[0]
        at = ((phases - self.phases[0]) / step).clamp(0, len(self.phases) - 1.001)
        index = at.floor().long()
        share = (at - index)[:, None]
        columns = (self.places, self.headings[:, None], self.widths[:, None])
        table = torch.cat(columns, dim=1)
        return table[index] * (1 - share) + table[index + 1] * share


@dataclass(frozen=True)
class Gait:
    """How feet are lifted and set down."""

    stance: float = 0.45
    """The share of two steps for which a foot stands flat."""
    lift: float = 0.18
    """Greatest height of an ankle above where it stands, in metres, in a full step."""
    peak: float = 0.4
    """When in its swing an ankle is highest."""
    lag: float = 1.25
    """Above 1 a foot leaves slowly and comes quickly."""
    full: float = 0.5
    """The length of a swing, in metres, from which on the foot is lifted fully."""


class Swings(NamedTuple):
    """What one foot does along a path."""

    place: Float[Tensor, "times 3"]
    """x, y and heading."""
    height: Float[Tensor, " times"]
    """Above where it stands, in metres."""
    planted: Float[Tensor, " times"]
    """1 while it stands."""


def swings(phase: Float[Tensor, " times"], path: Path, gait: Gait, side: int) -> Swings:
    """The stances and swings of the right (0) or the left (1) foot along a path."""
    count = torch.div(phase - side + gait.stance, 2, rounding_mode="floor")
    here = 2 * count + side  # the phase of the middle of the stance before
    swing = ((phase - here - gait.stance) / (2 - 2 * gait.stance)).clamp(0, 1)
    start, goal = (footprint(path, at, side) for at in (here, here + 2))
    along = goal - start
    place = start + ease(swing**gait.lag, *AIRBORNE)[:, None] * along
    size = along[:, :2].norm(dim=-1) + 0.1 * along[:, 2].abs()
    height = gait.lift * (1 - (-3 * size / gait.full).exp()) * hill(swing, gait.peak)
    planted = (swing <= 0) | (swing >= 1) | (size < 1e-3)
    return Swings(place, height, planted.double())


def steps(
    aims: Aims, phase: Float[Tensor, " times"], path: Path, gait: Gait, toes_out: float
) -> None:
    """Put the feet of `aims` along a path; the body's heading there is already set."""
    for side in (0, 1):
        foot = swings(phase, path, gait, side)
        aims.ankles[:, side, :2] = foot.place[:, :2]
        aims.ankles[:, side, 2] += foot.height
        aims.planted[:, side] = foot.planted
        facing = foot.place[:, 2] - aims.tilt[:, 2]
        aims.knees[:, side] = toes_out + MOST * (facing / MOST).tanh() * (2 * side - 1)


def footprint(path: Path, phase: Float[Tensor, " times"], side: int) -> Float[Tensor, "times 3"]:
    """x, y and heading of the foot in the middle of its stance at the phase."""
    x, y, heading, width = path.at(phase).unbind(-1)
    out = width * (1 - 2 * side)
    return torch.stack([x + out * heading.cos(), y + out * heading.sin(), heading], dim=-1)


def hill(share: Float[Tensor, " times"], peak: float) -> Float[Tensor, " times"]:
    """A smooth hill of height 1 from 0 to 1, highest at `peak`, level at its ends."""
    return (math.pi * share ** (math.log(0.5) / math.log(peak))).sin() ** 2


def swing_foot(
    aims: Aims,
    times: Float[Tensor, " times"],
    side: int,
    span: tuple[float, float],
    move: tuple[float, float],
    lift: float,
) -> None:
    """Lift one foot, carry it by `move` (to the right, ahead) and set it down there for good."""
    start, end = span
    margin = AIRBORNE[0] * (end - start)
    share = ease(times, start + margin, end - margin)
    aims.ankles[:, side, 0] += move[0] * share
    aims.ankles[:, side, 1] += move[1] * share
    aims.ankles[:, side, 2] += lift * hill(
        ((times - span[0]) / (span[1] - span[0])).clamp(0, 1), 0.45
    )
    aims.planted[:, side] *= ((times <= span[0]) | (times >= span[1])).double()
