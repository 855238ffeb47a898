"""Cameras: where a point of the world appears in the picture.

World axes are metres with z up. A camera's own axes are x to the right, y down and z forward, in
metres. Pictures are measured in pixels from the top left corner, x to the right and y down.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor

from .errors import CameraError

NEAREST = 1e-3
"""Metres before the camera's centre within which nothing has an image."""

Lens = Literal["opencv", "h36m"]
FocalFrom = Literal["given", "estimated", "assumed"]


@dataclass(frozen=True, eq=False)
class Camera:
    """One camera, or a batch of them; the leading axes may be the frames of a moving camera."""

    focal: Float[Tensor, "*batch 2"]
    """Focal length along x and y, in pixels."""
    centre: Float[Tensor, "*batch 2"]
    """The principal point, in pixels."""
    rotation: Float[Tensor, "*batch 3 3"]
    """World to camera: its rows are the camera's x, y and z axes in the world."""
    translation: Float[Tensor, "*batch 3"]
    """World to camera, in metres: `rotation @ point + translation`."""
    size: Float[Tensor, "*batch 2"]
    """Width and height of the picture, in pixels."""
    distortion: Float[Tensor, "*batch 5"] | None = None
    """k1, k2, p1, p2, k3 in OpenCV's order; None for a lens without distortion."""
    model: Lens = "opencv"
    """How `distortion` is read: Human3.6M's line lacks OpenCV's factor 2 in the cross terms."""
    focal_from: FocalFrom = "given"
    """How the focal length is known; every result that depends on it says so."""

    def __post_init__(self) -> None:
        check_camera(self)

    @property
    def position(self) -> Float[Tensor, "*batch 3"]:
        """Where the camera stands in the world, in metres."""
        return -torch.einsum("...ji, ...j -> ...i", self.rotation, self.translation)

    def map(self, change: Callable[[Tensor], Tensor]) -> "Camera":
        """The camera with `change` applied to each of its tensors, for indexing and moving."""
        tensors = {
            field.name: change(value)
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Tensor)
        }
        return replace(self, **tensors)

    def __getitem__(self, index: "int | slice | Tensor | None") -> "Camera":
        """Some of a batch of cameras, indexed along the first axis; None adds an axis there."""
        return self.map(lambda tensor: tensor[index])


def check_camera(camera: Camera) -> None:
    """Refuse numbers that no camera has."""
    if not bool((camera.focal > 0).all()):
        raise CameraError(
            f"A focal length is a positive number of pixels, but {camera.focal.min():g} was found; "
            "check the order of the camera's numbers (focal x, focal y, centre x, centre y)."
        )
    if not bool((camera.size > 0).all()):
        raise CameraError(
            f"A picture has a positive width and height, but {camera.size.min():g} was found; "
            "give the size in pixels."
        )
    eye = torch.eye(3, dtype=camera.rotation.dtype, device=camera.rotation.device)
    off = _largest(camera.rotation @ camera.rotation.mT - eye)
    if not off < 1e-3 or not bool((torch.linalg.det(camera.rotation) > 0).all()):
        raise CameraError(
            "A camera's rotation is an orthonormal, right-handed matrix from world to camera, but "
            f"the given one is off by {off:.2g}; transpose or normalise it."
        )


def _largest(values: Tensor) -> float:
    return float(values.detach().abs().max()) if values.numel() else 0.0


def stacked(cameras: Sequence[Camera]) -> Camera:
    """Several cameras as one batch, along a new first axis."""
    return joined([camera[None] for camera in cameras])


def joined(cameras: Sequence[Camera]) -> Camera:
    """Several batches of cameras as one, along their first axis."""
    bent = [camera for camera in cameras if camera.distortion is not None]
    models: list[Lens] = list({camera.model for camera in bent})
    if len(models) > 1:
        raise CameraError(
            "Cameras whose distortion is read in OpenCV's and in Human3.6M's way cannot be in one "
            "batch; handle them one after the other."
        )
    certain: tuple[FocalFrom, ...] = ("given", "estimated", "assumed")
    least = max(certain.index(camera.focal_from) for camera in cameras)
    return Camera(
        focal=torch.cat([camera.focal for camera in cameras]),
        centre=torch.cat([camera.centre for camera in cameras]),
        rotation=torch.cat([camera.rotation for camera in cameras]),
        translation=torch.cat([camera.translation for camera in cameras]),
        size=torch.cat([camera.size for camera in cameras]),
        distortion=torch.cat([distortion_or_zeros(each) for each in cameras]) if bent else None,
        model=models[0] if models else "opencv",
        focal_from=certain[least],
    )


