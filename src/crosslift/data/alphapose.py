"""AlphaPose's result files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import registry
from ..clip import Clip
from ..errors import DataError
from .keypoint_names import frames_of, skeleton_by_count
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Sighting,
    check_alike,
    clips_of,
    identity,
    provenance,
    tracks_of,
    triples,
)
from .motion_text import files_below, recording_name
from .posed_clip import entries, items
from .reading import read_json, reading


@registry.reader("alphapose")
@dataclass(frozen=True)
class AlphaPose:
    """AlphaPose's json results.

    Layout: a list with an entry for each person in each picture (`image_id`, `keypoints` as x, y,
    score, ..., perhaps `idx`), or what `--format cmu` and `--format open` write: a dictionary from
    picture to its `bodies` or `people`. `root` is such a file, or a folder with files at any depth.
    Pictures that are called by a bare number ("17.jpg") are the frames of a video; see
    `frames_of` for others. People go by `idx` if they were tracked; otherwise person 0 is whoever
    comes first in each frame, and so on.
    Units: pixels of the picture, whose size AlphaPose does not write; scores above 1 count as 1.
    Axes: x to the right, y down, from the top left corner.
    Joints: "coco17", "halpe26", or by their number: of 133 and 136 only body and feet;
    "openpose18" in the other two layouts.
    Example: crosslift convert alphapose alphapose-results.json STORE --size 1920 1080 --fps 30
    """

    footage: FootageOptions = NOTHING
    skeleton: str | None = None
    """The joints' order, where their number does not say it."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The people of one file after the other."""
        for path in files_below(root, ".json", "an AlphaPose file"):
            with reading("an AlphaPose file (json)", path):
                found = _found(read_json(path))
                if found:
                    yield from self._clips(found, recording_name("alphapose", path, root), path)

    def _clips(self, found: list[tuple[str, Any, Any]], name: str, path: Path) -> Iterator[Clip]:
        """The people of one file."""
        places = frames_of(picture for picture, _, _ in found)
        sightings = [
            Sighting(places[picture], identity(person), triples(values, "A person's keypoints"))
            for picture, person, values in found
        ]
        skeleton = skeleton_by_count(check_alike(sightings), self.skeleton)
        film = Film(name, skeleton, provenance("alphapose", path, keypoints_from="alphapose"))
        frames = max(places.values()) + 1
        yield from clips_of(film, tracks_of(sightings, frames, len(skeleton)), self.footage)


def _found(content: Any) -> list[tuple[str, Any, Any]]:
    """Picture, identity and keypoints of everybody in a file."""
    if isinstance(content, dict):
        return [
            (picture, None, entries(person, "A person").get(key))
            for picture, told in content.items()
            for key, person in _nested(told)
        ]
    found = []
    for told in items(content, "AlphaPose's results"):
        one = entries(told, "A person")
        if "image_id" not in one or "keypoints" not in one:
            raise DataError(
                'Each person should have an "image_id" and "keypoints", but one has '
                f"{', '.join(map(str, list(one)[:8])) or 'nothing'}; check that AlphaPose wrote it."
            )
        found.append((str(one["image_id"]), one.get("idx"), one["keypoints"]))
    return found


def _nested(told: Any) -> list[tuple[str, Any]]:
    """The people of a picture as the other two layouts nest them, and where their keypoints are."""
    picture = entries(told, "A picture")
    for group, key in (("bodies", "joints"), ("people", "pose_keypoints_2d")):
        if group in picture:
            return [(key, person) for person in items(picture[group], f'The "{group}"')]
    raise DataError(
        'Each picture should have "bodies" or "people", but one has neither; check that AlphaPose '
        "wrote it."
    )
