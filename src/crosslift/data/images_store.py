"""Pictures beside a store: for each frame of each clip the part of a picture that shows the person.

A store of pictures is a store of clips (see `store`) with a folder `pictures` of shards. A shard
holds for each frame the bytes of a small JPEG file and where it was cut out of the whole picture,
or nothing but the name of the file that the data set has. Shards are added and never changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from safetensors.numpy import save_file
from torch import Tensor

from ..clip import Clip
from ..errors import DataError
from ..files import write_by_content
from .images_read import Pixels, packed_picture, read_picture, unpacked_picture
from .safetensors_map import map_file
from .shard import SUFFIX
from .store import Store, StoreWriter

FOLDER = "pictures"
SHARD_BYTES = 128 << 20
"""Of pictures that are held in memory before they become a shard."""


class Kept(NamedTuple):
    """The part of a picture that a store keeps."""

    pixels: Pixels
    corner: tuple[float, float]
    """Where in the whole picture its first pixel is."""
    step: float = 1.0
    """Pixels of the whole picture for each of its own."""

    @property
    def way(self) -> Float[Tensor, "2 3"]:
        """What takes its pixels to pixels of the whole picture."""
        x, y = self.corner
        return torch.tensor([[self.step, 0, x], [0, self.step, y]])


class Shown(NamedTuple):
    """A frame's picture on its way into a store: its part, or the file that has the whole."""

    part: Kept | Path
    box: Float[Tensor, " 4"]
    """Left, top, right and bottom of the person, in pixels of the whole picture."""


@dataclass
class PictureWriter:
    """Adds clips with a picture for every frame to a store."""

    path: Path
    clips: StoreWriter = field(init=False)
    names: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    held: list[bytes] = field(default_factory=list)
    numbers: list[list[float]] = field(default_factory=list)
    size: int = 0

    def __enter__(self) -> "PictureWriter":
        self.clips = StoreWriter(self.path).__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        self.clips.__exit__(kind, problem, trace)

    def add(self, clip: Clip, shown: Sequence[Shown]) -> None:
        """Add a clip with the pictures of its frames."""
        if len(clip) != len(shown):
            raise DataError(
                f'Each frame of "{clip.name}" should have a picture, but it has {len(clip)} frames '
                f"and {len(shown)} pictures."
            )
        for each in shown:
            held, numbers = _packed(each)
            self.held.append(held)
            self.numbers.append(numbers)
            self.size += len(held)
        self.names.append(clip.name)
        self.counts.append(len(clip))
        self.clips.add(clip)
        if self.size >= SHARD_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; pictures first, so that no clip is there without its pictures."""
        if self.names:
            folder = self.path / FOLDER
            number = len(list(folder.glob(f"[0-9]*{SUFFIX}")))
            columns = {
                "bytes": np.frombuffer(b"".join(self.held), np.uint8),
                "ends": np.cumsum([len(each) for each in self.held], dtype=np.int64),
                "numbers": np.array(self.numbers, np.float32),
            }
            words = {"names": json.dumps(self.names), "counts": json.dumps(self.counts)}
            write_by_content(
                folder / f"{number:06d}{SUFFIX}", lambda draft: save_file(columns, draft, words)
            )
        self.clips.flush()
        self.names, self.counts, self.held, self.numbers, self.size = [], [], [], [], 0


def _packed(shown: Shown) -> tuple[bytes, list[float]]:
    """A picture's bytes and numbers: 1 for a part or 0 for a name, corner, step, box."""
    box = shown.box.tolist()
    if isinstance(shown.part, Path):
        return str(shown.part).encode("utf-8"), [0, 0, 0, 1, *box]
    return packed_picture(shown.part.pixels), [1, *shown.part.corner, shown.part.step, *box]


class _Place(NamedTuple):
    """Where the pictures of a clip are."""

    shard: Path
    first: int
    """Its first row in the shard."""


@dataclass(frozen=True, eq=False)
class PictureStore:
    """A store of clips, or a selection of it, with the pictures of their frames."""

    store: Store
    places: Mapping[str, _Place]

    @classmethod
    def open(cls, path: Path) -> "PictureStore":
        """The store in a folder."""
        found = cls(Store.open(path), dict(_places(path / FOLDER)))
        lost = [
            name
            for name in map(found.store.name, range(len(found.store)))
            if name not in found.places
        ]
        if lost:
            raise DataError(
                f'The store "{path}" should have pictures of every clip, but "{lost[0]}" has none; '
                "make it with crosslift render, or convert one of the formats with pictures."
            )
        return found

    def select(self, **wanted: str | Sequence[str]) -> "PictureStore":
        """The clips whose labels are as wanted; see `Store.select`."""
        return replace(self, store=self.store.select(**wanted))

    @cached_property
    def ends(self) -> np.ndarray:
        """How many pictures there are up to and with each clip."""
        return np.cumsum(self.store.frames, dtype=np.int64)

    def __len__(self) -> int:
        """How many pictures there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def where(self, number: int) -> tuple[int, int]:
        """Which clip, and which frame of it, a picture shows."""
        clip = int(np.searchsorted(self.ends, number, side="right"))
        return clip, number - (int(self.ends[clip - 1]) if clip else 0)

    def picture(self, number: int) -> tuple[Kept, Float[Tensor, " 4"]]:
        """A picture as it is kept, and the person's box in the whole picture."""
        clip, frame = self.where(number)
        place = self.places[self.store.name(clip)]
        arrays = _mapped(place.shard)
        row = place.first + frame
        begin = int(arrays["ends"][row - 1]) if row else 0
        held = bytes(arrays["bytes"][begin : arrays["ends"][row]])
        kept, x, y, step, *box = arrays["numbers"][row].tolist()
        if kept:
            pixels = unpacked_picture(held, place.shard)
        else:
            pixels = read_picture(Path(held.decode("utf-8")))
        return Kept(pixels, (x, y), step), torch.tensor(box)


def _places(folder: Path) -> list[tuple[str, _Place]]:
    """Every clip that the shards of a folder have pictures of."""
    found = []
    for path in sorted(folder.glob(f"[0-9]*{SUFFIX}")):
        words = map_file(path).metadata
        first = 0
        for name, count in zip(
            json.loads(words["names"]), json.loads(words["counts"]), strict=True
        ):
            found.append((name, _Place(path, first)))
            first += count
    return found


@lru_cache(maxsize=64)
def _mapped(path: Path) -> Mapping[str, np.ndarray]:
    return map_file(path).arrays
