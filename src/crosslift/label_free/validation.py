"""Stopping a training, and choosing among lifters, by keypoints that nobody labelled."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from math import isnan

import numpy as np
import torch
from torch import Generator

from ..clip import Batch
from ..data.store import Store
from ..data.windows_of_store import StoreWindows
from ..errors import DataError, SettingsError
from ..lifters.direct import Direct
from ..protocols import Lifter
from ..training import Validation
from .combined import TERMS, combined
from .question import (
    USUAL_ACCELERATION,
    Question,
    check_skeleton,
    unlabelled_windows,
    windowing_for,
)
from .table import check_names, measured

COMBINED = "combined"
FRAMES = 2048
"""Frames that are looked at, evenly spread over the store."""
FRAMES_AT_ONCE = 1024
"""Frames in one batch of windows."""


def unlabelled(
    name: str,
    lifter: Lifter,
    store: Store,
    *,
    by: str = COMBINED,
    tell_body: bool = False,
    frames: int = FRAMES,
    usual: float = USUAL_ACCELERATION,
    seed: int = 0,
) -> Validation:
    """What a lifter scores on a store's keypoints, to keep weights and to stop by.

    Poses in the store are not read. Every measurement draws the same, so that two of them differ
    by the lifter alone.

    Args:
        name: Of the store, as it stands beside every figure.
        by: The score that should fall: "combined", or a name in `SCORES`.
        tell_body: Whether the store's bone lengths are told to the lifter and looked at; only
            where they were measured, or estimated from keypoints.
        frames: That are looked at, about.
        usual: How people accelerate in the source, for the score "restlessness".
    """
    names = tuple(TERMS) if by == COMBINED else tuple(dict.fromkeys((by, *TERMS)))
    check_names(names)
    windows = StoreWindows(store, windowing_for(lifter), labelled=False)
    if not len(windows):
        raise DataError(
            f'The unlabelled validation "{name}" should have at least one frame, but has none; '
            "name another store."
        )
    check_skeleton(lifter, windows.skeleton)
    count = max(1, frames // windows.windowing.step)
    numbers = np.unique(np.linspace(0, len(windows) - 1, count).astype(np.int64))
    fps = float(store.fps(0))

    def measure() -> Mapping[str, float]:
        size = max(1, FRAMES_AT_ONCE // windows.windowing.frames)
        questions = (
            Question(lifter, unlabelled_windows(batch, tell_body=tell_body), seed, fps, usual)
            for batch in batches(windows, numbers, size, device_of(lifter))
        )
        figures = told(questions, names, Generator().manual_seed(seed))
        if by not in figures:
            raise SettingsError(
                f'The validation "{name}" goes by "{by}", but that is told by none of its windows; '
                "name another score."
            )
        return figures

    return Validation(name, measure, by, labels="none")


def told(questions: Iterable[Question], names: Collection[str], rng: Generator) -> dict[str, float]:
    """The mean of each score over all windows, with the combination; what none tells is missing."""
    with torch.no_grad():
        parts = [measured(question, rng, names) for question in questions]
    means = {name: float(torch.cat([part[name] for part in parts]).nanmean()) for name in names}
    figures = {name: mean for name, mean in means.items() if not isnan(mean)}
    return figures | {COMBINED: combined(figures)}


def batches(
    windows: StoreWindows, numbers: np.ndarray, size: int, device: torch.device
) -> Iterator[Batch]:
    """Some windows, at most so many at a time."""
    for first in range(0, len(numbers), size):
        yield windows.take(numbers[first : first + size]).to(device)


def device_of(lifter: Lifter) -> torch.device:
    """Where the lifter computes."""
    weights = lifter.network.parameters() if isinstance(lifter, Direct) else iter(())
    first = next(weights, None)
    return torch.device("cpu") if first is None else first.device
