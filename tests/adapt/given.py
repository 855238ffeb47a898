"""Small lifters, sources and targets that tests of adaptation share."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import torch

from crosslift.adapt.footage import Footage, Telling, footage_of
from crosslift.adapt.gpa import Alignment
from crosslift.adapt.job import Job, until_over
from crosslift.adapt.lpa import UNSEEN, LocalAugmentation
from crosslift.adapt.poseda import QUICK, AlignedAndAugmented
from crosslift.clip import Clip
from crosslift.data.store import Store
from crosslift.find_lifter import Found
from crosslift.lifter_folder import About, save_lifter
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from ..people import seen_walker

SMALL_GAME = {"batch": 16, "width": 16, "picture_width": 16, "history": 32, "warm_up": 0}
METHODS = {
    "gpa": Alignment(batch=16, round=4, optimizer=Optimizing(rate=3e-3)),
    "lpa": LocalAugmentation(game=replace(UNSEEN, **SMALL_GAME), round=4),
    "poseda": AlignedAndAugmented(game=replace(QUICK, **SMALL_GAME), round=4),
}
"""Every method in a small form."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def small_lifter(name: str = "simple_baseline", skeleton=H36M_17, **more) -> Found:
    """A lifter that has learned nothing yet."""
    settings = small_settings(name, **more)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lifter = settings.build(skeleton)
    lifter.network.eval()
    return Found(lifter, About(name, settings, skeleton), None)


def lifter_folder(folder: Path, name: str = "simple_baseline", **more) -> Path:
    found = small_lifter(name, **more)
    save_lifter(found.lifter, found.about, folder)
    return folder


def filmed(count: int = 2, seconds: float = 0.6, first: int = 40) -> list[Clip]:
    """People of the target, with the truth that adaptation must not see."""
    return [
        replace(seen_walker(seconds, first + number), name=f"film/{number}", labels={})
        for number in range(count)
    ]


def footage(clips=None, found=None, **telling) -> Footage:
    if clips is None and found is None:
        return usual_footage(**telling)
    found = found or small_lifter()
    return footage_of(filmed() if clips is None else clips, found, Telling(**telling), generator())


@cache
def usual_footage(**telling) -> Footage:
    return footage_of(filmed(), small_lifter(), Telling(**telling), generator())


def in_steps(method, steps: int):
    """The method with so many batches."""
    return replace(method, fitting=until_over(steps=steps))


def job(source: Store, found=None, target: Footage | None = None, **more) -> Job:
    target = target or footage()
    found = found or small_lifter()
    return Job(found.lifter, source, target.target, generator(1), **more)


def changed(one, other) -> bool:
    """Whether two lifters have other weights."""
    first, second = one.state(), other.state()
    return any(not torch.equal(first[name], second[name]) for name in first)
