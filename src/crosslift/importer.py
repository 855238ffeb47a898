"""The one place where pickled data is read, and none of it can run code.

A pickle is a program for a small stack machine whose instructions may call anything. This machine
knows the instructions and calls nothing: the few names that honest data needs (arrays, numbers,
ordered dictionaries) stand for functions below that build plain data, and any other name refuses
the whole file. Python's own `pickle` is not imported.
"""

import codecs
import pickletools
from collections.abc import Callable, Hashable, Iterator
from typing import IO, Any, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np

from .errors import DataError

PLAIN = "biufcSU?"
"""Kinds of array elements that are numbers or text."""

ARRAY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
                 "numpy._core.numeric")  # fmt: skip


@runtime_checkable
class Stream(Protocol):
    """What pickled data is read from: a file, a member of an archive, bytes in memory."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes."""
        ...

    def readline(self) -> bytes:
        """The bytes up to the end of a line."""
        ...


class Name(NamedTuple):
    """A name that a pickle mentions, not yet looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class ArrayType:
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


class Array:
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


def _number(of: ArrayType, data: object = b"") -> Any:
    if of.dtype.kind == "O":
        raise DataError("A number whose type is an object was found.")
    return np.frombuffer(_bytes(data), of.dtype, count=1)[0].item()


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1", "utf-8"):
        raise DataError(f'Text may be encoded as latin1, but "{encoding}" was found.')
    return text.encode(encoding)


def _ordered(pairs: Any = ()) -> dict[Any, Any]:
    return {_key(key): value for key, value in pairs}


def _from_buffer(data: object, of: ArrayType, shape: Any, order: str) -> Array:
    array = Array()
    array.build((1, shape, of, order == "F", bytes(_bytes(data))))
    return array


HARMLESS: dict[Name, Callable[..., Any]] = {
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
"""What each allowed name builds."""


def read_pickle(stream: Stream) -> Any:
    """The plain data in a pickle: dictionaries, lists, tuples, text, numbers, arrays."""
    try:
        return _finished(_Machine().run(stream))
    except (ValueError, IndexError, TypeError, KeyError, AttributeError, OverflowError,
            AssertionError) as problem:  # fmt: skip
        raise DataError(
            f"Pickled data should be whole, but an instruction of it makes no sense ({problem}); "
            "copy or export the file anew."
        ) from problem


CODES = {ord(opcode.code): opcode for opcode in pickletools.opcodes}


def instructions(stream: Stream) -> Iterator[tuple[str, Any]]:
    """The instructions of a pickle and their arguments, one after the other."""
    while code := stream.read(1):
        if code[0] not in CODES:
            raise ValueError(f"{code!r} is no instruction")
        opcode = CODES[code[0]]
        if opcode.name == "STRING":  # Python 2 wrote arrays so, with bytes that are no ASCII
            yield opcode.name, _quoted(stream.readline())
        else:
            yield opcode.name, opcode.arg.reader(cast(IO[bytes], stream)) if opcode.arg else None


def _quoted(line: bytes) -> str:
    """The text of a quoted line."""
    line = line.strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise ValueError("a text has no quotes")
    return codecs.escape_decode(line[1:-1])[0].decode("latin1")


class _Machine:
    """Pickle's stack machine, with a table of functions in the place of calls."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, stream: Stream) -> Any:
        """What stands on the stack when the program stops."""
        for name, argument in instructions(stream):
            if name == "STOP":
                return self.stack.pop()
            if name in _SIMPLE:
                _SIMPLE[name](self, argument)
            elif name in _PUSHES:
                self.stack.append(argument)
            elif name not in _NOTHING:
                raise DataError(
                    f"Pickled data may hold plain data and arrays, but the instruction {name} "
                    "was found; the file is refused, since it may run code."
                )
        raise ValueError("it ends before its end")

    def since_mark(self) -> list[Any]:
        """What was pushed since the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def put(self, value: Any) -> None:
        """Push."""
        self.stack.append(value)

    def pair(self) -> list[Any]:
        """The two topmost values, the upper one last."""
        upper = self.stack.pop()
        return [self.stack.pop(), upper]

    def named(self, module: Any, name: Any) -> None:
        """Push what an allowed name stands for."""
        asked = Name(str(module), str(name))
        if asked not in HARMLESS:
            raise DataError(
                f'Pickled data may name arrays, numbers and dictionaries, but "{asked}" was found; '
                "the file is refused, since it may run code."
            )
        self.stack.append(asked)

    def call(self) -> None:
        """Replace an allowed name and its arguments by what it builds."""
        name, arguments = self.pair()
        if not isinstance(name, Name) or not isinstance(arguments, tuple):
            raise ValueError("what is called has no name")
        self.stack.append(HARMLESS[name](*arguments))

    def build(self) -> None:
        """Hand a state to an array or an element type that is being put together."""
        target, state = self.pair()
        if isinstance(target, Array | ArrayType):
            target.build(state)
        elif state:
            raise ValueError("something that is no array is given a state")
        self.stack.append(target)

    def fill(self, pairs: list[Any]) -> None:
        """Add keys and values to the dictionary on top."""
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise ValueError("entries are given to something that is no dictionary")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[_key(key)] = value

    def extend(self, items: list[Any]) -> None:
        """Add items to the list or set on top."""
        target = self.stack[-1]
        if not isinstance(target, list):
            raise ValueError("items are given to something that is no list")
        target.extend(items)


_Move = Callable[[_Machine, Any], Any]
_NOTHING = {"PROTO", "FRAME"}
_PUSHES = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
    "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
}  # fmt: skip
_SIMPLE: dict[str, _Move] = {
    "NONE": lambda m, _: m.put(None),
    "NEWTRUE": lambda m, _: m.put(True),
    "NEWFALSE": lambda m, _: m.put(False),
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    "POP": lambda m, _: m.marks.pop() if m.marks[-1:] == [len(m.stack)] else m.stack.pop(),
    "POP_MARK": lambda m, _: m.since_mark(),
    "DUP": lambda m, _: m.put(m.stack[-1]),
    "EMPTY_LIST": lambda m, _: m.put([]),
    "EMPTY_TUPLE": lambda m, _: m.put(()),
    "EMPTY_DICT": lambda m, _: m.put({}),
    "LIST": lambda m, _: m.put(m.since_mark()),
    "TUPLE": lambda m, _: m.put(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.put((m.stack.pop(),)),
    "TUPLE2": lambda m, _: m.put(tuple(m.pair())),
    "TUPLE3": lambda m, _: m.put(_three(m)),
    "DICT": lambda m, _: _dict(m),
    "APPEND": lambda m, _: m.extend([m.stack.pop()]),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "SETITEM": lambda m, _: m.fill(m.pair()),
    "SETITEMS": lambda m, _: m.fill(m.since_mark()),
    "PUT": lambda m, slot: m.memo.__setitem__(slot, m.stack[-1]),
    "BINPUT": lambda m, slot: m.memo.__setitem__(slot, m.stack[-1]),
    "LONG_BINPUT": lambda m, slot: m.memo.__setitem__(slot, m.stack[-1]),
    "MEMOIZE": lambda m, _: m.memo.__setitem__(len(m.memo), m.stack[-1]),
    "GET": lambda m, slot: m.put(m.memo[slot]),
    "BINGET": lambda m, slot: m.put(m.memo[slot]),
    "LONG_BINGET": lambda m, slot: m.put(m.memo[slot]),
    "GLOBAL": lambda m, words: m.named(*words.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.named(*m.pair()),
    "REDUCE": lambda m, _: m.call(),
    "BUILD": lambda m, _: m.build(),
}


def _three(machine: _Machine) -> tuple[Any, ...]:
    last = machine.stack.pop()
    return (*machine.pair(), last)


def _dict(machine: _Machine) -> None:
    items = machine.since_mark()
    machine.put({})
    machine.fill(items)


def _key(key: Any) -> Hashable:
    """A key of a dictionary; nested tuples are refused, since hashing them can take for ever."""
    parts = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(part, str | bytes | int | float | None) for part in parts):
        raise ValueError("a key is neither text nor a number")
    return key


def _finished(value: Any, done: dict[int, Any] | None = None, depth: int = 0) -> Any:
    """The data with arrays in the place of what stood for them; shared parts stay shared."""
    if depth > 100:
        raise ValueError("it is nested more than a hundred deep")
    if not isinstance(value, dict | list | tuple | Array | ArrayType | Name):
        return value
    done = {} if done is None else done
    if id(value) not in done:
        done[id(value)] = None  # what contains itself is cut open there
        done[id(value)] = _unwrapped(value, lambda part: _finished(part, done, depth + 1))
    return done[id(value)]


def _unwrapped(value: Any, finish: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: finish(entry) for key, entry in value.items()}
    if isinstance(value, Array):
        return finish(value.values)
    if isinstance(value, ArrayType):
        return value.dtype.str
    if isinstance(value, Name):
        return str(value)
    return type(value)(finish(entry) for entry in value)


def _text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _bytes(value: object) -> bytes:
    """Raw bytes; pickles of Python 2 hold them as text."""
    if isinstance(value, str):
        return value.encode("latin1")
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    raise ValueError("the contents of an array are no bytes")
