"""What a lifter is worth on the target: by keypoints alone, and by truths kept for evaluation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator

from ..clip import Clip, unlabelled
from ..data.store import Store
from ..data.windows_of_store import StoreWindows
from ..evaluation import evaluate
from ..evaluation.matching import opened
from ..evaluation.measures import MEASURES, scaled
from ..geometry import body_lengths, stature
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
DOUBT = 0.1
"""The share by which people may come out too tall or small without that being a fault: a stature
that nobody told is assumed, and adults differ by so much."""
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


class Judgement(NamedTuple):
    """Whether one lifter should be preferred to another one, by keypoints alone."""

    combined: float
    """Score; less is better."""
    size: float
    """How tall people come out, by the stature that was told or assumed: 1 is as tall."""

    @property
    def off(self) -> float:
        """The share by which people come out too tall or too small, beyond all doubt."""
        return max(abs(self.size - 1) - DOUBT, 0.0)

    def better_than(self, other: "Judgement") -> bool:
        """Whether the score is better and people do not come out in a worse size.

        What is too large and too far away is seen where the keypoints are, so the score alone
        forgives a wrong size.
        """
        return self.combined < other.combined and self.off <= other.off


def judged(lifter: Direct, store: Store, seed: int) -> Judgement:
    """What a lifter is worth on a store's keypoints."""
    tall = [each for question in questions(lifter, store, seed) for each in sizes(question)]
    return Judgement(worth(watching(store, seed)(lifter)), float(np.nanmedian(tall)))


def sizes(question: Question) -> list[float]:
    """For each window, how tall the person comes out by the told stature."""
    told = question.batch.body
    assert told is not None, "the target's people were estimated"
    lengths = body_lengths(question.poses, question.batch.skeleton).nanmean(dim=1)
    tall, wanted = (stature(each, question.batch.skeleton) for each in (lengths, told))
    return (tall / wanted).tolist()


def questions(lifter: Lifter, store: Store, seed: int) -> Iterator[Question]:
    """Windows of a store, evenly spread, about which the lifter is asked; in batches."""
    windows = StoreWindows(store, windowing_for(lifter), labelled=False)
    count = max(1, min(len(windows), FRAMES // windows.windowing.step))
    numbers = np.linspace(0, len(windows) - 1, count).astype(np.int64)
    size = max(1, AT_ONCE // windows.windowing.frames)
    device, fps = device_of(lifter), float(store.fps(0))
    with torch.no_grad():
        for first in range(0, len(numbers), size):
            batch = windows.take(numbers[first : first + size]).to(device)
            yield Question(lifter, unlabelled_windows(batch, tell_body=True), seed, fps)


def scores_of(lifter: Lifter, store: Store, seed: int) -> dict[str, float]:
    """All unlabelled scores on a store's keypoints, in people's units; those that can be told."""
    found: dict[str, list[torch.Tensor]] = {name: [] for name in SCORES}
    rng = Generator().manual_seed(seed)
    with torch.no_grad():
        for question in questions(lifter, store, seed):
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
