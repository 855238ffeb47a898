"""By how much lifters improve on people and cameras without 3D labels: a grid, cell by cell.

    python -m benchmarks.adaptation --data DIR --work FOLDER --lifters simple_baseline semgcn \\
        --methods position turned gpa poseda --pairs cameras both --budget 10m --seeds 0 1 2

A cell is a lifter, a method, a pair of domains, a seed and a stature. It is a line of
`results/adaptation.jsonl`; cells that are there are not made again, so a run that was stopped goes
on. Networks of the source and of the oracle (the same lifter, settings and budget, trained with the
labels of the pair's own train view, for the budget or for that of `--trained`) are trained once a
seed and kept in FOLDER. The budget is
processor time of this process, which computes in one thread, so that a busy machine changes
nothing but the wait. Every method begins with the source network and gets the budget besides;
`dh_before` and `gpa+dh_before` take FOLDER/generator.safetensors, which `crosslift train dh_aug`
made of motion of the source.
`--table` prints what is there, and which cells are missing.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Generator

from benchmarks.adaptation_data import OWN, PAIRS, Corpus, Pair, clips_of
from benchmarks.adaptation_methods import METHODS, STUDENTS, method_of, within
from benchmarks.adaptation_table import said, table
from benchmarks.timing import ROOT, commit, machine
from crosslift.adapt.budget import minutes_of
from crosslift.adapt.footage import Footage, Telling, footage_of, person_in
from crosslift.adapt.job import Job, Method
from crosslift.adapt.judging import errors_of, judged, scores_of, watching
from crosslift.data.store import Store
from crosslift.find_lifter import Found, find_lifter, shipped
from crosslift.geometry import stature
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.direct import Direct
from crosslift.recipes import job as training
from crosslift.skeletons import H36M_17

RESULTS = ROOT / "benchmarks" / "results" / "adaptation.jsonl"


@dataclass(frozen=True)
class Cell:
    """One figure of the grid."""

    lifter: str
    method: str
    pair: str
    seed: int
    height: float | None
    """Stature told, in metres; None where 1.70 is assumed."""
    trained: str
    """How long its network is trained with labels: the source's, or the pair's for the oracle."""

    def key(self, corpus: Corpus, budget: str, *, transductive: bool) -> dict[str, Any]:
        """By what its line is known."""
        adapts = METHODS[self.method][1] is not None
        return {
            "lifter": self.lifter,
            "method": self.method,
            "pair": self.pair,
            "seed": self.seed,
            "height": self.height,
            "keypoints": corpus.keypoints,
            "trained": self.trained,
            "budget": budget if adapts else self.trained,
            "adapts_on": ("scored clips" if transductive else "train clips") if adapts else None,
            "rig": corpus.rigs.get("eval", corpus.rigs[PAIRS[self.pair].rig]).stem,
            "views": corpus.views,
            "every": corpus.every,
            "few": corpus.few,
        }


def base_of(cell: Cell, corpus: Corpus, pair: Pair) -> Found:
    """A network that was trained with the labels of a pair's train view, from the work folder.

    A lifter that comes with the package is taken as it is.
    """
    if cell.lifter in shipped():
        return find_lifter(cell.lifter, fast=False)
    student, minutes = STUDENTS[cell.lifter], minutes_of(cell.trained)
    name = f"{cell.lifter}-{pair.people}-{pair.rig}-{corpus.keypoints}-{minutes:g}m-{cell.seed}"
    few = "" if corpus.few is None or pair != OWN else f"-few{corpus.few}"
    folder = corpus.work / "networks" / f"{name}-every{corpus.every}{few}"
    if not folder.exists():
        store = corpus.train(pair)
        about = About(student.name, at_rate(student.settings, store), H36M_17)
        job = training.Job(about, store, Generator().manual_seed(cell.seed))
        trained = student.recipe(within(minutes)).train(job)
        save_lifter(trained.lifter, about, folder)
    return find_lifter(str(folder), fast=False)


def at_rate(settings: Any, store: Store) -> Any:
    """The settings with the data's frame rate, of lifters that see motion."""
    return replace(settings, fps=store.fps(0)) if hasattr(settings, "fps") else settings


def adapted(
    found: Found, source: Store, footage: Footage, method: Method, work: Path, seed: int
) -> tuple[Direct, dict[str, Any]]:
    """The lifter that a method makes of keypoints alone, and what became of it."""
    lifter = found.lifter
    assert isinstance(lifter, Direct), "of STUDENTS"
    filmed = footage.store(work / f"target-{footage.hash}")
    of_target, rng = watching(filmed, seed), Generator().manual_seed(seed)
    done = method.adapt(Job(lifter, source, footage.target, rng, of_target, filmed=filmed))
    before, after = (judged(each, filmed, seed) for each in (lifter, done.lifter))
    better = after.better_than(before)
    facts = {
        "batches": done.fitted.steps,
        "seconds": round(done.fitted.seconds, 1),
        "kept_from": done.fitted.best_step,
        "combined": [round(each.combined, 4) for each in (before, after)],
        "size": [round(each.size, 4) for each in (before, after)],
        "kept": "adapted" if better else "original",
        "remarks": list(done.remarks),
    }
    return (done.lifter if better else lifter), facts


