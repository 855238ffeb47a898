"""Two lifters on the same made-up people: who is nearer to the truth, and in which movement.

python examples/02_measure_a_lifter.py
"""

from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.evaluation import PLAIN, Report, evaluate, stamp
from crosslift.files import write_json
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.ridge import RidgeSettings, fit_ridge
from crosslift.windows import Windowing, windows


def people(seed: int, frames: int) -> list[crosslift.Clip]:
    """Labelled recordings of people whom nobody has met, with a detector's errors."""
    settings = synth.Settings(frames=frames, kinds=("walk", "squat"), cameras=("ring",), seconds=4)
    return list(synth.recordings(settings, torch.Generator().manual_seed(seed)))


def main() -> None:
    rng = torch.Generator().manual_seed(0)
    single_frames = windows(people(seed=0, frames=4_000), Windowing(frames=1))
    lifters = {
        "flat": FlatSettings().build(crosslift.H36M_17),
        "ridge": fit_ridge(RidgeSettings(features=512), single_frames, rng),
    }

    truths = people(seed=2, frames=1_500)
    for name, lifter in lifters.items():
        # What a lifter gets has no labels: it cannot peep.
        lifted = (crosslift.lift(crosslift.unlabelled(each), lifter, rng) for each in truths)
        found = evaluate(zip(lifted, truths, strict=True), PLAIN, by=("action",))
        for action, some in found.groups_by("action").items():
            print(f"{name:6} {action:6} {1000 * found.figures_of(some)['mpjpe']:4.0f} mm")
        report = Report(found, {**stamp(), "estimates": {"lifter": name}}, ("action",))
        write_json(Path(f"{name}.json"), report.data())


if __name__ == "__main__":
    main()
