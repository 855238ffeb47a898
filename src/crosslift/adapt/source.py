"""Labelled movement to learn from: made up for the purpose, and from stores if there are any."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Generator

from .. import synth
from ..clip import Clip
from ..data.store import MARKER, Store, StoreWriter
from ..errors import DataError, SettingsError, SkeletonError
from ..mapping import mapped
from ..protocols import Lifter

RATE = 30.0
"""Frames a second of made-up movement for lifters of single frames."""


@dataclass(frozen=True)
class Source:
    """Where labelled movement comes from."""

    stores: tuple[Path, ...] = ()
    """Stores of labelled clips before calibrated cameras."""
    frames: int = 60_000
    """Of made-up movement; 0 for none, where there are stores."""
    seconds: float = 10.0
    """Of each made-up recording."""

    def __post_init__(self) -> None:
        if self.frames < 0 or not (self.frames or self.stores):
            raise SettingsError(
                f"An adaptation learns from labelled movement, but {self.frames} made-up frames "
                "and no store were asked for; give frames, or name a store with --source."
            )


def source_for(lifter: Lifter, settings: Source, folder: Path, rng: Generator) -> Store:
    """The source's clips as one store, for a lifter.

    Args:
        folder: Where made-up movement is kept, and found again.
    """
    parts = [opened(path, lifter) for path in settings.stores]
    if settings.frames:
        if not (folder / MARKER).is_file():
            make(folder, lifter, settings, rng)
        parts.append(Store.open(folder))
    return Store.joined(parts)


def opened(path: Path, lifter: Lifter) -> Store:
    """A store that is fit for the lifter; refused with the remedy where it is not."""
    store = Store.open(path)
    first = store[0] if len(store) else None
    if not isinstance(first, Clip):
        raise DataError(
            f'"{path}" should hold labelled clips to learn from, but holds none; convert motions '
            "with a rig of cameras first."
        )
    if first.skeleton != lifter.skeleton:
        raise SkeletonError(
            f'The source "{path}" has the skeleton "{first.skeleton.name}", but the lifter takes '
            f'"{lifter.skeleton.name}"; convert it with --to {lifter.skeleton.name}.'
        )
    rates = {store.fps(index) for index in range(len(store))}
    if lifter.fps is not None and rates != {lifter.fps}:
        raise DataError(
            f'The lifter sees {lifter.fps:g} frames a second, but "{path}" has '
            f"{', '.join(f'{rate:g}' for rate in sorted(rates))}; give a source of its rate."
        )
    return store


def make(folder: Path, lifter: Lifter, settings: Source, rng: Generator) -> None:
    """Write made-up people of the preset "source" as a store, whole or not at all.

    One view of each is enough, since it is turned and put elsewhere for every batch; true keypoints
    are, since they are projected anew.
    """
    made = synth.Settings(
        frames=settings.frames,
        fps=lifter.fps or RATE,
        seconds=settings.seconds,
        views=1,
        exact=True,
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        with StoreWriter(draft) as writer:
            for clip in synth.recordings(made, rng):
                writer.add(mapped(clip, lifter.skeleton.name))
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def words_of(settings: Source, stores: Sequence[Path]) -> str:
    """Where the movement came from, in words."""
    made = [f"{settings.frames:,} made-up frames"] if settings.frames else []
    return " and ".join([*made, *(f'"{path.name}"' for path in stores)])