def distortion_or_zeros(camera: Camera) -> Float[Tensor, "*batch 5"]:
    """The five numbers of the lens, zeros where it has none."""
    if camera.distortion is not None:
        return camera.distortion
    return camera.focal.new_zeros(*camera.focal.shape[:-1], 5)


def pinhole(
    focal: float | tuple[float, float],
    size: tuple[int, int],
    centre: tuple[float, float] | None = None,
    focal_from: FocalFrom = "given",
) -> Camera:
    """A camera at the world's origin without distortion; its axes are the world's.

    Args:
        focal: In pixels; one number for square pixels.
        centre: The principal point; the middle of the picture unless given.
    """
    focal_xy = focal if isinstance(focal, tuple) else (focal, focal)
    return Camera(
        focal=torch.tensor(focal_xy, dtype=torch.float32),
        centre=torch.tensor(centre or (size[0] / 2, size[1] / 2), dtype=torch.float32),
        rotation=torch.eye(3),
        translation=torch.zeros(3),
        size=torch.tensor(size, dtype=torch.float32),
        focal_from=focal_from,
    )


def looking_at(
    camera: Camera, position: Float[Tensor, "*batch 3"], aim: Float[Tensor, "*batch 3"]
) -> Camera:
    """The camera moved to `position` and turned so that `aim` is in the middle, without roll.

    One camera and several positions give several cameras.
    """
    forward = torch.nn.functional.normalize(aim - position, dim=-1)
    up = torch.zeros_like(forward)
    up[..., 2] = 1
    right = torch.linalg.cross(forward, up)
    if bool((right.norm(dim=-1) < 1e-6).any()):
        raise CameraError(
            "A camera that looks straight up or down has no level; aim it a little to the side."
        )
    right = torch.nn.functional.normalize(right, dim=-1)
    rotation = torch.stack([right, torch.linalg.cross(forward, right), forward], dim=-2)
    translation = -torch.einsum("...ij, ...j -> ...i", rotation, position)

    def spread(vector: Tensor) -> Tensor:
        return vector.expand(*position.shape[:-1], vector.shape[-1])

    return replace(
        camera,
        focal=spread(camera.focal),
        centre=spread(camera.centre),
        rotation=rotation,
        translation=translation,
        size=spread(camera.size),
        distortion=None if camera.distortion is None else spread(camera.distortion),
    )


def world_to_camera(
    points: Float[Tensor, "*batch points 3"], camera: Camera
) -> Float[Tensor, "*batch points 3"]:
    """Points in the camera's frame: x to the right, y down, z forward."""
    turned = torch.einsum("...ij, ...pj -> ...pi", camera.rotation, points)
    return turned + camera.translation[..., None, :]


def camera_to_world(
    points: Float[Tensor, "*batch points 3"], camera: Camera
) -> Float[Tensor, "*batch points 3"]:
    """Points of the camera's frame in the world's."""
    moved = points - camera.translation[..., None, :]
    return torch.einsum("...ji, ...pj -> ...pi", camera.rotation, moved)


def in_front(points: Float[Tensor, "*batch points 3"]) -> Bool[Tensor, "*batch points"]:
    """Which points of the camera's frame can have an image at all."""
    return points[..., 2] > NEAREST


def project(
    points: Float[Tensor, "*batch points 3"], camera: Camera, *, clamped: bool = False
) -> Float[Tensor, "*batch points 2"]:
    """Where the camera sees points of its own frame, in pixels.

    A point at or behind the camera has no image: its pixels are NaN (with a gradient of zero), so
    that it cannot pass unnoticed.

    Args:
        clamped: Hold x/z and y/z between -1 and 1 instead, as the code of VideoPose3D's line does;
            points beside and behind the camera then get a wrong image silently.
    """
    if clamped:
        plane = (points[..., :2] / points[..., 2:]).clamp(-1, 1)
    else:
        seen = in_front(points)[..., None]
        depth = torch.where(seen, points[..., 2:], torch.ones_like(points[..., 2:]))
        plane = torch.where(seen, points[..., :2] / depth, torch.nan)
    return from_image_plane(plane, camera)


