"""Arrays by name in an npz file: the plainest way to hand over keypoints from one's own code."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import registry
from ..camera import Camera
from ..clip import Clip
from ..errors import CrossliftError, DataError
from ..motion import Motion
from ..skeleton import Skeleton
from ..skeletons import SKELETONS, skeleton_named
from .keypoint_names import file_skeleton
from .keypoints import NOTHING, Footage, FootageOptions, check_scores, provenance, reach_of
from .motion_text import files_below, recording_name
from .reading import read_npz, reading

Arrays = Mapping[str, Any]
Shape = tuple[int | None, ...]

CAMERA: dict[str, tuple[int, ...]] = {
    "focal": (2,),
    "centre": (2,),
    "rotation": (3, 3),
    "translation": (3,),
    "size": (2,),
    "distortion": (5,),
}
"""The shape of each entry of a camera; a moving camera has an axis of frames before it."""
WORDS = {
    "model": ("opencv", "h36m"),
    "focal_from": ("given", "estimated", "assumed"),
    "root_from": ("measured", "reprojection", "assumed"),
}
"""What an entry may say, where it is a choice."""
TOLD = ("labels", "provenance")
"""What `words` may hold; the rest of it is not read."""


@registry.reader("npz")
@dataclass(frozen=True)
class Npz:
    """Plain npz files: keypoints or positions as named arrays.

    Layout: without objects or pickles, such as
    `numpy.savez("walk.npz", keypoints=xy, scores=s, skeleton="coco17", fps=30, size=(1920, 1080))`.
    `root` is one file, or a folder with files at any depth.

    - `keypoints` (frames, joints, 2), or 3 with the score; with a first axis for several people.
    - `scores` (frames, joints), 0 to 1; 1 unless given. `observed`: False where filled in; with
      it, a keypoint keeps its place whatever its score.
    - `poses` (frames, joints, 3), or with a first axis of hypotheses (of people, where the
      keypoints have it); `root_from`: "measured" (unless given), "reprojection", "assumed".
    - Instead of all these, `positions` (frames, joints, 3): a motion in the world, with `angles`
      (frames, angles) and `angle_names` if there are any.
    - `skeleton`: a known name; or `joints`, their names, with `parents`, -1 at the root.
    - `fps`; `times` (frames) where the rate varies.
    - The camera: `size` (width, height), `focal` (one number or two), `centre`, `rotation` (3, 3)
      and `translation` (3) from world to camera, `distortion` (k1 k2 p1 p2 k3) read as `model`
      says ("opencv" or "h36m"); all may have a first axis of frames; only `size` is needed.
    - `name`, `person`, `body` (joints), `spread` (frames, joints): see `Clip`.
    - `words`: JSON of `labels` and `provenance`, both of texts by name.

    Units: pixels from the top left corner, metres, seconds, radians; a missing joint is NaN.
    Axes: `poses` in the camera's frame, x right, y down, z forward; `positions` z up.
    Joints: as the file says.
    Example: crosslift convert npz walk.npz STORE --size 1920 1080 --fps 30 --skeleton coco17
    """

    footage: FootageOptions = NOTHING
    skeleton: str | None = None
    """The joints' order, where the file does not say it: "coco17", "h36m17", ..."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """The recordings of one file after the other."""
        for path in files_below(root, ".npz", "an npz file"):
            with reading("an npz file of keypoints", path):
                arrays = read_npz(path)
                yield from self._recordings(arrays, recording_name("npz", path, root), path)

    def _recordings(self, arrays: Arrays, name: str, path: Path) -> Iterator[Clip | Motion]:
        if "keypoints" not in arrays and "positions" not in arrays:
            found = ", ".join(f'"{key}"' for key in list(arrays)[:12]) or "nothing"
            raise DataError(
                'It should hold "keypoints" of shape (frames, joints, 2), or "positions" of shape '
                f"(frames, joints, 3), but holds {found}; rename the array."
            )
        read = self._clips if "keypoints" in arrays else self._motion
        try:
            yield from read(arrays, _word(arrays, "name", name), path)
        except CrossliftError as problem:  # a camera or joints in the file that cannot be
            raise DataError(str(problem)) from problem

    def _motion(self, arrays: Arrays, name: str, path: Path) -> Iterator[Motion]:
        positions = _floats(arrays, "positions", (None, None, 3))
        names, given = _words(arrays, "angle_names"), "angles" in arrays
        told = _told(arrays)
        yield Motion(
            name,
            self._skeleton(arrays, positions.shape[1]),
            self.footage.rate(_number(arrays, "fps")),
            _known(positions),
            _known(_floats(arrays, "angles", (len(positions), len(names)))) if given else None,
            names,
            labels=told.get("labels", {}),
            provenance=told.get("provenance", provenance("npz", path)),
        )

    def _clips(self, arrays: Arrays, name: str, path: Path) -> Iterator[Clip]:
        """A clip for each person."""
        shapes = [(*lead, None, None, last) for lead in ((), (None,)) for last in (2, 3)]
        points = _floats(arrays, "keypoints", *shapes)
        crowd = points.ndim == 4
        frames, joints = points.shape[-3:-1]
        skeleton, fps = self._skeleton(arrays, joints), self.footage.rate(_number(arrays, "fps"))
        camera = _camera(arrays, frames, self.footage, reach_of(points))
        rest, told = _of_all(arrays, frames, joints), _told(arrays)
        for place, seen in enumerate(points if crowd else points[None]):
            own = _of_one(arrays, place, points.shape[:-1], crowd=crowd)
            person = str(place) if crowd else _word(arrays, "person", "")
            alone = {"person": person} if person and (crowd or "labels" not in told) else {}
            yield Clip(
                f"{name}/{place}" if crowd and len(points) > 1 else name,
                skeleton,
                camera,
                fps,
                **_seen(seen, own.get("scores"), own.get("observed")),
                poses=None if "poses" not in own else _known(own["poses"]),
                root_from=_word(arrays, "root_from", "measured"),
                person=person or None,
                labels=told.get("labels", {}) | alone,
                provenance=told.get("provenance", provenance("npz", path)),
                **rest,
            )

    def _skeleton(self, arrays: Arrays, count: int) -> Skeleton:
        """The skeleton that the user or the file names."""
        if self.skeleton is not None:
            skeleton = skeleton_named(self.skeleton)
        elif "joints" in arrays:
            joints = _words(arrays, "joints")
            parents = _floats(arrays, "parents", (len(joints),)).astype(int).tolist()
            skeleton = Skeleton(_word(arrays, "skeleton", "npz"), joints, tuple(parents))
        elif "skeleton" in arrays:
            skeleton = file_skeleton(_word(arrays, "skeleton", ""))
        else:
            fitting = [name for name, known in SKELETONS.items() if len(known) == count]
            raise DataError(
                f"It should say in which order its {count} joints are, but does not; name the "
                f"skeleton, as in --skeleton {(fitting or ['coco17'])[0]} (with {count} joints, "
                f"there are {', '.join(fitting) or 'none that we know'})."
            )
        if len(skeleton) != count:
            raise DataError(
                f'It has {count} joints, but the skeleton "{skeleton.name}" has {len(skeleton)}; '
                "name the skeleton that it was made in."
            )
        return skeleton


