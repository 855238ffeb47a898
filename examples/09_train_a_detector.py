"""Teach a detector what a lifter needs: pictures of made-up people, a lifter, a guided detector.

The same on the command line: `crosslift render -o pictures`, `crosslift train detector pictures -o
plain`, then `crosslift train l2d_pose --detector plain/detector --lifters lifter --on pictures -o
guided`.

python examples/09_train_a_detector.py
"""

from pathlib import Path

import torch

import crosslift
from crosslift import synth
from crosslift.detect.detector_folder import KeptDetector, save_detector
from crosslift.detect.map_detector import MapDetector
from crosslift.lifter_folder import About
from crosslift.lifters.simple_baseline import SimpleBaselineLifter
from crosslift.networks.pose_resnet import POSE_RESNET_SMALL, PoseResNet
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.recipes.detector import DetectorJob, DetectorRecipe
from crosslift.recipes.guiding import GuidedJob, L2DPoseRecipe
from crosslift.recipes.job import Job
from crosslift.recipes.l2d_pose import guide_of, windows_in
from crosslift.recipes.supervised import Optimizing, Supervised
from crosslift.training import Fitting

SIZE = (64, 64)


def for_batches(steps: int) -> Fitting:
    return Fitting(epochs=1000, steps=steps, clip=1.0)


def main() -> None:
    rng = torch.Generator().manual_seed(0)
    settings = synth.Settings(frames=3_000, kinds=("walk", "reach"), seconds=5, exact=True)
    with crosslift.StoreWriter(Path("people")) as writer:
        for clip in synth.recordings(settings, rng):
            writer.add(clip)
    store = crosslift.Store.open(Path("people"))

    # A lifter that learned from true keypoints: it trusts what it is given.
    lifter = SimpleBaselineLifter(SimpleBaselineSettings(width=128, dropout=0.0))
    job = Job(About("simple_baseline", lifter, crosslift.H36M_17), store, rng)
    learning = Optimizing(rate=3e-3)
    recipe = Supervised(batch=128, optimizer=learning, fitting=for_batches(150))
    guide = guide_of("simple_baseline", recipe.train(job).lifter, crosslift.H36M_17)

    # People are rendered for every batch; a real training takes hours and a store of pictures.
    train = windows_in([Path("people")], {}, SIZE, 16, 1, rng, DetectorRecipe().changes)
    others = windows_in([Path("people")], {}, SIZE, 16, 1, rng)
    detector = MapDetector(crosslift.H36M_17, PoseResNet(POSE_RESNET_SMALL), SIZE)
    plain = DetectorRecipe(batch=16, sheets=0, optimizer=learning, fitting=for_batches(40))
    begun = plain.train(DetectorJob(detector, train, rng)).detector

    guided = L2DPoseRecipe(batch=16, sheets=0, fitting=for_batches(20))
    done = guided.train(GuidedJob(begun, train, rng, others, guides=[guide]))
    last = {
        name.removeprefix("validation."): each for name, each in done.fitted.history[-1].items()
    }
    print(f"in the picture {last['pixels']:.1f} pixels off, behind the lifter "
          f"{last['mpjpe_mm']:.0f} mm")  # fmt: skip
    save_detector(KeptDetector(done.detector), Path("guided"))
    print("kept: guided")


if __name__ == "__main__":
    main()
