"""What a recipe is given to work on, whichever it is, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Generator

from ..data.store import Store
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
        if self.start is not None:
            begun, other = load_lifter(self.start)
            if (other.name, other.skeleton) != (self.about.name, self.about.skeleton):
                raise SettingsError(
                    f'Training should start from a lifter "{self.about.name}" for the skeleton '
                    f'"{self.about.skeleton.name}", but "{self.start}" is "{other.name}" for '
                    f'"{other.skeleton.name}"; name another, or change the settings.'
                )
            assert isinstance(built, Direct) and isinstance(begun, Direct), "both have networks"
            built = built.with_state(begun.state())
        if not isinstance(built, Direct):
            raise SettingsError(
                f'The lifter "{self.about.name}" has no network to train; choose another.'
            )
        return built.to(self.device)


@dataclass(frozen=True, eq=False)
class Trained:
    """A recipe's result."""

    lifter: Direct
    fitted: Fitted


@runtime_checkable
class Recipe(Protocol):
    """Settings that know how to train."""

    def train(self, job: Job) -> Trained:
        """Do it."""
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
    save_lifter(trained.lifter, about, folder)
    return about
