"""Plain tables of keypoints or positions with a header."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeletons import skeleton_named
from .keypoint_names import Arranged, arranged, named
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Sighting,
    Track,
    check_length,
    check_scores,
    clips_of,
    provenance,
    tracks_of,
)
from .motion_axes import Unit, Up, metres_in, to_z_up
from .motion_text import (
    check_count_of_joints,
    files_below,
    lines_of,
    metres,
    rate_of,
    recording_name,
)
from .reading import reading

SCORE = ("score", "confidence", "likelihood", "visibility")
"""Words for a score, all read alike."""
SUFFIX = re.compile(r"(.+?)[_. ](x|y|z|" + "|".join(SCORE) + ")", re.IGNORECASE)
"""A column of the wide layout: the joint and what it says of it."""
ANGLE = re.compile(r"(.+) \[deg\]")
"""A column of joint angles, as our writer names it."""
NUMBERS = re.compile(r"[-+.,;\seEnaN0-9]*")
"""A line that names no columns."""
PREFACE = (
    "# {name}: metres in the world, {up} up; angles in degrees; seconds; {fps:g} frames a second"
)
"""The first line of our writer."""
UPWARDS = re.compile(r".*metres in the world, ([yz]) up;", re.DOTALL)
"""What is read of it."""
EVEN = 0.1
"""Share of the time between two frames by which a frame may be early or late at one frame rate."""


Cells = Iterable[tuple[int, list[str]]]
"""The cells of each line that is not blank, and its number."""


class Row(NamedTuple):
    """What the table says of one person in one frame."""

    frame: int
    time: float
    person: str
    """Empty where nobody is named."""
    points: np.ndarray
    """For each joint x, y and score, or x, y and z."""
    angles: Sequence[float] = ()
    """In degrees."""


class Table(NamedTuple):
    """A table, read but not yet understood."""

    joints: tuple[str, ...]
    deep: bool
    """Whether it has z instead of scores."""
    rows: list[Row]
    angles: tuple[str, ...] = ()
    """The names of the joint angles."""
    up: Up = "z"
    """The axis that points upwards, as the file says."""

    @property
    def first(self) -> int:
        """The smallest frame number."""
        return min(row.frame for row in self.rows)


@registry.reader("csv")
@dataclass(frozen=True)
class Csv:
    """Plain csv tables with a header: keypoints, or positions in space.

    Layout: wide, with columns `<joint>_x,<joint>_y,<joint>_score` and a line for each frame, or
    long, with `frame,joint,x,y,score` and a line for each joint. Both may have columns `person`
    and `time`, and the wide one `frame`. Commas, semicolons or tabs; an empty cell or NaN is a
    missing joint; a missing score is 1. With columns of z instead of scores it holds positions,
    and in the wide layout perhaps joint angles, `<angle> [deg]`; other columns are not read, nor
    are lines before the header that begin with "#". `root` is one file, or a folder with files at
    any depth. A recording begins at its smallest frame number; numbers left out are frames without
    anybody.
    Units: pixels and seconds; positions in `unit`. The frame rate follows from `time`, if there.
    Axes: keypoints x to the right, y down, from the top left corner; positions z up, or as the
    first line says in files of our own; `up` overrides.
    Joints: by their names; a known skeleton where these are its joints in any order.
    Example: crosslift convert csv walk.csv STORE --size 1920 1080 --fps 30
    """

    footage: FootageOptions = NOTHING
    skeleton: str | None = None
    """A known skeleton, if the file may have more joints than it, in any order."""
    joints: tuple[str, ...] = ()
    """What joints are called in the file, as in "left_knee=LKNE"."""
    unit: Unit = "m"
    """Of positions."""
    up: Up | None = None
    """The axis of positions that points upwards; as the file says unless given, else z."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """The recordings of one file after the other."""
        for path in files_below(root, ".csv", "a csv table"):
            with reading("a csv table of keypoints", path):
                yield from self._recordings(path, recording_name("csv", path, root))

    def _recordings(self, path: Path, name: str) -> Iterator[Clip | Motion]:
        """A clip or a motion for each person."""
        table = read_table(path)
        found = self._arranged(table.joints)
        first = table.first
        frames = max(row.frame for row in table.rows) - first + 1
        sightings = [
            Sighting(row.frame - first, row.person, row.points[found.order]) for row in table.rows
        ]
        tracks = tracks_of(sightings, frames, len(found.skeleton))
        clock = _clock(table, frames)
        film = Film(name, found.skeleton, provenance("csv", path), (), clock.fps, clock.times)
        if table.deep:
            yield from self._motions(film, tracks, table)
        else:
            check_scores(np.stack([one.points[:, 2] for one in sightings]))
            yield from clips_of(film, tracks, self.footage)

    def _motions(self, film: Film, tracks: Iterable[Track], table: Table) -> Iterator[Motion]:
        """A motion for each person."""
        people: dict[str, list[Row]] = defaultdict(list)
        for row in table.rows:
            people[row.person].append(row)
        for track in tracks:
            lengths = track.points.astype(np.float64) * metres_in(self.unit)
            yield Motion(
                f"{film.name}/{track.person}" if len(people) > 1 else film.name,
                film.skeleton,
                self.footage.rate(film.fps),
                metres(to_z_up(lengths, self.up or table.up)),
                _angles(table, people[track.person], len(lengths)),
                table.angles,
                labels={"person": track.person} if track.person else {},
                provenance=film.provenance,
            )

    def _arranged(self, names: Sequence[str]) -> Arranged:
        """The skeleton of the named joints, and where each of its joints stands."""
        joints = named(names, self.joints)
        if self.skeleton is None:
            return arranged(joints, "csv")
        skeleton = skeleton_named(self.skeleton)
        missing = [joint for joint in skeleton.joints if joint not in joints]
        if missing:
            raise DataError(
                f'The skeleton "{self.skeleton}" has the joint "{missing[0]}", but the table has '
                f"no such columns; say what it is called, as in --joints {missing[0]}=NAME."
            )
        return Arranged(skeleton, [joints.index(joint) for joint in skeleton.joints])


def _angles(
    table: Table, rows: Sequence[Row], frames: int
) -> Float[Tensor, "frames angles"] | None:
    """The joint angles of one person's rows, in radians; None where the table has none."""
    if not table.angles:
        return None
    check_length(frames, len(rows), len(table.angles))
    degrees, first = np.full((frames, len(table.angles)), np.nan), table.first
    for row in rows:
        degrees[row.frame - first] = row.angles
    with np.errstate(over="ignore", invalid="ignore"):
        return torch.from_numpy(np.deg2rad(degrees).astype(np.float32))


