"""MMPose's predictions, as its inferencer and its demos save them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..skeletons import SKELETONS
from .keypoint_names import (
    BY_COUNT,
    Arranged,
    arranged,
    frames_of,
    natural,
    skeleton_by_count,
    spoken,
)
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Sighting,
    check_alike,
    clips_of,
    identity,
    numbers,
    provenance,
    tracks_of,
)
from .motion_text import files_below, recording_name
from .posed_clip import entries, items
from .reading import read_json, reading

RENAMED = {
    "neck_base": {
        "root": "pelvis",
        "right_foot": "right_ankle",
        "left_foot": "left_ankle",
        "neck_base": "nose",
    },
    "root": {"root": "pelvis", "head": "head_centre"},
    "top_head": {"top_head": "head_top"},
}
"""By a telling name, what MMPose calls otherwise: in Human3.6M, MPI-INF-3DHP and CrowdPose."""


class Predictions(NamedTuple):
    """What one file holds."""

    sightings: list[Sighting]
    frames: int
    names: tuple[str, ...]
    """The joints' names, where the file says them."""
    video: bool
    """Whether it holds a whole video rather than one picture."""


@registry.reader("mmpose")
@dataclass(frozen=True)
class MMPose:
    """MMPose's json predictions.

    Layout: what the inferencer writes with `pred_out_dir` (for a video a list of `frame_id` and
    `instances`; for pictures a file each, a list of instances), or a demo with
    `--save-predictions` (`meta_info` and `instance_info`). An instance has `keypoints` (x, y each)
    and `keypoint_scores`. `root` is a file, or a folder: the picture files of one folder are the
    frames of one recording, in the order that `frames_of` describes. People go by
    `track_id` if the file has it; otherwise person 0 is whoever comes first in each frame, and so
    on.
    Units: pixels of the picture, whose size MMPose does not write; scores above 1 count as 1.
    Axes: x to the right, y down, from the top left corner.
    Joints: by the names in `meta_info`, else by their number: "coco17", "halpe26"; of the 133 of
    COCO-WholeBody body and feet, "coco_wholebody_body".
    Example: crosslift convert mmpose predictions/walk.json STORE --size 1920 1080 --fps 30
    """

    footage: FootageOptions = NOTHING
    skeleton: str | None = None
    """The joints' order, where neither their names nor their number say it."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The people of one video or folder of pictures after the other."""
        pictures: dict[Path, dict[str, Predictions]] = defaultdict(dict)
        for path in files_below(root, ".json", "an MMPose file"):
            with reading("an MMPose file (json)", path):
                found = _predictions(read_json(path))
                if not found.video:
                    pictures[path.parent][path.name] = found
                    continue
                yield from self._clips(found, recording_name("mmpose", path, root), path)
        for folder, files in pictures.items():
            alone = folder / (next(iter(files)) if len(files) == 1 else f"{folder.name}.json")
            with reading("a folder of MMPose files", folder):
                name = recording_name("mmpose", alone, root)
                yield from self._clips(_in_a_row(files), name, alone)

    def _clips(self, found: Predictions, name: str, path: Path) -> Iterator[Clip]:
        """The people of one recording."""
        if not found.sightings:
            return
        skeleton, order = self._arranged(check_alike(found.sightings), found.names)
        ordered = [one._replace(points=one.points[order]) for one in found.sightings]
        film = Film(name, skeleton, provenance("mmpose", path, keypoints_from="mmpose"))
        yield from clips_of(film, tracks_of(ordered, found.frames, len(skeleton)), self.footage)

    def _arranged(self, count: int, names: tuple[str, ...]) -> Arranged:
        """The skeleton of so many joints."""
        if self.skeleton is None and len(names) == count:
            found = arranged(_renamed(spoken(names)), "mmpose")
            if found.skeleton.name in SKELETONS or count not in BY_COUNT:
                return found
        skeleton = skeleton_by_count(count, self.skeleton)
        return Arranged(skeleton, list(range(len(skeleton))))


def _renamed(names: tuple[str, ...]) -> tuple[str, ...]:
    """MMPose's names, as our skeletons call the same joints."""
    table = next((table for mark, table in RENAMED.items() if mark in names), {})
    return tuple(table.get(name, name) for name in names)


def _predictions(content: Any) -> Predictions:
    """The instances in a file, whichever layout it has."""
    names: tuple[str, ...] = ()
    if isinstance(content, dict):
        names = _names(content.get("meta_info"))
        if "instance_info" not in content:
            raise DataError(
                f'It should hold "instance_info", but holds {", ".join(list(content)[:8])}; check '
                "that MMPose wrote it."
            )
        content = content["instance_info"]
    told = [entries(one, "A frame or person") for one in items(content, "The predictions")]
    if told and "instances" in told[0]:
        frames = [_whole(one.get("frame_id")) for one in told]
        first = min(1, *frames)  # the demo counts from 1, the inferencer from 0
        sightings = [
            one
            for place, frame in zip(frames, told, strict=True)
            for one in _instances(frame.get("instances"), place - first)
        ]
        return Predictions(sightings, max(frames) - first + 1, names, video=True)
    return Predictions(_instances(told, 0), 1, names, video=False)


def _instances(told: Any, frame: int) -> list[Sighting]:
    """Everybody in one frame."""
    found = []
    for value in items(told, "The instances of a frame"):
        one = entries(value, "An instance")
        points = numbers(one.get("keypoints"), "An instance's keypoints")
        if points.ndim == 3 and len(points) == 1:  # some versions keep the axis of instances
            points = points[0]
        if points.ndim != 2 or points.shape[1] != 2 or not len(points):
            raise DataError(
                f"An instance's keypoints should be pairs of x and y, but the shape "
                f"{points.shape} was found; 3D predictions are not read."
            )
        given = one.get("keypoint_scores")
        scores = np.ones(len(points)) if given is None else numbers(given, "Scores").ravel()
        if len(scores) != len(points):
            raise DataError(
                f"{len(points)} keypoints should have as many scores, but {len(scores)} were found."
            )
        person = identity(one.get("track_id"))
        found.append(Sighting(frame, person, np.column_stack([points, scores])))
    return found


def _in_a_row(files: dict[str, Predictions]) -> Predictions:
    """Files of one picture each as the frames of one recording."""
    places = frames_of(files)
    ordered = sorted(files, key=natural)
    sightings = [
        one._replace(frame=places[name]) for name in ordered for one in files[name].sightings
    ]
    return Predictions(sightings, max(places.values()) + 1, files[ordered[0]].names, video=True)


def _names(meta: Any) -> tuple[str, ...]:
    """The joints' names in the order of their numbers, where the file says them."""
    table = meta.get("keypoint_id2name") if isinstance(meta, dict) else None
    if not isinstance(table, dict) or sorted(table) != sorted(map(str, range(len(table)))):
        return ()
    return tuple(str(table[str(number)]) for number in range(len(table)))


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DataError(f"A frame's number should be 0 or more, but {value!r} was found.")
    return value
