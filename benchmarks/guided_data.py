"""What the grid of `benchmarks.guided` stands on, made once in a work folder and kept there.

Pictures of rendered people, lifters that were trained on true keypoints of other people, and for
each seed a detector that already finds joints. Times are of this process's processor.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from jaxtyping import UInt8
from torch import Generator, Tensor

from crosslift import synth
from crosslift.camera import joined
from crosslift.commands.common import Common
from crosslift.commands.render import People, render
from crosslift.data.images import Crops, joined_ways
from crosslift.data.images_crop import Framing
from crosslift.data.images_loading import StoredCrops
from crosslift.data.images_store import PictureStore
from crosslift.data.store import Store, StoreWriter
from crosslift.detect.detector_folder import KeptDetector, load_detector, save_detector
from crosslift.detect.map_detector import MapDetector
from crosslift.detect.map_networks import MAP_NETWORKS
from crosslift.find_lifter import find_lifter
from crosslift.geometry import mirror, mirror_camera, swap_sides
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.iganet import IGANetLifter
from crosslift.lifters.mixste import MixSTELifter
from crosslift.lifters.simple_baseline import GENERAL, SimpleBaselineLifter
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.hrnet import HRNetSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.pose_resnet import POSE_RESNET_SMALL
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.recipes.detector import DetectorJob, DetectorRecipe
from crosslift.recipes.guided_loss import Guide
from crosslift.recipes.job import Job
from crosslift.recipes.l2d_pose import guide_of
from crosslift.recipes.supervised import Optimizing, Supervised
from crosslift.render import Rendering
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Schedule
from crosslift.training.examples import seeded

BATCH = 32
NETWORKS = {
    "hrnet": HRNetSettings(width=16, modules=(1, 1), blocks=1, stem=16, stem_blocks=1),
    "pose_resnet": POSE_RESNET_SMALL,
}
"""Detectors that learn within minutes of one thread."""
LIFTERS: dict[str, Any] = {
    "simple_baseline": SimpleBaselineLifter(
        SimpleBaselineSettings(**vars(GENERAL) | {"width": 512, "dropout": 0.1})
    ),
    "videopose": VideoPoseLifter(
        VideoPoseSettings(filter_widths=(1, 1, 1), channels=256, dropout=0.1)
    ),
    "iganet": IGANetLifter(width=64, depth=2, heads=4, drop_path=0.0),
    "mixste": MixSTELifter(MixSTESettings(frames=1, width=64, depth=2, heads=4)),
}
"""Lifters of single frames, by registered name."""
PICTURES = {
    "train": (1, People(people=400, views=2, seconds=4.0, every=6)),
    "test": (2, People(people=75, views=2, seconds=4.0, every=12)),
}
"""Seed and people of each store of pictures: 16,000 to learn from, 1,500 of others to measure."""


@dataclass(frozen=True)
class Ground:
    """Where it all lies, and how long was taken for it."""

    work: Path
    size: int
    """Width and height of the cut-outs."""
    network: str
    lifter_seconds: float
    start_seconds: float

    def crops(self, split: str, seed: int) -> "Held":
        """The pictures of a split in batches; half of those to learn from are mirrored."""
        return Held(*held(self.pictures(split), self.size), seed, mirrored=split == "train")

    def pictures(self, split: str) -> Path:
        """The store of a split's pictures, rendered if it is not there."""
        seed, people = PICTURES[split]
        folder = self.work / f"{split}-{self.size}"
        rendering = Rendering((self.size, self.size), hidden=0.1, shutter=0.0, shaking=0.0)

        def make(draft: Path) -> None:
            common = Common(seed=seed, quiet=True)
            render(draft, people=people, rendering=rendering, resume=True, common=common)

        return made(folder, make)

    def motion(self) -> Store:
        """Made-up people with true keypoints, from whom lifters learn; none of the others."""

        def make(draft: Path) -> None:
            settings = synth.Settings(frames=200_000, seconds=5.0, exact=True)
            with StoreWriter(draft) as writer:
                for clip in synth.recordings(settings, Generator().manual_seed(0)):
                    writer.add(clip)

        return Store.open(made(self.work / "motion", make))

    def guide(self, name: str) -> Guide:
        """A lifter, trained if it is not there."""

        def make(draft: Path) -> None:
            about = About(name, LIFTERS[name], H36M_17)
            job = Job(about, self.motion(), Generator().manual_seed(0))
            recipe = Supervised(batch=256, optimizer=Optimizing(rate=1e-3),
                                fitting=until_over(self.lifter_seconds))  # fmt: skip
            save_lifter(recipe.train(job).lifter, about, draft)

        folder = made(self.work / f"{name}-{self.lifter_seconds:g}s", make)
        return guide_of(name, find_lifter(str(folder), fast=False).lifter, H36M_17)

    def start(self, seed: int) -> MapDetector:
        """The detector with which every cell of a seed begins, trained if it is not there."""

        def make(draft: Path) -> None:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                network = MAP_NETWORKS[self.network].build(NETWORKS[self.network])
            network.to(memory_format=torch.channels_last)
            detector = MapDetector(H36M_17, network, (self.size, self.size))
            job = DetectorJob(detector, self.crops("train", seed), Generator().manual_seed(seed))
            fitting = until_over(self.start_seconds)
            recipe = DetectorRecipe(batch=BATCH, sheets=0, optimizer=Optimizing(rate=2e-3),
                                    fitting=fitting)  # fmt: skip
            save_detector(KeptDetector(recipe.train(job).detector), draft)

        name = f"{self.network}-{self.size}-{self.start_seconds:g}s-{seed}"
        detector = load_detector(made(self.work / name, make)).detector
        detector.network.to(memory_format=torch.channels_last)
        return detector


