"""One variable of a CDF file, NASA's Common Data Format, in which Human3.6M is published.

Files of version 3 and of 2.5 to 2.7 in one piece, whole or packed with gzip. They are read here and
not by a library, since those follow the file's counts and links wherever they lead; here each is
compared with the size of the file first.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import DataError
from .reading import DENSEST, SMALL

MAGIC = {b"\xcd\xf3\x00\x01": 3, b"\xcd\xf2\x60\x02": 2}
PLAIN = b"\x00\x00\xff\xff"
NUMBERS = {21: "f4", 44: "f4", 22: "f8", 45: "f8"}
"""The types of data that are real numbers."""
BIG, LITTLE = (1, 2, 5, 7, 9, 11, 12, 18), (4, 6, 13, 16, 17)
"""The encodings by the order of their bytes."""
VALUES, PACKED_VALUES, INDEX = 7, 13, 6
MOST_VARIABLES, MOST_DIMENSIONS, DEEPEST = 1000, 10, 8


class _File(NamedTuple):
    """The bytes of a file and how its records lie in them."""

    data: bytes
    wide: bool
    """Whether sizes and places are 8 bytes long (version 3) or 4."""
    limit: int
    """How many bytes may be unpacked in all."""

    @property
    def place(self) -> int:
        return 8 if self.wide else 4

    def place_at(self, at: int) -> int:
        return struct.unpack_from(">q" if self.wide else ">i", self.data, _inside(at))[0]

    def ints_at(self, at: int, count: int) -> tuple[int, ...]:
        if not 0 <= count <= len(self.data) // 4:
            raise DataError(f"{count} numbers do not fit into the file.")
        return struct.unpack_from(f">{count}i", self.data, _inside(at))


class _Variable(NamedTuple):
    """What a variable's descriptor says."""

    dtype: str
    shape: tuple[int, ...]
    """Of one record."""
    records: int
    tree: int
    """Where the index of its values lies."""


def read_cdf(path: Path, name: str) -> np.ndarray:
    """The values of a variable of real numbers: (records, ...)."""
    file = _opened(path.read_bytes())
    start = 8 + file.place + 4
    encoding, flags = file.ints_at(start + file.place + 8, 2)
    if encoding not in BIG + LITTLE or not flags & 2:
        raise DataError("It is in several pieces or in VAX numbers, which are not read.")
    found = _variable(file, file.place_at(start), name)
    shape = found.shape if flags & 1 else found.shape[::-1]
    dtype = np.dtype((">" if encoding in BIG else "<") + found.dtype)
    size = dtype.itemsize
    for extent in shape:
        size *= extent
    if not 0 < size * found.records <= file.limit:
        raise DataError(f'"{name}" claims {found.records} times {found.shape}; it is refused.')
    parts = list(_blocks(file, found.tree, size, found.records))
    values = np.frombuffer(b"".join(parts), dtype).reshape(-1, *shape)
    if len(values) != found.records:
        raise DataError(f'"{name}" should have {found.records} records, but has {len(values)}.')
    row_first = values if flags & 1 else values.transpose(0, *range(len(shape), 0, -1))
    return row_first.astype(found.dtype)


def _inside(at: int) -> int:
    if at < 0:
        raise DataError("A link leads out of the file.")
    return at


def _opened(data: bytes) -> _File:
    """The records of a file, unpacked if the whole file is packed."""
    if data[:4] not in MAGIC:
        raise DataError("It does not begin as a CDF file of version 2.5 to 3 does.")
    file = _File(data, MAGIC[data[:4]] == 3, max(SMALL, DENSEST * len(data)))
    if data[4:8] == PLAIN:
        return file
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
    found = unpacking.decompress(data[8 + 3 * file.place + 8 :], file.limit)
    if not unpacking.eof:
        raise DataError("It is cut off, or would unpack to more than is sensible.")
    return file._replace(data=data[:8] + found)


