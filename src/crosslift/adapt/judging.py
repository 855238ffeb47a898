"""What a lifter is worth on the target: by keypoints alone, and by truths kept for evaluation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import torch
from torch import Generator

from ..clip import Clip, unlabelled
from ..data.store import Store
from ..data.windows_of_store import StoreWindows
from ..evaluation import evaluate
from ..evaluation.matching import opened
from ..evaluation.measures import MEASURES, scaled
from ..label_free import SCORES, Question, combined, measured, windowing_for
from ..label_free import unlabelled as by_keypoints
from ..label_free.question import unlabelled_windows
from ..lifters.direct import Direct
from ..lifting import lift
from ..protocols import Lifter
from ..training import Validation
from .footage import Footage

NAME = "target"
FRAMES = 1024
"""Of the target that are looked at, evenly spread."""
AT_ONCE = 1024
"""Frames in one batch."""
FIGURES = ("mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc")
"""Against truths."""


def watching(store: Store, seed: int) -> Callable[[Direct], Validation]:
    """By what the best weights of a training are kept: keypoints, and estimated bodies."""

    def of(lifter: Direct) -> Validation:
        return by_keypoints(NAME, lifter, store, tell_body=True, frames=FRAMES, seed=seed)

    return of


def worth(validation: Validation) -> float:
    """The one figure by which weights are kept; less is better."""
    return float(validation.measure()[validation.by])


def scores_of(lifter: Lifter, store: Store, seed: int) -> dict[str, float]:
    """All unlabelled scores on a store's keypoints, in people's units; those that can be told."""
    windows = StoreWindows(store, windowing_for(lifter), labelled=False)
    count = max(1, min(len(windows), FRAMES // windows.windowing.step))
    numbers = np.linspace(0, len(windows) - 1, count).astype(np.int64)
    size = max(1, AT_ONCE // windows.windowing.frames)
    device, fps = device_of(lifter), float(store.fps(0))
    found: dict[str, list[torch.Tensor]] = {name: [] for name in SCORES}
    rng = Generator().manual_seed(seed)
    with torch.no_grad():
        for first in range(0, len(numbers), size):
            batch = windows.take(numbers[first : first + size]).to(device)
            batch = unlabelled_windows(batch, tell_body=True)
            question = Question(lifter, batch, seed, fps)
            for name, values in measured(question, rng).items():
                found[name].append(values)
    means = {name: float(torch.cat(values).nanmean()) for name, values in found.items()}
    known = {name: mean for name, mean in means.items() if not isnan(mean)}
    return known | {"combined": combined(known)}


def device_of(lifter: Lifter) -> torch.device:
    """Where the lifter computes."""
    first = next(lifter.network.parameters(), None) if isinstance(lifter, Direct) else None
    return torch.device("cpu") if first is None else first.device


def lifted(clip: Clip, lifter: Lifter, footage: Footage, seed: int) -> Clip:
    """A clip's poses from its keypoints, its person's estimated bones being told."""
    seen = replace(unlabelled(clip), body=footage.body_for(clip))
    return lift(seen.to(device_of(lifter)), lifter, Generator().manual_seed(seed)).to("cpu")


def errors_of(lifter: Lifter, truths: Path, footage: Footage, seed: int) -> Mapping[str, float]:
    """How far what is lifted is from truths, which are looked at for nothing else."""
    shelf = opened(truths)

    def pairs() -> Iterator[tuple[Clip, Clip]]:
        for name in shelf.places:
            truth = shelf.clip(name, lifter.skeleton.name)
            yield lifted(truth, lifter, footage, seed), truth

    figures = scaled(evaluate(pairs()).figures(), MEASURES)
    return {name: round(figures[name], 3) for name in FIGURES}
