"""The stack machine of pickles, with a table of functions in the place of calls.

A pickle is a program whose instructions may call anything. This machine knows the instructions and
calls nothing but what its table holds; which names that is, the importer says.
"""

import codecs
import pickletools
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, NamedTuple, Protocol, cast, runtime_checkable

from .errors import DataError

COPIES = 4
"""How many times as much as was read may be handed to what builds data; honest data needs two."""
SPARE = 1 << 16
"""Bytes and entries that may be handed over, or repeated, beyond that."""
REPEATS = 1000
LONG = (str, bytes, bytearray, list, tuple, dict, set, frozenset)
DEEPEST = 100


@runtime_checkable
class Stream(Protocol):
    """What pickled data is read from: a file, a member of an archive, bytes in memory."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes."""
        ...

    def readline(self) -> bytes:
        """The bytes up to the end of a line."""
        ...


Names = dict["Name", Callable[..., Any]]
"""What builds the data that each allowed name stands for."""


class Name(NamedTuple):
    """A name that a pickle mentions, not yet looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        """For people: no line breaks, no escapes of a terminal, not endless."""
        return f"{self.module}.{self.name}".encode("unicode_escape").decode()[:80]


class ForbiddenNameError(DataError):
    """A name that is none of those allowed."""

    def __init__(self, name: Name) -> None:
        super().__init__(
            f'Pickled data may name arrays, numbers and dictionaries, but "{name}" was found; '
            "the file is refused, since it may run code."
        )
        self.name = str(name)


@dataclass(frozen=True)
class Placeholder:
    """Stands for an object that honest files contain and nobody needs; nothing of it is kept."""

    name: str


class Unfinished(ABC):
    """Stands for something while the instructions put it together."""

    def build(self, state: Any) -> None:
        """Take over a state."""
        raise ValueError("something that has no state is given one")

    def take(self, items: Iterable[Any]) -> None:
        """Take over entries of a list or a dictionary."""
        raise ValueError("something that has no entries is given some")

    @abstractmethod
    def finished(self) -> Any:
        """What it stood for."""


class LeftOut(Unfinished):
    """Stands for an object whose parts all go unused."""

    def __init__(self, name: Name) -> None:
        self.name = name

    def build(self, state: Any) -> None:
        """Use nothing of it."""

    def take(self, items: Iterable[Any]) -> None:
        """Use nothing of them."""

    def finished(self) -> Placeholder:
        """The placeholder."""
        return Placeholder(str(self.name))


def left_out(*names: Name) -> "Names":
    """Table entries for objects that become placeholders, whatever they are made of."""
    return {name: lambda *_, name=name: LeftOut(name) for name in names}


def never_called(*names: Name) -> "Names":
    """Table entries for names that honest data mentions and does not call."""

    def refuse(*_: Any) -> Any:
        raise ValueError("a name that is nothing but a name is called")

    return dict.fromkeys(names, refuse)


@contextmanager
def sensible() -> Iterator[None]:
    """Turn the failure of instructions that make no sense into one sentence."""
    try:
        yield
    except (ValueError, IndexError, TypeError, KeyError, AttributeError, ArithmeticError,
            AssertionError, RecursionError, MemoryError) as problem:  # fmt: skip
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


class Machine:
    """Pickle's stack machine, with a table of functions in the place of calls.

    Args:
        names: The names that may occur.
        stored: What stands for data that is kept beside the pickle, by its persistent id.
        longest: The number of instructions after which a program is refused.
    """

    def __init__(
        self,
        names: Mapping[Name, Callable[..., Any]],
        stored: Callable[[Any], Any] | None = None,
        longest: int | None = None,
    ) -> None:
        self.names, self.stored, self.longest = names, stored, longest
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.read = self.handed = 0

    def run(self, stream: Stream) -> Any:
        """What stands on the stack when the program stops."""
        for number, (name, argument) in enumerate(instructions(stream)):
            if number == self.longest:
                raise ValueError(f"it has more than {self.longest:,} instructions")
            self.read += 1 if argument is None else _length(argument)
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
        if asked not in self.names:
            raise ForbiddenNameError(asked)
        self.stack.append(asked)

    def call(self) -> None:
        """Replace an allowed name and its arguments by what it builds."""
        name, arguments = self.pair()
        if not isinstance(name, Name) or not isinstance(arguments, tuple):
            raise ValueError("what is called has no name")
        self.charge(arguments)
        self.stack.append(self.names[name](*arguments))

    def charge(self, arguments: Any) -> None:
        """Refuse programs that make much of little, by handing the same data over many times."""
        self.handed += sum(map(_length, arguments))
        if self.handed > COPIES * self.read + SPARE:
            raise ValueError("it copies the same data over and over")

    def load(self, key: Any) -> None:
        """Push what stands for data kept elsewhere."""
        if self.stored is None:
            raise ValueError("it refers to data outside of it")
        self.stack.append(self.stored(key))

    def build(self) -> None:
        """Hand a state to something that is being put together.

        A dictionary's state are attributes, such as the versions of modules that PyTorch adds to a
        state dict; they are dropped.
        """
        target, state = self.pair()
        if isinstance(target, Unfinished):
            self.charge(state if isinstance(state, tuple) else ())
            target.build(state)
        elif state and not (isinstance(target, dict) and isinstance(state, dict)):
            raise ValueError("something that is no array is given a state")
        self.stack.append(target)

    def fill(self, pairs: list[Any]) -> None:
        """Add keys and values to the dictionary on top."""
        target = self.stack[-1]
        if isinstance(target, Unfinished):
            return target.take(pairs)
        if not isinstance(target, dict):
            raise ValueError("entries are given to something that is no dictionary")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(key, Unfinished):  # an optimiser's, whose keys are parameters
                target[key_of(key)] = value
        return None

    def extend(self, items: list[Any]) -> None:
        """Add items to the list or set on top."""
        target = self.stack[-1]
        if isinstance(target, Unfinished):
            target.take(items)
        elif isinstance(target, set):
            target.update(map(key_of, items))
        elif isinstance(target, list):
            target.extend(items)
        else:
            raise ValueError("items are given to something that is no list")


_Move = Callable[[Machine, Any], Any]
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
    "EMPTY_SET": lambda m, _: m.put(set()),
    "FROZENSET": lambda m, _: m.put(frozenset(map(key_of, m.since_mark()))),
    "LIST": lambda m, _: m.put(m.since_mark()),
    "TUPLE": lambda m, _: m.put(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.put((m.stack.pop(),)),
    "TUPLE2": lambda m, _: m.put(tuple(m.pair())),
    "TUPLE3": lambda m, _: m.put(_three(m)),
    "DICT": lambda m, _: _dict(m),
    "APPEND": lambda m, _: m.extend([m.stack.pop()]),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "ADDITEMS": lambda m, _: m.extend(m.since_mark()),
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
    "NEWOBJ": lambda m, _: m.call(),
    "PERSID": lambda m, key: m.load(key),
    "BINPERSID": lambda m, _: m.load(m.stack.pop()),
    "BUILD": lambda m, _: m.build(),
}


def _three(machine: Machine) -> tuple[Any, ...]:
    last = machine.stack.pop()
    return (*machine.pair(), last)


def _dict(machine: Machine) -> None:
    items = machine.since_mark()
    machine.put({})
    machine.fill(items)


def key_of(key: Any) -> Hashable:
    """A key of a dictionary; nested tuples are refused, since hashing them can take for ever.

    So are huge numbers, of which any number can have the same hash.
    """
    if type(key) is str:
        return key
    parts = key if isinstance(key, tuple) else (key,)
    if not all(isinstance(part, str | bytes | int | float | None) for part in parts):
        raise ValueError("a key is neither text nor a number")
    if any(isinstance(part, int) and part.bit_length() > 64 for part in parts):
        raise ValueError("a key is a number of more than 64 bits")
    return key


def _length(value: Any) -> int:
    """How much a value is, for the sake of comparison: its entries or bytes."""
    return 1 + (len(value) if isinstance(value, LONG) else 0)


def finished(value: Any) -> Any:
    """The data with arrays in the place of what stood for them; shared parts stay shared."""
    return _Finishing().of(value)


class _Finishing:
    """Counts, while data is finished, how much it would be if nothing were shared.

    A few lists that hold each other ten times over would keep whoever walks through them busy for
    ever; no honest file repeats itself a thousand times.
    """

    def __init__(self) -> None:
        self.done: dict[int, tuple[Any, int]] = {}
        self.own = self.told = 0

    def of(self, value: Any, depth: int = 0) -> Any:
        """The finished data."""
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if id(value) in self.done:
            result, size = self.done[id(value)]
            self.told += size
            if self.told > REPEATS * self.own + SPARE:
                raise ValueError("it repeats the same data over and over")
            return result
        self.own += 1
        self.told += 1
        if not isinstance(value, dict | list | tuple | Unfinished):
            return value
        before = self.told
        self.done[id(value)] = None, 1  # what contains itself is cut open there
        result = _unwrapped(value, lambda part: self.of(part, depth + 1))
        self.done[id(value)] = result, 1 + self.told - before
        return result


def _unwrapped(value: Any, finish: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: finish(entry) for key, entry in value.items()}
    if isinstance(value, Unfinished):
        return finish(value.finished())
    if isinstance(value, Name):
        return str(value)
    return type(value)(finish(entry) for entry in value)
