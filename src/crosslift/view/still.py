"""Still pictures: what the camera sees, and the poses in space beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

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

LEFT, RIGHT, MIDDLE, TRUTH = "#2166ac", "#d6604d", "#4d4d4d", "#c9c9c9"
"""Colours that colour-blind people can tell apart."""


class Look(NamedTuple):
    """How bones are drawn."""

    width: float = 2.2
    colour: str | None = None
    """One colour for all; by side unless given."""


SHADOW = Look(width=5.0, colour=TRUTH)


def draw(
    estimate: Clip, truth: Clip | None = None, *, moments: int = 6, title: str | None = None
) -> Figure:
    """Some moments of a clip: above what the camera sees, below the poses from the side.

    Args:
        truth: Drawn as a grey shadow below the estimate.
        moments: How many frames to show, evenly spread over the clip.
    """
    if estimate.poses is None or not len(estimate):
        raise DataError(
            f'The clip "{estimate.name}" has no poses to draw; lift its keypoints first.'
        )
    shown = torch.linspace(0, len(estimate) - 1, min(moments, len(estimate))).round().long()
    figure = Figure(figsize=(1.75 * len(shown), 4.6), layout="constrained")
    rows = figure.subplots(2, len(shown), squeeze=False)
    part = shown_part(estimate)
    for column, frame in enumerate(shown.tolist()):
        draw_keypoints(rows[0, column], estimate, frame, part)
        shadow = None if truth is None else from_the_side(truth)[frame]
        draw_pose(rows[1, column], from_the_side(estimate)[frame], estimate.skeleton, shadow)
        rows[1, column].set_xlabel(f"{frame / estimate.fps:.2f} s", fontsize=8, color=MIDDLE)
    rows[0, 0].set_ylabel("what the camera sees", fontsize=9)
    beside = "from the side" + ("" if truth is None else ", truth in grey")
    rows[1, 0].set_ylabel(beside, fontsize=9)
    figure.suptitle(title or estimate.name, fontsize=11)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, PDF or SVG, whole or not at all."""
    with whole(path) as draft:
        figure.savefig(draft, dpi=110, metadata={"Software": None})


def from_the_side(clip: Clip) -> Float[Tensor, "frames joints 2"]:
    """The first hypothesis, seen level from the camera's right: depth to the left, height up.

    In metres about the root, so that the depth that lifting adds is what one sees.
    """
    if clip.poses is None:
        raise DataError(f'The clip "{clip.name}" has no poses; lift its keypoints first.')
    world = camera_to_world(clip.poses[0], clip.camera)
    world = world - world[:, [clip.skeleton.root]]
    forward = clip.camera.rotation[..., 2, :2]
    forward = torch.nn.functional.normalize(forward, dim=-1)
    away = (world[..., :2] * forward[..., None, :]).sum(dim=-1)
    return torch.stack([-away, world[..., 2]], dim=-1)


class Part(NamedTuple):
    """A square part of the picture, in pixels."""

    left: float
    top: float
    width: float


def shown_part(clip: Clip) -> Part:
    """The part of the picture in which the person moves, with a margin; all of it if nobody does."""
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
    for parent, child in skeleton.bones:
        ends = points[[parent, child]]
        if bool(ends.isfinite().all()):
            x, y = ends.T.tolist()
            colour = look.colour or side_colour(skeleton.joints[child])
            axes.plot(x, y, color=colour, linewidth=look.width, solid_capstyle="round")


def side_colour(joint: str) -> str:
    """The colour of a joint's side."""
    if joint.startswith("left_"):
        return LEFT
    return RIGHT if joint.startswith("right_") else MIDDLE


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
