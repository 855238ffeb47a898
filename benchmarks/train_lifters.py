"""Every published network, in a small setting, trained for minutes on synthetic people.

    python -m benchmarks.train_lifters --work DIR [--only mixste,stgcn_1]

Each line says by which command a lifter was trained, and its error on synthetic people whom it
never saw, beside the error of an answer that is always the mean pose. The stores are made in DIR
if they are not there. Lines that are in the results already are not made again, so a run that was
stopped goes on.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks.timing import ROOT, commit, machine
from crosslift.clip import Clip
from crosslift.data.store import Store
from crosslift.metrics import mpjpe, rooted

RESULTS = ROOT / "benchmarks" / "results" / "lifters_trained.jsonl"

TOLD = ["--lifter.inputs.unit", "facing", "--lifter.inputs.body"]
"""The keypoints of a camera turned to the person, and the bone lengths."""
FREE = ["--lifter.inputs.unit", "relative"]
"""Keypoints about the root, in units of their own spread: numbers of a size that suits networks."""
SMALL_MIXSTE = ["--lifter.network.width", "64", "--lifter.network.depth", "3"]
WARM = ["--fitting.schedule.warm-up", "100"]

SMALL: dict[str, tuple[int, list[str]]] = {
    "simple_baseline": (5500, ["--lifter.network.dropout", "0.1", "--batch", "256"]),
    "simple_baseline_told": (5500, ["--lifter.network.dropout", "0.1", "--batch", "256", *TOLD]),
    "videopose": (
        7000,
        ["--lifter.network.channels", "256", "--lifter.network.dropout", "0.05", "--batch", "128"],
    ),
    "videopose_told": (
        7000,
        [
            *("--lifter.network.channels", "256", "--lifter.network.dropout", "0.05"),
            *("--batch", "128", *TOLD),
        ],
    ),
    "semgcn": (3600, ["--optimizer.rate", "3e-3", "--batch", "64"]),
    "mixste": (
        2400,
        [*SMALL_MIXSTE, "--lifter.network.drop-path", "0", *FREE, *WARM, "--batch", "8"],
    ),
    "stgcn_1": (970, ["--batch", "64"]),
    "pstmo": (
        490, ["--lifter.network.width", "128", "--lifter.network.hidden", "256", "--batch", "64"],
    ),
    "iganet": (1600, ["--lifter.width", "128", "--lifter.depth", "2", "--batch", "64"]),
    "poseformer": (
        2200,
        [
            *("--lifter.network.joint-width", "8", "--lifter.network.depth", "3"),
            *("--lifter.network.drop-path", "0", *FREE, *WARM, "--batch", "32"),
        ],
    ),
    "videopose_causal": (
        1800,
        ["--lifter.network.channels", "256", "--lifter.network.causal", "--batch", "128"],
    ),
    "semgcn_nonlocal": (2000, ["--optimizer.rate", "3e-3", "--batch", "64"]),
    "stgcn_3": (830, ["--lifter.network.frames", "3", "--batch", "32"]),
    "stgcn_5": (780, ["--lifter.network.frames", "5", "--batch", "32"]),
    "stgcn_7": (1600, ["--lifter.network.frames", "7", *FREE, "--batch", "16"]),
    "bodywise": (
        4000,
        [
            *("--lifter.network.width", "128", "--lifter.network.hidden", "256"),
            *("--lifter.network.depth", "4", "--answered", "27", "--batch", "24"),
        ],
    ),
}  # fmt: skip
"""The batches of a training that takes less than ten minutes of one core, and what is said besides
the registered name, which is the key up to its last underscore."""

SIXTEEN = ("semgcn_nonlocal",)
"""Lifters of Human3.6M's 16 joints."""


def main() -> None:
    """Train what is missing, and append a line for each."""
    parser = argparse.ArgumentParser(description="Train every lifter for minutes.")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    done = {json.loads(line)["what"] for line in lines()}
    wanted = asked.only.split(",") if asked.only else list(SMALL)
    make_stores(asked.work)
    for name in wanted:
        if name not in done:
            append(trained(name, asked.work, asked.seed))


