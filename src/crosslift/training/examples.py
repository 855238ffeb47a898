"""Batches by number, prepared ahead in the background."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, runtime_checkable

import torch


@runtime_checkable
class Examples(Protocol):
    """All batches of a training, each a function of its number.

    That is why a training can be continued anywhere, and why neither the number of threads nor
    that of processes changes what is seen.
    """

    def __len__(self) -> int:
        """Batches in an epoch."""
        ...

    def batch(self, epoch: int, index: int) -> Any:
        """One batch of all processes together."""
        ...

    def part(self, batch: Any, which: int, of: int) -> Any:
        """One process's part of a batch; all parts are equally large."""
        ...

    @property
    def hash(self) -> str:
        """Of the data: a training is continued on the same only."""
        ...


def seeded(seed: int, *numbers: int) -> torch.Generator:
    """A generator for one purpose among many: the same numbers, the same draws.

    Args:
        numbers: Such as the batch's, below 2**31.
    """
    mixed = seed
    for number in numbers:  # a linear congruence of full period between them, then a xor-shift
        mixed = (mixed * 6364136223846793005 + number * 1442695040888963407 + 1) % 2**63
        mixed ^= mixed >> 29
    return torch.Generator().manual_seed(mixed)


def ahead(examples: Examples, start: int, end: int, workers: int) -> Iterator[Any]:
    """The batches from one number to another in their order, made by so many threads."""
    size = len(examples)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Any]] = deque()
        try:
            for step in range(start, end):
                waiting.append(pool.submit(examples.batch, step // size, step % size))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
