"""HDF5 files: the named arrays of plain numbers in them, and nothing outside of them."""

from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from ..errors import DataError
from .reading import DENSEST, SMALL


def read_h5(source: Path | IO[bytes], *names: str) -> dict[str, np.ndarray]:
    """The named data sets of an HDF5 file.

    Links to other files are not followed, and what a data set claims to hold is compared with the
    size of the file before any of it is read.
    """
    size = source.stat().st_size if isinstance(source, Path) else source.seek(0, 2)
    with h5py.File(source, "r") as file:
        return {name: _array(file, name, size) for name in names}


def _array(file: Any, name: str, size: int) -> np.ndarray:
    """One data set, once it is known to be honest."""
    if name not in file:
        there = ", ".join(f'"{key}"' for key in list(file)[:8]) or "nothing"
        raise DataError(f'The data set "{name}" was expected, but the file holds {there}.')
    data = file.get(name)
    linked = not isinstance(file.get(name, getlink=True), h5py.HardLink)
    if linked or not isinstance(data, h5py.Dataset) or data.is_virtual or data.external:
        raise DataError(
            f'"{name}" should be an array inside the file, but is a group or points elsewhere; '
            "it is refused."
        )
    count = int(np.prod(data.shape or (), dtype=object))
    if data.shape is None or data.dtype.kind not in "biuf":
        raise DataError(f'"{name}" should be an array of numbers, but is one of {data.dtype}.')
    if count * data.dtype.itemsize > max(SMALL, DENSEST * size):
        raise DataError(
            f'"{name}" claims {data.shape} numbers, but the file has {size:,} bytes; it is refused.'
        )
    return data[()]
