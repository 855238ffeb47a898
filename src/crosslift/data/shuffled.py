"""Batches of windows in an order drawn anew for every epoch, changed by augmenters."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import torch

from ..clip import Batch
from ..errors import SettingsError, TrainingError
from ..protocols import Augmenter
from ..training.examples import seeded
from .windows_of_store import StoreWindows


@dataclass(frozen=True, eq=False)
class Shuffled:
    """The examples of a training; see `Examples`. The last, smaller batch of an epoch is left out.

    What an augmenter draws follows from the seed and the batch's number, so a batch is the same
    whoever prepares it.
    """

    windows: StoreWindows
    size: int
    """Windows in a batch of all processes together."""
    seed: int
    augment: Sequence[Augmenter] = field(default=())
    """Applied one after the other."""

    def __post_init__(self) -> None:
        if self.size < 1:
            raise SettingsError(
                f"A batch holds at least one window, but {self.size} were asked for."
            )
        if len(self.windows) < self.size:
            raise TrainingError(
                f"A batch of {self.size} windows needs as many, but the data has "
                f"{len(self.windows)}; give more data, a smaller batch or a smaller stride."
            )

    def __len__(self) -> int:
        return len(self.windows) // self.size

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch of all processes together."""
        order = _order(len(self.windows), self.seed, epoch)
        batch = self.windows.take(order[index * self.size : (index + 1) * self.size].numpy())
        for number, augmenter in enumerate(self.augment):
            batch = augmenter(batch, seeded(self.seed, epoch, index, number))
        return batch

    def part(self, batch: Batch, which: int, of: int) -> Batch:
        """One process's part of a batch."""
        if len(batch) % of:
            raise SettingsError(
                f"A batch of {len(batch)} windows cannot be shared equally by {of} processes; "
                f"choose a batch of {of * max(1, len(batch) // of)}."
            )
        share = len(batch) // of
        return batch if of == 1 else batch[which * share : (which + 1) * share]

    @property
    def hash(self) -> str:
        """Of the store's data."""
        return self.windows.store.hash()


@lru_cache(maxsize=2)
def _order(count: int, seed: int, epoch: int) -> torch.Tensor:
    return torch.randperm(count, generator=seeded(seed, epoch))
