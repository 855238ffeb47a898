"""Which scores without labels go with the true error in another domain, and which do not.

    python -m benchmarks.label_free_scores --work DIR [--seed 0] [--pairs inside target]

For each pair of domains thirteen small lifters are trained on the one; they differ in what they are
given, in width, rate, noise and augmentation. After every epoch they are judged in the other: by
each unlabelled score, and by the true error, which only this benchmark may look at. The pair
"inside" is made of the synthetic preset "source" alone, and the weights of the combined score are
fitted to it (the line "fitted"); in the pair "target" nothing is fitted. The stores are made in DIR
if they are not there. What is known of pairs that are not asked for is kept; `--pairs` without any
only sums up anew.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from scipy.optimize import nnls
from scipy.stats import spearmanr
from torch import Generator

from benchmarks.label_free_lifters import TRIALS, Noise, Trial, spoilt
from benchmarks.timing import ROOT, commit, machine
from benchmarks.train_lifters import crosslift
from crosslift.clip import Batch
from crosslift.data.store import Store
from crosslift.data.windows_of_store import StoreWindows
from crosslift.files import whole
from crosslift.label_free import SCORES, Question, combined, measured, windowing_for
from crosslift.label_free.combined import FLOOR
from crosslift.label_free.question import unlabelled_windows
from crosslift.lifter_folder import About
from crosslift.lifters.direct import Direct
from crosslift.metrics import mpjpe, p_mpjpe
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import (
    Optimizing,
    Supervised,
    evenly,
    examples_for,
    supervised,
)
from crosslift.skeletons import H36M_17
from crosslift.training import Examples, Fitting, Schedule, Validation, fit

RESULTS = ROOT / "benchmarks" / "results" / "label_free_scores.jsonl"
EPOCHS, BATCHES, BATCH = 6, 80, 256
WINDOWS = 96
"""Of about a second, evenly spread over the other domain."""
ERRORS = ("mpjpe_mm", "p_mpjpe_mm")
SPOILT = ("relative", "both")
"""The lifters that are spoilt on purpose when they are trained."""

HERE = "--kinds walk run turn side_step sit reach wave medley --cameras ring near"
THERE = "--kinds squat pick_up jump punch stretch crawl lie_down dance --cameras high low far"
PAIRS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "inside": {"train": HERE.split(), "val": HERE.split(), "other": THERE.split()},
    "target": {
        "train": ["--preset", "source"],
        "val": ["--preset", "source"],
        "other": ["--preset", "target"],
    },
}
FRAMES = {"train": 60_000, "val": 8_000, "other": 16_000}
SEEDS = {"train": 1, "val": 2, "other": 3}


def stores_of(pair: str, work: Path) -> dict[str, Store]:
    """The stores of a pair, made where they are missing."""
    found = {}
    for part, words in PAIRS[pair].items():
        name = f"{pair}-{part}"
        if not (work / name).exists():
            frames, seed = FRAMES[part], SEEDS[part]
            crosslift(
                work, "synth", "-o", name, "--frames", frames, "--seed", seed,
                "--threads", 1, "--quiet", *words,
            )  # fmt: skip
        found[part] = Store.open(work / name)
    return found


def judged(lifter: Any, store: Store, *, scored: bool, seed: int) -> dict[str, Any]:
    """A lifter's true errors on windows of a store, and its scores there."""
    windows = StoreWindows(store, windowing_for(lifter))
    batch = windows.take(evenly(len(windows), WINDOWS))
    rng = Generator().manual_seed(seed)
    with torch.no_grad():
        question = Question.of(lifter, unlabelled_windows(batch, tell_body=False), rng)
        found = _errors(question, batch)
        if not scored:
            return found
        scores = {k: float(each.nanmean()) for k, each in measured(question, rng).items()}
    told = {name: round(value, 5) for name, value in scores.items() if not isnan(value)}
    return found | {"scores": told}


