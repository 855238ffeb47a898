"""Mirror images: the body's left is its right, and the camera bends the other way."""

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from .. import registry
from ..camera import Camera
from ..clip import Batch
from ..geometry import mirror, mirror_camera, swap_sides


@registry.augmenter("flip")
@dataclass(frozen=True)
class FlipSettings:
    """Mirror a share of the windows."""

    share: float = 0.5
    """Of the windows that are mirrored, each with its keypoints, poses and camera."""

    def build(self) -> "Flip":
        """The augmenter."""
        return Flip(self.share)


@dataclass(frozen=True)
class Flip:
    """Mirrors whole windows."""

    share: float

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with some windows mirrored; see `Augmenter`."""
        chosen = torch.rand(len(batch), generator=rng).to(batch.keypoints.device) < self.share
        turned = mirrored(batch)
        return chosen_of(chosen, turned, batch)


def mirrored(batch: Batch) -> Batch:
    """All windows as their mirror images."""
    skeleton, middle = batch.skeleton, batch.camera.size[..., 0] / 2
    return replace(
        batch,
        camera=mirror_camera(batch.camera, middle=middle),
        keypoints=mirror(batch.keypoints, skeleton, middle=middle),
        scores=swap_sides(batch.scores, skeleton),
        poses=None if batch.poses is None else mirror(batch.poses, skeleton),
        body=None if batch.body is None else swap_sides(batch.body, skeleton),
    )


def chosen_of(chosen: Tensor, these: Batch, others: Batch) -> Batch:
    """Row by row, these windows where they are chosen and the others elsewhere."""

    def either(first: Tensor | None, second: Tensor | None) -> Tensor | None:
        if first is None or second is None:
            return None
        shape = (-1, *[1] * (first.ndim - 1))
        return torch.where(chosen.view(shape), first, second)

    fields = ("keypoints", "scores", "valid", "poses", "body")
    found = {name: either(getattr(these, name), getattr(others, name)) for name in fields}
    return replace(others, camera=_either_camera(chosen, these.camera, others.camera), **found)


def _either_camera(chosen: Tensor, these: Camera, others: Camera) -> Camera:
    """One camera for each window, from either batch."""
    fields = ("focal", "centre", "rotation", "translation", "size", "distortion")
    found = {}
    for name in fields:
        first, second = getattr(these, name), getattr(others, name)
        if first is not None:
            shape = (-1, *[1] * (first.ndim - 1))
            found[name] = torch.where(chosen.view(shape), first, second)
    return replace(others, **found)
