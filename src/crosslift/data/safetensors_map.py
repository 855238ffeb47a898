"""safetensors files without reading them: the header, and arrays mapped into memory.

The format is eight bytes with the header's length, the header as JSON, then the arrays. Nothing in
it can run code. The library of that name writes the files; reading is done here, because training
draws windows straight from the map.
"""

import json
import mmap
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError

DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "U8": "u1",
    "BOOL": "?",
}
LARGEST_HEADER = 100_000_000


class Mapped(NamedTuple):
    """The contents of a file, none of it read yet."""

    arrays: dict[str, np.ndarray]
    """Mapped into memory, read-only."""
    metadata: dict[str, str]


def map_file(path: Path) -> Mapped:
    """The arrays and the metadata of a safetensors file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(size - 8, LARGEST_HEADER):
                raise ValueError("its header is cut off")
            header = json.loads(file.read(length))
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # one for all arrays
        metadata = header.pop("__metadata__", {})
        arrays = {name: _array(whole, entry, 8 + length) for name, entry in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise DataError(
            f'"{path}" should be a whole safetensors file, but {problem}; make or copy it anew.'
        ) from problem
    return Mapped(arrays, metadata)


def _array(whole: mmap.mmap, entry: dict[str, Any], start: int) -> np.ndarray:
    """One array of the file, once its place and its shape have been found to agree."""
    begin, end = entry["data_offsets"]
    dtype, shape = np.dtype(DTYPES[entry["dtype"]]), tuple(map(int, entry["shape"]))
    count = 1
    for extent in shape:
        count *= extent
    if min(shape, default=0) < 0 or end - begin != count * dtype.itemsize:
        raise ValueError(f"an array of shape {shape} does not fill its {end - begin} bytes")
    if not 0 <= begin <= end <= len(whole) - start:
        raise ValueError("an array lies outside the file")
    return np.frombuffer(whole, dtype, count, start + begin if count else 0).reshape(shape)