def _errors(question: Question, batch: Batch) -> dict[str, float]:
    assert batch.poses is not None, "synthetic clips have poses"
    truth = batch.poses[:, question.part]
    truth = truth - truth[..., [batch.skeleton.root], :]
    those = question.valid & truth.isfinite().all(dim=-1).all(dim=-1)
    pair = question.poses[those], truth[those]
    measures = (mpjpe, p_mpjpe)
    return {
        name: round(1000 * float(measure(*pair).mean()), 3)
        for name, measure in zip(ERRORS, measures, strict=True)
    }


def trained(
    name: str, trial: Trial, stores: Mapping[str, Store], seed: int
) -> tuple[Direct, list[dict[str, Any]]]:
    """A lifter, and a row for what it was after each epoch."""
    rng = Generator().manual_seed(seed)
    about = About("trial", trial.lifter, H36M_17)
    lifter = Job(about, stores["train"], rng).lifter()
    settings = Supervised(
        batch=BATCH,
        augment=trial.augment,
        optimizer=Optimizing(rate=trial.rate),
        fitting=Fitting(EPOCHS, schedule=Schedule("cosine"), clip=1.0, keep="last"),
    )
    noise = [Noise(trial.noise)] if trial.noise else []
    examples = Short(examples_for(lifter, stores["train"], settings, rng, noise))
    rows: list[dict[str, Any]] = []

    def look() -> Mapping[str, float]:
        source = judged(lifter, stores["val"], scored=False, seed=seed)["mpjpe_mm"]
        found = judged(lifter, stores["other"], scored=True, seed=seed)
        rows.append({"lifter": name, "epoch": len(rows) + 1, **found, "source_mm": source})
        return {"source_mm": source}

    fit(
        {"lifter": lifter.network},
        [supervised(lifter, settings)],
        examples,
        settings.fitting,
        rng,
        validation=Validation("source", look, by="source_mm"),
    )
    return lifter, rows


@dataclass(frozen=True, eq=False)
class Short:
    """The same examples in epochs of fewer batches."""

    own: Examples

    def __len__(self) -> int:
        return BATCHES

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch."""
        number = epoch * BATCHES + index
        return self.own.batch(number // len(self.own), number % len(self.own))

    def part(self, batch: Batch, which: int, of: int) -> Batch:
        """One process's part of a batch."""
        return self.own.part(batch, which, of)

    @property
    def hash(self) -> str:
        """Of the data."""
        return self.own.hash


def rows_of(pair: str, work: Path, seed: int) -> list[dict[str, Any]]:
    """A row for each lifter at each stage of its training, and for each that was spoilt."""
    stores, rows = stores_of(pair, work), []
    for name, trial in TRIALS.items():
        lifter, found = trained(name, trial, stores, seed)
        rows += [{"what": "lifter", "pair": pair, **row} for row in found]
        if name in SPOILT:
            for how, changed in spoilt(replace(lifter, flip=False), seed):
                scores = judged(changed, stores["other"], scored=True, seed=seed)
                row = {"what": "spoilt", "pair": pair, "lifter": name, "how": how}
                rows.append(row | scores | {"source_mm": None})
    return rows


