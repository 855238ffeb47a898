"""Every published network, in a small setting, trained for minutes on synthetic people.

    python -m benchmarks.train_lifters --work DIR [--minutes 8] [--only mixste,stgcn_1]

Each line says by which command a lifter was trained, and its error on synthetic people whom it
never saw, beside the error of an answer that is always the mean pose. The stores are made in DIR
if they are not there. Lines that are in the results already are not made again, so a run that was
stopped goes on.
"""

import argparse
import json
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

SMALL: dict[str, list[str]] = {
    "simple_baseline": ["--batch", "256"],
    "videopose": ["--lifter.network.channels", "256", "--batch", "128"],
    "semgcn": ["--optimizer.rate", "3e-3", "--batch", "64"],
    "mixste": ["--lifter.network.width", "64", "--lifter.network.depth", "3", "--batch", "8"],
    "stgcn_1": ["--batch", "64"],
    "pstmo": ["--lifter.network.width", "128", "--lifter.network.hidden", "256", "--batch", "64"],
    "iganet": ["--lifter.width", "128", "--lifter.depth", "2", "--batch", "64"],
    "poseformer": [
        "--lifter.network.joint-width", "8", "--lifter.network.depth", "3", "--batch", "64",
    ],
    "videopose_causal": [
        "--lifter.network.channels", "256", "--lifter.network.causal", "--batch", "128",
    ],
    "semgcn_nonlocal": ["--optimizer.rate", "3e-3", "--batch", "64"],
    "stgcn_3": ["--lifter.network.frames", "3", "--batch", "32"],
    "stgcn_5": ["--lifter.network.frames", "5", "--batch", "32"],
    "stgcn_7": ["--lifter.network.frames", "7", "--batch", "32"],
}  # fmt: skip
"""What is said besides the registered name, which is the key up to its last underscore."""

SIXTEEN = ("semgcn_nonlocal",)
"""Lifters of Human3.6M's 16 joints."""


def main() -> None:
    """Train what is missing, and append a line for each."""
    parser = argparse.ArgumentParser(description="Train every lifter for minutes.")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    done = {json.loads(line)["what"] for line in lines()}
    wanted = asked.only.split(",") if asked.only else list(SMALL)
    make_stores(asked.work)
    for name in wanted:
        if name not in done:
            append(trained(name, asked.work, asked.minutes, asked.seed))


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


def trained(name: str, work: Path, minutes: float, seed: int) -> dict[str, Any]:
    """One line."""
    lifter = next(each for each in (name, name.rpartition("_")[0]) if each in REGISTERED)
    joints = "16" if name in SIXTEEN else ""
    words = ["train", "supervised", f"train{joints}", "-o", name, "--lifter", lifter, *SMALL[name]]
    if name in SIXTEEN:
        (work / "groups.json").write_text(json.dumps({"lifter": {"network": {"groups": PAIRS}}}))
        words += ["--settings", "groups.json"]
    words += [
        "--validation",
        f"val{joints}",
        "--fitting.epochs",
        1000,
        "--fitting.minutes",
        minutes,
    ]
    words += ["--fitting.precision", "bfloat16", "--seed", seed, "--threads", 1, "--continue"]
    crosslift(work, *words)
    made = json.loads((work / name / "lifter" / "settings.json").read_text())
    figures = made["made"]["trained"]
    return {
        "what": name,
        "lifter": lifter,
        "settings": made["settings"],
        "data": "synthetic source, true keypoints, 400,000 frames",
        "minutes": round(figures["seconds"] / 60, 2),
        "batches": figures["batches"],
        "mpjpe_mm": round(figures["best"], 2),
        "mean_pose_mm": round(error_of_mean_pose(work, joints), 2),
        "command": " ".join(["crosslift", *map(str, words)]),
        "seed": seed,
        "commit": commit(),
        "machine": machine(),
    }


PAIRS = [[2, 3], [5, 6], [1, 4], [0, 7], [8, 9], [14, 15], [11, 12], [10, 13]]
REGISTERED = {
    "simple_baseline", "semgcn", "stgcn", "videopose", "poseformer", "mixste", "pstmo", "iganet"
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