def until_over(seconds: float, batches: int = 0) -> Fitting:
    """A training of so much processor time or of so many batches, which ends with a rate of zero.

    Products inside of the network that learns are of bfloat16, which is a third faster here.
    """
    return Fitting(
        epochs=10_000,
        steps=batches or None,
        minutes=None if batches else seconds / 60,
        clock="processor",
        schedule=Schedule("cosine"),
        clip=1.0,
        precision="bfloat16",
    )


def made(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder, made by a function that writes a draft of it unless it is there."""
    if not folder.exists():
        draft = folder.with_name(f".{folder.name}")
        shutil.rmtree(draft, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make(draft)
        draft.rename(folder)
    return folder


@dataclass(frozen=True, eq=False)
class Held:
    """Crops that are held in memory, so that a cell's time is that of learning; see `Examples`."""

    crops: Crops
    """All but their pictures, in whose place is a black pixel."""
    pixels: UInt8[Tensor, "crops 3 height width"]
    seed: int
    mirrored: bool

    def __len__(self) -> int:
        return len(self.crops) // BATCH

    def batch(self, epoch: int, index: int) -> Crops:
        """One batch; one in two is mirrored as a whole."""
        order = torch.randperm(len(self.crops), generator=seeded(self.seed, epoch))
        some = order[index * BATCH : (index + 1) * BATCH]
        whole = self.crops
        assert whole.poses is not None, "of rendered people"
        found = Crops(
            whole.skeleton, self.pixels[some].float() / 255, whole.keypoints[some],
            whole.scores[some], whole.to_picture[some], whole.camera[some], whole.poses[some],
        )  # fmt: skip
        coin = float(torch.rand((), generator=seeded(self.seed, epoch, index)))
        return turned(found) if self.mirrored and coin < 0.5 else found

    def part(self, batch: Crops, which: int, of: int) -> Crops:
        """One process's part of a batch."""
        share = len(batch) // of
        return batch[which * share : (which + 1) * share]

    @property
    def hash(self) -> str:
        """By their number; the folder says the rest."""
        return f"held {len(self.crops)}"


@cache
def held(path: Path, size: int) -> tuple[Crops, UInt8[Tensor, "crops 3 height width"]]:
    """All crops of a store, and their pixels."""
    stored = StoredCrops(PictureStore.open(path), BATCH, 0, Framing((size, size)))
    parts, pixels = [], []
    for each in stored.in_order():
        pixels.append((each.pictures * 255).round().byte())
        parts.append(replace(each, pictures=each.pictures[..., :1, :1] * 0))
    return below_each_other(parts), torch.cat(pixels)


def below_each_other(parts: Sequence[Crops]) -> Crops:
    """Several batches of crops as one."""
    names = ("pictures", "keypoints", "scores", "to_picture", "poses")
    whole: dict[str, Any] = {
        name: torch.cat([getattr(each, name) for each in parts]) for name in names
    }
    return Crops(H36M_17, camera=joined([each.camera for each in parts]), **whole)


def turned(batch: Crops) -> Crops:
    """The batch as mirrored cameras see mirrored people."""
    last = batch.pictures.shape[-1] - 1
    middle = batch.camera.size[..., 0] / 2
    flipped = torch.tensor([[-1.0, 0, last], [0, 1, 0]])
    back = torch.zeros(len(batch), 2, 3)
    back[:, 0, 0], back[:, 0, 2], back[:, 1, 1] = -1, 2 * middle, 1
    assert batch.poses is not None, "of rendered people"
    return replace(
        batch,
        pictures=batch.pictures.flip(-1),
        keypoints=mirror(batch.keypoints, H36M_17, middle=last / 2),
        scores=swap_sides(batch.scores, H36M_17),
        to_picture=joined_ways(back, joined_ways(batch.to_picture, flipped)),
        camera=mirror_camera(batch.camera, middle=middle),
        poses=mirror(batch.poses, H36M_17),
    )
