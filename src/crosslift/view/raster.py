"""Bodies in space drawn as pixels: what the page's script does, for films."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from PIL import ImageDraw

from ..skeleton import Skeleton
from .figure import lines, side_of, side_of_line
from .regions import outline
from .shown import Palette

FIELD_OF_VIEW = math.radians(32)
NEAREST = 0.15
"""Metres before the eye within which nothing is drawn."""
TILE = 0.5
"""Metres along a side of a tile of the floor."""
TILES = 8
"""Of the floor in each direction from the middle."""
GROUND, TILE_COLOUR, SHADOW = (255, 255, 255), (128, 136, 145), (228, 229, 230)

HEAD = 0.062
"""Metres: a head is more than the end of a bone."""

Colour = tuple[int, int, int]


def rgb(colour: str) -> Colour:
    """The numbers of a colour that is written as #rrggbb."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """A colour with a share of another one in it."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(colour, other, strict=True))
    return red, green, blue


FLOOR_SHADES = [mixed(GROUND, TILE_COLOUR, level / 10) for level in range(11)]


class Frame(NamedTuple):
    """A part of a picture, in pixels."""

    left: float
    top: float
    width: float
    height: float


class Placed(NamedTuple):
    """Points as they are seen."""

    pixels: Float[np.ndarray, "points 2"]
    depth: Float[np.ndarray, " points"]
    scale: Float[np.ndarray, " points"]
    """Pixels in a metre at each point."""


@dataclass(frozen=True)
class Gaze:
    """Where one looks from: a direction and a distance from a point in the middle of a frame."""

    azimuth: float
    """Of the line of sight, clockwise from the world's y in radians."""
    elevation: float
    """How far above the horizon the eye stands, in radians."""
    distance: float
    """Metres from the point in the middle."""
    middle: tuple[float, float, float]

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """The world's directions that lie to the right, upwards and ahead."""
        sa, ca = math.sin(self.azimuth), math.cos(self.azimuth)
        se, ce = math.sin(self.elevation), math.cos(self.elevation)
        return np.array([[ca, -sa, 0.0], [sa * se, ca * se, ce], [sa * ce, ca * ce, -se]])

    def see(self, points: Float[np.ndarray, "points 3"], frame: Frame) -> Placed:
        """Where points of the world appear; NaN what is unknown or behind the eye."""
        right, up, ahead = self.axes @ (points - np.array(self.middle)).T
        depth = ahead + self.distance
        depth = np.where(depth > NEAREST, depth, np.nan)
        focal = min(frame.height, 1.25 * frame.width) / (2 * math.tan(FIELD_OF_VIEW / 2))
        scale = focal / depth
        x = frame.left + frame.width / 2 + scale * right
        y = frame.top + frame.height / 2 - scale * up
        return Placed(np.stack([x, y], axis=-1), depth, scale)


@dataclass(frozen=True, eq=False)
class Doubt:
    """How sure a pose is."""

    covariance: Float[np.ndarray, "joints 3 3"]
    """In the world, in square metres; NaN where unknown."""
    radii: Float[np.ndarray, "2 joints"]
    """Of the regions of 50 and 90 %, in standard deviations."""
    others: Sequence[Float[np.ndarray, "joints 3"]] = ()
    """Further hypotheses."""


@dataclass(frozen=True, eq=False)
class Body:
    """One pose to draw."""

    points: Float[np.ndarray, "joints 3"]
    skeleton: Skeleton
    palette: Palette
    observed: Bool[np.ndarray, " joints"]
    """Joints that were filled in are drawn as rings."""
    alpha: float = 1.0
    doubt: Doubt | None = None
    """What is drawn of how sure the pose is."""


def draw_bodies(pen: ImageDraw.ImageDraw, bodies: Sequence[Body], gaze: Gaze, frame: Frame) -> None:
    """Draw bodies on a floor of tiles, what is far first."""
    draw_floor(pen, gaze, frame)
    for body in bodies:
        draw_shadow(pen, body, gaze, frame)
    strokes = [
        stroke for body in bodies for stroke in strokes_of(body, gaze.see(body.points, frame))
    ]
    for body in bodies:
        draw_ghosts(pen, body, gaze, frame)
    for stroke in sorted(strokes, key=lambda each: -each.depth):
        stroke.draw(pen)
    for body in bodies:
        draw_regions(pen, body, gaze, frame)


def draw_ghosts(pen: ImageDraw.ImageDraw, body: Body, gaze: Gaze, frame: Frame) -> None:
    """Other hypotheses as threads, paler than the body."""
    for points in () if body.doubt is None else body.doubt.others:
        seen = gaze.see(points, frame).pixels
        for start, end in lines(body.skeleton):
            if np.isfinite(seen[[start, end]]).all():
                side = side_of_line(body.skeleton, start, end)
                colour = mixed(GROUND, rgb(getattr(body.palette, side)), 0.45)
                pen.line([*seen[start], *seen[end]], colour, 2)


def draw_regions(pen: ImageDraw.ImageDraw, body: Body, gaze: Gaze, frame: Frame) -> None:
    """The outlines of the ellipsoids in which the joints may be, the wider ones paler."""
    if body.doubt is None:
        return
    seen = gaze.see(body.points, frame)
    for joint, name in enumerate(body.skeleton.joints):
        for radius, share in zip(body.doubt.radii[:, joint], (0.8, 0.5), strict=True):
            size = radius * seen.scale[joint]
            points = seen.pixels[joint] + size * outline(body.doubt.covariance[joint], gaze.axes)
            if np.isfinite(points).all() and np.ptp(points, axis=0).max() > 2:
                colour = mixed(GROUND, rgb(getattr(body.palette, side_of(name))), share)
                pen.line([tuple(point) for point in points], colour, 2)


