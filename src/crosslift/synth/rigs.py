"""Cameras around a person: where they stand, where they look, and through what lens."""

import math
from bisect import bisect_left
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import Camera, looking_at, pinhole, project, world_to_camera
from ..errors import SettingsError, unknown_name
from ..geometry import rotation_about
from .curves import between, coin, pick, wander

Span = tuple[float, float]

SMALL_SIZES = ((640, 480), (1000, 1000), (1280, 720), (1080, 1920))
LARGE_SIZES = ((1920, 1080), (2048, 2048))


@dataclass(frozen=True)
class Rig:
    """A way of putting up cameras; lengths in metres, angles in degrees."""

    name: str
    height: Span = (1.2, 1.8)
    """Above the floor."""
    fill: Span = (0.5, 0.9)
    """How much of the picture's half the person and its way reach across."""
    focal: Span = (0.75, 1.6)
    """In widths of the picture's longer side: 0.75 is a phone's, 2.5 a telephoto lens'."""
    roll: float = 2.0
    aside: float = 0.08
    """How far the person is from the middle, as a share of the picture's half."""
    centre: float = 0.01
    """How far the principal point is from the middle, as a share of the picture."""
    moving: float = 0.0
    """How much a camera that follows the person moves; 0 stands still."""
    sizes: tuple[tuple[int, int], ...] = SMALL_SIZES


RIGS = {
    rig.name: rig
    for rig in (
        Rig("ring"),
        Rig("high", height=(2.6, 4.5), focal=(0.8, 1.5)),
        Rig("low", height=(0.15, 0.6), focal=(0.75, 1.3)),
        Rig("near", height=(0.8, 2.0), focal=(0.7, 0.95), fill=(0.85, 0.95)),
        Rig("far", height=(1.5, 3.5), focal=(1.8, 3.0)),
        Rig("moving", height=(1.0, 2.2), focal=(0.75, 1.2), moving=1.0, fill=(0.4, 0.75)),
        Rig("off_centre", (0.5, 2.6), (0.5, 0.85), (0.7, 1.3), 10.0, 0.3, 0.05, 0.0, LARGE_SIZES),
        Rig("overhead", (3.2, 5.0), (0.5, 0.85), (0.6, 1.0), 8.0, 0.15, 0.02, 0.0, LARGE_SIZES),
    )
}


def rig_named(name: str) -> Rig:
    """The rig that is called `name`."""
    if name not in RIGS:
        raise SettingsError(unknown_name("camera rig called", name, RIGS))
    return RIGS[name]


def draw_camera(
    rng: Generator, aim: Float[Tensor, "3"] | None = None, extent: float = 1.1
) -> Camera:
    """A camera of the ring around `aim` that sees what is within `extent` metres of it."""
    aim = torch.tensor([0.0, 0.0, 0.95]) if aim is None else aim.float()
    corners = torch.cartesian_prod(*[torch.tensor([-0.58, 0.58])] * 3)
    return placed(RIGS["ring"], (aim + extent * corners)[None], 30.0, rng)


