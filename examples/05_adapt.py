"""Adapt a lifter to somebody's footage: keypoints in, no labels, a better lifter out.

The same on the command line is `crosslift adapt film --lifter lifter -o adapted --height 1.62`.

python examples/05_adapt.py
"""

from pathlib import Path
from typing import Any

import torch

import crosslift
from crosslift import synth
from crosslift.adapt.carry_out import Asked, carry_out
from crosslift.adapt.footage import Telling
from crosslift.adapt.gpa import Alignment
from crosslift.adapt.job import until_over
from crosslift.adapt.source import Source
from crosslift.clip import unlabelled
from crosslift.find_lifter import find_lifter
from crosslift.lifter_folder import About
from crosslift.lifters.simple_baseline import SimpleBaselineLifter
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.recipes.job import Job, keep
from crosslift.recipes.supervised import Optimizing, Supervised

LEARNING = Optimizing(rate=3e-3)


def store_of(path: Path, **settings: Any) -> crosslift.Store:
    """Made-up people as a store on disk."""
    made = synth.Settings(seconds=5, exact=True, **settings)
    with crosslift.StoreWriter(path) as writer:
        for clip in synth.recordings(made, torch.Generator().manual_seed(0)):
            writer.add(clip)
    return crosslift.Store.open(path)


def taught(store: crosslift.Store, folder: Path) -> None:
    """A small lifter that knows people who stand or walk before cameras at eye level."""
    settings = SimpleBaselineLifter(SimpleBaselineSettings(width=128, dropout=0.0))
    job = Job(About("simple_baseline", settings, crosslift.H36M_17), store, torch.Generator())
    recipe = Supervised(batch=128, optimizer=LEARNING, fitting=until_over(steps=150))
    keep(recipe.train(job), job, folder, {"recipe": "supervised"})


def main() -> None:
    seen = store_of(Path("seen"), frames=4_000, kinds=("walk", "reach"), cameras=("ring",))
    taught(seen, Path("lifter"))

    # Somebody else, filmed from above, whose poses are known so that one can look afterwards.
    film = store_of(Path("film"), preset="target", frames=600, kinds=("kick",), cameras=("high",))
    asked = Asked(
        method=Alignment(batch=128, optimizer=LEARNING, fitting=until_over(steps=150)),
        name="gpa",
        found=find_lifter("lifter", fast=False),
        called="lifter",
        source=Source(frames=4_000),
        telling=Telling(),  # height=1.62 if you know it
        output=Path("adapted"),
        truth=Path("film"),  # looked at after all is done
    )
    clips = [unlabelled(clip) for clip in film if isinstance(clip, crosslift.Clip)]
    done = carry_out(asked, clips)
    print(done.report.verdict)
    for row in done.report.errors[:3]:
        before, after, change = row.numbers()
        print(f"{row.title:8} {before} before, {after} after ({change})")
    print(f"read {done.made[1]}")


if __name__ == "__main__":
    main()
