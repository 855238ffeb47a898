"""A recording with all that a film draws of it at hand."""

import math
from typing import NamedTuple

import numpy as np

from ..camera import project
from ..clip import Clip
from ..export.world import seconds
from .page import GHOSTS
from .raster import FIELD_OF_VIEW, Body, Doubt, Frame
from .regions import Regions, regions_of
from .shown import Palette, Shown
from .still import shown_part
from .upright import Upright, upright


class Actor(NamedTuple):
    """A recording with all that is drawn of it at hand."""

    shown: Shown
    palette: Palette
    standing: Upright
    times: np.ndarray
    poses: np.ndarray | None  # frames joints 3
    reprojected: np.ndarray | None  # frames joints 2
    distance: float
    """From which the body is looked at, in metres."""
    part: Frame
    """Of the picture: all of a video, of an empty picture where the person moves."""
    regions: Regions | None

    @classmethod
    def of(cls, shown: Shown, palette: Palette) -> "Actor":
        """Everything that does not change from frame to frame."""
        recording, standing = shown.recording, upright(shown.recording)
        poses = standing.poses[0].double().cpu().numpy() if len(standing.poses) else None
        again = None
        if isinstance(recording, Clip) and recording.poses is not None:
            again = project(recording.poses[0], recording.camera).cpu().numpy()
        times = seconds(recording).cpu().numpy()
        away = 1.0 if poses is None else far_enough(poses)
        regions = regions_of(recording, standing)
        return cls(shown, palette, standing, times, poses, again, away, part_of(shown), regions)

    def frame(self, time: float) -> int:
        """The last frame that began at or before a moment."""
        return max(int(np.searchsorted(self.times, time + 1e-6, side="right")) - 1, 0)

    def body(self, frame: int, *, uncertainty: bool = True) -> Body:
        """The pose of a frame, ready to be drawn."""
        assert self.poses is not None
        recording = self.shown.recording
        seen = np.ones(len(recording.skeleton), bool)
        if isinstance(recording, Clip):
            seen = recording.observed[frame].cpu().numpy()
        alpha = 0.5 if self.shown.truth else 1.0
        doubt = self.doubt(frame) if uncertainty else None
        return Body(self.poses[frame], recording.skeleton, self.palette, seen, alpha, doubt)

    def doubt(self, frame: int) -> Doubt | None:
        """How sure the pose of a frame is, as far as anything tells it."""
        others = list(self.standing.poses[1 : 1 + GHOSTS, frame].double().cpu().numpy())
        joints = len(self.shown.recording.skeleton)
        if self.regions is None:
            unknown = np.full((joints, 3, 3), np.nan)
            return Doubt(unknown, np.ones((2, joints)), others) if others else None
        covariance = self.regions.covariance[frame].double().cpu().numpy()
        return Doubt(covariance, self.regions.radii.double().cpu().numpy(), others)


def part_of(shown: Shown) -> Frame:
    """The part of the camera's picture that a film shows, in the camera's pixels."""
    clip = shown.recording
    if not isinstance(clip, Clip) or not len(clip):
        return Frame(0, 0, 1, 1)
    if shown.pictures:
        return Frame(0, 0, *clip.camera.size.reshape(-1, 2)[0].tolist())
    part = shown_part(clip)
    return Frame(part.left, part.top, part.width, part.width)


def middle_about(actor: Actor, frame: int) -> tuple[float, float, float]:
    """The point to look at: where the person is, over half a second to both sides.

    Where nobody knows that, it is where they are over the whole recording.
    """
    assert actor.poses is not None
    reach = max(round(actor.shown.recording.fps / 2), 1)
    for near in (actor.poses[max(frame - reach, 0) : frame + reach + 1], actor.poses):
        known = near[np.isfinite(near).all(axis=-1)]
        if len(known):
            x, y, z = known.mean(axis=0).tolist()
            return x, y, z
    return 0.0, 0.0, 1.0


def far_enough(poses: np.ndarray) -> float:
    """How far to stand back so that the person, arms raised and all, fills most of a view."""
    heights = poses[..., 2] - np.nan_to_num(poses[..., 2]).mean(axis=-1, keepdims=True)
    known = np.abs(heights[np.isfinite(heights)])
    tall = float(np.quantile(known, 0.999)) if len(known) else 1.0
    return 1.2 * min(max(tall, 0.4), 4.0) / math.tan(FIELD_OF_VIEW / 2)
