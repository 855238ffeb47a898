"""CSV: a table with a row for each frame, for spreadsheets and statistics."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from .. import registry
from ..data.csv_table import PREFACE
from ..data.motion_axes import Up, from_z_up
from ..data.record import Recording
from ..files import whole
from ..motion import Motion
from .world import in_world, missing_sentence, plain_names, seconds


@registry.writer("csv")
@dataclass(frozen=True)
class Csv:
    """CSV: frame, time, x, y, z of every joint, and joint angles where they are known.

    The first line, which begins with "#", states name, rate, units and axes; the second names the
    columns, such as `left_knee_x` and `left_knee_bend [deg]`. Missing joints are empty cells. The
    reader "csv" reads the file.
    Units: metres, seconds, degrees. Axes: the world's z up, or y up if asked.
    """

    suffix: ClassVar[str] = ".csv"

    up: Up = "z"
    """The axis that points upwards."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""
    preface: bool = True
    """Begin with the line of units; some spreadsheets show it as a cell."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the table."""
        motion = in_world(recording, self.hypothesis)
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            if self.preface:
                name = " ".join(motion.name.split())
                file.write(PREFACE.format(name=name, up=self.up, fps=motion.fps) + "\r\n")
            table = csv.writer(file)
            table.writerow(["frame", "time", *columns_of(motion)])
            table.writerows(self._rows(motion, seconds(recording).numpy()))
        return tuple(missing_sentence(motion, "empty cells"))

    def _rows(self, motion: Motion, times: np.ndarray) -> Iterator[list[str | int]]:
        places = from_z_up(motion.positions.double().cpu().numpy(), self.up)
        angles = np.zeros((len(motion), 0))
        if motion.angles is not None:
            angles = np.rad2deg(motion.angles.double().cpu().numpy())
        for frame, (place, angle) in enumerate(zip(places, angles, strict=True)):
            lengths = [_cell(number, 6) for number in place.reshape(-1)]
            turns = [_cell(number, 4) for number in angle]
            yield [frame, f"{times[frame]:.6f}", *lengths, *turns]


def columns_of(motion: Motion) -> list[str]:
    """The names of the columns after frame and time."""
    joints = plain_names(motion.skeleton.joints, r'[\t\r\n,;"]')
    places = [f"{joint}_{axis}" for joint in joints for axis in "xyz"]
    angles = motion.angle_names if motion.angles is not None else ()
    return places + [f"{name} [deg]" for name in angles]


def _cell(number: float, digits: int) -> str:
    return f"{number:.{digits}f}" if np.isfinite(number) else ""
