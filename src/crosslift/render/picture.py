"""Pictures of people, made from their poses alone, with all that there is to know of them."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from ..camera import Camera, project
from ..errors import SettingsError
from ..skeletons import H36M_17
from .draws import cloths, even
from .exposure import exposed
from .figure import PARTS, Figure, figure_of, seen_by
from .lighting import Light, draw_light, lit
from .look import Look, draw_build, draw_look, draw_wardrobe
from .raster import Capsules, Painted, painted, taken
from .scenery import scenery, shadow_of
from .things import THINGS, draw_things

AT_ONCE = 8
"""Pictures that are made together, few enough for the processor's own memory."""
MOMENTS = 3
"""How often a picture is taken while the shutter is open, if anything moves."""
SLACK = 1.7
"""How many radii of its own limb a joint may lie behind the surface and still be seen."""
NEAR = 0.01
"""Metres by which a joint may lie behind any other surface."""
STILL = 2.0
"""Pixels of way below which nothing counts as moving."""


@dataclass(frozen=True)
class Rendering:
    """How pictures are made."""

    size: tuple[int, int] = (192, 256)
    """Width and height of the pictures, in pixels."""
    hidden: float = 0.4
    """The share of pictures with something before the person."""
    shutter: float = 0.02
    """Seconds for which the shutter is open, at most: each picture draws its own."""
    shaking: float = 0.3
    """The share of pictures that are blurred by the camera's own movement."""
    shadows: bool = True
    """Whether people throw shadows onto the floor."""

    def __post_init__(self) -> None:
        check_rendering(self)


def check_rendering(settings: Rendering) -> None:
    """Refuse pictures without pixels and shares that are none."""
    if min(settings.size) < 8 or max(settings.size) > 4096:
        raise SettingsError(
            "A picture is 8 to 4096 pixels wide and high, but "
            f"{settings.size[0]} x {settings.size[1]} was asked for; give two such numbers."
        )
    if not (0 <= settings.hidden <= 1 and 0 <= settings.shaking <= 1 and settings.shutter >= 0):
        raise SettingsError(
            "Shares lie between 0 and 1 and a shutter opens for 0 seconds or more, but hidden is "
            f"{settings.hidden:g}, shaking {settings.shaking:g}, shutter {settings.shutter:g}."
        )


class Rendered(NamedTuple):
    """Pictures, and what they show."""

    pictures: Float[Tensor, "pictures 3 height width"]
    """Red, green, blue from 0 to 1."""
    keypoints: Float[Tensor, "pictures 17 2"]
    """Pixels; a pixel shows what is at its whole numbers."""
    visible: Bool[Tensor, "pictures 17"]
    """False where something hides the joint, or it is outside the picture."""


def render(
    poses: Float[Tensor, "pictures 17 3"],
    camera: Camera,
    rng: Generator,
    settings: Rendering = Rendering(),
    velocity: Float[Tensor, "pictures 17 3"] | None = None,
) -> Rendered:
    """Pictures of people in poses, one each, everything else being drawn.

    Args:
        poses: Metres in the camera's frame, in the order of `H36M_17`.
        camera: One for each picture, of its size; the floor is its world's z = 0.
        velocity: Metres a second, for the blur of what moves; all stand still unless given.
    """
    cloth = cloths(rng)
    way = torch.zeros_like(poses) if velocity is None else velocity
    width, height = settings.size
    pictures = poses.new_empty(len(poses), 3, height, width)
    visible = torch.empty(poses.shape[:2], dtype=torch.bool, device=poses.device)
    for first in range(0, len(poses), AT_ONCE):
        s = slice(first, first + AT_ONCE)
        pictures[s], visible[s] = _rendered(poses[s], camera[s], way[s], cloth, rng, settings)
    return Rendered(pictures, project(poses, camera), visible)


