"""What steps and hypotheses bring a diffusion lifter, and what they cost: a line for each of them.

    python -m benchmarks.diffusion_table LIFTER STORE [--steps 1,2,5,9] [--hypotheses 1,5,20]
        [--clips 40] [--precision float32] [--threads 2] [--name NAME]

LIFTER is a trained lifter's folder, STORE holds clips with poses that it was not trained on. A
lifter that answers once, such as a MixSTE of the same size and training, has one line. Lines stand
in benchmarks/results/diffusion_table.jsonl; what is there for the same lifter, store and settings
is not made again, so a run that was stopped goes on.

Errors are MPJPE in millimetres: of the mean of the hypotheses (P-Agg), of the one chosen joint by
joint by reprojection (J-Agg), of the first; and of what an oracle would choose among them, which is
a bound and no result. `spread_mm` is how far hypotheses lie from their mean.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from benchmarks.timing import ROOT, commit, machine
from crosslift.aggregation import aggregated
from crosslift.clip import Clip
from crosslift.evaluation.compare import evaluate
from crosslift.evaluation.lifted import lifted
from crosslift.evaluation.matching import Shelf, opened
from crosslift.find_lifter import Found, find_lifter
from crosslift.lifters.diffusion import Diffusion
from crosslift.lifters.drawing import Drawing
from crosslift.recipes.supervised import evenly

RESULTS = ROOT / "benchmarks" / "results" / "diffusion_table.jsonl"
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}
KEY = ("lifter_hash", "store_hash", "clips", "steps", "hypotheses", "precision", "seed")
"""What a line is known by."""


def main() -> None:
    """Make the lines that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lifter", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--steps", default="1,2,5,9")
    parser.add_argument("--hypotheses", default="1,5,20")
    parser.add_argument("--clips", type=int, default=40, help="evenly spread over the store")
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="", help="of the lifter in the table")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    found = find_lifter(str(asked.lifter), dtype=PRECISIONS[asked.precision])
    truths = some_of(opened(asked.store), asked.clips)
    for drawing in drawings(found, asked.steps, asked.hypotheses):
        known = facts(found, truths, drawing, asked)
        if not any(same(line, known) for line in lines()):
            append({**known, **measured(found, truths, drawing, asked)})


def drawings(found: Found, steps: str, hypotheses: str) -> Iterator[Drawing]:
    """What is measured, the quickest first; one of a lifter that answers once."""
    if not isinstance(found.lifter, Diffusion):
        yield Drawing()
        return
    numbers = ([int(each) for each in text.split(",")] for text in (hypotheses, steps))
    for many, often in sorted(product(*numbers), key=lambda pair: pair[0] * pair[1]):
        yield Drawing(many, often)


def some_of(shelf: Shelf, most: int) -> Shelf:
    """A store with at most so many of its clips."""
    names = list(shelf.places)
    kept = [names[index] for index in evenly(len(names), most)]
    return replace(shelf, places={name: shelf.places[name] for name in kept})


def facts(
    found: Found, truths: Shelf, drawing: Drawing, asked: argparse.Namespace
) -> dict[str, Any]:
    """What a line is known by, and what names it for people."""
    return {
        "what": asked.name or asked.lifter.parent.name or str(asked.lifter),
        "kind": found.about.name,
        "lifter_hash": found.hash,
        "store": asked.store.name,
        "store_hash": truths.hash,
        "clips": len(truths),
        "steps": drawing.steps or 1,
        "hypotheses": drawing.hypotheses or 1,
        "precision": asked.precision,
        "seed": asked.seed,
    }


def same(line: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a line is of the same measurement."""
    return all(line.get(key) == known[key] for key in KEY)


def measured(
    found: Found, truths: Shelf, drawing: Drawing, asked: argparse.Namespace
) -> dict[str, Any]:
    """Errors and time of one drawing."""
    lifter = drawing.of(found.lifter, found.about.name)
    shelf, names = lifted(lifter, found.about.name, truths, asked.seed), list(truths.places)
    true = [truths.clip(name, lifter.skeleton.name) for name in names]
    shelf.clip(names[0])  # the first call prepares what later ones have
    before = time.perf_counter(), time.process_time()
    estimates = [shelf.clip(name) for name in names]
    wall, processor = time.perf_counter() - before[0], time.process_time() - before[1]
    frames = sum(map(len, true))
    plain = evaluate(zip(estimates, true, strict=True)).figures(average=False)
    chosen = [aggregated(each) for each in estimates]
    nearest = evaluate(zip(chosen, true, strict=True)).figures(average=False)
    figures = {
        "mean_mm": plain["mpjpe"],
        "j_agg_mm": nearest["mpjpe"],
        "first_mm": plain["first.mpjpe"],
        "p_mpjpe_of_mean_mm": plain["p_mpjpe"],
        "oracle_pose_mm": plain["oracle_pose.mpjpe"],
        "oracle_joint_mm": plain["oracle_joint.mpjpe"],
        "spread_mm": spread(estimates),
    }
    return {
        **{name: round(1000 * value, 3) for name, value in figures.items()},
        "frames": frames,
        "seconds": round(wall, 2),
        "processor_seconds": round(processor, 2),
        "frames_a_second": round(frames / wall, 1),
        "threads": torch.get_num_threads(),
        "command": " ".join(["python -m benchmarks.diffusion_table", *sys.argv[1:]]),
        "commit": commit(),
        "machine": machine(),
    }


def spread(estimates: list[Clip]) -> float:
    """How far, in metres about the root, hypotheses lie from their mean on average."""
    total, count = 0.0, 0
    for each in estimates:
        assert each.poses is not None, "it was lifted"
        about = each.poses - each.poses[..., [each.skeleton.root], :]
        off = (about - about.mean(dim=0)).norm(dim=-1)
        total, count = total + float(off.sum()), count + off.numel()
    return total / max(count, 1)


def lines() -> list[dict[str, Any]]:
    """The results that are there."""
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text("utf-8").splitlines() if line]


def append(line: dict[str, Any]) -> None:
    """Print a result, and keep it."""
    print(json.dumps(line), flush=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
