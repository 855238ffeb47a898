"""Small lifters, sources and targets that tests of adaptation share."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch

from crosslift import registry
from crosslift.adapt.footage import Footage, Telling, footage_of
from crosslift.adapt.job import Job, until_over
from crosslift.clip import Clip
from crosslift.data.store import Store
from crosslift.find_lifter import Found
from crosslift.lifter_folder import About, save_lifter
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from ..people import seen_walker

SMALL = {
    "batch": 16,
    "round": 4,
    "width": 16,
    "picture_width": 16,
    "history": 32,
    "warm_up": 0,
}
"""Settings by name, wherever in those of a method they stand: of a form that takes a moment."""


def in_small(settings: Any) -> Any:
    """Settings of which all that costs time is small."""
    found = {each.name: getattr(settings, each.name) for each in fields(settings)}
    inner = {name: in_small(value) for name, value in found.items() if is_dataclass(value)}
    return replace(settings, **inner | {name: SMALL[name] for name in found if name in SMALL})


METHODS = {name: in_small(registry.settings_of("adapter", name)())
           for name in registry.parts("adapter")}  # fmt: skip
"""Every method that is registered, in a small form."""

SUITED = {"posynda": "d3dp"}
"""The lifter of those that do not take any; draws of one are chosen among."""


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


def suited(method: str) -> Found:
    """A lifter that the method takes."""
    name = SUITED.get(method, "simple_baseline")
    return small_lifter(name, **({"fps": 30.0} if name in SUITED.values() else {}))


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


def cut(clip, frames: slice):
    return replace(
        clip,
        keypoints=clip.keypoints[frames],
        scores=clip.scores[frames],
        observed=clip.observed[frames],
        poses=None if clip.poses is None else clip.poses[:, frames],
    )


def unseen(clip):
    return replace(
        clip,
        keypoints=torch.full_like(clip.keypoints, torch.nan),
        scores=torch.zeros_like(clip.scores),
        observed=torch.zeros_like(clip.observed),
    )


def footage(clips=None, found=None, **telling) -> Footage:
    found = found or small_lifter()
    if clips is None and found.about.name == "simple_baseline":
        return usual_footage(**telling)
    return footage_of(filmed() if clips is None else clips, found, Telling(**telling), generator())


@cache
def usual_footage(**telling) -> Footage:
    return footage_of(filmed(), small_lifter(), Telling(**telling), generator())


def in_steps(method, steps: int):
    """The method with so many batches."""
    return replace(method, fitting=until_over(steps=steps))


def job(
    source: Store, found=None, target: Footage | None = None, folder: Path | None = None, **more
) -> Job:
    """An adaptation; with a folder, recordings are there for methods that show them."""
    found = found or small_lifter()
    target = target or footage(found=found)
    recordings = None if folder is None else target.store(folder / target.hash)
    return Job(found.lifter, source, target.target, generator(1), filmed=recordings, **more)


def changed(one, other) -> bool:
    """Whether two lifters have other weights."""
    first, second = one.state(), other.state()
    return any(not torch.equal(first[name], second[name]) for name in first)
