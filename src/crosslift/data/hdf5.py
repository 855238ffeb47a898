"""HDF5 files: the named arrays of plain numbers in them, and nothing outside of them."""

from io import BufferedIOBase
from pathlib import Path

import h5py
import numpy as np

from ..errors import DataError
from .reading import DENSEST, SMALL


def read_h5(source: Path | BufferedIOBase, *names: str) -> dict[str, np.ndarray]:
    """The named data sets of an HDF5 file.

    Links to other files are not followed, and what a data set claims to hold is compared with the
    size of the file before any of it is read.
    """
    size = source.stat().st_size if isinstance(source, Path) else source.seek(0, 2)
    with h5py.File(source, "r") as file:
        return {name: _array(file, name, size) for name in names}


def inside(file: h5py.File, name: str) -> h5py.Dataset:
    """A data set that lies in the file itself: no link on the way to it leads elsewhere."""
    parts = name.split("/")
    for depth in range(len(parts)):
        above = "/".join(parts[: depth + 1])
        link = file.get(above, getlink=True) if above in file else None
        if link is None:
            there = ", ".join(f'"{key}"' for key in list(file)[:8]) or "nothing"
            raise DataError(f'The data set "{name}" was expected, but the file holds {there}.')
        if not isinstance(link, h5py.HardLink):
            raise DataError(f'"{name}" should lie inside the file, but points elsewhere.')
    data = file[name]
    if not isinstance(data, h5py.Dataset) or data.is_virtual or data.external:
        raise DataError(
            f'"{name}" should be an array inside the file, but is a group or points elsewhere.'
        )
    return data


def _array(file: h5py.File, name: str, size: int) -> np.ndarray:
    """One array of numbers, once it is known to be honest."""
    data = inside(file, name)
    if data.shape is None or data.dtype.kind not in "biuf":
        raise DataError(f'"{name}" should be an array of numbers, but is one of {data.dtype}.')
    count = int(np.prod(data.shape, dtype=object))
    if count * data.dtype.itemsize > max(SMALL, DENSEST * size):
        raise DataError(
            f'"{name}" claims {data.shape} numbers, but the file has {size:,} bytes; it is refused.'
        )
    return data[()]
