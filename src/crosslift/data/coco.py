"""COCO's keypoint files: annotations and results."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from .keypoint_names import Arranged, arranged, natural, skeleton_by_count, spoken
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Sighting,
    Size,
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

HIDDEN = 0.5
"""The score of a joint that an annotator placed without seeing it."""
FEET = 6
"""Joints of the feet in COCO-WholeBody, which come after the 17."""


class Picture(NamedTuple):
    """One picture of a data set."""

    key: Any
    """What annotations call it by."""
    file: PurePosixPath
    size: Size | None


class Labelled(NamedTuple):
    """One person in one picture, as a file annotates it."""

    picture: Any
    category: Any
    person: Any
    points: np.ndarray


@registry.reader("coco")
@dataclass(frozen=True)
class Coco:
    """COCO's keypoints: annotations, or a detector's results.

    Layout: annotations are a dictionary with `images`, `annotations` and `categories`; results are
    a list of `image_id`, `keypoints`, `score`. `root` is such a json file, or a folder with files
    at any depth. The pictures of one folder are the frames of one recording, in natural order
    of their names (2 before 10), or of their ids in results without `images`. People go by
    `track_id`, where all have one; otherwise person 0 is whoever comes first in each picture, and
    so on. Whoever has no keypoint is left out.
    Units: pixels. In annotations a joint that is not there has score 0, a hidden one 0.5 and one
    that is seen 1; in results the scores are the detector's.
    Axes: x to the right, y down, from the top left corner.
    Joints: by the category's names, else by their number: "coco17"; with `foot_kpts`, or of the
    133 of COCO-WholeBody, "coco_wholebody_body".
    Example: crosslift convert coco person_keypoints_val2017.json STORE --stills
    """

    footage: FootageOptions = NOTHING
    images: Path | None = None
    """The annotations that go with a list of results: names, order and sizes of the pictures."""
    skeleton: str | None = None
    """The joints' order, where neither their names nor their number say it."""
    stills: bool = False
    """Make a clip one frame long of each person in each picture: for pictures of no film."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The people of one file after the other."""
        listed: list[Picture] = []
        if self.images is not None:
            with reading("COCO's annotations (json)", self.images):
                listed = _pictures(entries(read_json(self.images), "The annotations"))
        for path in files_below(root, ".json", "a COCO keypoints file"):
            with reading("a COCO keypoints file (json)", path):
                content = read_json(path)
                name = recording_name("coco", path, root)
                yield from self._clips(content, listed, name, path)

    def _clips(self, content: Any, listed: list[Picture], name: str, path: Path) -> Iterator[Clip]:
        """The people of one file."""
        names: dict[Any, Category] = {}
        annotated = isinstance(content, dict)
        if annotated:
            listed, names = _pictures(content), _categories(content.get("categories", []))
            labelled = _labelled(content.get("annotations"), annotated=True)
        else:
            labelled = _labelled(content, annotated=False)
            listed = listed or _named_by_id(labelled)
        if not labelled:
            return
        _check_listed(labelled, listed)
        skeleton, order = self._arranged(labelled, names)
        told = provenance("coco", path, keypoints_from="annotation" if annotated else "detection")
        for title, pictures in self._recordings(listed, name).items():
            found = _in_pictures(labelled, pictures, order)
            known = [picture.size for picture in pictures if picture.size is not None]
            sizes = known if len(known) == len(pictures) else ()
            film = Film(title, skeleton, told, sizes)
            if found:
                tracks = tracks_of(found, len(pictures), len(skeleton))
                yield from clips_of(film, tracks, self.footage)

    def _recordings(self, listed: Sequence[Picture], name: str) -> dict[str, list[Picture]]:
        """The pictures of each recording, in order."""
        ordered = sorted(listed, key=lambda picture: natural(str(picture.file)))
        groups: dict[str, list[Picture]] = defaultdict(list)
        folders = {picture.file.parent for picture in listed}
        for picture in ordered:
            inner = picture.file.with_suffix("") if self.stills else picture.file.parent
            parts = inner.parts if self.stills or len(folders) > 1 else ()
            groups["/".join([name, *(part for part in parts if part not in "/..")])].append(picture)
        return groups

    def _arranged(self, labelled: Sequence[Labelled], names: dict[Any, "Category"]) -> Arranged:
        """The skeleton of all people, from the names of their category or their number."""
        count = check_alike([Sighting(0, None, one.points) for one in labelled])
        category = names.get(labelled[0].category)
        if self.skeleton is None and category is not None and len(category.joints) == count:
            return arranged(spoken(category.joints), "coco", category.edges)
        skeleton = skeleton_by_count(count, self.skeleton)
        return Arranged(skeleton, list(range(len(skeleton))))


