"""A store: a folder of recordings that can be larger than memory, and is never half-written.

The folder holds `store.json` and shards (see `shard`), which are added and never changed. Opening
it reads the headers of the shards alone; a recording's arrays are read when it is asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from time import time
from types import TracebackType

import numpy as np

from ..errors import DataError, unknown_name
from ..files import write_json
from .reading import read_json, reading
from .record import Recording
from .shard import SUFFIX, Shard, write_shard

VERSION = 1
MARKER = "store.json"
SHARD_BYTES = 64 << 20
"""Of recordings that are held in memory before they become a shard."""
STALE = 24 * 3600
"""Seconds after which the draft of a writer that was killed is cleared away."""


@dataclass(frozen=True, eq=False)
class Store:
    """Recordings in a folder, or a selection of them."""

    path: Path
    shards: tuple[Shard, ...]
    rows: np.ndarray
    """The place of each recording of this selection among all of the folder."""

    @classmethod
    def open(cls, path: Path) -> "Store":
        """The store in a folder."""
        check_store(path)
        files = sorted(file for file in path.glob(f"*{SUFFIX}") if not file.name.startswith("."))
        shards = tuple(Shard.open(file) for file in files)
        return cls(path, shards, np.arange(sum(map(len, shards))))

    @classmethod
    def joined(cls, stores: Sequence["Store"]) -> "Store":
        """Several stores, or selections of them, as one."""
        if len(stores) == 1:
            return stores[0]
        before = np.cumsum([0, *(sum(map(len, store.shards)) for store in stores)])
        rows = [store.rows + first for store, first in zip(stores, before, strict=False)]
        shards = tuple(shard for store in stores for shard in store.shards)
        return cls(stores[0].path, shards, np.concatenate(rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Recording:
        shard, row = self._find(index)
        return shard[row]

    def __iter__(self) -> Iterator[Recording]:
        return (self[index] for index in range(len(self)))

    def name(self, index: int) -> str:
        """The name of one recording, without reading it."""
        shard, row = self._find(index)
        return shard.name(row)

    def fps(self, index: int) -> float:
        """Frames a second of one recording, without reading its arrays."""
        shard, row = self._find(index)
        return shard.fps(row)

    @property
    def frames(self) -> np.ndarray:
        """How many frames each recording has."""
        return self._column(lambda shard: shard.arrays["frames"])

    def fields(self) -> tuple[str, ...]:
        """What can be selected by."""
        return tuple(dict.fromkeys(key for shard in self.shards for key in shard.labels))

    def values(self, key: str) -> list[str]:
        """The label `key` of each recording, empty where it has none."""
        self._check_field(key)
        texts = [np.array([*shard.labels.get(key, []), ""], dtype=object) for shard in self.shards]
        found = [text[shard.codes(key)] for text, shard in zip(texts, self.shards, strict=True)]
        return np.concatenate(found or [np.zeros(0, object)])[self.rows].tolist()

    def select(self, **wanted: str | Iterable[str]) -> "Store":
        """The recordings whose labels are as wanted, such as `subject="S9", action=("Photo",)`."""
        keep = np.ones(len(self), bool)
        for key, values in wanted.items():
            self._check_field(key)
            allowed = {values} if isinstance(values, str) else set(values)
            keep &= self._column(partial(_labelled, key=key, allowed=allowed))
        return Store(self.path, self.shards, self.rows[keep])

    def hash(self) -> str:
        """What the data of this selection is known by in reports; it depends on every byte."""
        digest = sha256("".join(shard.path.stem for shard in self.shards).encode())
        digest.update(self.rows.astype("<i8").tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def _starts(self) -> np.ndarray:
        return np.cumsum([0, *map(len, self.shards)])

    def place(self, index: int) -> tuple[int, int]:
        """In which shard one recording lies, and at which place of it."""
        place = int(self.rows[index])
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        return number, place - int(self._starts[number])

    def _find(self, index: int) -> tuple[Shard, int]:
        number, row = self.place(index)
        return self.shards[number], row

    def _column(self, of_shard: Callable[[Shard], np.ndarray]) -> np.ndarray:
        parts = [np.array(of_shard(shard)) for shard in self.shards]  # copies: maps can close
        return np.concatenate(parts or [np.zeros(0, np.int64)])[self.rows]

    def _check_field(self, key: str) -> None:
        if self.shards and key not in self.fields():
            raise DataError(unknown_name("label in this store", key, self.fields()))


def _labelled(shard: Shard, key: str, allowed: set[str]) -> np.ndarray:
    codes = [i for i, value in enumerate(shard.labels.get(key, [])) if value in allowed]
    return np.isin(shard.codes(key), codes)


def names_in(path: Path) -> list[str]:
    """The names of the recordings that are in a store; none where there is no store yet."""
    if not (path / MARKER).exists():
        return []
    opened = Store.open(path)
    return [opened.name(index) for index in range(len(opened))]


def check_store(path: Path) -> None:
    """Refuse a folder that is no store, or one of a newer version."""
    if not (path / MARKER).is_file():
        raise DataError(
            f'"{path}" should be a store, a folder with {MARKER} in it, but is not; make one with '
            "crosslift convert."
        )
    with reading("the marker of a store", path / MARKER):
        version = int(read_json(path / MARKER)["crosslift_store"])
    if version > VERSION:
        raise DataError(
            f'The store "{path}" has version {version}, but this crosslift reads up to {VERSION}; '
            "update crosslift."
        )


@dataclass
class StoreWriter:
    """Adds recordings to a store; what was added is there after `flush` or the end of `with`."""

    path: Path
    added: int = 0
    waiting: list[Recording] = field(default_factory=list)
    size: int = 0

    def __enter__(self) -> "StoreWriter":
        if (self.path / MARKER).exists():
            check_store(self.path)
            clear_stale_drafts(self.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.begin()
        self.flush()  # also after an error: what is whole is kept

    def begin(self) -> None:
        """Make the store, unless it is there; not before there is something to keep."""
        if not (self.path / MARKER).exists():
            write_json(self.path / MARKER, {"crosslift_store": VERSION})

    def add(self, recording: Recording) -> None:
        """Add one recording."""
        self.waiting.append(recording)
        self.size += weight(recording)
        if self.size >= SHARD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting as a shard."""
        if self.waiting:
            self.begin()
            write_shard(self.path, next_number(self.path), self.waiting)
            self.added += len(self.waiting)
        self.waiting, self.size = [], 0


def next_number(path: Path) -> int:
    """The number after the last shard's; two writers may take the same, their hashes differ."""
    numbers = [int(file.name[:6]) for file in path.glob(f"[0-9]*{SUFFIX}")]
    return max(numbers, default=-1) + 1


def weight(recording: Recording) -> int:
    """About how many bytes a recording takes."""
    tensors = [value for value in vars(recording).values() if hasattr(value, "numel")]
    return sum(4 * tensor.numel() for tensor in tensors) + 1000


def clear_stale_drafts(path: Path) -> None:
    """Remove what writers that were killed long ago left behind."""
    for draft in path.glob(f".*{SUFFIX}"):
        if time() - draft.stat().st_mtime > STALE:
            draft.unlink(missing_ok=True)
