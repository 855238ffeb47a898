"""Windows of consecutive pictures, for guides that see motion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from jaxtyping import Shaped
from torch import Generator, Tensor

from ...data.images import Crops
from ...data.images_crop import NO_CHANGES, Changes, Framing
from ...data.images_loading import StoredCrops
from ...data.images_store import FOLDER, PictureStore
from ...errors import SettingsError, TrainingError
from ...training.examples import Examples, seeded
from ..pictures import check_alone, pictures_in


def windowed(
    values: Shaped[Tensor, "pictures *rest"], frames: int
) -> Shaped[Tensor, "windows frames *rest"]:
    """What is there of pictures as windows of so many of them."""
    return values.unflatten(0, (-1, frames))


@dataclass(frozen=True, eq=False)
class StoredWindows:
    """Windows of consecutive pictures of a store, shuffled anew for every epoch; see `Examples`.

    All pictures of a window are changed in the same way. They lie in a batch one after the other.
    """

    crops: StoredCrops
    """Of single pictures; its size is that of a batch here too, in pictures."""
    frames: int

    def __post_init__(self) -> None:
        if self.frames < 1 or self.crops.size % self.frames:
            raise SettingsError(
                f"A batch of {self.crops.size} pictures cannot be made of windows of {self.frames} "
                "frames; choose a batch that is a multiple of the frames."
            )
        if not len(self):
            raise TrainingError(
                f"A batch needs {self.windows} windows of {self.frames} consecutive pictures, but "
                f"the store has {len(self.starts)}; give longer clips or a smaller batch."
            )

    @property
    def windows(self) -> int:
        """In a batch."""
        return self.crops.size // self.frames

    @cached_property
    def starts(self) -> list[int]:
        """The first picture of every window; they lie one after the other in each clip."""
        ends = self.crops.pictures.ends.tolist()
        clips = zip([0, *ends], ends, strict=False)
        return [
            each
            for first, end in clips
            for each in range(first, end - self.frames + 1, self.frames)
        ]

    def __len__(self) -> int:
        return len(self.starts) // self.windows

    def batch(self, epoch: int, index: int) -> Crops:
        """One batch."""
        seed, count = self.crops.seed, self.windows
        order = torch.randperm(len(self.starts), generator=seeded(seed, epoch))
        chosen = [self.starts[at] for at in order[index * count : (index + 1) * count].tolist()]
        numbers = [start + frame for start in chosen for frame in range(self.frames)]
        rngs = [
            seeded(seed, epoch, index, place)  # the same for all pictures of a window
            for place in range(len(chosen))
            for _ in range(self.frames)
        ]
        return self.crops.crops(numbers, rngs)

    def part(self, batch: Crops, which: int, of: int) -> Crops:
        """One process's part of a batch: whole windows."""
        if self.windows % of:
            raise SettingsError(
                f"{self.windows} windows of a batch cannot be shared equally by {of} processes; "
                "choose another batch."
            )
        share = len(batch) // of
        return batch[which * share : (which + 1) * share]

    @property
    def hash(self) -> str:
        """Of the store's clips, and how they are cut."""
        return f"{self.crops.hash}-{self.frames}"


def windows_in(
    paths: Sequence[Path],
    where: Mapping[str, Sequence[str]],
    size: tuple[int, int],
    batch: int,
    frames: int,
    rng: Generator,
    changes: Changes | None = None,
) -> Examples:
    """Batches of windows of pictures; see `recipes.pictures.pictures_in`.

    Args:
        batch: Pictures in a batch.
        frames: Of a window; with 1, stores without pictures will do, from which people are
            rendered.
    """
    if frames == 1:
        return pictures_in(paths, where, size, batch, rng, changes)
    with_pictures = [path for path in paths if (path / FOLDER).is_dir()]
    if not with_pictures:
        raise SettingsError(
            f"Windows of {frames} frames are cut from a store with pictures, but "
            f'"{paths[0]}" has none; make one with crosslift render, or leave frames 1.'
        )
    check_alone(paths, with_pictures)
    seed = int(torch.randint(2**62, (), generator=rng))
    store = PictureStore.open(with_pictures[0]).select(**where)
    crops = StoredCrops(store, batch, seed, Framing(size), changes or NO_CHANGES)
    return StoredWindows(crops, frames)