class Clock(NamedTuple):
    """When the frames were."""

    fps: float | None
    times: np.ndarray | None
    """Where the frame rate varies."""


def _clock(table: Table, frames: int) -> Clock:
    """The frame rate that the times of a table mean."""
    first = table.first
    told = {row.frame - first: row.time for row in table.rows if np.isfinite(row.time)}
    places = np.array(sorted(told))
    if len(places) < 2:
        return Clock(None, None)
    times = np.array([told[place] for place in places])
    steps = np.diff(times) / np.diff(places)
    if not (steps > 0).all():
        raise DataError(
            f"Its times should grow from frame to frame, but after {times[steps.argmin()]:g} s "
            "comes none that is later; sort the table or drop the column."
        )
    mean = float((times[-1] - times[0]) / (places[-1] - places[0]))
    if np.abs(times - times[0] - mean * (places - places[0])).max() <= EVEN * mean:
        return Clock(rate_of(mean), None)
    return Clock(rate_of(float(np.median(steps))), np.interp(np.arange(frames), places, times))


def read_table(path: Path) -> Table:
    """A table in either layout."""
    before, top, lines = _start(lines_of(path))
    delimiter = max(",;\t", key=top.count)
    header = [cell.strip() for cell in next(csv.reader([top], delimiter=delimiter), [])]
    columns = {name.lower(): place for place, name in enumerate(header)}
    rows = (
        (number, next(csv.reader([line], delimiter=delimiter)))
        for number, line in lines
        if line.strip()
    )
    table = _long(columns, rows) if "joint" in columns else _wide(header, columns, rows)
    if not table.rows:
        raise DataError("It should hold a line for each frame, but holds only a header.")
    twice = len({(row.frame, row.person) for row in table.rows}) < len(table.rows)
    if twice:
        raise DataError(
            "It says something of a frame twice; keep one line of each, or name several people in "
            "a column person."
        )
    said = UPWARDS.match(before)
    return table._replace(up="y") if said and said[1] == "y" else table


def _start(lines: Iterator[str]) -> tuple[str, str, Iterable[tuple[int, str]]]:
    """The lines before the header, the header, and the other lines with their numbers.

    Where numbers follow lines that begin with "#", the last of these is the header, as in the files
    of `numpy.savetxt`.
    """
    before: list[str] = []
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        if not line.strip():
            continue
        if not line.startswith("#"):
            if before and NUMBERS.fullmatch(line):
                return "", before[-1].lstrip("# "), chain([(number, line)], numbered)
            return "\n".join(before), line, numbered
        before.append(line)
    return "", "", ()


