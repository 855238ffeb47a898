"""Other cameras: the same movement seen from anywhere, by lenses of any length."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..camera import Camera, camera_to_world, looking_at, pinhole, world_to_camera
from ..clip import Batch
from ..errors import DataError
from .bodies import seen_anew


@registry.augmenter("cameras")
@dataclass(frozen=True)
class CamerasSettings:
    """Put a camera drawn anew before each window; its world's vertical must be known."""

    tilt: tuple[float, float] = (-30.0, 60.0)
    """Degrees by which the camera looks down, below zero up."""
    roll: float = 8.0
    """Degrees by which it is turned about its own axis, either way."""
    distance: tuple[float, float] = (2.5, 8.0)
    """Metres from the person."""
    focal: tuple[float, float] = (0.6, 2.0)
    """Focal length by the picture's width."""
    aside: float = 0.6
    """How far beside the person it is aimed, as a share of half the picture's view."""

    def build(self) -> "Cameras":
        """The augmenter."""
        return Cameras(self)


WIDTH, HEIGHT = 1000, 1000
"""Of the pictures; lifters on the image plane do not see them."""


@dataclass(frozen=True)
class Cameras:
    """Draws a camera for each window, around the person's middle."""

    settings: CamerasSettings

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch as other cameras see it; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Cameras look at poses, but the batch has keypoints alone.")
        world = camera_to_world(batch.poses, batch.camera)
        root = world[:, :, batch.skeleton.root]
        drawn = self.drawn(root.nanmean(dim=1), rng)
        camera = drawn.map(lambda each: each[:, None])
        return seen_anew(replace(batch, camera=camera, poses=world_to_camera(world, camera)))

    def drawn(self, middle: Float[Tensor, "windows 3"], rng: Generator) -> Camera:
        """A camera for each place."""
        of, count = self.settings, len(middle)

        def between(low: float, high: float) -> Tensor:
            return (low + (high - low) * torch.rand(count, generator=rng)).to(middle)

        around, down = between(-math.pi, math.pi), between(*of.tilt) * (math.pi / 180)
        far, focal = between(*of.distance), between(*of.focal)
        level = torch.stack([around.cos() * down.cos(), around.sin() * down.cos()], dim=-1)
        away = far[:, None] * torch.cat([level, down.sin()[:, None]], dim=-1)
        aimed = looking_at(pinhole(1.0, (WIDTH, HEIGHT)).map(lambda each: each.to(middle)),
                           middle + away, middle)  # fmt: skip
        aside = torch.stack([between(-1, 1), between(-1, 1)], dim=-1) * of.aside
        turn = turned_aside(aside / (2 * focal[:, None]), between(-of.roll, of.roll))
        return replace(
            aimed,
            focal=(focal * WIDTH)[:, None].expand(-1, 2),
            rotation=turn @ aimed.rotation,
            translation=(turn @ aimed.translation[..., None])[..., 0],
        )


def turned_aside(
    slope: Float[Tensor, "windows 2"], roll: Float[Tensor, " windows"]
) -> Float[Tensor, "windows 3 3"]:
    """The turn of a camera by which what was in its middle is seen at a slope, then rolled."""
    ahead = torch.nn.functional.pad(slope, (0, 1), value=1.0)
    ahead = torch.nn.functional.normalize(ahead, dim=-1)
    down = torch.zeros_like(ahead)
    down[:, 1] = 1
    right = torch.nn.functional.normalize(torch.linalg.cross(down, ahead), dim=-1)
    turn = torch.stack([right, torch.linalg.cross(ahead, right), ahead], dim=-1)
    angle = roll * (math.pi / 180)
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(roll), torch.ones_like(roll)
    rows = [cos, -sin, zero, sin, cos, zero, zero, zero, one]
    return torch.stack(rows, dim=-1).view(-1, 3, 3) @ turn
