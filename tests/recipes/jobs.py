"""Trainings that take a fraction of a second."""

from dataclasses import replace
from typing import Any

import torch

from crosslift.data.store import Store
from crosslift.lifter_folder import About
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing, Supervised
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Schedule

from ..lifters.small import small_settings


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def job_for(name: str, store: Store, *, skeleton=H36M_17, seed: int = 0, **more: Any) -> Job:
    """The training of a small lifter."""
    wanted = {key: more.pop(key) for key in ("inputs", "network", "flip") if key in more}
    about = About(name, small_settings(name, **wanted), skeleton)
    return Job(about, store, generator(seed), **more)


def short(batches: int = 30, **more: Any) -> Supervised:
    """A supervised training of so many batches of 16 windows."""
    fitting = Fitting(epochs=1000, steps=batches, schedule=Schedule("constant"), log_every=1)
    plain = Supervised(batch=16, stride=1, optimizer=Optimizing(rate=3e-3), fitting=fitting)
    return replace(plain, **more)