def _wide(header: Sequence[str], columns: dict[str, int], cells: Cells) -> Table:
    """A line for each frame, columns for each joint."""
    joints: dict[str, dict[str, int]] = defaultdict(dict)
    for place, name in enumerate(header):
        if match := SUFFIX.fullmatch(name):
            said = match[2].lower()
            joints[match[1]]["score" if said in SCORE else said] = place
    _check_columns(header, joints)
    check_count_of_joints(len(joints))
    deep = any("z" in of for of in joints.values())
    last = "z" if deep else "score"
    wanted = [of.get(key, -1) for of in joints.values() for key in ("x", "y", last)]
    turns = {match[1]: k for k, name in enumerate(header) if (match := ANGLE.fullmatch(name))}
    count: dict[str, int] = defaultdict(int)
    rows = []
    for line, row in cells:
        values = [_number(row, place, line) if place >= 0 else 1.0 for place in wanted]
        points = np.array(values).reshape(-1, 3)
        person = _text(row, columns.get("person"), line)
        frame = _whole(row, columns["frame"], line) if "frame" in columns else count[person]
        count[person] += 1
        angles = [_number(row, place, line) for place in turns.values()] if deep else ()
        rows.append(Row(frame, _number(row, columns.get("time"), line), person, points, angles))
    return Table(tuple(joints), deep, rows, tuple(turns) if deep else ())


def _check_columns(header: Sequence[str], joints: dict[str, dict[str, int]]) -> None:
    """Refuse a header that names no joints, or lacks a coordinate of one."""
    if not joints:
        raise DataError(
            "Its header should name columns such as nose_x, nose_y, nose_score, or frame, joint, "
            f"x, y, score, but names {', '.join(header[:6]) or 'none'}; add a header."
        )
    deep = any("z" in of for of in joints.values())
    for joint, of in joints.items():
        lacking = [key for key in ("x", "y", *(["z"] if deep else [])) if key not in of]
        if lacking:
            raise DataError(
                f'The joint "{joint}" should have a column {joint}_{lacking[0]}, but has none; add '
                "it or drop the joint."
            )


def _long(columns: dict[str, int], cells: Cells) -> Table:
    """A line for each joint of each person in each frame."""
    lacking = [key for key in ("frame", "x", "y") if key not in columns]
    if lacking:
        raise DataError(f'With a column "joint", it needs a column "{lacking[0]}"; add it.')
    deep = "z" in columns
    last = columns["z"] if deep else next((columns[key] for key in SCORE if key in columns), None)
    joints: dict[str, int] = {}
    found: dict[tuple[int, str], dict[int, list[float]]] = defaultdict(dict)
    time: dict[int, float] = {}
    lines = 0
    for line, row in cells:
        joint = joints.setdefault(_text(row, columns["joint"], line), len(joints))
        frame = _whole(row, columns["frame"], line)
        person = _text(row, columns.get("person"), line)
        x, y = (_number(row, columns[key], line) for key in ("x", "y"))
        found[frame, person][joint] = [x, y, 1.0 if last is None else _number(row, last, line)]
        time[frame] = _number(row, columns.get("time"), line)
        lines = line
    check_count_of_joints(max(len(joints), 1))
    if len(found) * len(joints) > 1_000_000 + 10 * lines:
        raise DataError("Most joints are in few of its frames; use the same names in all frames.")
    rows = []
    for (frame, person), places in found.items():
        points = np.full((len(joints), 3), np.nan)
        points[list(places)] = list(places.values())
        rows.append(Row(frame, time[frame], person, points))
    return Table(tuple(joints), deep, rows)


def _cell(row: Sequence[str], place: int, line: int) -> str:
    if place >= len(row):
        raise DataError(f"Line {line} has {len(row)} cells, fewer than the header; complete it.")
    return row[place].strip()


def _text(row: Sequence[str], place: int | None, line: int) -> str:
    return "" if place is None else _cell(row, place, line)


def _number(row: Sequence[str], place: int | None, line: int) -> float:
    cell = _text(row, place, line)
    try:
        return float(cell) if cell else float("nan")
    except ValueError as problem:
        raise DataError(
            f'Line {line} should hold numbers, but "{cell[:40]}" was found; write numbers with a '
            "point, and leave a missing one empty."
        ) from problem


def _whole(row: Sequence[str], place: int, line: int) -> int:
    number = _number(row, place, line)
    if not number.is_integer():
        raise DataError(f"Line {line} should have a whole number as its frame, but has {number:g}.")
    return int(number)
