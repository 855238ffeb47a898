"""Cameras of calibration files, and cameras that are found from what they saw."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera, pinhole
from ..errors import CameraError, DataError
from .motion_axes import upright

GREATEST = 1e9
"""Pixels or metres that no camera reaches."""


def camera_of(
    intrinsic: Any,
    size: tuple[float, float],
    rotation: Any = None,
    translation: Any = None,
    distortion: Any = None,
) -> Camera:
    """The camera of a calibration.

    Args:
        intrinsic: The 3 by 3 matrix K, in pixels.
        rotation: World to camera; the camera's axes are the world's unless given.
        translation: World to camera, in metres.
        distortion: Up to five numbers in OpenCV's order.
    """
    k = _sensible(intrinsic, (3, 3), "A camera's intrinsic matrix")
    turn = np.eye(3) if rotation is None else _sensible(rotation, (3, 3), "A camera's rotation")
    move = np.zeros(3) if translation is None else np.ravel(np.asarray(translation, float))
    bent = np.zeros(5)
    if distortion is not None:
        lens = np.ravel(np.asarray(distortion, float))
        bent[: len(lens)] = lens[:5]
    return _checked(
        lambda: Camera(
            focal=_tensor(k[[0, 1], [0, 1]]),
            centre=_tensor(k[:2, 2]),
            rotation=_tensor(turn),
            translation=_tensor(_sensible(move, (3,), "A camera's translation")),
            size=_tensor(_sensible(size, (2,), "A picture's size")),
            distortion=_tensor(_sensible(bent, (5,), "A lens")) if bent.any() else None,
        )
    )


def camera_path(
    lens: Camera,
    rotation: Float[np.ndarray, "frames 3 3"],
    translation: Float[np.ndarray, "frames 3"],
) -> Camera:
    """A camera that moves: one for each frame.

    Args:
        rotation: World to camera.
        translation: World to camera, in metres.
    """
    frames = len(rotation)
    still = lens.map(lambda tensor: tensor.expand(frames, *tensor.shape).clone())
    return _checked(
        lambda: replace(
            still,
            rotation=_tensor(_sensible(rotation, rotation.shape, "A camera's rotation")),
            translation=_tensor(
                _sensible(translation, translation.shape, "A camera's translation")
            ),
        )
    )


def with_world(camera: Camera, up: str) -> Camera:
    """The same camera in our world, when `up` points upwards in the one that it was given in."""
    turn = torch.tensor(upright(up), dtype=torch.float32)
    return replace(camera, rotation=camera.rotation @ turn.mT)


def fitted_camera(
    poses: Float[Tensor, "*points 3"],
    keypoints: Float[Tensor, "*points 2"],
    size: tuple[int, int],
    focal: tuple[float, float] = (0.0, float("inf")),
) -> Camera | None:
    """The camera at the world's origin that sees the poses nearest to the keypoints.

    A line through picture places over x/z and y/z: its slope is the focal length, its height the
    principal point. None where the points do not tell.

    Args:
        focal: Least and greatest focal length that may be found.
    """
    seen = poses.isfinite().all(dim=-1) & keypoints.isfinite().all(dim=-1) & (poses[..., 2] > 0)
    points, places = poses[seen].double(), keypoints[seen].double()
    plane = points[:, :2] / points[:, 2:]
    if len(plane) < 8:
        return None
    off_plane, off_places = plane - plane.mean(dim=0), places - places.mean(dim=0)
    slope = (off_plane * off_places).sum(dim=0) / (off_plane**2).sum(dim=0)
    slope = slope.clamp(*focal)
    centre = places.mean(dim=0) - slope * plane.mean(dim=0)
    if not bool(slope.isfinite().all() & (slope > 0).all() & centre.isfinite().all()):
        return None
    (fx, fy), (cx, cy) = slope.tolist(), centre.tolist()
    return pinhole((fx, fy), size, (cx, cy), focal_from="estimated")


def around(value: float, share: float) -> tuple[float, float]:
    """The range that reaches from a value by a share of it either way."""
    return value * (1 - share), value * (1 + share)


def _checked(make: Callable[[], Camera]) -> Camera:
    """A camera of a file; if it cannot be, the file is at fault."""
    try:
        return make()
    except CameraError as problem:
        raise DataError(str(problem)) from problem


def _sensible(values: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    array = np.asarray(values, float)
    if array.shape != shape or not (np.abs(array) < GREATEST).all():
        raise DataError(
            f"{what} should be {' by '.join(map(str, shape))} sensible numbers, but {array.shape} "
            f"of {int((np.abs(array) < GREATEST).sum())} such was found; check the calibration."
        )
    return array


def _tensor(array: np.ndarray) -> Tensor:
    return torch.tensor(array, dtype=torch.float32)
