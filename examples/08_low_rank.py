"""Two adapters beside one lifter: what is learned of a camera is a small file of its own.

On the command line: `crosslift adapt film --method gpa+lora --lifter lifter -o high`, and then
`crosslift lift FILE --lifter lifter --adapter high/adapter.safetensors -o lifted`.

python examples/08_low_rank.py
"""

from pathlib import Path
from typing import Any

import torch

import crosslift
from crosslift import synth
from crosslift.adapt.carry_out import Asked, carry_out
from crosslift.adapt.footage import Telling
from crosslift.adapt.job import until_over
from crosslift.adapt.low_rank import LowRankAlignment
from crosslift.adapt.source import Source
from crosslift.clip import unlabelled
from crosslift.find_lifter import find_lifter
from crosslift.lifter_folder import About
from crosslift.lifters.simple_baseline import SimpleBaselineLifter
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.recipes.job import Job, keep
from crosslift.recipes.supervised import Optimizing, Supervised


def store_of(path: Path, **settings: Any) -> crosslift.Store:
    """Made-up people as a store on disk."""
    made = synth.Settings(seconds=5, exact=True, **settings)
    with crosslift.StoreWriter(path) as writer:
        for clip in synth.recordings(made, torch.Generator().manual_seed(0)):
            writer.add(clip)
    return crosslift.Store.open(path)


def taught(store: crosslift.Store, folder: Path) -> None:
    """A small lifter that knows people before cameras at eye level."""
    settings = SimpleBaselineLifter(SimpleBaselineSettings(width=128, dropout=0.0))
    job = Job(About("simple_baseline", settings, crosslift.H36M_17), store, torch.Generator())
    learning = Optimizing(rate=3e-3)
    recipe = Supervised(batch=128, optimizer=learning, fitting=until_over(steps=150))
    keep(recipe.train(job), job, folder, {"recipe": "supervised"})


def main() -> None:
    seen = store_of(Path("seen"), frames=4_000, kinds=("walk", "reach"), cameras=("ring",))
    taught(seen, Path("lifter"))
    learning = Optimizing(rate=1e-2)
    method = LowRankAlignment(batch=128, optimizer=learning, fitting=until_over(steps=100))
    for camera in ("high", "low"):
        people = {"preset": "target", "frames": 400, "kinds": ("kick",), "cameras": (camera,)}
        film, folder = store_of(Path(f"film_{camera}"), **people), Path(camera)
        found, source = find_lifter("lifter", fast=False), Source(frames=3_000)
        asked = Asked(method, "gpa+lora", found, "lifter", source, Telling(), folder, film.path)
        clips = [unlabelled(clip) for clip in film if isinstance(clip, crosslift.Clip)]
        report = carry_out(asked, clips).report
        before, after, _ = report.errors[0].numbers()
        print(
            f"before the camera {camera}: {before}, with its adapter {after}; {report.remarks[-1]}"
        )

        file = folder / "adapter.safetensors"
        own = find_lifter("lifter", adapters=[file])  # one lifter, as many adapters as one likes
        print(f"{file} has {file.stat().st_size / 1000:.0f} kB; together they are {own.hash}")


if __name__ == "__main__":
    main()
