"""Still pictures: what the camera sees, and the poses in space beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from ..camera import camera_to_world
from ..clip import Clip
from ..errors import DataError
from ..files import whole
from ..skeleton import Skeleton
from .figure import lines, side_of, side_of_line
from .upright import level_camera

LEFT, RIGHT, MIDDLE, TRUTH = "#2166ac", "#d6604d", "#4d4d4d", "#c9c9c9"
"""Colours that colour-blind people can tell apart."""
COLOURS = {"left": LEFT, "right": RIGHT, "middle": MIDDLE}


class Look(NamedTuple):
    """How bones are drawn."""

    width: float = 2.2
    colour: str | None = None
    """One colour for all; by side unless given."""


SHADOW = Look(width=5.0, colour=TRUTH)


class Pair(NamedTuple):
    """An estimate, and what it is compared with."""

    estimate: Clip
    truth: Clip | None = None
    title: str = ""


def draw(estimate: Clip, truth: Clip | None = None, *, moments: int = 6, title: str = "") -> Figure:
    """Some moments of a clip: above what the camera sees, below the poses from the side.

    Args:
        truth: Drawn as a grey shadow below the estimate.
        moments: How many frames to show, evenly spread over the clip.
    """
    return draw_side_by_side([Pair(estimate, truth, title or estimate.name)], moments=moments)


def draw_side_by_side(pairs: Sequence[Pair], *, moments: int = 4) -> Figure:
    """Several clips beside each other, each drawn as `draw` does."""
    figure = Figure(figsize=(1.3 * moments * len(pairs), 3.6), layout="constrained")
    parts = figure.subfigures(1, len(pairs), squeeze=False)[0]
    for part, pair in zip(parts, pairs, strict=True):
        rows = part.subplots(2, moments, squeeze=False)
        draw_moments(rows, pair)
        part.suptitle(pair.title, fontsize=10)
    beside = "from the side" + ("" if pairs[0].truth is None else ", truth in grey")
    first = parts[0].axes
    first[0].set_ylabel("what the camera sees", fontsize=8.5)
    first[moments].set_ylabel(beside, fontsize=8.5)
    return figure


def draw_moments(rows: np.ndarray, pair: Pair) -> None:
    """Fill two rows of axes (an array of them) with evenly spread moments of a clip."""
    estimate, truth = pair.estimate, pair.truth
    if estimate.poses is None or not len(estimate):
        raise DataError(
            f'The clip "{estimate.name}" has no poses to draw; lift its keypoints first.'
        )
    frames = torch.linspace(0, len(estimate) - 1, len(rows[0])).round().long().tolist()
    part, seen = shown_part(estimate), from_the_side(estimate)
    shadows = None if truth is None else from_the_side(truth)
    for above, below, frame in zip(*rows, frames, strict=True):
        draw_keypoints(above, estimate, frame, part)
        shadow = None if shadows is None else shadows[frame]
        draw_pose(below, seen[frame], estimate.skeleton, shadow)
        below.set_xlabel(f"{frame / estimate.fps:.1f} s", fontsize=8, color=MIDDLE)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, PDF or SVG, whole or not at all."""
    with whole(path) as draft:
        figure.savefig(draft, dpi=110, metadata={"Software": None})


def from_the_side(clip: Clip) -> Float[Tensor, "frames joints 2"]:
    """The first hypothesis, seen level from the camera's right: depth to the left, height up.

    In metres about the root or the hips, so that the depth that lifting adds is what one sees.
    """
    if clip.poses is None:
        raise DataError(f'The clip "{clip.name}" has no poses; lift its keypoints first.')
    camera = level_camera(clip)
    world = camera_to_world(clip.poses[0], camera)
    world = world - world[:, middle_of(clip.skeleton)].mean(dim=1, keepdim=True)
    forward = camera.rotation[..., 2, :2]
    forward = torch.nn.functional.normalize(forward, dim=-1)
    away = (world[..., :2] * forward[..., None, :]).sum(dim=-1)
    return torch.stack([-away, world[..., 2]], dim=-1)


def middle_of(skeleton: Skeleton) -> list[int]:
    """The joints in whose middle a body is centred: the root, unless that is in the face."""
    if skeleton.joints[skeleton.root] == "nose" and "left_hip" in skeleton:
        return skeleton.indices("left_hip", "right_hip")
    return [skeleton.root]


class Part(NamedTuple):
    """A square part of the picture, in pixels."""

    left: float
    top: float
    width: float


def shown_part(clip: Clip) -> Part:
    """The part of the picture in which the person moves, with a margin; all if nobody is seen."""
    width, height = clip.camera.size.expand(len(clip), 2)[0].tolist()
    points = clip.keypoints[clip.keypoints.isfinite().all(dim=-1)]
    if not len(points):
        return Part(0, 0, max(width, height))
    low, high = points.amin(dim=0), points.amax(dim=0)
    side = 1.15 * float((high - low).max())
    left, top = ((low + high) / 2 - side / 2).tolist()
    return Part(left, top, side)


def draw_keypoints(axes: Axes, clip: Clip, frame: int, part: Part) -> None:
    """The keypoints of one frame in a part of the camera's picture."""
    stick_figure(axes, clip.keypoints[frame], clip.skeleton, Look(width=1.6))
    right, bottom = part.left + part.width, part.top + part.width
    axes.set(xlim=(part.left, right), ylim=(bottom, part.top), aspect="equal")
    axes.set_facecolor("#f2f2f2")
    _bare(axes)


def draw_pose(
    axes: Axes,
    pose: Float[Tensor, "joints 2"],
    skeleton: Skeleton,
    shadow: Float[Tensor, "joints 2"] | None = None,
) -> None:
    """One pose in metres about its root, perhaps over the shadow of another."""
    if shadow is not None:
        stick_figure(axes, shadow, skeleton, SHADOW)
    stick_figure(axes, pose, skeleton, Look())
    axes.set(xlim=(-0.95, 0.95), ylim=(-1.05, 0.95), aspect="equal")
    _bare(axes)


def stick_figure(
    axes: Axes, points: Float[Tensor, "joints 2"], skeleton: Skeleton, look: Look
) -> None:
    """Bones as lines, the body's right and left in their colours; unknown joints are left out."""
    for start, end in lines(skeleton):
        ends = points[[start, end]]
        if bool(ends.isfinite().all()):
            x, y = ends.T.tolist()
            colour = look.colour or COLOURS[side_of_line(skeleton, start, end)]
            axes.plot(x, y, color=colour, linewidth=look.width, solid_capstyle="round")


def side_colour(joint: str) -> str:
    """The colour of a joint's side."""
    return COLOURS[side_of(joint)]


def _bare(axes: Axes) -> None:
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def sheet(clips: Sequence[Clip], *, moments: int = 6) -> Figure:
    """Several clips below each other, one row of moments each, as the camera sees them."""
    figure = Figure(figsize=(1.6 * moments, 1.75 * len(clips)), layout="constrained")
    rows = figure.subplots(len(clips), moments, squeeze=False)
    for row, clip in zip(rows, clips, strict=True):
        part = shown_part(clip)
        for axes, frame in zip(row, torch.linspace(0, len(clip) - 1, moments).long(), strict=True):
            draw_keypoints(axes, clip, int(frame), part)
        row[0].set_ylabel(clip.name, fontsize=9)
    return figure
