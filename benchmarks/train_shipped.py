"""The training of the lifters that come with the package, from the data to their folders.

    python -m benchmarks.train_shipped general --data DIR --work FOLDER
    python -m benchmarks.train_shipped live --data DIR --work FOLDER

DIR is the folder of the motion corpus, of which only what may be used for distributed weights is
read: `source_train.npz` and `extra_train.npz`; and `source_val.npz` to watch. The rest is synthetic
motion of the preset `source`. A run that was stopped goes on. At the end the lifter lies in
`src/crosslift/assets/`, and its log and settings in `benchmarks/results/shipped/`.
"""

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Generator

from benchmarks.timing import ROOT, commit, machine
from crosslift import registry
from crosslift.clip import Batch, Clip
from crosslift.data.store import Store, StoreWriter
from crosslift.lifter_folder import load_domain, load_lifter, save_lifter

RESULTS = ROOT / "benchmarks" / "results" / "shipped"
ASSETS = ROOT / "src" / "crosslift" / "assets"

STORES = ("source", "source", "extra", "synth")
"""The source counts twice: it is the smallest."""
COMMON = [
    *("--lifter", "bodywise", "--optimizer.kind", "adamw", "--optimizer.decay", "0.02"),
    *("--augment", "cameras", "bodies", "detector", "body_doubt:size=0"),
    *("--answered", "51", "--batch", "16", "--optimizer.rate", "2e-3"),
    *("--fitting.schedule.warm-up", "300", "--fitting.clip", "1", "--fitting.average", "0.999"),
    *("--fitting.precision", "bfloat16", "--fitting.epochs", "1000", "--fitting.keep", "last"),
    *("--validation", "others", "--threads", "1"),
]
OWN: dict[str, list[str]] = {
    "general": [
        *("--lifter.network.width", "448", "--lifter.network.hidden", "896"),
        *("--fitting.minutes", "122", "--seed", "1"),
    ],
    "live": [
        *("--lifter.network.width", "320", "--lifter.network.hidden", "640"),
        *("--lifter.network.depth", "4", "--lifter.network.reach", "7", "--lifter.network.causal"),
        *("--fitting.minutes", "40", "--seed", "2"),
    ],
}
WORDS = {
    "general": "Lifts 17 joints on the image plane to metres, told the person's bone lengths; each "
    "pose is made of half a second before and after it.",
    "live": "The small one for streams: as the general lifter, but a pose is made of its own frame "
    "and those of nearly a second before it.",
}
CREDIT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu; the database was created "
    "with funding from NSF EIA-0196217. Motion of the Open Motion Project is by ACCAD, The Ohio "
    "State University (CC BY 3.0); it was reduced to 17 joints, cut, shifted and quantised. The "
    "rest is synthetic motion of this package."
)


def main() -> None:
    """Make the stores, train, and put the lifter in its place."""
    parser = argparse.ArgumentParser(description="Train a lifter that comes with the package.")
    parser.add_argument("name", choices=OWN)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    asked = parser.parse_args()
    make_stores(asked.work, asked.data.resolve())
    run = asked.work / asked.name
    words = ["train", "supervised", *STORES, "-o", asked.name, *OWN[asked.name], *COMMON]
    if not (run / "lifter").exists():
        crosslift(asked.work, *words, "--continue")
    ship(run, asked.name, " ".join(["crosslift", *words]))


def make_stores(work: Path, data: Path) -> None:
    """What is trained on, and held-back people in other proportions before other cameras."""
    work.mkdir(parents=True, exist_ok=True)
    files = {"source": "source_train.npz", "extra": "extra_train.npz", "held": "source_val.npz"}
    for name, file in files.items():
        if not (work / name).exists():
            rig = data / "rig_source.json"
            crosslift(work, "convert", "mocap", data, name, "--rig", rig, "--file", file)
    if not (work / "synth").exists():
        crosslift(work, "synth", "-o", "synth", "--frames", 240_000, "--seed", 100, "--exact")
    if not (work / "others").exists():
        make_others(Store.open(work / "held"), work / "others")


def make_others(held: Store, folder: Path) -> None:
    """The same movements by bodies drawn anew, before cameras drawn anew."""
    rng = Generator().manual_seed(5)
    bodies, cameras = (
        registry.settings_of("augmenter", name)().build() for name in ("bodies", "cameras")
    )
    with StoreWriter(folder) as writer:
        for clip in held:
            assert isinstance(clip, Clip) and clip.body is not None, "made with a rig"
            valid = torch.ones(1, len(clip), dtype=torch.bool)
            batch = Batch(clip.skeleton, clip.camera[None][None], clip.keypoints[None],
                          clip.scores[None], valid, clip.poses, clip.body[None])  # fmt: skip
            batch = bodies(cameras(batch, rng), rng)
            if batch.keypoints.isfinite().all():  # nobody walks behind the camera
                writer.add(as_clip(clip, batch))


def as_clip(clip: Clip, batch: Batch) -> Clip:
    """The one window of a batch in place of the clip that it was made of."""
    assert batch.body is not None, "the bodies were drawn"
    return replace(
        clip,
        camera=batch.camera[0][0],
        keypoints=batch.keypoints[0],
        scores=batch.scores[0],
        observed=batch.scores[0] > 0,
        poses=batch.poses,
        body=batch.body[0],
    )


def crosslift(work: Path, *words: object) -> None:
    """Run a command of ours in a folder."""
    subprocess.run([sys.executable, "-m", "crosslift", *map(str, words)], cwd=work, check=True)


def ship(run: Path, name: str, command: str) -> None:
    """Put the trained lifter into the package in half precision, and its log into the results."""
    lifter, about = load_lifter(run / "lifter")
    made: dict[str, Any] = {
        "title": name,
        "words": WORDS[name],
        "licence": "MIT, like crosslift; the credit below goes wherever the weights go.",
        "attribution": CREDIT,
        **about.made,
        "command": command,
        "commit": commit(),
        "machine": machine(),
    }
    folder = ASSETS / name
    shutil.rmtree(folder, ignore_errors=True)
    domain = load_domain(run / "lifter")
    save_lifter(lifter, replace(about, made=made), folder, dtype=torch.float16, domain=domain)
    kept = RESULTS / name
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / "log.jsonl", kept / "log.jsonl")
    settings = json.loads((run / "settings.json").read_text())
    (kept / "settings.json").write_text(json.dumps(settings, indent=2) + "\n")


if __name__ == "__main__":
    main()
