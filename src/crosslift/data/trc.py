"""TRC: a table of markers over time, as text; what OpenSim and Sports2D read and write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

from .. import registry
from ..errors import DataError
from ..motion import Motion
from .markers import Markers, motion_of
from .motion_axes import Unit, Up, metres_in, to_z_up
from .motion_names import distinct
from .motion_text import LARGEST, check_count_of_joints, files_below, lines_of
from .reading import reading

WHAT = "a TRC file"
GAPS = ("", "nan")
"""What stands in the place of a coordinate that is missing."""


@registry.reader("trc")
@dataclass(frozen=True)
class Trc:
    """Markers or joints in TRC files (OpenSim, Sports2D, Pose2Sim).

    Layout: `root` is one file, or a folder with files anywhere below it. A file is a table of text:
        two lines of names and one of values for rate, counts and unit, then names of markers, then
        a row for each frame. Empty cells are missing coordinates.
    Units: as the file says, mm or m; `unit` overrides.
    Axes: y up, as in OpenSim; `up` overrides.
    Joints: the markers. Pose2Sim's and our own names of joints are known; other markers keep
        theirs. The file has no tree: it is that of a known skeleton with these joints, or all
        hang loosely on the first. `joints` makes joints of markers.
    Example: crosslift convert trc trial.trc STORE
    """

    unit: Unit | None = None
    """Of lengths in the file; as the file says unless given."""
    up: Up = "y"
    """The axis of the file that points upwards."""
    fps: float | None = None
    """Frames a second; as the file says unless given."""
    joints: tuple[str, ...] = ()
    """Joints made of markers, as in "left_knee=LKNE+LKNM": the mean of the two."""
    skeleton: str | None = None
    """A known skeleton, such as "h36m17", in which the joints are wanted."""
    names: Literal["shared", "file"] = "shared"
    """Whether markers that are named like joints of Pose2Sim become these joints."""
    licence: str = ""
    """Under which the recordings may be used, for the record."""

    def read(self, root: Path) -> Iterator[Motion]:
        """The recordings below `root`, one after the other."""
        for path in files_below(root, ".trc", WHAT):
            with reading(WHAT, path):
                table = read_table(path)
                points = to_z_up(table.points, self.up) * metres_in(self.unit or table.unit)
                shared = self.names == "shared"
                markers = Markers("trc", table.fps, table.markers, points, are_joints=shared)
                motion = motion_of(markers, self, path, root)
            yield motion


class Table(NamedTuple):
    """What a file holds, in its own units and axes."""

    fps: float
    unit: str
    markers: tuple[str, ...]
    points: Float[np.ndarray, "frames markers 3"]


def read_table(path: Path) -> Table:
    """The table in a file."""
    lines = lines_of(path)
    head = [next(lines, "") for _ in range(5)]
    if not head[0].lower().startswith("pathfiletype"):
        raise DataError(
            f'It should begin with "PathFileType", but begins with "{head[0][:30].strip()}".'
        )
    values = dict(zip(head[1].lower().split(), head[2].split(), strict=False))
    missing = [key for key in ("datarate", "nummarkers", "numframes") if key not in values]
    if missing:
        raise DataError(f'Its second and third line do not state "{missing[0]}".')
    markers, count = _markers(head[3]), int(values["nummarkers"])
    check_count_of_joints(count)
    if len(markers) != count:
        raise DataError(f"It states {count} markers, but names {len(markers)} in its fourth line.")
    rows = [_row(line, count) for line in lines if line.strip()]
    if len(rows) < int(values["numframes"]):
        raise DataError(
            f"It states {values['numframes']} frames, but holds {len(rows)}; the file is cut off."
        )
    points = np.array(rows).reshape(len(rows), count, 3)
    return Table(float(values["datarate"]), values.get("units", "mm"), distinct(markers), points)


def _markers(line: str) -> list[str]:
    """The names in the fourth line, after those of the columns of frame and time."""
    cells = line.split("\t") if "\t" in line else line.split()
    return [cell.strip() for cell in cells[2:] if cell.strip()]


def _row(line: str, markers: int) -> list[float]:
    """The coordinates of a row, NaN where there are none."""
    cells = line.split("\t") if "\t" in line else re.split(r"[ ,]+", line.strip())
    frame, *cells = (cell.strip() for cell in cells)
    cells, width = cells[1:], 3 * markers
    if len(cells) > width and any(cells[width:]):
        raise DataError(
            f"Each row should hold frame, time and {width} coordinates, but the one of frame "
            f"{frame} holds more."
        )
    if len(cells) < width and len(cells) % 3:
        raise DataError(f"The row of frame {frame} ends within a marker; the file is cut off.")
    try:
        numbers = [np.nan if cell.lower() in GAPS else float(cell) for cell in cells[:width]]
    except ValueError as problem:
        raise DataError(f"The row of frame {frame} holds what is no number.") from problem
    if any(abs(number) > LARGEST for number in numbers):
        raise DataError(f"The row of frame {frame} holds a coordinate that cannot be.")
    return numbers + [np.nan] * (width - len(numbers))
