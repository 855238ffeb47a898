"""A film before it is written: what it shows at each moment, picture by picture."""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..clip import Clip
from ..errors import SettingsError
from .actor import Actor, middle_about
from .figure import lines, side_of
from .page import azimuth
from .raster import GROUND, Body, Frame, Gaze, draw_bodies, mixed, rgb
from .shown import Palette, Shown

FINER = 2
"""Films are drawn so many times larger and then reduced, which smooths all edges."""
INK, QUIET, PLAIN = (29, 33, 37), (102, 108, 115), (244, 244, 241)


@dataclass(frozen=True)
class Filming:
    """How a film looks."""

    size: tuple[int, int] = (1280, 720)
    """Width and height in pixels."""
    fps: float | None = None
    """Frames a second; the recording's, 50 at most, unless given."""
    turn: float = 0.0
    """Degrees a second by which the view goes around the person."""
    uncertainty: bool = True
    """Whether other hypotheses and the regions of joints are drawn, where a clip has them."""

    def __post_init__(self) -> None:
        if min(self.size) < 64 or any(side % 2 for side in self.size):
            raise SettingsError(
                "A film has an even width and height of at least 64 pixels, but "
                f"{self.size[0]} x {self.size[1]} was asked for; give such, as in 1280 x 720."
            )
        if self.fps is not None and not 0 < self.fps <= 240:
            raise SettingsError(
                f"A film has up to 240 frames a second, but {self.fps:g} was asked for; give a "
                "number above 0 and up to that."
            )


@dataclass(frozen=True, eq=False)
class Reel:
    """A film before it is drawn."""

    actors: tuple[Actor, ...]
    filming: Filming
    overlay: bool

    def __len__(self) -> int:
        if not len(self.main.times):
            return 0
        length = self.main.times[-1] - self.main.times[0]
        return math.floor(length * self.fps + 1e-6) + 1

    @cached_property
    def main(self) -> Actor:
        """The recording that lasts longest."""
        return max(self.actors, key=lambda each: np.ptp(each.times) if len(each.times) else -1.0)

    @cached_property
    def fps(self) -> float:
        """Frames a second."""
        return self.filming.fps or min(self.main.shown.recording.fps, 50.0)

    @cached_property
    def seen(self) -> Actor | None:
        """The clip whose pictures and keypoints are shown: one with a video, if there is one."""
        clips = [each for each in self.actors if isinstance(each.shown.recording, Clip)]
        return next((each for each in clips if each.shown.pictures), clips[0] if clips else None)

    @cached_property
    def views(self) -> list[list[Actor]]:
        """Who stands in which of the views in space."""
        posed = [each for each in self.actors if each.poses is not None]
        return [posed] if self.overlay and posed else [[each] for each in posed]

    def pictures(self) -> Iterator[Image.Image]:
        """One picture after the other."""
        for number in range(len(self)):
            yield self.picture(float(self.main.times[0]) + number / self.fps)

    def picture(self, time: float) -> Image.Image:
        """What the film shows at a moment."""
        size = FINER * self.filming.size[0], FINER * self.filming.size[1]
        canvas = Image.new("RGB", size, GROUND)
        frames = self.frames()
        if self.seen is not None:
            draw_seen(canvas, self.seen, time, frames.pop(0))
        pen = ImageDraw.Draw(canvas)
        for view, frame in zip(self.views, frames, strict=True):
            layer = Image.new("RGB", (int(frame.width), int(frame.height)), GROUND)
            inside = Frame(0, 0, *layer.size)
            sure = self.filming.uncertainty
            bodies = [each.body(each.frame(time), uncertainty=sure) for each in view]
            together(bodies)
            draw_bodies(ImageDraw.Draw(layer), bodies, self.gaze(view[0], time), inside)
            canvas.paste(layer, (int(frame.left), int(frame.top)))
            write_legend(pen, view, frame)
        write_time(pen, self.caption(time), size)
        return canvas.reduce(FINER)

    def caption(self, time: float) -> str:
        """What a moment is called: the seconds since the beginning, unless there are captions."""
        captions = self.main.shown.captions
        if captions:
            return captions[self.main.frame(time)]
        return f"{time - float(self.main.times[0]):.2f} s"

    def frames(self) -> list[Frame]:
        """The parts of the picture, side by side: what the camera saw first."""
        count = len(self.views) + (self.seen is not None)
        width = FINER * self.filming.size[0] // max(count, 1)
        height = FINER * self.filming.size[1]
        return [Frame(place * width, 0, width, height) for place in range(count)]

    def gaze(self, actor: Actor, time: float) -> Gaze:
        """Half from the side, following the person, and going around if that was asked for."""
        start = azimuth(actor.shown.recording, actor.standing) + math.pi / 7
        turned = start + math.radians(self.filming.turn) * (time - float(self.main.times[0]))
        return Gaze(turned, 0.14, actor.distance, middle_about(actor, actor.frame(time)))


