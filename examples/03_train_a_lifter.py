"""Teach a lifter: data into a store, a recipe, a folder that every command takes.

The same on the command line is `crosslift train supervised people -o run`.

python examples/03_train_a_lifter.py
"""

from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.lifter_folder import About, load_lifter
from crosslift.lifters.simple_baseline import SimpleBaselineLifter
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.recipes.job import Job, keep
from crosslift.recipes.supervised import Optimizing, Supervised
from crosslift.training import Fitting, Run, Schedule


def store_of(path: Path, seed: int, frames: int) -> crosslift.Store:
    """Made-up people before cameras that stand still, as a store on disk."""
    settings = synth.Settings(frames=frames, kinds=("walk", "reach"), cameras=("ring",), seconds=5)
    with crosslift.StoreWriter(path) as writer:
        for clip in synth.recordings(settings, torch.Generator().manual_seed(seed)):
            writer.add(clip)
    return crosslift.Store.open(path)


def main() -> None:
    # Small and short, so that this takes seconds; a real one has the defaults and much more data.
    settings = SimpleBaselineLifter(SimpleBaselineSettings(width=128, dropout=0.0))
    recipe = Supervised(
        batch=128,
        optimizer=Optimizing(rate=3e-3),
        fitting=Fitting(epochs=4, schedule=Schedule("cosine"), clip=1.0),
    )
    job = Job(
        about=About("simple_baseline", settings, crosslift.H36M_17),
        train=store_of(Path("people"), seed=0, frames=4_000),
        validation=store_of(Path("others"), seed=2, frames=600),
        rng=torch.Generator().manual_seed(0),
        run=Run(Path("run")),
    )
    trained = recipe.train(job)
    for line in trained.fitted.history:
        print(f"batch {line['step']:4}: {line['validation.mpjpe_mm']:.0f} mm on people never met")

    keep(trained, job, Path("run/lifter"), {"recipe": "supervised", "seed": 0})
    lifter, about = load_lifter(Path("run/lifter"))
    print(f"kept: a {about.name} for {lifter.skeleton.name}, {lifter.frames} frame at a time")


if __name__ == "__main__":
    main()
