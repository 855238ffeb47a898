"""Cameras of calibration files, and cameras that are found from what they saw."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import NEAREST, Camera, pinhole
from ..errors import CameraError, DataError
from ..geometry import axis_angle_to_matrix, cross_matrix, project_to_rotation
from .motion_axes import upright

GREATEST = 1e9
"""Pixels or metres that no camera reaches."""
FEWEST = 12
"""Points from which a camera may be found."""
THINNEST = 1e-3
"""Thickness of a cloud of points, as a share of its length, below which it is a plane."""
WORST_FIT = 0.1
"""The most that keypoints may be off a camera that was found, as a share of their spread."""
VAGUEST = 0.1
"""The most that a focal length may be unsure, as a share of it."""
LINEAR_STEPS, STEPS = 15, 60


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


def resected_camera(
    points: Float[Tensor, "*points 3"],
    keypoints: Float[Tensor, "*points 2"],
    size: tuple[int, int],
) -> Camera | None:
    """The camera that sees points of the world nearest to their keypoints, wherever it stands.

    Its pixels are square, its principal point is the middle of the picture and its lens is
    straight. A direct linear transform starts (Hartley and Zisserman, Multiple View Geometry,
    algorithm 7.1), Levenberg's method follows on the distance in pixels; in both, keypoints that
    are far off for most of the others count for little. What is NaN does not count.

    None where the points do not tell the camera: fewer than 12 of them; all within a thousandth of
    their length of a plane; keypoints that are typically (median) further off than a tenth of
    their typical distance from their middle, or nearly all in one place; points that are mostly
    behind the camera; a focal length that is unsure by more than a tenth (standard deviation, if
    keypoints err independently).
    """
    seen = (points.abs() < GREATEST).all(dim=-1) & (keypoints.abs() < GREATEST).all(dim=-1)
    world, places = points[seen].double(), keypoints[seen].double()
    fine = max(size) / 2000
    if len(world) < FEWEST or _flat(world) or not _spread(places) > fine:
        return None
    middle = _middle(world)
    view = _View(world - middle, places - places.new_tensor(size) / 2, fine)
    found = _improved(view, _started(view))
    if not _fits(view, found) or not _unsure_focal(view, found) < VAGUEST:
        return None
    return replace(
        pinhole(float(found.focal), size, focal_from="estimated"),
        rotation=found.rotation.float(),
        translation=(found.translation - found.rotation @ middle).float(),
    )


def around(value: float, share: float) -> tuple[float, float]:
    """The range that reaches from a value by a share of it either way."""
    return value * (1 - share), value * (1 + share)


class _Guess(NamedTuple):
    """Where a camera may stand; pixels are counted from its principal point."""

    rotation: Tensor  # 3 3: world to camera
    translation: Tensor  # 3
    focal: Tensor  # one number

    def before(self, points: Tensor) -> Tensor:
        """Points in the camera's frame."""
        return points @ self.rotation.mT + self.translation

    def image(self, points: Tensor) -> Tensor:
        """Where the points are seen; those behind the camera are far off."""
        ahead = self.before(points)
        return self.focal * ahead[:, :2] / ahead[:, 2:].clamp_min(NEAREST)

    def slope(self, points: Tensor) -> Tensor:
        """How the image moves with a turn, a translation and the focal length's logarithm."""
        ahead = self.before(points)
        depth = ahead[:, 2:].clamp_min(NEAREST)
        image = self.focal * ahead[:, :2] / depth
        straight = (self.focal / depth)[..., None] * torch.eye(2).to(depth)
        moved = torch.cat([straight, -(image / depth)[..., None]], dim=-1)  # points 2 3
        turned = -moved @ cross_matrix(ahead - self.translation)
        return torch.cat([turned, moved, image[..., None]], dim=-1)  # points 2 7

    def changed(self, step: Tensor) -> "_Guess":
        """The guess after a step along the axes of `slope`."""
        return _Guess(
            axis_angle_to_matrix(step[:3]) @ self.rotation,
            self.translation + step[3:6],
            self.focal * step[6].exp(),
        )


class _View(NamedTuple):
    """Points and where they were seen."""

    points: Tensor  # points 3: metres from their middle
    pixels: Tensor  # points 2: from the principal point
    fine: float  # an error in pixels below which all keypoints count alike

    def off(self, guess: _Guess) -> Tensor:
        """How far beside its keypoint each point is seen, in pixels."""
        return guess.image(self.points) - self.pixels


def _trust(off: Tensor, width: Tensor) -> Tensor:
    """Cauchy's weights of keypoints that are `off` by so many pixels."""
    return 1 / (1 + (off**2).sum(dim=-1) / width**2)


def _width(off: Tensor, fine: float) -> Tensor:
    """Pixels off beyond which a keypoint is doubted: 2.4 standard deviations of most of them."""
    return 2 * off.norm(dim=-1).median().clamp_min(fine)


def _started(view: _View) -> _Guess:
    """The camera nearest to the best linear map that was found in several re-weighted rounds."""
    weights = _far_trust(view)
    rounds = []
    for _ in range(LINEAR_STEPS):
        matrix = _linear_map(view, weights)
        mapped = view.points @ matrix[:, :3].mT + matrix[:, 3]
        least = NEAREST * mapped[:, 2].abs().median().clamp_min(1e-9)
        depth = mapped[:, 2:].clamp_min(least)
        off = mapped[:, :2] / depth - view.pixels
        rounds.append((float(off.norm(dim=-1).median()), matrix))
        weights = _trust(off, _width(off, view.fine)) / depth[:, 0] ** 2
    return _decomposed(min(rounds, key=lambda each: each[0])[1])


