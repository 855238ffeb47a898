"""The one place where pickled data is read, and none of it can run code.

The few names that honest data needs (arrays, numbers, ordered dictionaries) stand for functions
below that build plain data, and any other name refuses the whole file: see `pickle_machine`.
Python's own `pickle` is not imported.

`read_pickle` is all that data needs. Checkpoints hold tensors beside it: `torch_file` runs the same
machine with a longer table.
"""

from typing import Any

import numpy as np

from .errors import DataError
from .pickle_machine import Machine, Name, Names, Stream, Unfinished, finished, key_of, sensible

__all__ = ["HARMLESS", "PLAIN", "Stream", "read_pickle"]

PLAIN = "biufcSU?"
"""Kinds of array elements that are numbers or text."""

ARRAY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
                 "numpy._core.numeric")  # fmt: skip


class ArrayType(Unfinished):
    """Stands for an element type while it is put together."""

    def __init__(self, code: object) -> None:
        self.dtype = np.dtype(_text(code))
        if self.dtype.kind not in PLAIN + "O":
            raise DataError(f'Arrays of numbers or text can be read, but not of "{self.dtype}".')

    def build(self, state: Any) -> None:
        """Take over the byte order; the other entries describe records, which are not read."""
        order = _text(state[1])
        if order in "<>":
            self.dtype = self.dtype.newbyteorder(order)  # type: ignore[arg-type]

    def finished(self) -> str:
        """The type in words."""
        return self.dtype.str


class Array(Unfinished):
    """Stands for an array while it is put together."""

    def __init__(self, *ignored: object) -> None:
        self.values: Any = None

    def build(self, state: Any) -> None:
        """Take over shape, element type and contents, once they agree."""
        _, shape, of, fortran, data = state
        shape = tuple(map(int, shape))
        count = int(np.prod(shape, dtype=object)) if shape else 1
        if min(shape, default=0) < 0 or not isinstance(of, ArrayType):
            raise DataError("An array with a shape or a type that cannot be was found.")
        if of.dtype.kind == "O":
            if not isinstance(data, list) or len(data) != count:
                raise DataError("An array of objects without as many objects was found.")
            self.values = data if shape else data[0]
            return
        raw = _bytes(data)
        if len(raw) != count * of.dtype.itemsize:
            raise DataError(f"An array of shape {shape} holds {len(raw)} bytes, which do not fit.")
        flat = np.frombuffer(raw, of.dtype)
        self.values = flat.reshape(shape, order="F" if fortran else "C").copy()

    def finished(self) -> Any:
        """The array; of one of objects, the objects."""
        return self.values


def _number(of: ArrayType, data: object = b"") -> Any:
    if of.dtype.kind == "O":
        raise DataError("A number whose type is an object was found.")
    return np.frombuffer(_bytes(data), of.dtype, count=1)[0].item()


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1", "utf-8"):
        raise DataError(f'Text may be encoded as latin1, but "{encoding}" was found.')
    return text.encode(encoding)


def _ordered(pairs: Any = ()) -> dict[Any, Any]:
    return {key_of(key): value for key, value in pairs}


def _from_buffer(data: object, of: ArrayType, shape: Any, order: str) -> Array:
    array = Array()
    array.build((1, shape, of, order == "F", bytes(_bytes(data))))
    return array


HARMLESS: Names = {
    Name("builtins", "bytes"): lambda: b"",
    Name("__builtin__", "bytes"): lambda: b"",
    Name("numpy", "dtype"): lambda code, *flags: ArrayType(code),
    Name("numpy", "ndarray"): Array,
    Name("_codecs", "encode"): _encoded,
    Name("collections", "OrderedDict"): _ordered,
    **{Name(module, "_reconstruct"): Array for module in ARRAY_MODULES},
    **{Name(module, "scalar"): _number for module in ARRAY_MODULES},
    **{Name(module, "_frombuffer"): _from_buffer for module in ARRAY_MODULES},
}
"""Arrays and the like, which any pickle may hold."""


def read_pickle(stream: Stream) -> Any:
    """The plain data in a pickle: dictionaries, lists, tuples, text, numbers, arrays."""
    with sensible():
        return finished(Machine(HARMLESS).run(stream))


def _text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    """Raw bytes; pickles of Python 2 hold them as text."""
    if isinstance(value, str):
        return value.encode("latin1")
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    raise ValueError("the contents of an array are no bytes")
