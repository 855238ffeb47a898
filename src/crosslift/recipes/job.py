"""What a recipe is given to work on, whichever it is, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Generator

from ..data.store import Store
from ..domain import Domain
from ..errors import SettingsError
from ..lifter_folder import About, load_lifter, save_lifter
from ..lifters.direct import Direct
from ..training import Fitted, Run


@dataclass(frozen=True, eq=False)
class Job:
    """One training, from the outside."""

    about: About
    """Of the lifter that is to be trained."""
    train: Store
    """What it is trained on."""
    rng: Generator
    validation: Store | None = None
    """By what the best weights are chosen."""
    start: Path | None = None
    """A lifter's folder, from whose weights training starts."""
    run: Run = field(default_factory=Run)
    device: str = "cpu"

    def lifter(self) -> Direct:
        """The lifter with the weights that training starts from."""
        with torch.random.fork_rng():
            torch.manual_seed(int(torch.randint(2**62, (), generator=self.rng)))
            built = self.about.build()
        if not isinstance(built, Direct):
            raise SettingsError(
                f'The lifter "{self.about.name}" has no network to train; choose another.'
            )
        if self.start is not None:
            built = begun_from(built, self.about, self.start)
        return built.to(self.device)


def begun_from(built: Direct, about: About, start: Path) -> Direct:
    """A fresh lifter with the weights and statistics of one in a folder."""
    begun, other = load_lifter(start)
    if (other.name, other.skeleton) != (about.name, about.skeleton):
        raise SettingsError(
            f'Training should start from a lifter "{about.name}" for the skeleton '
            f'"{about.skeleton.name}", but "{start}" is "{other.name}" for '
            f'"{other.skeleton.name}"; name another, or change the settings.'
        )
    assert isinstance(begun, Direct), "it is built as the other one"
    if begun.inputs != built.inputs:
        raise SettingsError(
            f'"{start}" is given {begun.inputs}, but the lifter to be trained {built.inputs}: the '
            "weights would mean something else; give both the same inputs."
        )
    return built.with_state(begun.state())


@dataclass(frozen=True, eq=False)
class Trained:
    """A recipe's result."""

    lifter: Direct
    fitted: Fitted
    domain: Domain | None = None
    """What it was trained on, as it was shown."""


@runtime_checkable
class Recipe(Protocol):
    """Settings that know how to train."""

    def train(self, job: Job) -> Trained:
        """Do it."""
        ...


@runtime_checkable
class NamingLifter(Protocol):
    """A recipe that says itself which lifter it trains, so that nobody else names one."""

    def lifter(self) -> tuple[str, Any]:
        """Its registered name and its settings."""
        ...


def keep(trained: Trained, job: Job, folder: Path, made: Mapping[str, Any]) -> About:
    """Write the trained lifter as a folder, and return what it says of itself."""
    fitted = trained.fitted
    figures = dict(fitted.history[-1]) if fitted.history else {}
    about = About(
        job.about.name,
        job.about.settings,
        job.about.skeleton,
        {
            **made,
            "trained": {
                "batches": fitted.steps,
                "epochs": round(fitted.epochs, 3),
                "seconds": round(fitted.seconds, 1),
                "ended": fitted.why,
                "skipped": fitted.skipped,
                "best": fitted.best,
                "best_at": fitted.best_step,
                "last": figures,
            },
            "data": job.train.hash(),
        },
    )
    save_lifter(trained.lifter, about, folder, domain=trained.domain)
    return about
