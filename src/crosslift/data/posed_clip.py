"""Clips of what data sets hold: joints in the world or before a camera, and keypoints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera, project, world_to_camera
from ..clip import Clip
from ..errors import DataError
from ..geometry import body_lengths
from ..mapping import mapped
from ..motion import Motion
from ..observe import observe, perfect
from ..skeleton import Skeleton


@dataclass(frozen=True)
class Take:
    """What a file says of a recording besides its numbers."""

    name: str
    fps: float
    labels: Mapping[str, str]
    provenance: Mapping[str, str]


def entries(value: Any, what: str) -> dict[Any, Any]:
    """A dictionary that was read from a file."""
    if not isinstance(value, dict):
        raise DataError(
            f"{what} should be a dictionary, but {_kind(value)} was found; check that the file is "
            "of this format."
        )
    return value


def items(value: Any, what: str) -> list[Any]:
    """A list that was read from a file; an array counts as the list of its rows."""
    flat = isinstance(value, np.ndarray) and value.ndim == 0
    if flat or not isinstance(value, list | tuple | np.ndarray):
        raise DataError(
            f"{what} should be a list, but {_kind(value)} was found; check that the file is of "
            "this format."
        )
    return list(value)


def points(
    values: Any, joints: int, axes: int, what: str, scale: float = 1.0
) -> Float[Tensor, "frames joints axes"]:
    """Points of a file in single precision; what is no finite number becomes NaN.

    Args:
        what: The array in a sentence: "The poses of S1".
        scale: Metres or pixels of the file's unit.
    """
    array = plain(values, what)
    if array.ndim != 3 or array.shape[1:] != (joints, axes):
        raise DataError(
            f"{what} should have the shape (frames, {joints}, {axes}), but {array.shape} was "
            "found; check which file and which joints these are."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = torch.from_numpy((array * np.float64(scale)).astype(np.float32))
    return torch.where(scaled.isfinite(), scaled, torch.nan)


def plain(values: Any, what: str) -> np.ndarray:
    """An array of real numbers that was read from a file."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise DataError(
            f"{what} should be an array of numbers, but {_kind(values)} was found; check that the "
            "file is of this format."
        )
    return values


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    return {type(None): "nothing", str: "text", dict: "a dictionary"}.get(
        type(value), f"a {type(value).__name__}"
    )


def posed_clip(
    take: Take,
    skeleton: Skeleton,
    camera: Camera,
    *,
    poses: Float[Tensor, "frames joints 3"] | None = None,
    keypoints: Float[Tensor, "frames joints 2"] | None = None,
    scores: Float[Tensor, "frames joints"] | None = None,
    **rest: Any,
) -> Clip:
    """A clip of poses in the camera's frame, keypoints, or both.

    A keypoint without a score or with a coordinate that is no number is missing; scores beyond 1
    are taken for 1.

    Args:
        keypoints: Where the camera sees the poses, unless given.
        scores: 1 for each keypoint that is a number unless given.
        rest: More fields of the clip: `person`, `times`, `root_from`.
    """
    if keypoints is None:
        keypoints = project(_given(poses), camera)
    found = keypoints.isfinite().all(dim=-1)
    if scores is None:
        scores = found.to(keypoints)
    scores = torch.where(found, scores.nan_to_num(nan=0.0).clamp(0, 1), 0)
    observed = scores > 0
    return Clip(
        name=take.name,
        skeleton=skeleton,
        camera=camera,
        fps=take.fps,
        keypoints=torch.where(observed[..., None], keypoints, torch.nan),
        scores=scores,
        observed=observed,
        poses=None if poses is None else poses[None],
        body=None if poses is None else body_of(poses, skeleton),
        labels=take.labels,
        provenance=take.provenance,
        **rest,
    )


def _given(poses: Tensor | None) -> Tensor:
    if poses is None:
        raise DataError("A clip needs keypoints or poses, but has neither; check the file.")
    return poses


def body_of(
    poses: Float[Tensor, "frames joints 3"], skeleton: Skeleton
) -> Float[Tensor, " joints"] | None:
    """Mean bone lengths; None where a joint is never known."""
    lengths = body_lengths(poses, skeleton).nanmean(dim=0)
    return lengths if bool(lengths.isfinite().all()) else None


class Seen(NamedTuple):
    """Keypoints of a file, one person and camera."""

    skeleton: Skeleton
    keypoints: Float[Tensor, "frames joints 2"]
    scores: Float[Tensor, "frames joints"] | None = None


def seen_of(values: Any, skeleton: Skeleton, what: str) -> Seen:
    """Keypoints in pixels, with their scores where there is a third number beside them."""
    array = plain(values, what)
    if array.ndim == 3 and array.shape[-1] == 3:
        found = points(array, len(skeleton), 3, what)
        return Seen(skeleton, found[..., :2].contiguous(), found[..., 2].contiguous())
    return Seen(skeleton, points(array, len(skeleton), 2, what))


def detected_clip(
    take: Take, camera: Camera, seen: Seen, motion: Motion | None, target: Skeleton
) -> Clip:
    """Detections with the poses of the same frames, in the skeleton `target`.

    Detections that go on after the motion capture has ended are cut; those that end before it do
    not belong to it. Keypoints in other skeletons are mapped, which the provenance says, since a
    clip has one skeleton. Without motion capture the detections stay as they are.
    """
    if motion is None:
        return posed_clip(take, camera=camera, **seen._asdict())
    if len(seen.keypoints) < len(motion):
        raise DataError(
            f'"{take.name}" has {len(motion)} frames of motion capture, but keypoints of '
            f"{len(seen.keypoints)} only; take both files from the same release."
        )
    scores = None if seen.scores is None else seen.scores[: len(motion)]
    cut = seen._replace(keypoints=seen.keypoints[: len(motion)], scores=scores)
    clip = mapped(posed_clip(take, camera=camera, **cut._asdict()), target)
    joints = motion.skeleton.indices(*target.joints)
    poses = world_to_camera(motion.positions[:, joints], camera)
    return replace(clip, poses=poses[None], body=body_of(poses, target))


def motion_of(
    take: Take, skeleton: Skeleton, positions: Float[Tensor, "frames joints 3"]
) -> Motion:
    """A motion of positions in the world."""
    return Motion(
        take.name,
        skeleton,
        take.fps,
        positions,
        labels=take.labels,
        provenance=take.provenance,
    )


def views(motion: Motion, cameras: Mapping[str, Camera]) -> Iterator[Clip]:
    """What each camera sees of a motion: one clip a camera, of its name."""
    for name, camera in cameras.items():
        clip = observe(motion, camera, perfect, torch.Generator())
        body = clip.body if clip.body is not None and clip.body.isfinite().all() else None
        yield replace(
            clip,
            name=f"{motion.name}/{name}",
            body=body,
            labels={**motion.labels, "camera": name},
            provenance={**motion.provenance, "keypoints_from": "projection"},
        )