def _of_one(
    arrays: Arrays, place: int, shape: tuple[int, ...], *, crowd: bool
) -> dict[str, np.ndarray]:
    """The arrays of one person, of those that the file has for each."""
    shapes: dict[str, list[Shape]] = {
        "scores": [shape],
        "observed": [shape],
        "poses": [(*shape, 3)] if crowd else [(*shape, 3), (None, *shape, 3)],
    }
    found = {
        key: _floats(arrays, key, *allowed) for key, allowed in shapes.items() if key in arrays
    }
    if crowd:
        found = {key: array[place] for key, array in found.items()}
    if "poses" in found and found["poses"].ndim == 3:
        found["poses"] = found["poses"][None]
    return found


def _of_all(arrays: Arrays, frames: int, joints: int) -> dict[str, torch.Tensor]:
    """The arrays that do not differ between people."""
    shapes = {"spread": (frames, joints), "body": (joints,), "times": (frames,)}
    return {
        key: torch.from_numpy(_floats(arrays, key, shape))
        for key, shape in shapes.items()
        if key in arrays
    }


def _seen(
    points: np.ndarray, scores: np.ndarray | None, observed: np.ndarray | None
) -> dict[str, torch.Tensor]:
    """Keypoints, scores and which of them were observed, for a clip."""
    keypoints = points[..., :2]
    found = np.isfinite(keypoints).all(axis=-1)
    if scores is None:
        scores = np.asarray(points[..., 2] if points.shape[-1] == 3 else found, dtype=np.float32)
    check_scores(scores)
    sure = np.where(found, np.nan_to_num(scores), 0).astype(np.float32)
    kept = sure > 0 if observed is None else found
    seen = kept if observed is None else kept & (observed > 0)
    return {
        "keypoints": torch.from_numpy(np.where(np.expand_dims(kept, -1), keypoints, np.nan)),
        "scores": torch.from_numpy(sure),
        "observed": torch.from_numpy(seen),
    }