def placed(
    rig: Rig, positions: Float[Tensor, "frames joints 3"], fps: float, rng: Generator
) -> Camera:
    """A camera of a rig that has the whole of a motion in view."""
    camera = lens(rig, rng)
    low, high = (getattr(positions.flatten(0, 1), side)(dim=0).values for side in ("min", "max"))
    middle = (low + high) / 2
    round_it, up = between(rng, -math.pi, math.pi), between(rng, *rig.height)
    fill = between(rng, *rig.fill)
    roll = torch.tensor(math.radians(between(rng, -rig.roll, rig.roll)))
    away = torch.tensor([math.sin(round_it), math.cos(round_it), 0.0])
    shift = torch.tensor([between(rng, -1, 1), between(rng, -1, 1)]) * rig.aside
    if rig.moving:
        camera = camera.map(lambda t: t.expand(len(positions), *t.shape))
        away, middle = followed(rig, positions, round_it, fps, rng)
    every = max(len(positions) // 60, 1)

    def at(distance: float) -> Camera:
        position = middle + distance * away
        position[..., 2] = up
        return shifted(rolled(looking_at(camera, position, middle), roll), shift * (1 - fill))

    def in_view(distance: float) -> bool:
        view = at(distance)
        return reach_of(positions[::every], view[::every] if rig.moving else view) < fill

    nearest = bisect_left(DISTANCES[:-1], True, key=in_view)
    return at(DISTANCES[nearest])


DISTANCES = tuple(1.8 * 1.12**step for step in range(40))
"""Metres at which a camera is tried, from near to far."""


def lens(rig: Rig, rng: Generator) -> Camera:
    """A camera's intrinsics; three in five lenses bend the picture."""
    width, height = rig.sizes[pick(rng, len(rig.sizes))]
    focal = max(width, height) * between(rng, *rig.focal)
    centre_x, centre_y = (between(rng, 0.5 - rig.centre, 0.5 + rig.centre) for _ in range(2))
    focal_xy, centre = (
        (focal, focal * between(rng, 0.995, 1.005)),
        (centre_x * width, centre_y * height),
    )
    camera = pinhole(focal_xy, (width, height), centre)
    if coin(rng, 0.4):
        return camera
    k1 = between(rng, -0.25, 0.08)
    k2 = between(rng, 0, 0.5) * -k1
    bends = [k1, k2, *(between(rng, -0.002, 0.002) for _ in range(2)), 0.0]
    return replace(camera, distortion=torch.tensor(bends))


def followed(
    rig: Rig,
    positions: Float[Tensor, "frames joints 3"],
    round_it: float,
    fps: float,
    rng: Generator,
) -> tuple[Float[Tensor, "frames 3"], Float[Tensor, "frames 3"]]:
    """Where a camera that follows a person stands from it, in directions, and what it looks at."""
    times = torch.arange(len(positions), dtype=torch.float64) / fps
    width = max(round(fps), 1) | 1
    path = positions.mean(dim=1).T[None]
    ends = torch.nn.functional.pad(path, (width // 2, width // 2), mode="replicate")
    aim = torch.nn.functional.avg_pool1d(ends, width, stride=1)[0].T
    aim = aim + torch.stack([wander(times, rng, 0.04, 5) for _ in range(3)], dim=-1).to(aim)
    angle = round_it + rig.moving * wander(times, rng, 0.25, 14)
    reach = 1 + 0.1 * rig.moving * wander(times, rng, 1.0, 12)
    away = torch.stack([angle.sin(), angle.cos(), torch.zeros_like(angle)], dim=-1)
    return (away * reach[:, None]).to(aim), aim


def rolled(camera: Camera, roll: Float[Tensor, ""]) -> Camera:
    """The camera turned about the way it looks."""
    turn = rotation_about("z", roll)
    moved = torch.einsum("ij, ...j -> ...i", turn, camera.translation)
    return replace(camera, rotation=turn @ camera.rotation, translation=moved)


def shifted(camera: Camera, share: Float[Tensor, "2"]) -> Camera:
    """The camera turned so that what was in the middle is aside by a share of its half."""
    angles = (share * camera.size / 2 / camera.focal).atan()
    side, down = angles[..., 0], angles[..., 1]
    turn = rotation_about("y", side) @ rotation_about("x", -down)
    moved = torch.einsum("...ij, ...j -> ...i", turn, camera.translation)
    return replace(camera, rotation=turn @ camera.rotation, translation=moved)


def reach_of(positions: Float[Tensor, "frames joints 3"], camera: Camera) -> float:
    """How far from the picture's middle the farthest point is, in halves of the picture."""
    seen = world_to_camera(positions, camera)
    straight = replace(camera, distortion=None)
    half = camera.size[..., None, :] / 2
    off = torch.stack([(project(seen, view) - half) / half for view in (camera, straight)])
    return float(off.abs().nan_to_num(torch.inf).max())