def together(bodies: list[Body]) -> None:
    """Put all bodies of a view with their roots where the first has it."""
    first = bodies[0].points[bodies[0].skeleton.root]
    for index, body in enumerate(bodies[1:], start=1):
        away = first - body.points[body.skeleton.root]
        if np.isfinite(away).all():
            bodies[index] = moved(body, away)


def moved(body: Body, away: np.ndarray) -> Body:
    """A body elsewhere, with its other hypotheses."""
    doubt = body.doubt
    if doubt is not None:
        doubt = replace(doubt, others=[points + away for points in doubt.others])
    return replace(body, points=body.points + away, doubt=doubt)


def draw_seen(canvas: Image.Image, actor: Actor, time: float, frame: Frame) -> None:
    """The video's frame or an empty one, the poses in it, and the keypoints."""
    clip, at = actor.shown.recording, actor.frame(time)
    assert isinstance(clip, Clip)
    image = picture_at(actor.shown, time)
    part = actor.part
    scale = min(frame.width / part.width, frame.height / part.height)
    size = (round(scale * part.width), round(scale * part.height))
    layer = Image.new("RGB", size, PLAIN) if image is None else image.resize(size).convert("RGB")
    pen = ImageDraw.Draw(layer)
    origin = -scale * np.array([part.left, part.top])
    if actor.reprojected is not None:
        colour = INK if image is None else GROUND
        points = origin + scale * actor.reprojected[at]
        for start, end in lines(clip.skeleton):
            if np.isfinite(points[[start, end]]).all():
                pen.line([*points[start], *points[end]], colour, 2 * FINER)
    draw_keypoints(pen, clip, at, origin + scale * clip.keypoints[at].cpu().numpy(), actor.palette)
    left = frame.left + (frame.width - scale * part.width) / 2
    top = frame.top + (frame.height - scale * part.height) / 2
    canvas.paste(layer, (round(left), round(top)))


def draw_keypoints(
    pen: ImageDraw.ImageDraw, clip: Clip, at: int, points: np.ndarray, palette: Palette
) -> None:
    """Dots, paler the lower their scores; rings where they were filled in."""
    radius = 4 * FINER
    for joint, (x, y) in enumerate(points):
        if not np.isfinite([x, y]).all():
            continue
        colour = rgb(getattr(palette, side_of(clip.skeleton.joints[joint])))
        box = (x - radius, y - radius, x + radius, y + radius)
        if bool(clip.observed[at, joint]):
            share = 0.35 + 0.65 * float(clip.scores[at, joint])
            pen.ellipse(box, mixed(GROUND, colour, share), GROUND, FINER)
        else:
            pen.ellipse(box, GROUND, colour, 2 * FINER)


def picture_at(shown: Shown, time: float) -> Image.Image | None:
    """The frame of the video at a moment, if there is a video."""
    before = [each for each in shown.pictures if each.time <= time + 1e-4]
    if not shown.pictures:
        return None
    return Image.open(io.BytesIO((before or shown.pictures)[-1 if before else 0].jpeg))


def write_legend(pen: ImageDraw.ImageDraw, view: Sequence[Actor], frame: Frame) -> None:
    """The names of who stands in a view, with their colours."""
    font = ImageFont.load_default(size=15 * FINER)
    for row, actor in enumerate(view):
        left, top = frame.left + 18 * FINER, 14 * FINER + 24 * FINER * row
        for place, side in enumerate(("left", "right")):
            box = (
                left + place * 10 * FINER,
                top,
                left + (place + 1) * 10 * FINER,
                top + 14 * FINER,
            )
            pen.rectangle(box, rgb(getattr(actor.palette, side)))
        pen.text((left + 28 * FINER, top - FINER), actor.shown.title, INK, font)


def write_time(pen: ImageDraw.ImageDraw, caption: str, size: tuple[int, int]) -> None:
    """What a moment is called, in the lower right corner."""
    font = ImageFont.load_default(size=14 * FINER)
    place = (size[0] - 18 * FINER, size[1] - 14 * FINER)
    pen.text(place, caption, QUIET, font, anchor="rs")
