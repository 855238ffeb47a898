"""Human3.6M as the archive of SemGCN and of Martinez' baseline packs it: HDF5 files."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeletons import MPII_16
from .h36m_takes import (
    CAMERAS,
    SPLITS,
    canonical,
    detection,
    left_out,
    motion_of_32,
    motion_or_views,
    take_of,
)
from .hdf5 import read_h5
from .motion_axes import METRES
from .posed_clip import seen_of
from .reading import archive, reading

Key = tuple[str, str]
Open = Callable[[], BufferedIOBase]
Files = dict[PurePosixPath, Open]
HOURGLASS = {"sh_pt_mpii": "StackedHourglass", "sh_ft_h36m": "StackedHourglassFineTuned240"}


@registry.reader("h36m_archive")
@dataclass(frozen=True)
class H36MArchive:
    """Human3.6M as h36m.zip, the archive that SemGCN and others start from.

    Layout: `h36m/S*/MyPoses/3D_positions/<Action>.h5` with `3D_positions` (96, frames), and
    `h36m/S*/StackedHourglass/<Action>.<camera>.h5` with `poses` (frames, 16, 2); blanks in names
    may be underscores. `root` is the zip, or the folder with or in `h36m`.
    Units: millimetres and pixels; 50 frames a second.
    Axes: world z up; clips come out in the camera's frame, by the published cameras.
    Joints: "h36m32" of motions, "h36m17" of projected clips, "h36m16" of hourglass keypoints, whose
    own order is "mpii16" (what is called thorax there is Human3.6M's spine, and so on).
    Example: crosslift convert h36m_archive h36m.zip STORE
    """

    keypoints: Literal["projected", "sh_pt_mpii", "sh_ft_h36m", "none"] = "projected"
    """Made of the poses, those of the stacked hourglass as trained on MPII or trained further on
    Human3.6M, or "none": motions in the world."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One recording after the other, and of each one camera after the other."""
        with reading("the archive of Human3.6M (a zip or a folder)", root), _files(root) as files:
            there = dict(_recordings(files))
            if not there:
                raise DataError(
                    "S*/MyPoses/3D_positions/*.h5 was expected in it, but not found; name the zip "
                    "or the folder that holds h36m/S1."
                )
            for key, path in there.items():
                said = {"format": "h36m_archive", "file": str(path)}
                motion = motion_of_32(
                    take_of(*key, **said), _joints(files[path], path), METRES["mm"]
                )
                if self.keypoints in HOURGLASS:
                    yield from _detected(files, key, motion, self.keypoints)
                else:
                    yield from motion_or_views(motion, self.keypoints)


@contextmanager
def _files(root: Path) -> Iterator[Files]:
    """What opens each file of a folder or a zip, by its place in it."""
    if root.is_dir():
        found = sorted(path for path in root.rglob("*.h5") if path.is_file())
        yield {PurePosixPath(p.relative_to(root)): partial(p.open, "rb") for p in found}
        return
    with archive(root) as opened:
        names = sorted(name for name in opened.namelist() if name.endswith(".h5"))
        yield {
            PurePosixPath(name): partial(lambda name: io.BytesIO(opened.read(name)), name)
            for name in names
        }


def _recordings(files: Files) -> Iterator[tuple[Key, PurePosixPath]]:
    """The 3D file of each subject and recording."""
    for path in files:
        subject, recording = _subject(path), canonical(path.stem)
        if path.parent.name == "3D_positions" and subject and not left_out(subject, recording):
            yield (subject, recording), path


def _subject(path: PurePosixPath) -> str | None:
    return next((part for part in path.parts if part in SPLITS), None)


def _joints(opened: Open, path: PurePosixPath) -> np.ndarray:
    """The 32 joints of each frame, in millimetres."""
    flat = read_h5(opened(), "3D_positions")["3D_positions"]
    if flat.ndim != 2 or len(flat) != 96:
        raise DataError(f'"{path}" should hold (96, frames) numbers, but holds {flat.shape}.')
    return flat.reshape(32, 3, -1).transpose(2, 0, 1)


def _detected(files: Files, key: Key, motion: Motion, kind: str) -> Iterator[Clip]:
    """The hourglass keypoints of a recording with its poses, for each camera that has them."""
    found = 0
    for path, opened in files.items():
        name, _, camera = path.stem.rpartition(".")
        here = (_subject(path), canonical(name)) == key and camera in CAMERAS
        if here and path.parent.name == HOURGLASS[kind]:
            said = {"format": "h36m_archive", "file": str(path), "keypoints_from": kind}
            values = read_h5(opened(), "poses")["poses"]
            seen = seen_of(values, MPII_16, f'"{path}"')
            yield detection(take_of(*key, camera, **said), seen, motion)
            found += 1
    if not found:
        raise DataError(
            f'{" ".join(key)} has no keypoints in "{HOURGLASS[kind]}"; unpack them beside the '
            "positions, or choose --keypoints projected."
        )