def _variable(file: _File, at: int, name: str) -> _Variable:
    """A variable's descriptor, from the two lists of them that a file has."""
    first = at + file.place + 4
    r_count, _, _, r_dimensions, z_count = file.ints_at(first + 4 * file.place, 5)
    if not 0 <= r_dimensions <= MOST_DIMENSIONS:
        raise DataError(f"A variable of {r_dimensions} dimensions cannot be.")
    r_shape = file.ints_at(first + 5 * file.place + 32, r_dimensions)
    names = []
    for own, count in ((False, r_count), (True, z_count)):
        link = file.place_at(first + own * file.place)
        for _ in range(min(count, MOST_VARIABLES)):
            label = link + 5 * file.place + 44
            end = label + (256 if file.wide else 64)
            names.append(file.data[label:end].split(b"\0")[0].decode("latin1").strip())
            if names[-1] == name:
                return _described(file, link, end, None if own else r_shape)
            link = file.place_at(link + file.place + 4)
    there = ", ".join(f'"{known}"' for known in names[:8]) or "none"
    raise DataError(f'The variable "{name}" was expected, but the file holds {there}.')


def _described(file: _File, at: int, end: int, shape: tuple[int, ...] | None) -> _Variable:
    """
    Args:
        end: Where the name ends; there a variable's own dimensions begin.
        shape: The dimensions that it shares with others, if it has none of its own.
    """
    kind, last = file.ints_at(at + 2 * file.place + 4, 2)
    flags, sparse = file.ints_at(at + 4 * file.place + 12, 2)
    (elements,) = file.ints_at(at + 4 * file.place + 32, 1)
    if shape is None:
        (dimensions,) = file.ints_at(end, 1)
        if not 0 <= dimensions <= MOST_DIMENSIONS:
            raise DataError(f"A variable of {dimensions} dimensions cannot be.")
        shape = file.ints_at(end + 4, dimensions)
        end += 4 + 4 * dimensions
    varies = file.ints_at(end, len(shape))
    if kind not in NUMBERS or sparse or elements != 1:
        raise DataError(f"It should hold real numbers without gaps, not the type {kind}.")
    real = tuple(extent for extent, vary in zip(shape, varies, strict=True) if vary)
    if min(real, default=1) < 1:
        raise DataError(f"A record of shape {real} cannot be.")
    records = last + 1 if flags & 1 else 1
    return _Variable(NUMBERS[kind], real, records, file.place_at(at + 2 * file.place + 12))


def _blocks(file: _File, index: int, size: int, records: int) -> Iterator[bytes]:
    """The values of one run of records after the other."""
    expected = 0
    for first, last, at in _entries(file, index, 0):
        if first != expected or not first <= last < records:
            raise DataError(f"Records {first} to {last} were found in the place of {expected}.")
        wanted = (last + 1 - first) * size
        data = _block(file, at, wanted)
        if len(data) != wanted:
            raise DataError(f"Records {first} to {last} are cut off.")
        yield data
        expected = last + 1


def _entries(file: _File, at: int, depth: int) -> Iterator[tuple[int, int, int]]:
    """First record, last record and place of each run, through a tree of indices."""
    if depth > DEEPEST:
        raise DataError("Its index of values is nested too deeply.")
    seen: set[int] = set()
    while at and at not in seen:
        seen.add(at)
        count, used = file.ints_at(at + 2 * file.place + 4, 2)
        start = at + 2 * file.place + 12
        if not 0 <= used <= count <= len(file.data) // 8:
            raise DataError(f"An index of {used} of {count} entries cannot be.")
        numbers = file.ints_at(start, 2 * count)
        for entry in range(used):
            place = file.place_at(start + 8 * count + entry * file.place)
            if file.ints_at(place + file.place, 1)[0] == INDEX:
                yield from _entries(file, place, depth + 1)
            else:
                yield numbers[entry], numbers[count + entry], place
        at = file.place_at(at + file.place + 4)


def _block(file: _File, at: int, wanted: int) -> bytes:
    """The values of one run, as far as they are wanted."""
    (kind,) = file.ints_at(at + file.place, 1)
    start = at + file.place + 4
    if kind == VALUES:
        return file.data[start : min(at + file.place_at(at), start + wanted)]
    if kind != PACKED_VALUES:
        raise DataError(f"Values were expected, but a record of the kind {kind} was found.")
    packed = start + 4 + file.place
    data = file.data[packed : packed + file.place_at(start + 4)]
    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, wanted)
