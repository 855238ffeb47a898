"""By how much a detector gains from lifters that guide it: a grid, cell by cell.

    python -m benchmarks.guided --work FOLDER --methods plain simple_baseline multi --seeds 0 1 2

A cell is a way of training and a seed. All cells of a seed begin with one detector, which was
trained in the picture alone, and go on for as many batches (`--batches`), or for the same processor
time (`--batches 0 --budget SECONDS`) of this process, which computes in one thread: *plain* in the
picture alone, others guided by one lifter or several as well. Each is then measured on other people
behind all lifters, those included that it did not see in training. A cell is a line of
`results/guided.jsonl`; cells that are there are not made again, so a run that was stopped goes on.
`--table` prints what is there, and which cells are missing.

Maps are read in two ways, by the soft-argmax as guides read them and by the highest cell with its
quarter step; the table takes for each cell the way that is better behind the lifters.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Generator

from benchmarks.guided_data import LIFTERS, NETWORKS, Ground, until_over
from benchmarks.guided_table import said
from benchmarks.timing import ROOT, commit, machine
from crosslift.detect.map_detector import Decoding, MapDetector
from crosslift.recipes.guided_loss import Guidance
from crosslift.recipes.guiding import PUBLISHED, REPAIRED, GuidedJob, L2DPoseRecipe
from crosslift.recipes.l2d_pose import measured
from crosslift.recipes.supervised import Optimizing

RESULTS = ROOT / "benchmarks" / "results" / "guided.jsonl"
DECODINGS: tuple[Decoding, ...] = ("soft", "quarter")
THREE = ("iganet", "simple_baseline", "videopose")
IN_SPACE = ("across", "depth", "space", "hard_space", "together", "agreement")
"""The weights of what lifters say in metres."""


@dataclass(frozen=True)
class Method:
    """A way of training."""

    guides: tuple[str, ...] = ()
    guidance: Guidance = REPAIRED
    trains: bool = True


METHODS = {
    "start": Method(trains=False),
    "plain": Method(),
    **{name: Method((name,)) for name in LIFTERS},
    "multi": Method(THREE),
    "multi_published": Method(THREE, PUBLISHED.guidance),
    "multi_quarter": Method(THREE, replace(REPAIRED, quarter=True)),
    "multi_unrooted": Method(THREE, replace(REPAIRED, rerooted=False)),
    "multi_no_hard_space": Method(THREE, replace(REPAIRED, hard_space=0.0)),
    "multi_no_hard": Method(THREE, replace(REPAIRED, hard=0.0)),
    "multi_no_space": Method(THREE, replace(REPAIRED, **dict.fromkeys(IN_SPACE, 0.0))),
    "multi_not_compared": Method(THREE, replace(REPAIRED, together=0.0, agreement=0.0)),
    "multi_balanced": Method(THREE, replace(REPAIRED, balanced=True)),
}
"""The rows of the publication's table, and what becomes of them without each of their parts."""
USUAL = ("start", "plain", *LIFTERS, "multi")


