"""Recordings (clips and motions) as named arrays and plain words, and back.

The one description of what our own files hold, used by the clip file and by the store.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import numpy as np
import torch

from ..camera import Camera, FocalFrom, Lens
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeleton import Skeleton
from ..skeletons import SKELETONS, skeleton_named

Recording = Clip | Motion

VERSION = 1
UNITS = {
    "positions": "metres in the world, z up",
    "poses": "metres in the camera's frame: x right, y down, z forward",
    "keypoints": "pixels from the top left corner",
    "angles": "radians",
}

SHAPES = {
    "keypoints": "frames joints 2",
    "scores": "frames joints",
    "observed": "frames joints",
    "poses": "hypotheses frames joints 3",
    "spread": "frames joints",
    "covariance": "frames joints 3 3",
    "radii": "2 joints",
    "body": "joints",
    "times": "frames",
    "positions": "frames joints 3",
    "angles": "frames angles",
}
"""Of the arrays of recordings; axes of one name have one length."""

CLIP_ARRAYS = (
    "keypoints", "scores", "observed", "poses", "spread", "covariance", "radii", "body", "times"
)  # fmt: skip
CAMERA_ARRAYS = {
    "focal": 1, "centre": 1, "rotation": 2, "translation": 1, "size": 1, "distortion": 1
}  # fmt: skip
"""With the number of axes that they have for a camera that stands still."""
MOTION_ARRAYS = ("positions", "angles")


class Record(NamedTuple):
    """A recording taken apart."""

    arrays: dict[str, np.ndarray]
    words: dict[str, Any]
    """Plain JSON: names, rates, labels, provenance."""


def taken_apart(recording: Recording) -> Record:
    """The arrays and the words of a recording."""
    shared = {
        "version": VERSION,
        "name": recording.name,
        "skeleton": skeleton_words(recording.skeleton),
        "fps": recording.fps,
        "labels": dict(recording.labels),
        "provenance": dict(recording.provenance),
    }
    if isinstance(recording, Motion):
        words = shared | {"kind": "motion", "angle_names": list(recording.angle_names)}
        return Record(_arrays(recording, MOTION_ARRAYS), words)
    camera = recording.camera
    arrays = _arrays(recording, CLIP_ARRAYS)
    arrays |= {
        f"camera.{key}": value for key, value in _arrays(camera, tuple(CAMERA_ARRAYS)).items()
    }
    words = shared | {
        "kind": "clip",
        "root_from": recording.root_from,
        "person": recording.person,
        "camera": {"model": camera.model, "focal_from": camera.focal_from},
    }
    return Record(arrays, words)


def put_together(record: Record) -> Recording:
    """The recording of its arrays and words."""
    words, arrays = record.words, record.arrays
    try:
        if words["version"] > VERSION:
            raise DataError(
                f"A recording of version {words['version']} was written by a newer crosslift than "
                f"this one, which reads up to version {VERSION}; update crosslift."
            )
        check_shapes(arrays)
        shared = {
            "name": words["name"],
            "skeleton": skeleton_of(words["skeleton"]),
            "fps": float(words["fps"]),
            "labels": words["labels"],
            "provenance": words["provenance"],
        }
        if words["kind"] == "motion":
            found = _tensors(arrays, MOTION_ARRAYS)
            return Motion(**shared, **found, angle_names=tuple(words["angle_names"]))
        return Clip(
            **shared,
            **_tensors(arrays, CLIP_ARRAYS),
            camera=Camera(
                **_tensors(arrays, tuple(CAMERA_ARRAYS), "camera."),
                model=_one_of(get_args(Lens), words["camera"]["model"]),
                focal_from=_one_of(get_args(FocalFrom), words["camera"]["focal_from"]),
            ),
            root_from=words["root_from"],
            person=words["person"],
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError) as problem:
        raise DataError(
            f"A recording's description should be whole, but is not ({problem}); convert its "
            "source anew."
        ) from problem


def check_shapes(arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse arrays that do not belong together."""
    lengths: dict[str, int] = {}
    for name in SHAPES.keys() & arrays.keys():
        axes, shape = SHAPES[name].split(), arrays[name].shape
        wanted = [int(axis) if axis.isdigit() else lengths.setdefault(axis, length)
                  for axis, length in zip(axes, shape, strict=False)]  # fmt: skip
        if len(axes) != len(shape) or wanted != list(shape):
            raise ValueError(f"{name} of shape {shape} instead of {SHAPES[name]}")
    for name, axes_of_one in CAMERA_ARRAYS.items():
        values = arrays.get(f"camera.{name}")
        if values is not None and values.ndim > axes_of_one and len(values) != lengths["frames"]:
            raise ValueError(f"cameras of {len(values)} frames")


def skeleton_words(skeleton: Skeleton) -> str | dict[str, Any]:
    """A skeleton's name where it is a known one, all of it where it is not."""
    if SKELETONS.get(skeleton.name) == skeleton:
        return skeleton.name
    return {
        "name": skeleton.name,
        "joints": list(skeleton.joints),
        "parents": list(skeleton.parents),
    }


def skeleton_of(words: str | Mapping[str, Any]) -> Skeleton:
    """The skeleton that `skeleton_words` wrote."""
    if isinstance(words, str):
        return skeleton_named(words)
    return Skeleton(words["name"], tuple(words["joints"]), tuple(words["parents"]))


def as_json(words: Mapping[str, Any]) -> str:
    """Words as one line of JSON."""
    return json.dumps(words, allow_nan=False, separators=(",", ":"))


def _one_of(known: tuple[Any, ...], found: Any) -> Any:
    if found not in known:
        raise ValueError(f"{found!r} in the place of {' or '.join(known)}")
    return found


def _arrays(holder: Recording | Camera, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    found = {name: getattr(holder, name) for name in names}
    return {
        name: np.ascontiguousarray(value.detach().cpu().numpy())
        for name, value in found.items()
        if value is not None
    }


def _tensors(
    arrays: Mapping[str, np.ndarray], names: tuple[str, ...], prefix: str = ""
) -> dict[str, Any]:
    """Copies, since what is mapped into memory cannot be written to."""
    return {
        name: torch.from_numpy(np.array(arrays[prefix + name]))
        for name in names
        if prefix + name in arrays
    }
