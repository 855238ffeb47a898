"""A shard of a store: many recordings in one safetensors file.

Every kind of array lies in one flat row, recording after recording, with a column of where each
one ends; so do the words of each recording. A shard is written once and never changed; its name
ends in the hash of its content.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from ..errors import DataError
from ..files import write_by_content
from .record import Record, Recording, as_json, put_together, taken_apart
from .safetensors_map import map_file

SUFFIX = ".safetensors"
WORDS = "words"


@dataclass(frozen=True, eq=False)
class Shard:
    """A shard, of which nothing but the header has been read."""

    path: Path
    count: int
    """How many recordings it has."""
    labels: Mapping[str, list[str]]
    """The values of each label; the column `label.<key>` holds their places, -1 for none."""

    @classmethod
    def open(cls, path: Path) -> "Shard":
        """The shard in a file."""
        arrays, metadata = map_file(path)
        if "labels" not in metadata or "frames" not in arrays:
            raise DataError(
                f'"{path}" is no part of a store, though it lies in one; move it elsewhere.'
            )
        return cls(path, len(arrays["frames"]), json.loads(metadata["labels"]))

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """All columns, mapped into memory."""
        return _mapped(self.path)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> Recording:
        words = json.loads(bytes(self._part(WORDS, row)))
        shapes: dict[str, list[int]] = words.pop("shapes")
        arrays = {name: self._part(name, row).reshape(shape) for name, shape in shapes.items()}
        return put_together(Record(arrays, words))

    def name(self, row: int) -> str:
        """The name of one recording."""
        return bytes(self._part("name", row)).decode("utf-8")

    def fps(self, row: int) -> float:
        """Frames a second of one recording."""
        return float(json.loads(bytes(self._part(WORDS, row)))["fps"])

    def codes(self, key: str) -> np.ndarray:
        """The place of each recording's label among `labels[key]`, -1 where it has none."""
        if key not in self.labels:
            return np.full(len(self), -1, np.int32)
        return self.arrays[f"label.{key}"]

    def _part(self, name: str, row: int) -> np.ndarray:
        columns = self.arrays
        ends = columns[f"{name}.ends"]
        return columns[name][ends[row - 1] if row else 0 : ends[row]]


@lru_cache(maxsize=128)
def _mapped(path: Path) -> Mapping[str, np.ndarray]:
    """The columns of a shard; the last ones stay mapped, since a process has few files to open."""
    return map_file(path).arrays


def write_shard(folder: Path, number: int, recordings: Sequence[Recording]) -> Path:
    """Write recordings as one file, whole or not at all; returns its path."""
    records = [taken_apart(recording) for recording in recordings]
    labels = _labels(records)
    columns = _columns(records) | _codes(records, labels)
    path = folder / f"{number:06d}{SUFFIX}"
    return write_by_content(
        path, lambda draft: save_file(columns, draft, {"labels": as_json(labels)})
    )


def _columns(records: Sequence[Record]) -> dict[str, np.ndarray]:
    """All arrays of one name in a row, and where each recording's part ends."""
    names = sorted({name for record in records for name in record.arrays})
    columns = {"frames": np.array([_frames(record) for record in records], np.int64)}
    for name in names:
        there = next(record.arrays[name] for record in records if name in record.arrays)
        parts = [_flat(record.arrays.get(name, there[:0])) for record in records]
        columns |= _in_a_row(name, parts)
    texts = [record.words["name"].encode("utf-8") for record in records]
    columns |= _in_a_row("name", [np.frombuffer(text, np.uint8) for text in texts])
    words = [as_json(_with_shapes(record)).encode("utf-8") for record in records]
    return columns | _in_a_row(WORDS, [np.frombuffer(text, np.uint8) for text in words])


def _in_a_row(name: str, parts: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    ends = np.cumsum([part.size for part in parts], dtype=np.int64)
    return {name: np.concatenate(parts), f"{name}.ends": ends}


def _flat(values: np.ndarray) -> np.ndarray:
    """One row; numbers with a point are kept in single precision, far finer than any camera."""
    return values.ravel() if values.dtype == bool else values.ravel().astype(np.float32)


def _frames(record: Record) -> int:
    leading = "positions" if "positions" in record.arrays else "keypoints"
    return len(record.arrays[leading])


def _with_shapes(record: Record) -> dict[str, Any]:
    shapes = {name: list(values.shape) for name, values in record.arrays.items()}
    return record.words | {"shapes": shapes}


def _all_labels(record: Record) -> dict[str, str]:
    """What a recording can be selected by: its labels, and what it is."""
    words = record.words
    skeleton = words["skeleton"]
    known = {
        "kind": words["kind"],
        "skeleton": skeleton if isinstance(skeleton, str) else skeleton["name"],
    }
    return known | words["labels"]


def _labels(records: Sequence[Record]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for record in records:
        for key, value in _all_labels(record).items():
            found.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in found.items()}


def _codes(records: Sequence[Record], labels: Mapping[str, list[str]]) -> dict[str, np.ndarray]:
    places = {key: {value: i for i, value in enumerate(known)} for key, known in labels.items()}
    rows = [_all_labels(record) for record in records]
    return {
        f"label.{key}": np.array([of[row[key]] if key in row else -1 for row in rows], np.int32)
        for key, of in places.items()
    }