def make_stores(work: Path) -> None:
    """Synthetic people of the preset "source": true keypoints, four cameras, 30 frames a second."""
    for name, frames, seed in (("train", 400_000, 0), ("val", 40_000, 77)):
        words = ["-o", name, "--frames", frames, "--seed", seed, "--exact", "--threads", 1]
        if not (work / name).exists():
            crosslift(work, "synth", *words)
        if not (work / f"{name}16").exists():
            crosslift(work, "convert", "clip", name, f"{name}16", "--to", "h36m16")


def crosslift(work: Path, *words: object) -> str:
    """Run a command of ours in a folder; returns what it printed."""
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "crosslift", *map(str, words)]
    return subprocess.run(command, cwd=work, check=True, stdout=subprocess.PIPE, text=True).stdout


def trained(name: str, work: Path, seed: int) -> dict[str, Any]:
    """One line."""
    lifter = next(each for each in (name, name.rpartition("_")[0]) if each in REGISTERED)
    joints = "16" if name in SIXTEEN else ""
    steps, own = SMALL[name]
    words = ["train", "supervised", f"train{joints}", "-o", name, "--lifter", lifter, *own]
    if name in SIXTEEN:
        (work / "groups.json").write_text(json.dumps({"lifter": {"network": {"groups": PAIRS}}}))
        words += ["--settings", "groups.json"]
    words += ["--validation", f"val{joints}", "--fitting.epochs", 1000, "--fitting.steps", steps]
    words += ["--fitting.precision", "bfloat16", "--seed", seed, "--threads", 1, "--continue"]
    before = cpu_seconds()
    crosslift(work, *words)
    made = json.loads((work / name / "lifter" / "settings.json").read_text())
    figures = made["made"]["trained"]
    return {
        "what": name,
        "lifter": lifter,
        "settings": made["settings"],
        "data": "synthetic source, true keypoints, 400,000 frames",
        "minutes": round((cpu_seconds() - before) / 60, 2),
        "batches": figures["batches"],
        "mpjpe_mm": round(figures["best"], 2),
        "mean_pose_mm": round(error_of_mean_pose(work, joints), 2),
        "command": " ".join(["crosslift", *map(str, words)]),
        "seed": seed,
        "commit": commit(),
        "machine": machine(),
    }


def cpu_seconds() -> float:
    """Of the processes that were started and have ended; other programs' share is not in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


PAIRS = [[2, 3], [5, 6], [1, 4], [0, 7], [8, 9], [14, 15], [11, 12], [10, 13]]
REGISTERED = {
    "simple_baseline", "semgcn", "stgcn", "videopose", "poseformer", "mixste", "pstmo", "iganet",
    "bodywise",
}  # fmt: skip


def error_of_mean_pose(work: Path, joints: str) -> float:
    """The validation's error in millimetres, if the answer were always training's mean pose."""
    mean = torch.cat(relative(Store.open(work / f"train{joints}"), every=50)).mean(dim=0)
    truth = torch.cat(relative(Store.open(work / f"val{joints}"), every=5))
    return float(mpjpe(mean.expand_as(truth), truth).mean()) * 1000


def relative(store: Store, every: int) -> list[torch.Tensor]:
    """The poses of a store about their roots, one frame in so many."""
    found = []
    for recording in store:
        assert isinstance(recording, Clip) and recording.poses is not None, "synthetic clips"
        found.append(rooted(recording.poses[0, ::every], recording.skeleton.root))
    return found


def lines() -> list[str]:
    """The results that are there."""
    return RESULTS.read_text().splitlines() if RESULTS.exists() else []


def append(line: dict[str, Any]) -> None:
    """Print a result, and keep it."""
    print(json.dumps(line), flush=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
