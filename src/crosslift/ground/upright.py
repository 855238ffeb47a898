"""Up before any foot is looked at: people keep their heads above their feet, and cameras level."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..joint_angles.segments import SIDES, Landmarks, landmarks, trunk_line
from .feet import ANKLES
from .floor import level_axes

ROLL, PITCH = math.tan(math.radians(4)), math.tan(math.radians(30))
"""How far cameras are tilted to the side, and up or down: standard deviations, as slopes."""
LEAN = math.tan(math.radians(5))
"""The same of the usual line from the feet to the neck of people who stand or walk."""
BENT_LEAN = math.tan(math.radians(15))
"""The same of the trunk's line, where nobody stands straight."""
STEEPEST = math.cos(math.radians(75))
"""A body that is further than this from the camera's own up lies, or hangs."""
STRAIGHT = 0.88
"""The share of the length of leg and trunk that the line from the feet to the neck has at least
when one stands or walks."""
LEG = 0.84
"""Metres from hip to ankle, where nobody was measured."""
NOTHING = torch.zeros(0, 3, dtype=torch.float64)


class Upright(NamedTuple):
    """Which way up is thought to be."""

    axes: Float[Tensor, "3 3"]
    """To the right, level forwards, and up, as rows in the camera's frame."""
    spread: Float[Tensor, "2"]
    """Standard deviations of how far up leans to the right and forwards, as slopes."""
    reason: str

    @property
    def up(self) -> Float[Tensor, "3"]:
        """The direction."""
        return self.axes[2]


Bodies = Sequence[Landmarks]


def bodies_of(clips: Sequence[Clip]) -> list[Landmarks]:
    """The points of the body over time, of the first hypothesis of every clip."""
    return [landmarks(first_poses(clip), clip.skeleton) for clip in clips]


def first_poses(clip: Clip) -> Float[Tensor, "frames joints 3"]:
    """The first hypothesis; no frames where the clip has no poses."""
    poses = (
        clip.keypoints.new_zeros(1, 0, len(clip.skeleton), 3) if clip.poses is None else clip.poses
    )
    return poses[0].detach().cpu().double()


def upright(bodies: Bodies) -> Upright:
    """Up as cameras are held and as bodies stand, each by how far it can be trusted."""
    lean, spread = NOTHING.new_zeros(2), NOTHING.new_tensor([ROLL, PITCH])
    reason = "the camera's own up"
    for lines, doubt, words in _lines(bodies):
        sure = lines[-lines[:, 1] > STEEPEST * lines.norm(dim=-1)]
        if len(sure):
            usual = _usual(sure[:, ::2] / -sure[:, 1:2], spread)
            precision = spread**-2 + doubt**-2
            lean, spread = usual * doubt**-2 / precision, precision**-0.5
            reason = f"{words} and the camera's own up"
            break
    up = torch.stack([lean[0], -torch.ones_like(lean[0]), lean[1]])
    return Upright(level_axes(up / up.norm()), spread, reason)


def _usual(slopes: Float[Tensor, "frames 2"], spread: Float[Tensor, "2"]) -> Float[Tensor, "2"]:
    """The median, in which frames count for less the less a camera would be held so."""
    weight = 1 / (1 + ((slopes / spread) ** 2).sum(dim=-1)) ** 2
    order = slopes.argsort(dim=0)
    part = weight[order].cumsum(dim=0) / weight.sum()
    middle = (part < 0.5).sum(dim=0).clamp_max(len(slopes) - 1)
    return slopes.gather(0, order).gather(0, middle[None])[0]


def leg_length(bodies: Bodies) -> float:
    """The usual length of a leg from hip to ankle, in metres."""
    sides = [(body, side) for body in bodies for side in SIDES if f"{side}_ankle" in body]
    found = _joined(_leg(body, side)[:, None] for body, side in sides)
    return float(found.median()) if len(found) else LEG


def _lines(bodies: Bodies) -> Iterator[tuple[Tensor, float, str]]:
    """Vectors (frames 3) along which bodies are upright, the best kind first."""
    yield _joined(map(_standing, bodies)), LEAN, "how the body stands"
    yield _joined(map(_trunk, bodies)), BENT_LEAN, "how the trunk is held"


def _standing(body: Landmarks) -> Float[Tensor, "frames 3"]:
    """From between the feet to the neck, in frames in which legs and trunk are nearly in line."""
    if not {*ANKLES, "neck", "left_hip", "right_hip", "left_knee", "right_knee"} <= body.keys():
        return NOTHING
    line = body["neck"] - (body["left_ankle"] + body["right_ankle"]) / 2
    legs = sum((_leg(body, side) for side in SIDES), torch.zeros(()))
    whole = legs / 2 + trunk_line(body).norm(dim=-1)
    return line[line.norm(dim=-1) > STRAIGHT * whole]


def _trunk(body: Landmarks) -> Float[Tensor, "frames 3"]:
    return trunk_line(body) if {"neck", "left_hip", "right_hip"} <= body.keys() else NOTHING


def _leg(body: Landmarks, side: str) -> Float[Tensor, " frames"]:
    hip, knee, ankle = (body[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
    return (knee - hip).norm(dim=-1) + (ankle - knee).norm(dim=-1)


def _joined(parts: Iterable[Tensor]) -> Tensor:
    """What is known of all parts, one after the other."""
    found = [part[part.isfinite().all(dim=-1)] for part in parts]
    return torch.cat(found) if found else NOTHING
