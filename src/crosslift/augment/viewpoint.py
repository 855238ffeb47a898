"""Other heights and tilts of the camera, as those of a target: the rest is `gpa`'s."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import Camera, camera_to_world, world_to_camera
from ..clip import Batch
from ..errors import DataError, SettingsError
from ..geometry import rotation_about
from .bodies import seen_anew
from .target import Target
from .views import Views, estimated_views


@dataclass(frozen=True)
class ViewpointSettings:
    """Turn each window about the world's vertical, and tilt and roll its camera."""

    views: Literal["estimated", "any"] = "estimated"
    """Whether tilt and roll are drawn as the target's keypoints tell them, or from these ranges."""
    tilt: tuple[float, float] = (-30.0, 60.0)
    """Degrees by which a camera of any view looks down, below zero up."""
    roll: float = 8.0
    """Degrees by which it is turned about its own axis, either way."""
    unsure: float = 0.2
    """Share of the windows that get any view where views are estimated."""

    def __post_init__(self) -> None:
        check_settings(self)

    def build(self, target: Target) -> "Viewpoint":
        """The augmenter towards a target."""
        views = estimated_views(target) if self.views == "estimated" else None
        return Viewpoint(self, views)


def check_settings(settings: ViewpointSettings) -> None:
    """Refuse tilts in the wrong order or beyond the vertical, and shares that are none."""
    low, high = settings.tilt
    if not -90 < low <= high < 90:
        raise SettingsError(
            f"A camera's tilt goes from a lower to a higher angle within 90 degrees, but {low:g} "
            f"to {high:g} was asked for; give such as -30 60."
        )
    if not 0 <= settings.unsure <= 1:
        raise SettingsError(
            f"A share of windows lies between 0 and 1, but {settings.unsure:g} was given."
        )


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """Moves the camera around the person's middle; the distance and the picture's place stay."""

    settings: ViewpointSettings
    views: Views | None
    """Those of the target, where they are known."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch as turned cameras see it; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Cameras look at poses, but the batch has keypoints alone.")
        check_upright(batch.camera)
        turned = rotations(self.drawn(len(batch), rng), rng).to(batch.poses)[:, None]
        world = camera_to_world(batch.poses, batch.camera)
        here, there = (middle(points, batch.skeleton.root) for points in (batch.poses, world))
        shift = here - (turned @ there[..., None])[..., 0]
        shape = batch.camera.translation.shape
        camera = replace(
            batch.camera,
            rotation=turned.expand(*shape, 3).contiguous(),
            translation=shift.expand(shape).contiguous(),
        )
        return seen_anew(replace(batch, camera=camera, poses=world_to_camera(world, camera)))

    def drawn(self, count: int, rng: Generator) -> Float[Tensor, "count 2"]:
        """How far up leans to the right and forward in each window, as slopes."""
        spread = 2 * torch.rand(count, 2, generator=rng) - 1
        low, high = self.settings.tilt
        roll = self.settings.roll * spread[:, 0]
        down = (low + high) / 2 + (high - low) / 2 * spread[:, 1]
        any_view = (torch.stack([roll, -down], dim=-1) * (math.pi / 180)).tan()
        if self.views is None:
            return any_view
        estimated = self.views.draw(count, rng).to(any_view)
        unsure = torch.rand(count, 1, generator=rng) < self.settings.unsure
        return torch.where(unsure, any_view, estimated)


def middle(
    points: Float[Tensor, "windows frames joints 3"], root: int
) -> Float[Tensor, "windows 1 3"]:
    """Where the root is on the average."""
    return points[:, :, root].nanmean(dim=1, keepdim=True)


def rotations(lean: Float[Tensor, "count 2"], rng: Generator) -> Float[Tensor, "count 3 3"]:
    """World to camera, of cameras in whose frame up leans so, turned any way about the vertical."""
    up = torch.stack([lean[:, 0], -torch.ones_like(lean[:, 0]), lean[:, 1]], dim=-1)
    up = torch.nn.functional.normalize(up, dim=-1)
    ahead = torch.zeros_like(up)
    ahead[:, 2] = 1
    right = torch.nn.functional.normalize(torch.linalg.cross(ahead, up), dim=-1)
    level = torch.stack([right, torch.linalg.cross(up, right), up], dim=-1)
    around = 2 * math.pi * torch.rand(len(lean), generator=rng)
    return level @ rotation_about("z", around).to(level)


def check_upright(camera: Camera) -> None:
    """Refuse cameras whose world is unknown, as those of aligned windows and of bare keypoints."""
    eye = torch.eye(3, dtype=camera.rotation.dtype, device=camera.rotation.device)
    away = (camera.translation != 0).any(dim=-1) | (camera.rotation != eye).flatten(-2).any(dim=-1)
    if not bool(away.all()):
        raise DataError(
            "Cameras are tilted against the world's vertical, but the source has windows whose "
            "camera has no place in the world; turn them before they are aligned with a target, or "
            "give a source with calibrated cameras."
        )
