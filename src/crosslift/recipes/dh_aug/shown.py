"""What critics are shown of windows: bodies in the world, and their pictures."""

from typing import Literal, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from ...augment.dh_body import as_16
from ...camera import Camera, camera_to_world, project, to_screen
from ...clip import Batch
from ...geometry import mirror
from ...skeletons import H36M_16

OF_MOTION = ("motion", "picture_motion")
"""The critics that see movement; the others see single frames."""
OF_PICTURES = ("picture", "picture_motion")
"""Those that see the screen; the others see bodies."""
NEAREST = 0.1
"""Metres before the camera to which nearer points are put, so that all have an image."""


class Shown(NamedTuple):
    """Windows as critics see them."""

    bodies: Float[Tensor, "windows frames 16 3"]
    """About the root, along the world's axes."""
    pictures: Float[Tensor, "windows frames 16 2"]
    """On the normalised screen."""

    def of(self, name: str) -> Tensor:
        """What the critic of this name sees: clips, or single frames."""
        seen = self.pictures if name in OF_PICTURES else self.bodies
        return seen if name in OF_MOTION else seen.flatten(0, 1)

    def rows(self, some: Tensor) -> "Shown":
        """Some of the windows."""
        return Shown(self.bodies[some], self.pictures[some])

    def detach(self) -> "Shown":
        """The same without gradients."""
        return Shown(self.bodies.detach(), self.pictures.detach())


def shown(
    poses: Float[Tensor, "windows frames 16 3"], camera: Camera, *, clamped: bool = False
) -> Shown:
    """What is seen of poses that stand before their cameras.

    Args:
        clamped: Leave points where they are that lie at or behind the camera, whose image is then
            a false one, as in the release.
    """
    about = poses - poses[:, :, :1]
    turned = torch.einsum("...ji, ...pj -> ...pi", camera.rotation, about)
    before = poses
    if not clamped:
        depth = poses[..., 2:].clamp_min(NEAREST)
        before = torch.cat([poses[..., :2], depth], dim=-1)
    pixels = project(before, camera, clamped=True)
    return Shown(turned, to_screen(pixels, camera.size))


def real_poses(batch: Batch) -> tuple[Float[Tensor, "windows frames 16 3"], Bool[Tensor, "rows"]]:
    """The 16 joints of a batch's windows, and which of the windows are known in full."""
    assert batch.poses is not None, "the caller has poses"
    poses = as_16(batch.poses, batch.skeleton)
    return poses, poses.isfinite().flatten(1).all(dim=1)


def root_in_world(batch: Batch) -> Float[Tensor, "windows frames 3"]:
    """Where the windows' bodies stand."""
    assert batch.poses is not None, "the caller has poses"
    root = batch.poses[:, :, [batch.skeleton.root]]
    return camera_to_world(root, batch.camera)[:, :, 0]


def mirrored(seen: Shown) -> Shown:
    """All windows in the mirror, left for right."""
    return Shown(mirror(seen.bodies, H36M_16), mirror(seen.pictures, H36M_16))


def backwards(seen: Shown) -> Shown:
    """All windows with their last frame first."""
    return Shown(seen.bodies.flip(1), seen.pictures.flip(1))


def varied(
    seen: Shown,
    mirrors: Literal["half", "both", "none"],
    rng: Generator,
    *,
    reverse: bool,
) -> Shown:
    """Windows with their mirror images, or with half of them mirrored; so with time.

    Args:
        reverse: Whether movement runs backwards too.
    """
    reverse = reverse and seen.bodies.shape[1] > 1
    changes = [mirrored, *([backwards] if reverse else [])]
    if mirrors == "none":
        return seen
    for change in changes:
        other = change(seen)
        if mirrors == "both":
            seen = Shown(*(torch.cat(pair) for pair in zip(seen, other, strict=True)))
        else:
            chosen = torch.rand(len(seen.bodies), generator=rng).to(seen.bodies.device) < 0.5
            chosen = chosen[:, None, None, None]
            pairs = zip(other, seen, strict=True)
            seen = Shown(*(torch.where(chosen, one, two) for one, two in pairs))
    return seen


def some_frames(seen: Shown, count: int | None, rng: Generator) -> Shown:
    """So many of each clip's frames, drawn at random; all unless a number is given."""
    frames = seen.bodies.shape[1]
    if count is None or count >= frames:
        return seen
    chosen = torch.randperm(frames, generator=rng)[:count].to(seen.bodies.device)
    return Shown(seen.bodies[:, chosen], seen.pictures[:, chosen])