def key_of(method: str, seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """By what a cell's line is known."""
    return {
        "method": method,
        "seed": seed,
        "network": asked.network,
        "size": asked.size,
        "budget_s": asked.budget if METHODS[method].trains and not asked.batches else 0.0,
        "length": asked.batches if METHODS[method].trains else 0,
        "start_s": asked.start,
        "lifters_s": asked.lifters,
        "space": asked.space if METHODS[method].guides else 1.0,
    }


def weighed(guidance: Guidance, factor: float) -> Guidance:
    """The guidance with what lifters say counting so many times as much."""
    return replace(guidance, **{name: factor * getattr(guidance, name) for name in IN_SPACE})


def trained(
    ground: Ground, method: Method, seed: int, asked: argparse.Namespace
) -> tuple[MapDetector, dict[str, Any]]:
    """The detector that a method makes of the seed's, and how long it took."""
    detector = ground.start(seed)
    if not method.trains:
        return detector, {"batches": 0, "seconds": 0.0}
    recipe = L2DPoseRecipe(
        guidance=weighed(method.guidance, asked.space),
        sheets=0,
        optimizer=Optimizing(rate=asked.rate),
        fitting=until_over(asked.budget, asked.batches),
    )
    guides = [ground.guide(name) for name in method.guides]
    job = GuidedJob(detector, ground.crops("train", 1000 + seed), Generator().manual_seed(seed),
                    guides=guides)  # fmt: skip
    done = recipe.train(job)
    return done.detector, {"batches": done.fitted.steps, "seconds": round(done.fitted.seconds, 1)}


def line_of(method: str, seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """The line of a cell."""
    ground = Ground(asked.work, asked.size, asked.network, asked.lifters, asked.start)
    detector, facts = trained(ground, METHODS[method], seed, asked)
    guides = [ground.guide(name) for name in LIFTERS]
    found = {
        way: measured(replace(detector, decoding=way), guides, ground.crops("test", 0))
        for way in DECODINGS
    }
    return {
        **key_of(method, seed, asked),
        **facts,
        "guides": list(METHODS[method].guides),
        "rate": asked.rate,
        **{
            way: {name: round(value, 4) for name, value in each.figures().items()}
            for way, each in found.items()
        },
        "joints_mm": {
            name: [round(each, 2) for each in found["soft"].behind[name].joints_mm]
            for name in LIFTERS
        },
        "changed": changes(METHODS[method].guidance),
    }


def changes(guidance: Guidance) -> dict[str, Any]:
    """What is not as usual in the guidance."""
    usual = asdict(REPAIRED)
    return {
        each.name: getattr(guidance, each.name)
        for each in fields(guidance)
        if getattr(guidance, each.name) != usual[each.name]
    }


def lines(results: Path) -> list[dict[str, Any]]:
    """The results that are there."""
    text = results.read_text("utf-8") if results.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def known(key: Mapping[str, Any], there: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a cell is among some lines."""
    return any(all(line.get(name) == value for name, value in key.items()) for line in there)


def words() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description="Detectors guided by lifters, cell by cell.")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--methods", nargs="+", default=list(USUAL), choices=list(METHODS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--batches", type=int, default=3000, help="of a cell; 0: by its budget")
    parser.add_argument("--budget", type=float, default=240.0, help="processor seconds of a cell")
    parser.add_argument("--start", type=float, default=240.0, help="of the detector that begins")
    parser.add_argument("--lifters", type=float, default=120.0, help="of each lifter")
    parser.add_argument("--network", default="hrnet", choices=list(NETWORKS))
    parser.add_argument("--size", type=int, default=64, help="width and height of the cut-outs")
    parser.add_argument("--rate", type=float, default=1e-3, help="of learning, at first")
    parser.add_argument("--space", type=float, default=1.0,
                        help="factor of the weights of what lifters say in metres")  # fmt: skip
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the lines are kept")
    parser.add_argument("--table", action="store_true", help="print what is there, train nothing")
    return parser


def main() -> None:
    """Fill the cells that are missing, or show the table."""
    asked = words().parse_args()
    cells = [(method, seed) for seed in asked.seeds for method in asked.methods]
    keys = [key_of(method, seed, asked) for method, seed in cells]
    if asked.table:
        guides = {name: method.guides for name, method in METHODS.items()}
        print(said(lines(asked.results), keys, guides))
        return
    torch.set_num_threads(1)
    for (method, seed), key in zip(cells, keys, strict=True):
        if not known(key, lines(asked.results)):
            line = line_of(method, seed, asked)
            line |= {"commit": commit(), "machine": machine(), "torch": torch.__version__}
            print(json.dumps(line), flush=True)
            asked.results.parent.mkdir(parents=True, exist_ok=True)
            with asked.results.open("a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
