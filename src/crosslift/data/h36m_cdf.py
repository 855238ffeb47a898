"""Human3.6M as its authors publish it: CDF files, and MATLAB copies of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from .cdf import read_cdf
from .h36m_takes import SPLITS, canonical, left_out, motion_of_32, motion_or_views, take_of
from .matlab import read_matlab
from .motion_axes import METRES
from .posed_clip import plain
from .reading import reading

PLACES = ("S*/MyPoseFeatures/D3_Positions", "S*/D3_Positions", "MyPoseFeatures/D3_Positions")


@registry.reader("h36m_cdf")
@dataclass(frozen=True)
class H36MCdf:
    """Human3.6M's own 3D positions: CDF files, or their MATLAB copies.

    Layout: `S*/MyPoseFeatures/D3_Positions/<Action>.cdf` (variable `Pose`, (1, frames, 96)) or
    `.cdf.mat` (a cell `data` that holds (frames, 96)). `root` is the folder of the subjects. Where
    both forms of a recording lie side by side, the CDF is read.
    Units: millimetres; 50 frames a second.
    Axes: world z up; clips come out in the camera's frame, by the published cameras.
    Joints: "h36m32" of motions, "h36m17" of clips, whose keypoints are projected.
    Example: crosslift convert h36m_cdf h36m STORE
    """

    keypoints: Literal["projected", "none"] = "projected"
    """A clip for each camera with keypoints made of the poses, or "none": motions in the world."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One recording after the other."""
        for (subject, recording), path in _files(root).items():
            with reading("a file of Human3.6M's positions", path):
                values = read_cdf(path, "Pose") if path.suffix == ".cdf" else _from_matlab(path)
                take = take_of(subject, recording, format="h36m_cdf", file=path.name)
                yield from motion_or_views(
                    motion_of_32(take, _as_joints(values), METRES["mm"]), self.keypoints
                )


def _files(root: Path) -> dict[tuple[str, str], Path]:
    """The file of each subject and recording."""
    found = {}
    for ending in (".cdf.mat", ".cdf"):  # the latter takes the place of the former
        for path in sorted(p for place in PLACES for p in root.glob(f"{place}/*{ending}")):
            subject = next((part for part in reversed(path.parts) if part in SPLITS), None)
            recording = canonical(path.name.removesuffix(ending))
            if subject and not recording.startswith(" ALL") and not left_out(subject, recording):
                found[subject, recording] = path
    if not found:
        raise DataError(
            f'"{root}" should hold S1/MyPoseFeatures/D3_Positions/*.cdf or *.cdf.mat, but does '
            "not; name the folder of the subjects S1 to S11."
        )
    return dict(sorted(found.items()))


def _from_matlab(path: Path) -> Any:
    """What the cell "data" holds."""
    data = read_matlab(path, "data")["data"]
    return data[0] if isinstance(data, list) and len(data) == 1 else data


def _as_joints(values: Any) -> np.ndarray:
    """Rows of 96 numbers as 32 joints."""
    array = plain(values, "The positions")
    if array.shape[-1:] != (96,):
        raise DataError(f"The positions should be rows of 96, but {array.shape} was found.")
    return array.reshape(-1, 32, 3)