def _far_trust(view: _View) -> Tensor:
    """Weights of keypoints by how well they fit a camera that is far away.

    That minimises the sum of distances, which has one minimum only and heeds most of the keypoints,
    where a linear transform of all would be led astray by the wrong ones.
    """
    known = torch.cat([view.points, torch.ones_like(view.points[:, :1])], dim=-1)
    weights = torch.ones_like(known[:, :1])
    off = view.pixels
    for _ in range(LINEAR_STEPS):
        affine = torch.linalg.lstsq(weights.sqrt() * known, weights.sqrt() * view.pixels).solution
        off = known @ affine - view.pixels
        weights = 1 / off.norm(dim=-1, keepdim=True).clamp_min(view.fine)
    return _trust(off, _width(off, view.fine))


def _linear_map(view: _View, weights: Tensor) -> Tensor:
    """The 3 by 4 matrix that maps points to pixels, with most of the points before it."""
    points, large = view.points, view.points.norm(dim=-1).mean()
    middle, wide = _middle(view.pixels), _spread(view.pixels)
    known = torch.cat([points / large, torch.ones_like(points[:, :1])], dim=-1)
    nothing = torch.zeros_like(known)
    u, v = ((view.pixels - middle) / wide).split(1, dim=-1)
    rows = [
        torch.cat([known, nothing, -u * known], dim=-1),
        torch.cat([nothing, known, -v * known], dim=-1),
    ]
    moments = sum(row.mT @ (weights[:, None] * row) for row in rows)
    matrix = torch.linalg.eigh(moments)[1][:, 0].reshape(3, 4)
    matrix = torch.cat([wide * matrix[:2] + middle[:, None] * matrix[2:], matrix[2:]])
    matrix = torch.cat([matrix[:, :3] / large, matrix[:, 3:]], dim=-1)
    depth = points @ matrix[2, :3] + matrix[2, 3]
    return matrix * torch.where(depth.median() < 0, -1, 1)


def _decomposed(matrix: Tensor) -> _Guess:
    """The camera with square pixels that is nearest to a linear map.

    Of a map that mirrors, the nearest rotation is taken; if the points are mirrored too, no camera
    fits.
    """
    length = matrix[2, :3].norm()
    right, down, forward = matrix[:, :3] / length
    wide, high = (torch.linalg.cross(axis, forward).norm() for axis in (right, down))
    focal = (wide * high).sqrt()
    lens = torch.stack([focal, focal, torch.ones_like(focal)])
    turned = torch.stack([right, down, forward]) / lens[:, None]
    return _Guess(project_to_rotation(turned), matrix[:, 3] / length / lens, focal)


def _improved(view: _View, guess: _Guess) -> _Guess:
    """Levenberg's method on the distance in pixels, weighted anew at each step."""
    damping = 1e-3
    for _ in range(STEPS):
        off = view.off(guess)
        width = _width(off, view.fine)
        slope, weights = guess.slope(view.points), _trust(off, width)
        normal = torch.einsum("p, pai, paj -> ij", weights, slope, slope)
        drift = torch.einsum("p, pai, pa -> i", weights, slope, off)
        damped = normal + damping * torch.diag(normal.diagonal())
        step, failed = torch.linalg.solve_ex(damped, -drift)
        moved = guess.changed(step)
        better = _cost(view.off(moved), width) < _cost(off, width)
        if bool(better) and not bool(failed):
            guess, damping = moved, damping / 10
        else:
            damping *= 10
        if bool(step.abs().max() < 1e-10) or damping > 1e10:
            break
    return guess


def _cost(off: Tensor, width: Tensor) -> Tensor:
    return ((off**2).sum(dim=-1) / width**2).log1p().sum()


def _fits(view: _View, guess: _Guess) -> bool:
    """Whether a camera can be and agrees with most of the keypoints."""
    possible = (guess.focal > NEAREST) & (guess.focal < GREATEST)
    possible &= (guess.translation.abs() < GREATEST).all()
    ahead = guess.before(view.points)[:, 2].median() > NEAREST
    near = view.off(guess).norm(dim=-1).median() < WORST_FIT * _spread(view.pixels)
    return bool(possible & ahead & near)


def _unsure_focal(view: _View, guess: _Guess) -> float:
    """The standard deviation of the focal length, as a share of it."""
    off, slope = view.off(guess), guess.slope(view.points)
    weights = _trust(off, _width(off, view.fine))
    normal = torch.einsum("p, pai, paj -> ij", weights, slope, slope)
    inverse, failed = torch.linalg.inv_ex(normal)
    noise = (weights * (off**2).sum(dim=-1)).sum() / weights.sum() / 2
    return float("inf") if bool(failed) else float((noise * inverse[6, 6]).sqrt())


def _flat(points: Tensor) -> bool:
    """Whether the points lie in a plane, or nearly."""
    lengths = torch.linalg.svdvals(points - points.mean(dim=0))
    return not bool(lengths[2] > THINNEST * lengths[0])


def _spread(places: Tensor) -> Tensor:
    """The typical distance of places from their middle."""
    return (places - _middle(places)).norm(dim=-1).median()


def _middle(points: Tensor) -> Tensor:
    return points.median(dim=0).values


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
