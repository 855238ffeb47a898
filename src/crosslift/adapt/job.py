"""What a method of adaptation is given to work on, whichever it is, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from torch import Generator

from ..adapter_file import Adapter
from ..augment.target import Target
from ..clip import Batch
from ..data.shuffled import Shuffled
from ..data.store import Store
from ..lifters.direct import Direct
from ..training import Examples, Fitted, Fitting, Run, Schedule, Validation

FOR_EVER = 1_000_000
"""Rounds: a budget ends a training, not their number."""


@dataclass(frozen=True, eq=False)
class Job:
    """One adaptation, from the outside."""

    lifter: Direct
    """Stays as it is."""
    source: Store
    """Labelled."""
    target: Target
    """Keypoints, lenses and estimated bodies."""
    rng: Generator
    validation: Callable[[Direct], Validation] | None = None
    """Of the lifter that is being adapted, by keypoints alone."""
    run: Run = field(default_factory=Run)
    filmed: Store | None = None
    """The target's recordings with their people's estimated bones, for methods that show them to
    the lifter."""


@dataclass(frozen=True, eq=False)
class Adapted:
    """A method's result."""

    lifter: Direct
    fitted: Fitted
    shown: Shuffled
    """What the lifter was shown, made like the target."""
    remarks: tuple[str, ...] = ()
    """Sentences that a user should read."""
    adapter: Adapter | None = None
    """What was added to the lifter's network, of methods that change nothing else; it is merged
    into the lifter above."""


@runtime_checkable
class Method(Protocol):
    """Settings that know how to adapt."""

    @property
    def fitting(self) -> Fitting:
        """How long and how fast."""
        ...

    def adapt(self, job: Job) -> Adapted:
        """Do it."""
        ...


def until_over(**more: object) -> Fitting:
    """A training that ends with its budget, the rate falling to zero by then."""
    settings = {"epochs": FOR_EVER, "schedule": Schedule("cosine"), "clip": 1.0, "patience": 40}
    return Fitting(**settings | more)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, eq=False)
class Rounds:
    """The same batches in epochs of fewer, so that weights are judged often."""

    own: Examples
    batches: int

    def __len__(self) -> int:
        return self.batches

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch."""
        return self.own.batch(*divmod(epoch * self.batches + index, len(self.own)))

    def part(self, batch: Batch, which: int, of: int) -> Batch:
        """One process's part of a batch."""
        return self.own.part(batch, which, of)

    @property
    def hash(self) -> str:
        """Of the data."""
        return self.own.hash
