"""What every reader needs: errors in one sentence, and files that cannot do harm."""

import json
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.lib import format as npy

from ..errors import CrossliftError, DataError
from ..importer import PLAIN, Stream, read_pickle

SMALL = 64 << 20
"""Bytes that an archive may always unpack to."""
DENSEST = 200
"""How many times its own size an archive may unpack to beyond that."""


@contextmanager
def reading(what: str, path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into one sentence that names it.

    Args:
        what: What the file should be, with its article: "a BVH file".
    """
    try:
        yield
    except FileNotFoundError as problem:
        raise DataError(
            f'"{problem.filename or path}" does not exist, but should be {what}; check the path.'
        ) from problem
    except DataError as problem:
        if str(path) in str(problem):
            raise
        raise DataError(f'"{path}" could not be read as {what}: {problem}') from problem
    except CrossliftError:
        raise
    except Exception as problem:  # parsers fail in many ways; all mean that the file is not right
        reason = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
        raise DataError(
            f'"{path}" should be {what}, but reading it failed ({reason}); check that the file is '
            "whole and of that format."
        ) from problem


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_bytes())


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive, once it is known to stay in its place and to unpack to a sensible size."""
    with zipfile.ZipFile(path) as opened:
        for member in opened.infolist():
            check_member(member)
        unpacked = sum(member.file_size for member in opened.infolist())
        if unpacked > max(SMALL, DENSEST * path.stat().st_size):
            raise DataError(
                f'"{path}" is {path.stat().st_size:,} bytes and would unpack to {unpacked:,}; it '
                "is refused, since no honest file is packed so densely."
            )
        yield opened


def check_member(member: zipfile.ZipInfo) -> None:
    """Refuse a member of an archive that points out of it."""
    name = PurePosixPath(member.filename.replace("\\", "/"))
    linked = stat.S_ISLNK(member.external_attr >> 16)
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0] or linked:
        raise DataError(
            f'The archive holds "{member.filename}", which points out of it; it is refused.'
        )


def read_npz(path: Path, *, objects: bool = False) -> dict[str, Any]:
    """The arrays of an npz file.

    Args:
        objects: Also read object arrays (dictionaries of arrays, in many releases), as plain data
            and without running anything; they are refused unless asked for.
    """
    with archive(path) as opened:
        found = {}
        for member in opened.infolist():
            with opened.open(member) as stream:
                found[member.filename.removesuffix(".npy")] = read_npy(
                    stream, member.file_size, objects=objects
                )
    return found


def read_npy(stream: Stream, size: int, *, objects: bool = False) -> Any:
    """One array of a stream of `size` bytes; an object array is the plain data in it."""
    version = npy.read_magic(stream)
    header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = header(stream)
    if dtype.hasobject:
        if not objects:
            raise DataError("An array of plain numbers was expected, but it holds Python objects.")
        return read_pickle(stream)
    count = int(np.prod(shape, dtype=object))
    if dtype.kind not in PLAIN or count * dtype.itemsize > size:
        raise DataError(f"An array of {shape} {dtype} does not fit into its {size:,} bytes.")
    data = stream.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise DataError(f"An array of {shape} {dtype} is cut off after {len(data):,} bytes.")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C").copy()
