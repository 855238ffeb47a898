"""Train a generator of bodies against critics, look at what it makes, and learn from it.

The same on the command line: crosslift train dh_aug people -o run --lifter simple_baseline
and then crosslift synth -o made --generator run/generator.safetensors

python examples/06_dh_poses.py
"""

import json
from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.augment.dh_generator import load_generator
from crosslift.lifter_folder import About
from crosslift.lifters.simple_baseline import SimpleBaselineLifter
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.recipes.dh_aug.recordings import generated
from crosslift.recipes.dh_aug.settings import Game, Playing, Showing, Widths
from crosslift.recipes.dh_training import DHAug
from crosslift.recipes.job import Job, keep
from crosslift.training import Fitting, Run, Schedule

SMALL = Game(
    place="source",  # made bodies stand where real ones stood
    widths=Widths(64, 64, 64, 64, 64),
    playing=Playing(rate=1e-3, generator_every=2),
)


def people(path: Path) -> crosslift.Store:
    """Made-up people as a store on disk: what a generator takes for real."""
    made = synth.Settings(frames=2_000, seconds=5, exact=True, cameras=("ring",))
    with crosslift.StoreWriter(path) as writer:
        for clip in synth.recordings(made, torch.Generator().manual_seed(0)):
            writer.add(clip)
    return crosslift.Store.open(path)


def main() -> None:
    settings = SimpleBaselineLifter(SimpleBaselineSettings(width=64, dropout=0.0))
    about = About("simple_baseline", settings, crosslift.H36M_17)
    job = Job(about, people(Path("people")), torch.Generator().manual_seed(1), run=Run(Path("run")))
    recipe = DHAug(
        batch=128,
        warm_up=1,
        game=SMALL,
        showing=Showing(every=3, poses=16, measured=256),
        fitting=Fitting(epochs=6, schedule=Schedule("constant")),
    )
    keep(recipe.train(job), job, Path("run/lifter"), {"recipe": "dh_aug"})
    for name in ("epoch-0000", "end"):
        figures = json.loads(Path(f"run/generated/{name}.json").read_text())
        alike, off = figures["overlap"], figures["nearest_real_mm"]
        print(f"{name}: {alike:.0%} of bone angles in common, {off:.0f} mm from a real body")

    generator = load_generator(Path("run/generator.safetensors"))
    wanted = synth.Settings(frames=200, seconds=1, views=2, exact=True)
    clips = list(generated(generator, wanted, torch.Generator().manual_seed(2)))
    print(f"{sum(map(len, clips))} frames of made bodies in {len(clips)} clips")
    print(f"the first is {clips[0].name}; look at run/generated/end.png")


if __name__ == "__main__":
    main()
