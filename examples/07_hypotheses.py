"""Several answers to the same keypoints: how they are drawn, what is made of them, what they tell.

The same on the command line is `crosslift train diffusion people -o run --lifter d3dp`, then
`crosslift lift film -o lifted --lifter run/lifter --hypotheses 8 --steps 2 --aggregate j-agg`.

python examples/07_hypotheses.py
"""

from dataclasses import replace
from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.aggregation import aggregated, chosen_by_oracle
from crosslift.clip import unlabelled
from crosslift.lifter_folder import About
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.drawing import Drawing
from crosslift.networks.mixste import MixSTESettings
from crosslift.recipes.diffusion import DiffusionRecipe
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing
from crosslift.training import Fitting

SMALL = MixSTESettings(frames=9, width=48, depth=2, heads=4, drop_path=0.0)


def people(path: Path, frames: int, seed: int) -> crosslift.Store:
    """Made-up people as a store on disk."""
    made = synth.Settings(frames=frames, seconds=3, exact=True)
    with crosslift.StoreWriter(path) as writer:
        for clip in synth.recordings(made, torch.Generator().manual_seed(seed)):
            writer.add(clip)
    return crosslift.Store.open(path)


def error(clip: crosslift.Clip, truth: crosslift.Clip) -> float:
    """Mean distance of the joints from where they are, about the root, in millimetres."""
    assert clip.poses is not None and truth.poses is not None
    off = (clip.poses - clip.poses[..., [0], :]) - (truth.poses - truth.poses[..., [0], :])
    return 1000 * float(off.norm(dim=-1).mean())


def main() -> None:
    settings = D3DPLifter(SMALL, fps=30.0)
    about = About("d3dp", settings, crosslift.H36M_17)
    fitting = Fitting(epochs=1000, steps=150)
    recipe = DiffusionRecipe(batch=32, optimizer=Optimizing(rate=2e-3), fitting=fitting)
    job = Job(about, people(Path("people"), 6_000, seed=0), torch.Generator().manual_seed(0))
    lifter = recipe.train(job).lifter

    truth = next(iter(people(Path("film"), 400, seed=7)))
    assert isinstance(truth, crosslift.Clip)
    drawing = Drawing(hypotheses=8, steps=2).of(lifter, "d3dp")
    found = crosslift.lift(unlabelled(truth), drawing, torch.Generator().manual_seed(0))
    print(f"{tuple(found.poses.shape)}: hypotheses, frames, joints, metres")

    first = replace(found, poses=found.poses[:1])
    for name, clip in {
        "first": first,
        "mean": aggregated(found, "mean"),
        "j-agg": aggregated(found, "j-agg"),
        "oracle": chosen_by_oracle(found, truth, "oracle-j-best"),  # knows the truth: a bound
    }.items():
        print(f"{name:7} {error(clip, truth):4.0f} mm off")
    spread = aggregated(found).spread.mean(dim=0)
    names = crosslift.H36M_17.joints
    least, most = names[spread[1:].argmin() + 1], names[spread.argmax()]
    print(f"hypotheses agree most about the {least}, and least about the {most}")


if __name__ == "__main__":
    main()
