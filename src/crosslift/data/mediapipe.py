"""MediaPipe Pose's landmarks, as people save them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..geometry import place_root
from ..skeletons import MEDIAPIPE_33
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Track,
    check_length,
    clips_of,
    numbers,
    provenance,
    trimmed,
)
from .motion_text import files_below, recording_name
from .posed_clip import body_of, entries, items
from .reading import read_json, read_npz, reading

FLAT = ("pose_landmarks", "poseLandmarks", "landmarks", "landmark", "keypoints")
WORLD = ("pose_world_landmarks", "poseWorldLandmarks", "world_landmarks", "worldLandmarks")
"""What the two kinds of landmarks are called in files."""
AXES = ("x", "y", "z", "visibility")
LARGEST_FRACTION = 5.0
"""Landmarks lie outside the picture at times, but not on average that far."""


class Landmarks(NamedTuple):
    """One person's landmarks over all frames, as the file has them."""

    flat: np.ndarray  # frames 33 4: x, y, z, visibility
    world: np.ndarray | None  # the same in metres


class Dump(NamedTuple):
    """What a file holds."""

    people: list[Landmarks]
    size: tuple[float, float] | None
    fps: float | None


@registry.reader("mediapipe")
@dataclass(frozen=True)
class MediaPipe:
    """MediaPipe Pose (BlazePose): 33 landmarks a frame.

    Layout: MediaPipe has no file of its own; read are
    - npz with `landmarks` (frames, 33, 4) as x, y, z, visibility, NaN where nothing was found, and
      perhaps `world_landmarks` (same shape), `width`, `height`, `fps`;
    - json with a list of frames, or a dictionary of `frames` with `width`, `height`, `fps`. A frame
      is the list of its landmarks (x, y, z, visibility each, named or in this order), null or an
      empty list where nothing was found, a list of several people's lists, or a dictionary of
      `pose_landmarks` and `pose_world_landmarks`.
    `root` is one file, or a folder with files at any depth. Person 0 is whoever comes first in
    each frame, and so on.
    Units: fractions of the picture's width and height, made pixels by the size that the file says
    or that is given. The z of a landmark is not read.
    Axes: x to the right, y down, from the top left corner.
    Joints: "mediapipe33"; the score is the visibility, 1 where the file has none.
    Example: crosslift convert mediapipe walk_blazepose.npz STORE
    """

    footage: FootageOptions = NOTHING
    unit: Literal["fraction", "pixel"] = "fraction"
    """Of landmarks; "pixel" if they were multiplied by the picture's size before saving."""
    world: bool = False
    """Take the world landmarks as poses, placed before the camera by reprojection: MediaPipe's own
    estimate to compare others with, and no measurement."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The people of one file after the other."""
        for path in _files(root):
            with reading("a file of MediaPipe's landmarks", path):
                name = recording_name("mediapipe", path, root)
                yield from self._clips(
                    _npz(path) if path.suffix == ".npz" else _json(path), name, path
                )

    def _clips(self, dump: Dump, name: str, path: Path) -> Iterator[Clip]:
        """The people of one recording."""
        told = provenance("mediapipe", path, keypoints_from="mediapipe")
        sizes = () if dump.size is None else (dump.size,)
        film = Film(name, MEDIAPIPE_33, told, sizes, dump.fps)
        size = self.footage.camera(dump.size).size.numpy()
        tracks = [
            Track(str(person) if len(dump.people) > 1 else "", self._pixels(one.flat, size))
            for person, one in enumerate(dump.people)
        ]
        whole = replace(self.footage, trim=False)
        for clip, one in zip(clips_of(film, tracks, whole), dump.people, strict=True):
            posed = _with_world(clip, one.world) if self.world else clip
            yield trimmed(posed) if self.footage.trim else posed

    def _pixels(self, flat: np.ndarray, size: np.ndarray) -> np.ndarray:
        """x, y and score of landmarks in pixels."""
        found = flat[..., :2][np.isfinite(flat[..., :2]).all(axis=-1)]
        usual = float(np.median(np.abs(found))) if found.size else 0.0
        if self.unit == "fraction" and usual > LARGEST_FRACTION:
            raise DataError(
                f"MediaPipe's landmarks are fractions of the picture, but {usual:.4g} is typical "
                "here; if they were made pixels before they were saved, say so with --unit pixel."
            )
        scale = size.astype(np.float64) if self.unit == "fraction" else 1.0
        return np.concatenate([flat[..., :2] * scale, flat[..., 3:]], axis=-1)


def _with_world(clip: Clip, world: np.ndarray | None) -> Clip:
    """The clip with the world landmarks as its poses."""
    if world is None:
        raise DataError("It should hold world landmarks, but does not; leave out --world.")
    with np.errstate(over="ignore", invalid="ignore"):
        points = torch.from_numpy(world[..., :3].astype(np.float32))
    points = torch.where(clip.observed[..., None], points, torch.nan)
    place = place_root(points, clip.keypoints, clip.scores, clip.camera)
    placed = points + place[..., None, :]
    body = body_of(placed, clip.skeleton)
    return replace(clip, poses=placed[None], root_from="reprojection", body=body)