def measured(cell: Cell, corpus: Corpus, budget: str, *, transductive: bool) -> dict[str, Any]:
    """The line of a cell."""
    minutes, pair = minutes_of(budget), PAIRS[cell.pair]
    found = base_of(cell, corpus, pair if cell.method == "oracle" else OWN)
    train = corpus.held_out(pair) if transductive else corpus.train(pair)
    rng = Generator().manual_seed(cell.seed)
    footage = footage_of(clips_of(train), found, Telling(height=cell.height), rng)
    lifter, facts = found.lifter, {}
    if METHODS[cell.method][1] is not None:
        method = method_of(STUDENTS[cell.lifter], cell.method, minutes, corpus.work)
        lifter, facts = adapted(found, corpus.train(OWN), footage, method, corpus.work, cell.seed)
    assert isinstance(lifter, Direct), "of STUDENTS"
    target = footage.store(corpus.work / f"target-{footage.hash}")
    scores = scores_of(lifter, target, cell.seed)
    return {
        **cell.key(corpus, budget, transductive=transductive),
        **errors_of(lifter, corpus.held_out(pair).path, footage, cell.seed),
        "on_source": errors_of(lifter, corpus.held_out(OWN).path, footage, cell.seed)["mpjpe"],
        "scores": {name: round(value, 5) for name, value in scores.items()},
        "bodies": bodies_of(footage, train),
        **facts,
    }


def bodies_of(footage: Footage, truths: Store) -> dict[str, dict[str, Any]]:
    """The bodies as they were estimated, and how far bones are off at equal stature, in per cent.

    The true ones are looked at for this alone.
    """
    found = {}
    for name, body in footage.people.items():
        true = [clip.body for clip in clips_of(truths) if person_in(clip) == name]
        mean = torch.stack([each for each in true if each is not None]).mean(dim=0)
        ratio = body.lengths / mean * (stature(mean, H36M_17) / body.stature)
        off = (ratio - 1).abs()[mean > 0].mean()
        found[name] = {
            "stature_m": round(body.stature, 3),
            "size": body.size_from,
            "lengths": [round(each, 4) for each in body.lengths.tolist()],
            "off_percent": round(100 * float(off), 2),
        }
    return found


def lines(results: Path) -> list[dict[str, Any]]:
    """The results that are there."""
    text = results.read_text("utf-8") if results.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def known(key: Mapping[str, Any], there: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a cell is among some lines."""
    return any(all(line.get(name) == value for name, value in key.items()) for line in there)


def cells(asked: argparse.Namespace) -> list[Cell]:
    """What is asked for; the same seeds and methods go through all pairs before the next."""
    found = product(asked.seeds, asked.pairs, asked.lifters, asked.methods, heights(asked))
    trained = asked.trained or asked.budget
    return [
        Cell(lifter, method, pair, seed, height, trained)
        for seed, pair, lifter, method, height in found
        if (height is None or METHODS[method][1] is not None)
        and not (method == "oracle" and lifter in shipped())
    ]


def heights(asked: argparse.Namespace) -> list[float | None]:
    """The statures to be told: none for the assumed one."""
    return [None if each == "assumed" else float(each) for each in asked.heights]


def words() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description="Adaptation without labels, cell by cell.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--eval", type=Path)
    for rig in ("source", "target", "eval"):
        parser.add_argument(f"--rig-{rig}", type=Path)
    parser.add_argument("--lifters", nargs="+", default=list(STUDENTS), choices=list(STUDENTS))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--pairs", nargs="+", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--heights", nargs="+", default=["assumed"])
    parser.add_argument("--keypoints", default="true", choices=["true", "detector"])
    parser.add_argument("--budget", default="10m")
    parser.add_argument("--trained", help="budget of what learns with labels, if another")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--views", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="take one clip of so many")
    parser.add_argument("--few", type=int, help="movements of the source with labels, if not all")
    parser.add_argument("--transductive", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the lines are kept")
    parser.add_argument("--table", action="store_true", help="print what is there, train nothing")
    parser.add_argument("--plot", type=Path, help="with --table, draw it too")
    return parser


def corpus_of(asked: argparse.Namespace) -> Corpus:
    """The corpus that is asked for."""
    rigs = {
        "source": asked.rig_source or asked.data / "rig_source.json",
        "target": asked.rig_target or asked.data / "rig_target.json",
    } | ({"eval": asked.rig_eval} if asked.rig_eval else {})
    return Corpus(
        asked.data,
        asked.work,
        rigs,
        asked.index,
        asked.eval,
        asked.views,
        asked.keypoints,
        asked.every,
        asked.few,
    )


def main() -> None:
    """Fill the cells that are missing, or show the table."""
    asked = words().parse_args()
    corpus, wanted = corpus_of(asked), cells(asked)
    keyed = {cell: cell.key(corpus, asked.budget, transductive=asked.transductive)
             for cell in wanted}  # fmt: skip
    if asked.table:
        titles = {name: title for name, (title, _) in METHODS.items()}
        print(said(table(lines(asked.results), list(keyed.values())), titles, asked.plot))
        return
    torch.set_num_threads(1)
    for cell, key in keyed.items():
        if known(key, lines(asked.results)):
            continue
        line = measured(cell, corpus, asked.budget, transductive=asked.transductive)
        line |= {"commit": commit(), "machine": machine(), "torch": torch.__version__}
        print(json.dumps(line), flush=True)
        with asked.results.open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
