"""DeepLabCut's tables of body parts, csv or h5."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from .hdf5_tables import Frame, read_frame
from .keypoint_names import arranged, frames_of, named
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Track,
    check_length,
    clips_of,
    provenance,
)
from .motion_text import check_count_of_joints, files_below, lines_of, recording_name
from .reading import reading

LEVELS = ("scorer", "individuals", "bodyparts", "coords")
"""The rows of a header; the second one only where there are several animals or people."""
COORDS = {"x": 0, "y": 1, "likelihood": 2}


@registry.reader("deeplabcut")
@dataclass(frozen=True)
class DeepLabCut:
    """DeepLabCut's predictions and labels, csv or h5.

    Layout: a table whose header has the rows scorer, bodyparts, coords (x, y, likelihood), and
    individuals before bodyparts in multi-animal projects; a line for each frame. Labelled data has
    no likelihood and the pictures' names instead of frame numbers. The h5 file is pandas' (key
    `df_with_missing`, table or fixed format). `root` is one file, or a folder with files at any
    depth, of which the h5 files are read, or the csv files where there is none.
    Units: pixels of the picture, whose size DeepLabCut does not write.
    Axes: x to the right, y down, from the top left corner.
    Joints: by their names, whichever a project chose ("LWrist", "left wrist" and "wrist_l" are
    understood), and by what `joints` says; a known skeleton where these are its joints in any
    order, or loose joints that hang on the first one.
    Example: crosslift convert deeplabcut walkDLC.h5 STORE --size 1920 1080
    """

    footage: FootageOptions = NOTHING
    joints: tuple[str, ...] = ()
    """What joints are called in the file, as in "left_knee=LKNE"."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The individuals of one file after the other."""
        for path in _files(root):
            with reading("a DeepLabCut table", path):
                table = read_frame(path) if path.suffix.lower() == ".h5" else _csv(path)
                yield from self._clips(table, recording_name("deeplabcut", path, root), path)

    def _clips(self, table: Frame, name: str, path: Path) -> Iterator[Clip]:
        """The individuals of one table, those of the same body parts together."""
        places = _places(table.lines)
        frames = max(places, default=-1) + 1
        check_length(frames, len(places), len(table.columns))
        people = _people(table.columns)
        for person, parts in people.items():
            found = arranged(named(list(parts), self.joints), "deeplabcut")
            points = np.full((frames, len(parts), 3), np.nan)
            points[..., 2] = 1.0
            for joint, columns in enumerate(parts.values()):
                for coord, column in columns.items():
                    points[places, joint, coord] = table.values[:, column]
            title = f"{name}/{person}" if len(people) > 1 else name
            told = provenance("deeplabcut", path, keypoints_from=table.columns[0][0])
            track = Track(person, points[:, found.order])
            yield from clips_of(Film(title, found.skeleton, told), [track], self.footage)


def _files(root: Path) -> list[Path]:
    """The h5 files that are meant, else the csv files."""
    if root.is_dir() and any(root.rglob("*.h5")):
        return files_below(root, ".h5", "a DeepLabCut table")
    return files_below(root, ".csv", "a DeepLabCut table")


def _csv(path: Path) -> Frame:
    """The table in a csv file."""
    rows = csv.reader(line for line in lines_of(path) if line.strip())
    header: list[list[str]] = []
    body: list[list[str]] = []
    for row in rows:
        (header if not body and row[0].strip() in LEVELS else body).append(row)
    names = [row[0].strip() for row in header]
    if names not in ([LEVELS[0], *LEVELS[2:]], list(LEVELS)):
        raise DataError(
            "Its header should have the rows scorer, (individuals,) bodyparts, coords, but has "
            f"{', '.join(names) or 'none of them'}; name DeepLabCut's own file."
        )
    width = len(header[0])
    start = 1 + sum(not cell.strip() for cell in header[-1][1:4])
    if any(len(row) != width for row in [*header, *body]):
        raise DataError(f"All of its lines should have {width} cells, but some do not; mend it.")
    columns = list(zip(*(map(str.strip, row[start:]) for row in header), strict=True))
    values = [[float(cell) if cell.strip() else np.nan for cell in row[start:]] for row in body]
    index = [row[start - 1].strip() for row in body]
    return Frame(columns, index, np.array(values).reshape(len(body), len(columns)))


def _places(index: Sequence[str]) -> list[int]:
    """The frame of each line, from frame numbers or from the pictures' names."""
    if all(name.isdecimal() for name in index):
        first = min(map(int, index), default=0)
        places = [int(name) - first for name in index]
    else:
        found = frames_of(names := [PurePosixPath(name.replace("\\", "/")).name for name in index])
        places = [found[name] for name in names]
    if len(set(places)) != len(places):
        raise DataError("It has two lines for a frame; keep one of each.")
    return places


def _people(columns: Sequence[tuple[str, ...]]) -> dict[str, dict[str, dict[int, int]]]:
    """For each individual and body part, which column holds x, y and likelihood."""
    people: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for place, levels in enumerate(columns):
        if not 3 <= len(levels) <= 4 or levels[-1] not in COORDS:
            raise DataError(
                "Its columns should be named by scorer, body part and x, y or likelihood, but "
                f"{', '.join(levels)} was found; 3D tables are not read."
            )
        people[levels[1] if len(levels) == 4 else ""][levels[-2]][COORDS[levels[-1]]] = place
    for parts in people.values():
        check_count_of_joints(len(parts))
        for part, coords in parts.items():
            if not {0, 1} <= set(coords):
                raise DataError(f'The body part "{part}" should have x and y, but lacks one.')
    if not people:
        raise DataError("It should have columns of body parts, but has none.")
    return people
