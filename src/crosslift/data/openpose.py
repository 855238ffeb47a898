"""OpenPose's folders of one json file a frame."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from .keypoint_names import frames_of, natural, skeleton_by_count
from .keypoints import (
    NOTHING,
    Film,
    Footage,
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

ENDING = "_keypoints"
FRACTIONS = 3
"""The first of OpenPose's scales that is no number of pixels."""
LARGEST_FRACTION = 1.5
"""Keypoints lie a little outside the picture at times."""


@registry.reader("openpose")
@dataclass(frozen=True)
class OpenPose:
    """OpenPose's json files, one a frame.

    Layout: `<video>_000000000000_keypoints.json` and so on, with `people`, each with
    `pose_keypoints_2d` (x, y, score of each joint); face and hands are not read. `root` is a
    folder, in which each video is a recording, or one such file. A missing number is a frame
    without anybody, and a clip begins at the smallest number. Without OpenPose's own tracking
    (`person_id`), person 0 is whoever comes first in each frame, and so on.
    Units: pixels of the picture whose size is given (OpenPose does not write it), or fractions of
    it: see `keypoint_scale`. (0, 0, 0) is a missing joint.
    Axes: x to the right, y down, from the top left corner.
    Joints: "body25" or "openpose18" (OpenPose's COCO model), by their number.
    Example: crosslift convert openpose output_json STORE --size 1920 1080 --fps 30
    """

    footage: FootageOptions = NOTHING
    keypoint_scale: Literal[0, 1, 2, 3, 4] = 0
    """As OpenPose was told: 0 to 2 are pixels, 3 is 0 to 1 and 4 is -1 to 1 across the picture."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The people of one video after the other."""
        videos: dict[Path, list[Path]] = defaultdict(list)
        for path in files_below(root, ".json", "an OpenPose file"):
            stem = path.stem.removesuffix(ENDING).rstrip("0123456789").rstrip("_")
            videos[path.with_name(f"{stem or path.parent.name}.json")].append(path)
        for video, paths in videos.items():
            yield from self._clips(video, sorted(paths, key=lambda path: natural(path.name)), root)

    def _clips(self, video: Path, paths: list[Path], root: Path) -> Iterator[Clip]:
        """The people of one video."""
        places = frames_of(path.name for path in paths)
        sightings: list[Sighting] = []
        for path in paths:
            with reading("an OpenPose file (json)", path):
                sightings += _people(read_json(path), places[path.name])
        if not sightings:
            return
        with reading("a folder of OpenPose files", video.parent):
            skeleton = skeleton_by_count(check_alike(sightings))
            film = Film(
                recording_name("openpose", video, root),
                skeleton,
                provenance("openpose", video.parent, keypoints_from="openpose"),
            )
            scaled = _pixels(sightings, self.keypoint_scale, self.footage)
            frames = max(places.values()) + 1
            yield from clips_of(film, tracks_of(scaled, frames, len(skeleton)), self.footage)


def _people(content: Any, frame: int) -> list[Sighting]:
    """Everybody in one frame."""
    people = items(entries(content, "A frame").get("people"), 'The "people" of a frame')
    found = []
    for told in people:
        person = entries(told, "A person")
        values = person.get("pose_keypoints_2d", person.get("pose_keypoints", []))
        if values:
            points = triples(values, "A person's keypoints")
            found.append(Sighting(frame, identity(person.get("person_id")), points))
    return found


def _pixels(sightings: list[Sighting], scale: int, footage: Footage) -> list[Sighting]:
    """The sightings in pixels, once they are seen to be in the scale that the user said."""
    points = np.stack([one.points for one in sightings])
    found = points[(points[..., 2] > 0) & np.isfinite(points).all(axis=-1)][:, :2]
    small = bool(np.abs(found).max(initial=0) <= LARGEST_FRACTION)
    if len(found) and small != (scale >= FRACTIONS):
        raise DataError(
            f"Its keypoints should be {'pixels' if scale < FRACTIONS else 'fractions'}, but reach "
            f"{np.abs(found).max():.4g}; give the scale that OpenPose was run with, as in "
            f"--keypoint-scale {FRACTIONS if small else 0}."
        )
    if scale < FRACTIONS:
        return sightings
    last = footage.camera().size.numpy().astype(np.float64) - 1  # the corner pixel's middle is 1
    points[..., :2] = (points[..., :2] if scale == FRACTIONS else (points[..., :2] + 1) / 2) * last
    return [one._replace(points=moved) for one, moved in zip(sightings, points, strict=True)]
