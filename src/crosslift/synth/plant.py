"""Feet that stand where they are put: footsteps along a path, and the path itself.

Time is told in steps: the right foot is in the middle of its stance at even phases, the left one
at odd phases. Between two stances a foot swings to where the body will be in the middle of its
next stance, so that any path, heading and pace give feet that do not slide.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .curves import ease
from .track import Aims


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


def steps(
    aims: Aims, phase: Float[Tensor, " times"], path: Path, gait: Gait, toes_out: float
) -> None:
    """Put the feet of `aims` along a path; the body's heading there is already set."""
    for side in (0, 1):
        count = torch.div(phase - side + gait.stance, 2, rounding_mode="floor")
        here = 2 * count + side  # the phase of the middle of the stance before
        swing = ((phase - here - gait.stance) / (2 - 2 * gait.stance)).clamp(0, 1)
        start, goal = (footprint(path, at, side) for at in (here, here + 2))
        share = ease(swing**gait.lag, 0, 1)[:, None]
        along = goal - start
        aims.ankles[:, side, :2] = start[:, :2] + share * along[:, :2]
        size = along[:, :2].norm(dim=-1) + 0.1 * along[:, 2].abs()
        aims.ankles[:, side, 2] += gait.lift * _full(size / gait.full) * hill(swing, gait.peak)
        facing = start[:, 2] + share[:, 0] * along[:, 2] - aims.tilt[:, 2]
        aims.knees[:, side] = toes_out + MOST * (facing / MOST).tanh() * (2 * side - 1)
        aims.planted[:, side] = ((swing <= 0) | (swing >= 1) | (size < 1e-3)).double()


def footprint(path: Path, phase: Float[Tensor, " times"], side: int) -> Float[Tensor, "times 3"]:
    """x, y and heading of the foot in the middle of its stance at the phase."""
    x, y, heading, width = path.at(phase).unbind(-1)
    out = width * (1 - 2 * side)
    return torch.stack([x + out * heading.cos(), y + out * heading.sin(), heading], dim=-1)


def hill(share: Float[Tensor, " times"], peak: float) -> Float[Tensor, " times"]:
    """A smooth hill of height 1 from 0 to 1, highest at `peak`, level at its ends."""
    return (math.pi * share ** (math.log(0.5) / math.log(peak))).sin() ** 2


def _full(size: Float[Tensor, " times"]) -> Float[Tensor, " times"]:
    """How far a foot is lifted for a step of this size: little for a little one."""
    return 1 - (-3 * size).exp()


def swing_foot(
    aims: Aims,
    times: Float[Tensor, " times"],
    side: int,
    span: tuple[float, float],
    move: tuple[float, float],
    lift: float,
) -> None:
    """Lift one foot, carry it by `move` (to the right, ahead) and set it down there for good."""
    share = ease(times, *span)
    aims.ankles[:, side, 0] += move[0] * share
    aims.ankles[:, side, 1] += move[1] * share
    aims.ankles[:, side, 2] += lift * hill(
        ((times - span[0]) / (span[1] - span[0])).clamp(0, 1), 0.45
    )
    aims.planted[:, side] *= ((times <= span[0]) | (times >= span[1])).double()