def _camera(
    arrays: Arrays, frames: int, footage: Footage, reach: tuple[float, float] | None
) -> Camera:
    """The camera of the file, what the user says of it coming first."""
    found = {
        key: _floats(arrays, key, shape, (frames, *shape), *([()] if key == "focal" else []))
        for key, shape in CAMERA.items()
        if key in arrays
    }
    wrong = [key for key, values in found.items() if not np.isfinite(values).all()]
    if wrong:
        raise DataError(f'"{wrong[0]}" should be finite numbers, but NaN or infinity was found.')
    size = found["size"].reshape(-1, 2)[0].tolist() if "size" in found else None
    camera = footage.camera(size and (size[0], size[1]), reach)
    if footage.size is not None:
        found.pop("size", None)
    if footage.focal is not None or footage.fov is not None:
        found.pop("focal", None)
    moving = any(values.ndim > len(CAMERA[key]) for key, values in found.items())
    parts = {}
    for key, shape in CAMERA.items():
        own = found.get(key, getattr(camera, key))
        if own is not None:
            wanted = (frames, *shape) if moving else shape
            parts[key] = torch.from_numpy(np.broadcast_to(np.asarray(own), wanted).copy())
    told: Any = _word(arrays, "focal_from", "given") if "focal" in found else camera.focal_from
    lens: Any = _word(arrays, "model", "opencv")
    return Camera(**parts, model=lens, focal_from=told)


def _told(arrays: Arrays) -> dict[str, dict[str, str]]:
    """Labels and provenance, where the file has them."""
    try:
        words = json.loads(_word(arrays, "words", "{}"))
    except (ValueError, RecursionError) as problem:
        raise DataError(f'"words" should be JSON, but is not ({problem}); mend it.') from problem
    told = {key: words.get(key, {}) for key in TOLD} if isinstance(words, dict) else {}
    if not told or not all(map(_are_texts, told.values())):
        raise DataError(
            '"words" should hold texts by name as "labels" and "provenance", but something else '
            "was found; write numbers as text."
        )
    return {key: told[key] for key in TOLD if key in words}


def _are_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _floats(arrays: Arrays, key: str, *shapes: Shape) -> np.ndarray:
    """The named numbers in single precision, in one of the shapes (None is any length)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _numbers(arrays, key, *shapes).astype(np.float32)


def _numbers(arrays: Arrays, key: str, *shapes: Shape) -> np.ndarray:
    """The named numbers as they are, in one of the shapes (None is any length)."""
    if key not in arrays:
        raise DataError(f'It should hold "{key}" as well, but does not; add it.')
    values = np.asarray(arrays[key])
    fits = any(
        len(shape) == values.ndim
        and all(side in (None, own) for side, own in zip(shape, values.shape, strict=True))
        for shape in shapes
    )
    if values.dtype.kind not in "biuf" or not fits:
        wanted = " or ".join(str(shape).replace("None", "any") for shape in shapes)
        raise DataError(
            f'"{key}" should be numbers of the shape {wanted}, but {values.dtype} of the shape '
            f"{values.shape} was found; save it in that shape."
        )
    return values


def _known(values: np.ndarray) -> torch.Tensor:
    """Numbers with NaN in the place of infinity."""
    return torch.from_numpy(np.where(np.isfinite(values), values, np.float32(np.nan)))


def _words(arrays: Arrays, key: str) -> tuple[str, ...]:
    """The named texts; none where the file has none."""
    values = np.asarray(arrays.get(key, ()))
    if values.size and values.dtype.kind not in "US":
        raise DataError(f'"{key}" should be text, but {values.dtype} was found; save it as text.')
    return tuple(
        word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
        for word in values.ravel().tolist()
    )


def _word(arrays: Arrays, key: str, unless: str) -> str:
    """One named text."""
    words = list(_words(arrays, key)) or [unless]
    known = WORDS.get(key, words)
    if len(words) > 1 or words[0] not in known:
        raise DataError(
            f'"{key}" should be {" or ".join(known) if key in WORDS else "one text"}, but '
            f"{', '.join(words[:4])} was found there."
        )
    return words[0]


def _number(arrays: Arrays, key: str) -> float | None:
    """One named number, where the file has it."""
    return float(_numbers(arrays, key, (), (1,)).item()) if key in arrays else None
