"""How long and how fast: the settings of a fit."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from ..errors import SettingsError


@dataclass(frozen=True)
class Schedule:
    """How the learning rate changes, as a factor of the optimiser's own."""

    kind: Literal["constant", "cosine", "linear", "exponential", "steps"] = "cosine"
    """Constant; along half a cosine down to zero; evenly down to zero; by a factor for every epoch;
    by a factor for every so many batches."""
    factor: float = 0.95
    """Of the kinds exponential and steps."""
    every: int = 1
    """Epochs (exponential) or batches (steps) between two falls."""
    warm_up: int = 0
    """Batches in which the rate rises from zero."""

    def __call__(self, step: int, epoch: int, progress: float) -> float:
        """The factor at a batch.

        Args:
            step: Batches before this one.
            epoch: Epochs before this one.
            progress: From 0 at the start to 1 at the end.
        """
        rise = min(1.0, (step + 1) / self.warm_up) if self.warm_up else 1.0
        falls = {
            "constant": 1.0,
            "linear": 1 - min(progress, 1.0),
            "cosine": (1 + math.cos(math.pi * min(progress, 1.0))) / 2,
            "exponential": self.factor ** (epoch // self.every),
            "steps": self.factor ** (step // self.every),
        }
        return rise * falls[self.kind]


@dataclass(frozen=True, eq=False)
class Run:
    """Where a training is kept and shown."""

    folder: Path | None = None
    """For the checkpoint and the log; none is written unless given."""
    resume: bool = False
    """Whether to go on with the checkpoint in the folder, if there is one."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Settings that a continued training must share, as plain data."""
    console: Console | None = None
    """For the progress bar."""


UNKEPT = Run()

CLOCKS: Mapping[str, Callable[[], float]] = {
    "wall": time.monotonic,
    "processor": time.process_time,
}
"""Seconds since some moment."""


@dataclass(frozen=True)
class Fitting:
    """When training ends, and what is done beside the optimisation itself."""

    epochs: int = 20
    steps: int | None = None
    """Batches after which it ends, if that is earlier."""
    minutes: float | None = None
    """Of training, validation included, after which it ends, if that is earlier; where it ends
    then depends on the machine."""
    clock: Literal["wall", "processor"] = "wall"
    """What these minutes are of: the time that goes by, or processor time of this process in all
    its threads, so that other work on the machine changes nothing but the wait."""
    schedule: Schedule = Schedule()
    clip: float | None = None
    """Largest norm of a player's gradient; larger ones are scaled down."""
    average: float | None = None
    """Share of the old in the moving average of the weights, such as 0.999, which is then what is
    validated and kept."""
    patience: int | None = None
    """Epochs without a better validation after which it ends."""
    keep: Literal["best", "last"] = "best"
    """Which weights are the result, where there is a validation."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the networks' products in training; weights, and layers that take or give coordinates,
    are float32 always."""
    workers: int = 1
    """Threads that prepare batches ahead; their number changes nothing but the speed."""
    checkpoint_minutes: float = 5.0
    """Between two checkpoints; there is one at every epoch's end and when it is stopped too."""
    log_every: int = 50
    """Batches between two lines of the log."""
    tensorboard: bool = False
    """Whether the log is written for TensorBoard too (the extra of that name)."""

    @property
    def now(self) -> Callable[[], float]:
        """The clock, in seconds."""
        return CLOCKS[self.clock]

    def __post_init__(self) -> None:
        """Refuse what makes no training."""
        for name in ("epochs", "workers", "log_every"):
            if getattr(self, name) < 1:
                raise SettingsError(
                    f"A fit needs 1 or more {name}, but {getattr(self, name)} was asked for."
                )
        if self.average is not None and not 0 < self.average < 1:
            raise SettingsError(
                f"The share of the old weights in the average lies between 0 and 1, but "
                f"{self.average} was given; 0.999 is usual."
            )
