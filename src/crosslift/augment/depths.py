"""How far away a body must be to look as large as another one in a picture."""

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera
from ..errors import DataError
from ..geometry import extent
from .footprints import Footprints

STEPS = 12
"""Of Newton's method at most; four are usual."""


def weak_depth(
    about: Float[Tensor, "*batch joints 3"], wanted: Footprints
) -> Float[Tensor, "*batch"]:
    """The depth of the root at which the body's box is as wide and high together, if it were flat.

    Args:
        about: The pose about its root, along the camera's axes; a joint that is no number or that
            the target does not show does not count.
    """
    return _flat(_counted(about, wanted), wanted)


def exact_depth(
    about: Float[Tensor, "*batch joints 3"],
    wanted: Footprints,
    nearest: Float[Tensor, "*batch"],
) -> Float[Tensor, "*batch"]:
    """The depth of the root at which the body's box really is as wide and high together.

    With the root on its ray, what a joint is beside the root in the picture is a constant over the
    joint's depth. So the box shrinks steadily with the distance, there is one solution, and one
    over the box's size is a concave function of the depth: Newton's method comes from the near
    side and never steps beyond.

    Args:
        about: As in `weak_depth`.
        nearest: The least depth that is tried, at which every joint is before the camera.
    """
    about = _counted(about, wanted)
    deep = about[..., 2:]
    beside = wanted.focal[..., None, :] * (about[..., :2] - deep * wanted.ray[..., None, :])
    depth = torch.maximum(_flat(about, wanted), nearest)
    for _ in range(STEPS):
        size, fall = _box(beside, deep + depth[..., None, None])
        step = size * (size - wanted.size) / (wanted.size * fall)
        better = torch.maximum(depth + step.nan_to_num(), nearest)
        settled = (better - depth).abs() <= torch.finfo(depth.dtype).eps ** 0.5 * depth
        depth = better
        if bool(settled.all()):  # the next step would be a rounding error: they fall as squares
            break
    return depth


def _counted(about: Tensor, wanted: Footprints) -> Tensor:
    """The pose with joints that do not count at the root, which is in the box anyway."""
    counts = wanted.seen & about.isfinite().all(dim=-1)
    return torch.where(counts[..., None], about, 0)


def _flat(about: Tensor, wanted: Footprints) -> Tensor:
    across = about[..., :2].amax(dim=-2) - about[..., :2].amin(dim=-2)
    return (wanted.focal * across).sum(dim=-1) / wanted.size


def _box(beside: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
    """Width plus height of the box, and how much less they become for a metre more of depth."""
    (right, far_right), (left, far_left) = (
        _end(beside / depth, depth, largest=each) for each in (True, False)
    )
    return (right - left).sum(dim=-1), (right / far_right - left / far_left).sum(dim=-1)


def _end(places: Tensor, depth: Tensor, *, largest: bool) -> tuple[Tensor, Tensor]:
    """The outermost place along each axis, and the depth of the joint that is there."""
    found = places.max(dim=-2) if largest else places.min(dim=-2)
    return found.values, depth[..., 0].gather(-1, found.indices)


def published_alignment(
    source: Float[Tensor, "poses joints 3"], target: Float[Tensor, "_ _ 2"], camera: Camera
) -> Float[Tensor, "poses joints 3"]:
    """Source poses at the places of target poses as PoseDA's and PoSynDA's code computes it.

    All depths follow from the focal length of the first row of the camera, whosever picture it is;
    boxes are those of all joints; nothing is checked. For repeating published results; use `GPA`
    for anything else.

    Args:
        target: In the camera's unit: pixels, or the normalised screen of a `screen_camera`.
        camera: One, or one for each target pose; its distortion is not looked at.
    """
    if source.shape[:2] != target.shape[:2]:
        raise DataError(
            "The published alignment takes as many target as source poses of the same joints, but "
            f"{list(source.shape[:2])} and {list(target.shape[:2])} were found; draw as many."
        )
    rows = camera if camera.focal.ndim > 1 else camera[None]
    size = extent(target).sum(dim=-1)
    depth = (rows.focal[0] * extent(source[..., :2])).sum(dim=-1) / size
    ray = (target[:, 0] - rows.centre) / rows.focal
    place = torch.cat([ray * depth[:, None], depth[:, None]], dim=-1)
    return source - source[:, :1] + place[:, None]