def _rendered(
    poses: Tensor, camera: Camera, velocity: Tensor, cloth: Tensor, rng: Generator,
    settings: Rendering,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """A few pictures, and which joints are visible."""
    count, size = len(poses), settings.size
    light = draw_light(camera, rng)
    look = draw_look(count, THINGS, rng)
    build = draw_build(count, rng)
    things = draw_things(poses[:, 0, 2], size, settings.hidden, rng)
    moments = _moments(poses, camera, velocity, even(rng, 0, settings.shutter, count))
    of = moments.picture
    figure = figure_of(moments.poses, build[of])
    body = seen_by(figure, camera[of])
    planes = _background(
        Figure(*(each[:count] for each in figure)), camera, light, cloth, size, rng, settings
    )
    things = Capsules(*(each[of] for each in things))
    shown = painted(_together(body, things), size)
    span = _span(figure, things, camera[of])
    colour = lit(
        shown, figure, span, Look(*(e[of] for e in look)), Light(*(e[of] for e in light)), cloth
    )
    _put(planes, shown, colour, moments)
    pictures = planes.movedim(0, 1).contiguous()
    return (
        exposed(pictures, rng, shaking=settings.shaking),
        seen_joints(shown, body, poses, project(poses, camera), size),
    )


class _Moments(NamedTuple):
    """Moments while the shutter is open; first the middle of each picture, then the others."""

    picture: Tensor
    poses: Float[Tensor, "moments 17 3"]


def _moments(poses: Tensor, camera: Camera, velocity: Tensor, shutter: Tensor) -> _Moments:
    """Three moments of pictures in which something moves, one of the others."""
    half = velocity * (shutter / 2)[:, None, None]
    ends = torch.stack([project(poses - half, camera), project(poses + half, camera)])
    far = (ends[1] - ends[0]).norm(dim=-1).nan_to_num(0.0).amax(dim=-1)
    moving = (far > STILL).nonzero()[:, 0]
    every = torch.arange(len(poses), device=poses.device)
    outer = 2 / MOMENTS * half[moving]
    there = [poses, poses[moving] - outer, poses[moving] + outer]
    return _Moments(torch.cat([every, moving, moving]), torch.cat(there))


def _put(planes: Tensor, shown: Painted, colour: Tensor, moments: _Moments) -> None:
    """Put what moments show before the background, each with its share of its picture's light."""
    count, pixels = planes.shape[1], planes[0, 0].numel()
    flat = planes.flatten(1)
    share = 1 / moments.picture.bincount(minlength=count).to(planes)
    moment = torch.div(shown.pixel, pixels, rounding_mode="floor")
    picture = taken(moments.picture, moment)
    pixel = shown.pixel + (picture - moment) * pixels
    weight = taken(share, picture)
    change = (colour - flat.index_select(1, pixel)).mul_(weight)
    for plane, added in zip(flat, change, strict=True):
        plane.index_add_(0, pixel, added)


def _background(
    figure: Figure, camera: Camera, light: Light, cloth: Tensor, size: tuple[int, int],
    rng: Generator, settings: Rendering,
) -> Float[Tensor, "3 pictures height width"]:  # fmt: skip
    """What is behind people, with their shadows, a little out of focus: half the size will do."""
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    small = replace(camera, focal=camera.focal / 2, centre=camera.centre / 2)
    empty = scenery(small, draw_wardrobe(cloth, len(camera.focal), rng), half, rng)
    if settings.shadows:
        pixel = painted(shadow_of(figure, light.towards, small), half).pixel
        pixel = pixel[taken(empty.floor.flatten(), pixel)]
        dark = (0.3 + 0.6 * light.ambient)[
            torch.div(pixel, half[0] * half[1], rounding_mode="floor")
        ]
        empty.planes.flatten(1)[:, pixel] *= dark
    return interpolate(empty.planes, (size[1], size[0]), mode="bilinear")


def _together(body: Capsules, things: Capsules) -> Capsules:
    """The capsules of bodies and things."""
    return Capsules(*(torch.cat(pair, dim=1) for pair in zip(body, things, strict=True)))


def _span(figure: Figure, things: Capsules, camera: Camera) -> Float[Tensor, "pictures all 2"]:
    """Metres along and across each part and thing."""
    long = (figure.ends[:, :, 1] - figure.ends[:, :, 0]).norm(dim=-1)
    metre = camera.focal.mean(dim=-1)[:, None] / things.depth.mean(dim=-1)
    stick = (things.ends[:, :, 1] - things.ends[:, :, 0]).norm(dim=-1) / metre
    wide = torch.cat([figure.radius.mean(dim=-1), things.radius.mean(dim=-1) / metre], dim=1)
    return torch.stack([torch.cat([long, stick], dim=1), wide], dim=-1)


def seen_joints(
    shown: Painted,
    body: Capsules,
    poses: Float[Tensor, "pictures 17 3"],
    keypoints: Float[Tensor, "pictures 17 2"],
    size: tuple[int, int],
) -> Bool[Tensor, "pictures 17"]:
    """Which joints are seen: nothing in their pixel lies before them but what they lie in."""
    frame = keypoints.new_tensor(size)
    at = keypoints.nan_to_num(-1e6).round()
    inside = ((at >= 0) & (at < frame)).all(dim=-1)
    at = torch.where(inside[..., None], at, 0).long()
    first = torch.arange(len(poses), device=at.device)[:, None] * (size[0] * size[1])
    pixel = first + at[..., 1] * size[0] + at[..., 0]
    which = torch.full(shown.depth.shape, -1, dtype=torch.int16, device=at.device)
    which[shown.pixel] = (shown.capsule % (len(PARTS) + THINGS)).to(which)
    depth, part = shown.depth[pixel], which[pixel].long()
    own = torch.tensor(
        [[joint in part.own for part in PARTS] + [False] * THINGS for joint in H36M_17.joints],
        device=at.device,
    )
    lies_in = own[torch.arange(len(H36M_17), device=at.device), part.clamp_min(0)]
    thick = (body.bulge * body.radius.amax(dim=-1))[: len(poses)].gather(
        1, part.clamp(0, len(PARTS) - 1)
    )
    slack = torch.where(lies_in & (part >= 0), SLACK * thick, NEAR)
    return inside & (poses[..., 2] - depth <= slack)
