"""MATLAB's files of versions 5 to 7.3: arrays of numbers, and cells of them.

Version 5 is read here and not by SciPy, which believes the counts in a file before it has seen the
bytes. Objects, functions and opaque data are refused; nothing in a file can run.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError
from .hdf5 import read_h5
from .reading import DENSEST, SMALL

CELL = 1
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8",
           15: "u8"}  # fmt: skip
"""Classes of arrays that are numbers, as NumPy names them."""
REFUSED = {2: "a structure", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function",
           17: "an opaque object"}  # fmt: skip
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8",
          13: "u8"}  # fmt: skip
"""How numbers lie in the file; whole numbers are often stored in fewer bytes than their class."""
MATRIX, COMPRESSED = 14, 15
COMPLEX = 0x0800
HEADER = 128
DEEPEST = 4


def read_matlab(path: Path, *names: str) -> dict[str, Any]:
    """The named variables: arrays in MATLAB's order of axes, cells as lists, column by column."""
    with path.open("rb") as file:
        start = file.read(HEADER)
    if start.startswith((b"MATLAB 7.3", b"\x89HDF")):
        return {name: array.T for name, array in read_h5(path, *names).items()}
    if len(start) < HEADER or start[126:128] not in (b"IM", b"MI"):
        raise DataError("It does not begin as a MATLAB file of version 5 to 7.3 does.")
    order = "<" if start[126:128] == b"IM" else ">"
    found = {}
    for kind, body in _elements(memoryview(path.read_bytes())[HEADER:], order):
        if name := _name(kind, body, order):
            found[name] = (kind, body)
    missing = [name for name in names if name not in found]
    if missing:
        there = ", ".join(f'"{name}"' for name in list(found)[:8]) or "nothing"
        raise DataError(f'The variable "{missing[0]}" was expected, but the file holds {there}.')
    return {name: _value(_unpacked(*found[name]), order) for name in names}


def _elements(data: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """The kind and the bytes of one element after the other."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(order + "II", data, at)
        if kind >> 16:  # a short one, its four bytes beside its kind
            yield kind & 0xFFFF, data[at + 4 : at + 4 + min(kind >> 16, 4)]
            at += 8
            continue
        if size > len(data) - at - 8:
            raise DataError(f"An element of {size:,} bytes is cut off.")
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (0 if kind == COMPRESSED else -size % 8)


class _Matrix(NamedTuple):
    """A matrix's header, and the elements that follow it."""

    kind: int
    complex: bool
    shape: tuple[int, ...]
    name: str
    rest: Iterator[tuple[int, memoryview]]


def _matrix(body: memoryview, order: str) -> _Matrix:
    rest = _elements(body, order)
    flags = np.frombuffer(next(rest)[1], order + "u4", count=1)[0]
    shape = np.frombuffer(next(rest)[1], order + "i4")
    name = bytes(next(rest)[1]).decode("latin1")
    return _Matrix(int(flags) & 0xFF, bool(flags & COMPLEX), tuple(shape.tolist()), name, rest)


def _name(kind: int, body: memoryview, order: str) -> str:
    """A variable's name, without unpacking more of it than its header."""
    if kind == COMPRESSED:
        body = memoryview(zlib.decompressobj().decompress(body, 1024))[8:]
    elif kind != MATRIX:
        return ""
    return _matrix(body, order).name


def _unpacked(kind: int, body: memoryview) -> memoryview:
    """The bytes of a variable, unpacked if they are compressed."""
    if kind == MATRIX:
        return body
    limit = max(SMALL, DENSEST * len(body))
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(body, limit)
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise DataError(f"A variable of {len(body):,} packed bytes is cut off or too dense.")
    return memoryview(data)[8:]


def _value(body: memoryview, order: str, depth: int = 0) -> Any:
    """An array of numbers, or the list of what a cell holds."""
    if not len(body):
        return np.zeros((0, 0))
    matrix = _matrix(body, order)
    if matrix.kind == CELL and depth < DEEPEST:
        held = [_value(inner, order, depth + 1) for kind, inner in matrix.rest if kind == MATRIX]
        if len(held) != _count(matrix.shape):
            raise DataError(f"A cell of shape {matrix.shape} holds {len(held)} entries.")
        return held
    if matrix.kind not in CLASSES or matrix.complex:
        what = REFUSED.get(matrix.kind, f"data of the class {matrix.kind}")
        raise DataError(
            f'"{matrix.name}" should be real numbers or cells of them, but '
            f"{'complex numbers' if matrix.complex else what} was found; it is refused."
        )
    kind, data = next(matrix.rest)
    if kind not in STORED:
        raise DataError(f'The numbers of "{matrix.name}" are stored in an unknown way ({kind}).')
    numbers = np.frombuffer(data, order + STORED[kind])
    if len(numbers) != _count(matrix.shape):
        raise DataError(f"An array of shape {matrix.shape} holds {len(numbers)} numbers.")
    return numbers.astype(CLASSES[matrix.kind]).reshape(matrix.shape, order="F")


def _count(shape: tuple[int, ...]) -> int:
    if min(shape, default=-1) < 0:
        raise DataError(f"An array of shape {shape} cannot be.")
    count = 1
    for extent in shape:
        count *= extent
    return count