def draw_floor(pen: ImageDraw.ImageDraw, gaze: Gaze, frame: Frame) -> None:
    """Square tiles around the middle, paler with the distance."""
    middle = np.round(np.array(gaze.middle[:2]) / TILE)
    steps = np.arange(-TILES, TILES + 1)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
    corners = np.concatenate([(grid + middle) * TILE, np.zeros((*grid.shape[:2], 1))], axis=-1)
    seen = gaze.see(corners.reshape(-1, 3), frame).pixels.reshape(grid.shape)
    near = (1 - (grid**2).sum(axis=-1) / TILES**2).clip(0)
    for axis in (0, 1):
        across, shade = np.moveaxis(seen, axis, 0), np.moveaxis(near, axis, 0)
        whole = (np.moveaxis(grid, axis, 0)[0, :, 1 - axis] + middle[1 - axis]) % 2 == 0
        segments = np.concatenate([across[:-1], across[1:]], axis=-1).reshape(-1, 4)
        strength = 10 * np.minimum(shade[:-1], shade[1:]) * np.where(whole, 0.55, 0.28)
        for ends, level in zip(segments.tolist(), strength.ravel().round().tolist(), strict=True):
            if level and not any(map(math.isnan, ends)):
                pen.line(ends, FLOOR_SHADES[int(level)], 2)


def draw_shadow(pen: ImageDraw.ImageDraw, body: Body, gaze: Gaze, frame: Frame) -> None:
    """What the body would shade if the light came from straight above."""
    flat = gaze.see(body.points * np.array([1, 1, 0]), frame)
    for start, end in lines(body.skeleton):
        rod(pen, flat, (start, end), (0.035, 0.035), SHADOW)


class Stroke(NamedTuple):
    """A line or a joint of a body, to be drawn when its turn comes."""

    depth: float
    body: Body
    seen: Placed
    joints: tuple[int, ...]
    """Both ends of a line, or one joint."""
    radius: float
    """Metres."""
    colour: Colour

    def draw(self, pen: ImageDraw.ImageDraw) -> None:
        """Draw it as a lit rod, or as a ball or ring."""
        if len(self.joints) == 1:
            self._draw_joint(pen, self.joints[0])
            return
        start, end = self.joints
        dark = mixed(self.colour, (0, 0, 0), 0.18)
        for share, colour in ((1.0, dark), (0.72, self.colour)):
            radii = (1.15 * share * self.radius, 0.85 * share * self.radius)
            rod(pen, self.seen, (start, end), radii, colour)

    def _draw_joint(self, pen: ImageDraw.ImageDraw, joint: int) -> None:
        x, y = self.seen.pixels[joint]
        radius = max(self.radius * self.seen.scale[joint], 3.0)
        box = (x - radius, y - radius, x + radius, y + radius)
        if self.body.observed[joint]:
            pen.ellipse(box, mixed(self.colour, (0, 0, 0), 0.1))
            inner = (x - 0.75 * radius, y - 0.8 * radius, x + 0.65 * radius, y + 0.6 * radius)
            pen.ellipse(inner, mixed(self.colour, (255, 255, 255), 0.15))
        else:
            pen.ellipse(box, GROUND, self.colour, round(max(0.25 * radius, 2)))


def strokes_of(body: Body, seen: Placed) -> list[Stroke]:
    """All lines and joints of a body that are known and before the eye."""
    known = np.asarray(np.isfinite(seen.pixels).all(axis=-1))
    balls: dict[int, float] = defaultdict(lambda: 0.012)
    found = []
    for start, end in lines(body.skeleton):
        if known[start] and known[end]:
            length = float(np.linalg.norm(body.points[start] - body.points[end]))
            radius = min(max(0.009 + 0.07 * length, 0.01), 0.032)
            balls |= {each: max(balls[each], 1.2 * radius) for each in (start, end)}
            colour = tone(body, side_of_line(body.skeleton, start, end), end)
            depth = float(seen.depth[start] + seen.depth[end]) / 2
            found.append(Stroke(depth, body, seen, (start, end), radius, colour))
    for joint in np.flatnonzero(known).tolist():
        name = body.skeleton.joints[joint]
        radius = HEAD if name == "head" else balls[joint]
        depth, colour = float(seen.depth[joint]) - radius, tone(body, side_of(name), joint)
        found.append(Stroke(depth, body, seen, (joint,), radius, colour))
    return found


def tone(body: Body, side: str, joint: int) -> Colour:
    """The colour of a side, mixed with the ground where the body or the joint is pale."""
    share = body.alpha * (1.0 if body.observed[joint] else 0.55)
    return mixed(GROUND, rgb(getattr(body.palette, side)), share)


def rod(
    pen: ImageDraw.ImageDraw,
    seen: Placed,
    ends: tuple[int, int],
    radii: tuple[float, float],
    colour: Colour,
) -> None:
    """A rod with round ends that narrows from one joint to another, unless one is not seen."""
    points, scales = seen.pixels[list(ends)], seen.scale[list(ends)]
    if not np.isfinite(points).all():
        return
    widths = np.array(radii) * scales
    way = points[1] - points[0]
    aside = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-6)
    corners = [points[0] + widths[0] * aside, points[1] + widths[1] * aside,
               points[1] - widths[1] * aside, points[0] - widths[0] * aside]  # fmt: skip
    pen.polygon([tuple(corner) for corner in corners], colour)
    for (x, y), radius in zip(points, widths, strict=True):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), colour)
