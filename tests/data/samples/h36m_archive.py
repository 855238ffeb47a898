"""The archive h36m.zip with one recording of S9: positions, and what the hourglass found."""

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np

from crosslift.skeletons import H36M_16, MPII_16

from . import h36m

PERMUTED = [6, 2, 1, 0, 3, 4, 5, 7, 8, 9, 13, 14, 15, 12, 11, 10]
"""Where each of Human3.6M's 16 joints stands among the hourglass's."""


def hourglass() -> np.ndarray:
    """S9's first camera in the hourglass's order."""
    without_nose = np.delete(h36m.seen("S9")[0], 9, axis=1)
    found = np.empty((len(without_nose), len(MPII_16), 2))
    found[:, PERMUTED] = without_nose
    assert without_nose.shape[1] == len(H36M_16)
    return found


def members() -> dict[str, bytes]:
    """The files of the archive."""
    flat = (h36m.world() * 1000).transpose(1, 2, 0).reshape(96, -1)
    return {
        "h36m/S9/MyPoses/3D_positions/TakingPhoto_1.h5": _h5("3D_positions", flat),
        "h36m/S9/StackedHourglass/TakingPhoto_1.54138969.h5": _h5("poses", hourglass()),
    }


def _h5(name: str, array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file[name] = array
    return stream.getvalue()


def write(folder: Path) -> Path:
    """The zip."""
    path = folder / "h36m.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members().items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path