def _files(root: Path) -> list[Path]:
    """The npz and json files that are meant."""
    if root.is_dir() and any(root.rglob("*.npz")):
        return files_below(root, ".npz", "a file of MediaPipe's landmarks")
    return files_below(root, ".json", "a file of MediaPipe's landmarks")


def _npz(path: Path) -> Dump:
    arrays = read_npz(path)
    if "landmarks" not in arrays:
        raise DataError(
            f'It should hold "landmarks", but holds {", ".join(list(arrays)[:8]) or "nothing"}; '
            "save them under that name."
        )
    flat = _checked(arrays["landmarks"])
    world = _checked(arrays["world_landmarks"]) if "world_landmarks" in arrays else None
    if world is not None and len(world) != len(flat):
        raise DataError(
            f"{len(flat)} frames should have as many world landmarks, not {len(world)}."
        )
    return Dump([Landmarks(flat, world)], *_said(arrays))


def _said(told: Mapping[str, Any]) -> tuple[tuple[float, float] | None, float | None]:
    """Size and frame rate, where a file says them."""
    width, height, fps = (told.get(key) for key in ("width", "height", "fps"))
    size = None if width is None or height is None else (float(width), float(height))
    return size, None if fps is None else float(fps)


def _json(path: Path) -> Dump:
    content = read_json(path)
    said: Mapping[str, Any] = content if isinstance(content, dict) else {}
    told = items(said.get("frames") if said else content, "The frames")
    frames = [_people(frame) for frame in told]
    count = max((len(frame) for frame in frames), default=0)
    check_length(len(frames) * count, sum(map(len, frames)), len(MEDIAPIPE_33))
    return Dump([_over_time(frames, person) for person in range(count)], *_said(said))


def _over_time(frames: Sequence[Sequence[Landmarks]], person: int) -> Landmarks:
    """One person's landmarks in all frames."""
    empty = np.full((len(MEDIAPIPE_33), 4), np.nan, dtype=np.float32)
    here = [frame[person] if person < len(frame) else Landmarks(empty, None) for frame in frames]
    flat = np.stack([one.flat for one in here])
    if all(one.world is None for one in here):
        return Landmarks(flat, None)
    return Landmarks(flat, np.stack([empty if one.world is None else one.world for one in here]))


def _people(frame: Any) -> list[Landmarks]:
    """Everybody in one frame."""
    if not isinstance(frame, dict):
        return [Landmarks(one, None) for one in _bodies(frame)]
    if not set(FLAT) & set(frame):
        raise DataError(
            f'A frame should hold "pose_landmarks", but holds {", ".join(list(frame)[:8])}; '
            "save them under that name."
        )
    flat = _bodies(next(frame[key] for key in FLAT if key in frame))
    world = _bodies(next((frame[key] for key in WORLD if key in frame), None))
    paired = world if len(world) == len(flat) else [None] * len(flat)
    return [Landmarks(one, other) for one, other in zip(flat, paired, strict=True)]


def _bodies(value: Any) -> list[np.ndarray]:
    """The landmarks of each person: a list of them, or one person's without a list around."""
    if isinstance(value, dict):
        value = value.get("landmark")
    if value is None or value == []:
        return []
    people = items(value, "Landmarks")
    first = people[0]
    several = isinstance(first, list) and bool(first) and isinstance(first[0], list | dict)
    several = several or (isinstance(first, dict) and "landmark" in first)
    return [_body(one) for one in (people if several else [people])]


def _body(value: Any) -> np.ndarray:
    """One person's landmarks: 33 of x, y, z, visibility."""
    if isinstance(value, dict):
        value = value.get("landmark")
    points = [
        [entries(point, "A landmark").get(axis) for axis in AXES]
        if isinstance(point, dict)
        else point
        for point in items(value, "Landmarks")
    ]
    array = numbers(points, "Landmarks")
    seen = [isinstance(point, dict) and point.get("visibility") is None for point in value]
    if any(seen):
        array[seen, 3] = 1.0
    return _checked(array[None])[0]


def _checked(values: Any) -> np.ndarray:
    """Landmarks of the right shape, in single precision; a score of 1 where they have none."""
    array = np.asarray(values)
    if array.ndim != 3 or array.shape[1] != len(MEDIAPIPE_33) or array.shape[2] not in (2, 3, 4, 5):
        raise DataError(
            "There should be 33 landmarks of x, y, z and visibility, but the shape "
            f"{array.shape} was found; save MediaPipe Pose's landmarks unchanged."
        )
    if array.dtype.kind not in "iuf":
        raise DataError(f"Landmarks should be numbers, but {array.dtype} was found.")
    with np.errstate(over="ignore", invalid="ignore"):
        array = array.astype(np.float32)
    if array.shape[2] < 4:
        fill = np.ones((*array.shape[:2], 4 - array.shape[2]), dtype=np.float32)
        array = np.concatenate([array, fill], axis=2)
    return array[..., :4]