class Category(NamedTuple):
    """What a data set says of the joints of its people."""

    joints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


def _pictures(content: dict[str, Any]) -> list[Picture]:
    """The pictures that annotations list."""
    listed = []
    for told in items(content.get("images"), 'The "images"'):
        image = entries(told, "An image")
        key = image.get("id")
        width, height = image.get("width"), image.get("height")
        size = (float(width), float(height)) if width and height else None
        file = PurePosixPath(str(image.get("file_name", key)).replace("\\", "/"))
        listed.append(Picture(_hashable(key), file, size))
    return listed


def _named_by_id(labelled: Sequence[Labelled]) -> list[Picture]:
    """The pictures that results speak of, called by their ids."""
    keys = dict.fromkeys(one.picture for one in labelled)
    return [Picture(key, PurePosixPath(str(key)), None) for key in keys]


def _categories(content: Any) -> dict[Any, Category]:
    """The joints of each category that has some."""
    found = {}
    for told in items(content, 'The "categories"'):
        category = entries(told, "A category")
        joints = tuple(map(str, items(category.get("keypoints", []), "A category's keypoints")))
        edges = items(category.get("skeleton", []), "A category's skeleton")
        pairs = tuple((int(edge[0]) - 1, int(edge[1]) - 1) for edge in edges)
        found[_hashable(category.get("id"))] = Category(joints, pairs)
    return found


def _labelled(content: Any, *, annotated: bool) -> list[Labelled]:
    """Everybody in a file who has a keypoint."""
    found = []
    for told in items(content, "Annotations" if annotated else "Results"):
        one = entries(told, "A person")
        if "image_id" not in one:
            raise DataError('A person should have an "image_id", but one has none.')
        if not one.get("keypoints"):
            continue
        points = triples(one["keypoints"], "A person's keypoints")
        if one.get("foot_kpts") and len(points) == 17:
            feet = triples(one["foot_kpts"], "A person's feet")[:FEET]
            points = np.concatenate([points, feet])
        found.append(
            Labelled(
                _hashable(one["image_id"]),
                _hashable(one.get("category_id")),
                identity(one.get("track_id")),
                points,
            )
        )
    if annotated and all(np.isin(one.points[:, 2], (0, 1, 2)).all() for one in found):
        for one in found:
            one.points[:, 2] = np.choose(one.points[:, 2].astype(int), (0.0, HIDDEN, 1.0))
    return [one for one in found if (one.points[:, 2] > 0).any()]


def _check_listed(labelled: Sequence[Labelled], listed: Sequence[Picture]) -> None:
    """Refuse people in pictures that nobody lists."""
    known = {picture.key for picture in listed}
    lost = [one.picture for one in labelled if one.picture not in known]
    if lost:
        raise DataError(
            f"Everybody should be in one of the {len(known)} pictures that are listed, but "
            f"{len(lost)} people are not (the first in picture {lost[0]!r}); name the list that "
            "belongs to the file."
        )


def _in_pictures(
    labelled: Sequence[Labelled], pictures: Sequence[Picture], order: list[int]
) -> list[Sighting]:
    """Those who are in the given pictures, which are the frames."""
    place = {picture.key: frame for frame, picture in enumerate(pictures)}
    return [
        Sighting(place[one.picture], one.person, one.points[order])
        for one in labelled
        if one.picture in place
    ]


def _hashable(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise DataError("An id should be a number or text, but a list or dictionary was found.")
    return value