def from_image_plane(
    plane: Float[Tensor, "*batch points 2"], camera: Camera
) -> Float[Tensor, "*batch points 2"]:
    """Pixels of the rays that meet the plane one metre before the camera at the given places."""
    return distort(plane, camera) * camera.focal[..., None, :] + camera.centre[..., None, :]


def to_image_plane(
    keypoints: Float[Tensor, "*batch points 2"], camera: Camera
) -> Float[Tensor, "*batch points 2"]:
    """Where the rays of the keypoints meet the plane one metre before the camera.

    This is the normalisation that needs intrinsics and takes the lens out of the picture; x/z and
    y/z of the point that was seen.
    """
    return undistort((keypoints - camera.centre[..., None, :]) / camera.focal[..., None, :], camera)


def to_screen(
    keypoints: Float[Tensor, "*batch points 2"], size: Float[Tensor, "*#batch 2"]
) -> Float[Tensor, "*batch points 2"]:
    """Pixels as VideoPose3D's line normalises them: x in -1 to 1, y by the width as well."""
    width, height = size[..., None, :1], size[..., None, 1:]
    return keypoints / width * 2 - torch.cat([torch.ones_like(width), height / width], dim=-1)


def from_screen(
    screen: Float[Tensor, "*batch points 2"], size: Float[Tensor, "*#batch 2"]
) -> Float[Tensor, "*batch points 2"]:
    """Pixels of normalised screen coordinates."""
    width, height = size[..., None, :1], size[..., None, 1:]
    return (screen + torch.cat([torch.ones_like(width), height / width], dim=-1)) * width / 2


def screen_camera(camera: Camera) -> Camera:
    """The same camera with the normalised screen in the place of pixels."""
    width = camera.size[..., :1]
    centre = to_screen(camera.centre[..., None, :], camera.size)[..., 0, :]
    return replace(
        camera, focal=camera.focal * 2 / width, centre=centre, size=camera.size * 2 / width
    )


def distort(
    plane: Float[Tensor, "*batch points 2"], camera: Camera
) -> Float[Tensor, "*batch points 2"]:
    """Points of the image plane as the lens bends them."""
    if camera.distortion is None:
        return plane
    k1, k2, p1, p2, k3 = rearrange(camera.distortion, "... five -> five ... 1 1")
    squared = (plane**2).sum(dim=-1, keepdim=True)
    radial = 1 + squared * (k1 + squared * (k2 + squared * k3))
    slant = torch.cat([p2, p1], dim=-1)  # what bends along x, along y
    cross = (plane * slant).sum(dim=-1, keepdim=True)
    twice = 2 if camera.model == "opencv" else 1
    return plane * (radial + twice * cross) + slant * squared


def undistort(
    bent: Float[Tensor, "*batch points 2"], camera: Camera, steps: int = 20
) -> Float[Tensor, "*batch points 2"]:
    """Points of the image plane before the lens bent them: the inverse of `distort`.

    Newton's method with differences for the slope. Far outside the picture a strong lens folds
    over and has no inverse; there the nearest point that was found is given.
    """
    if camera.distortion is None:
        return bent
    plane, step = bent, 1e-3 if bent.dtype == torch.float32 else 1e-6
    along_x, along_y = bent.new_tensor([step, 0]), bent.new_tensor([0, step])
    for _ in range(steps):
        off = distort(plane, camera) - bent
        if _largest(off.nan_to_num()) < 4 * torch.finfo(bent.dtype).eps:
            break
        slope_x = (distort(plane + along_x, camera) - distort(plane - along_x, camera)) / (2 * step)
        slope_y = (distort(plane + along_y, camera) - distort(plane - along_y, camera)) / (2 * step)
        area = slope_x[..., 0] * slope_y[..., 1] - slope_x[..., 1] * slope_y[..., 0]
        move_x = (off[..., 0] * slope_y[..., 1] - off[..., 1] * slope_y[..., 0]) / area
        move_y = (off[..., 1] * slope_x[..., 0] - off[..., 0] * slope_x[..., 1]) / area
        plane = plane - torch.stack([move_x, move_y], dim=-1).clamp(-0.5, 0.5)
    return plane
