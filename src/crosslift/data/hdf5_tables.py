"""HDF5 files that hold more than numbers: texts, and the tables that pandas writes.

pandas keeps the names of columns as pickled text; it is read by the audited importer.
"""

from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from ..errors import DataError
from ..importer import read_pickle
from .hdf5 import inside, read_h5
from .reading import DENSEST, SMALL


class Frame(NamedTuple):
    """A table of numbers as pandas knows it."""

    columns: list[tuple[str, ...]]
    """The names of each column, from the outermost level inwards."""
    lines: list[str]
    """The innermost name of each line."""
    values: np.ndarray


def has(path: Path, name: str) -> bool:
    """Whether an HDF5 file holds the named data set."""
    with h5py.File(path, "r") as file:
        return name in file


def read_texts(path: Path, name: str) -> list[str]:
    """The texts in a data set of an HDF5 file."""
    with h5py.File(path, "r") as file:
        return _texts(_data(file, name, path))


def read_frame(path: Path) -> Frame:
    """The first table that pandas wrote into an HDF5 file."""
    with h5py.File(path, "r") as file:
        for key in map(str, file):
            if isinstance(file.get(key, getlink=True), h5py.HardLink):
                kind = _plain(file[key].attrs.get("pandas_type", ""))
                if kind == "frame_table":
                    return _table(file, key, path)
                if kind == "frame":
                    return _fixed(file, key, path)
        there = ", ".join(f'"{key}"' for key in list(file)[:8]) or "nothing"
    raise DataError(f"It should hold a table that pandas wrote, but holds {there}.")


def _data(file: h5py.File, name: str, path: Path) -> np.ndarray:
    """One data set of text or of records, once it is known to be honest."""
    data = inside(file, name)
    if data.shape is None or data.dtype.kind not in "SV" or data.dtype.hasobject:
        raise DataError(f'"{name}" should be text or a table, but is one of {data.dtype}.')
    size, count = path.stat().st_size, int(np.prod(data.shape, dtype=object))
    if count * data.dtype.itemsize > max(SMALL, DENSEST * size):
        raise DataError(
            f'"{name}" claims {count:,} entries, but the file has {size:,} bytes; it is refused.'
        )
    return data[()]


def _table(file: h5py.File, key: str, path: Path) -> Frame:
    """What pandas calls the table format: records of an index and blocks of columns."""
    name = f"{key}/table"
    records = _data(file, name, path)
    attributes = file[name].attrs
    blocks = [field for field in records.dtype.names or () if field.startswith("values_block_")]
    columns: list[tuple[str, ...]] = []
    for block in blocks:
        pickled: Any = attributes[f"{block}_kind"]
        names = read_pickle(BytesIO(bytes(pickled)))
        columns += [tuple(map(str, levels)) for levels in names]
    values = np.concatenate([records[block].reshape(len(records), -1) for block in blocks], axis=1)
    return _checked(Frame(columns, [_plain(entry) for entry in records["index"].tolist()], values))


def _fixed(file: h5py.File, key: str, path: Path) -> Frame:
    """What pandas calls the fixed format: an array, and its axes as codes into lists of names."""
    held: Any = file[key]
    depth = sum(f"block0_items_level{place}" in held for place in range(9))
    levels = [_level(file, f"{key}/block0_items", place, path) for place in range(depth)]
    values = read_h5(path, f"{key}/block0_values")[f"{key}/block0_values"]
    columns = list(zip(*levels, strict=True))
    if "axis1" in held:
        name = f"{key}/axis1"
        numbered = inside(file, name).dtype.kind in "iu"
        told = read_h5(path, name)[name] if numbered else _data(file, name, path)
        return _checked(Frame(columns, [_plain(entry) for entry in told.tolist()], values))
    inner = max(place for place in range(9) if f"axis1_level{place}" in held)
    return _checked(Frame(columns, _level(file, f"{key}/axis1", inner, path), values))


def _level(file: h5py.File, axis: str, place: int, path: Path) -> list[str]:
    """One level of an axis' names."""
    names = _texts(_data(file, f"{axis}_level{place}", path))
    codes = read_h5(path, f"{axis}_label{place}")[f"{axis}_label{place}"].ravel().tolist()
    if not all(0 <= code < len(names) for code in codes):
        raise DataError(f"A name of its axis {axis} is missing.")
    return [names[code] for code in codes]


def _checked(frame: Frame) -> Frame:
    """The table, once its names are as many as its lines and columns."""
    shape = (len(frame.lines), len(frame.columns))
    if (
        frame.values.ndim != 2
        or frame.values.shape != shape
        or frame.values.dtype.kind not in "iuf"
    ):
        raise DataError(
            f"Its table should be {shape[0]} lines of {shape[1]} numbers, but {frame.values.dtype} "
            f"of the shape {frame.values.shape} was found."
        )
    return frame


def _texts(array: np.ndarray) -> list[str]:
    return [_plain(entry) for entry in np.ravel(array).tolist()]


def _plain(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
