"""Estimates and truths on the disk: stores, clip files, folders of clip files, paired by name."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..clip import Clip
from ..data.clip_file import SUFFIX, read_clip
from ..data.record import Recording, taken_apart
from ..data.store import MARKER, Store
from ..errors import DataError
from ..mapping import mapped


@dataclass(frozen=True, eq=False)
class Shelf:
    """Recordings that can be read by their names."""

    path: Path
    places: Mapping[str, int]
    """Where the recording of each name is."""
    read: Callable[[int], Recording]
    hash: str
    """Changes with every byte of the recordings."""

    def __len__(self) -> int:
        return len(self.places)

    def clip(self, name: str, skeleton: str | None = None) -> Clip:
        """The clip of that name, mapped to a skeleton if one is given."""
        found = self.read(self.places[name])
        if not isinstance(found, Clip):
            raise DataError(
                f'"{name}" in "{self.path}" should be a clip that a camera saw, but is a motion in '
                "the world; convert its source with cameras."
            )
        return found if skeleton is None else mapped(found, skeleton)


def opened(path: Path) -> Shelf:
    """The recordings of a store, of a clip file, or of the clip files below a folder."""
    if (path / MARKER).is_file():
        store = Store.open(path)
        names = [store.name(index) for index in range(len(store))]
        return Shelf(path, _places(path, names), store.__getitem__, store.hash())
    files = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
    if not files or not path.exists():
        found = "holds neither" if path.exists() else "does not exist"
        raise DataError(
            f'"{path}" should be a store, a clip file or a folder of files that end in {SUFFIX}, '
            f"but {found}; check the path."
        )
    told = [(found.name, _digest(found)) for found in map(read_clip, files)]
    places = _places(path, [name for name, _ in told])
    whole = sha256("".join(digest for _, digest in sorted(told)).encode()).hexdigest()[:16]
    return Shelf(path, places, lambda index: read_clip(files[index]), whole)


def _places(path: Path, names: list[str]) -> dict[str, int]:
    places = {name: index for index, name in enumerate(names)}
    if len(places) < len(names):
        twice = next(name for index, name in enumerate(names) if places[name] != index)
        raise DataError(
            f'"{path}" holds two recordings that are called "{twice}", so that nobody can tell '
            "which one is meant; leave one out."
        )
    return places


def _digest(recording: Recording) -> str:
    """A hash of what a recording holds, whatever its file is called and wherever it lies."""
    arrays, told = taken_apart(recording)
    digest = sha256(json.dumps(told, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def pairs(
    estimates: Shelf, truths: Shelf, skeleton: str | None = None
) -> Iterator[tuple[Clip | None, Clip]]:
    """Every truth with the estimate of the same name, or with None.

    Args:
        skeleton: Map both to this skeleton.
    """
    for name in truths.places:
        truth = truths.clip(name, skeleton)
        yield (estimates.clip(name, skeleton) if name in estimates.places else None), truth


def without_truth(estimates: Shelf, truths: Shelf) -> list[str]:
    """The names of estimates for which there is no truth."""
    return [name for name in estimates.places if name not in truths.places]