def stages_of(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All lifters at all stages of their trainings."""
    return [row for row in rows if row["what"] == "lifter"]


def spoilt_ones(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """For each lifter that was spoilt, what became of it."""
    each = [row for row in rows if row["what"] == "spoilt"]
    return [[row for row in each if row["lifter"] == name] for name in SPOILT]


def figures(row: Mapping[str, Any]) -> dict[str, float]:
    """All by which a lifter could be chosen: the scores, and the error in its own domain."""
    own = {} if row["source_mm"] is None else {"source_mm": row["source_mm"]}
    return own | row["scores"] | {"combined": combined(row["scores"])}


def rank_correlation(rows: Sequence[Mapping[str, Any]], score: str, error: str) -> float | None:
    """Spearman's; None where nothing varies or there is too little to rank."""
    pairs = [(figures(row)[score], row[error]) for row in rows if score in figures(row)]
    if len(pairs) < 4 or len({first for first, _ in pairs}) == 1:
        return None
    first, second = zip(*pairs, strict=True)
    return float(np.asarray(spearmanr(first, second)).flat[0])


def correlations(pair: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """How each score goes with the error: along trainings, among finished lifters, and so on."""
    stages = stages_of(rows)
    groups = {
        "finished lifters": [[row for row in stages if row["epoch"] == EPOCHS]],
        "all stages of all": [stages],
        "stages of one, mean": [
            [row for row in stages if row["lifter"] == name] for name in TRIALS
        ],
        "one spoilt, mean": spoilt_ones(rows),
    }
    for among, parts in groups.items():
        for score in ("source_mm", "combined", *SCORES):
            found = {}
            for error in ERRORS:
                each = [rank_correlation(part, score, error) for part in parts]
                known = [value for value in each if value is not None]
                found[error] = round(sum(known) / len(known), 3) if known else None
            lifters = sum(map(len, parts))
            yield {"what": "correlation", "pair": pair, "among": among, "lifters": lifters,
                   "score": score, **found}  # fmt: skip


def choices(pair: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The error of what one would have chosen by each score, of all stages of all trainings."""
    stages = stages_of(rows)
    errors = [row["mpjpe_mm"] for row in stages]
    for score in ("source_mm", "combined", *SCORES):
        known = [row for row in stages if score in figures(row)]
        if known:
            chosen = min(known, key=lambda row: figures(row)[score])
            yield {"what": "choice", "pair": pair, "by": score,
                   "lifter": chosen["lifter"], "epoch": chosen["epoch"],
                   "mpjpe_mm": chosen["mpjpe_mm"], "best_mm": min(errors),
                   "median_mm": median(errors)}  # fmt: skip


def fitted(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The weights, none below 0, with which logarithms of scores best tell that of the error.

    Trainings tell how errors shrink, and spoilt lifters what a picture does not show: each spoilt
    lifter is compared with itself, all that were trained with each other.
    """
    stages = stages_of(rows)
    names = [name for name in SCORES if all(name in row["scores"] for row in stages)]
    names.remove("reprojection_px")  # the same as reprojection, in a unit of the pictures' size
    usual = {name: median(row["scores"][name] for row in stages) for name in names}

    def told(row: Mapping[str, Any]) -> list[float]:
        scores = [max(row["scores"][name] / usual[name], FLOOR) for name in names]
        return np.log([*scores, row["mpjpe_mm"]]).tolist()

    groups = [stages, *spoilt_ones(rows)]
    logs = [np.array([told(row) for row in group]) for group in groups]
    table = np.concatenate([group - group.mean(axis=0) for group in logs])
    weights, _ = nnls(table[:, :-1], table[:, -1])
    return {
        name: {"weight": round(float(weight), 3), "usual": float(f"{usual[name]:.3g}")}
        for name, weight in zip(names, weights / weights.sum(), strict=True)
        if weight > 0.01
    }


def summary(pair: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """All that is said of a pair besides its rows."""
    if pair == "inside":
        yield {"what": "fitted", "pair": pair, "terms": fitted(rows)}
    yield from correlations(pair, rows)
    yield from choices(pair, rows)


def kept() -> list[dict[str, Any]]:
    """The lines of earlier runs from which everything else follows."""
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["what"] in ("run", "lifter", "spoilt")]


def main() -> None:
    """Train, judge, compare."""
    parser = argparse.ArgumentParser(description="Unlabelled scores beside true errors.")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pairs", nargs="*", default=list(PAIRS), choices=list(PAIRS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    found: list[dict[str, Any]] = []
    for pair in asked.pairs:
        about = {"command": f"python -m benchmarks.label_free_scores --pairs {pair}"}
        about |= {"seed": asked.seed, "commit": commit(), "machine": machine()}
        found.append({"what": "run", "pair": pair, **about, "torch": torch.__version__})
        found += rows_of(pair, asked.work, asked.seed)
    lines = [line for line in kept() if line["pair"] not in asked.pairs] + found
    for pair in PAIRS:
        rows = [line for line in lines if line["pair"] == pair and line["what"] != "run"]
        if rows:
            lines += summary(pair, rows)
    with whole(RESULTS) as draft:
        draft.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    for line in lines:
        if line["what"] in ("fitted", "correlation", "choice"):
            print(json.dumps(line))


if __name__ == "__main__":
    main()
