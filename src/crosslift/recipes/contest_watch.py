"""Notices when a generator and its judges no longer teach each other anything."""

import math
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import SettingsError, TrainingError
from ..training.processes import all_agree, team

MEMORY = 0.98
"""Share of the old in the running means: some fifty moves are remembered."""


@dataclass(frozen=True)
class Patience:
    """When a contest counts as lost, and what is done then."""

    every: int = 100
    """Batches between two looks."""
    patience: int = 5
    """Looks in a row at which something is wrong, after which it is lost."""
    restarts: int = 1
    """How often generator and judges begin anew before the training ends with an error."""

    def __post_init__(self) -> None:
        """Refuse to look never."""
        if self.every < 1 or self.patience < 1 or self.restarts < 0:
            raise SettingsError(
                "Watching needs every and patience of at least 1 and restarts of at least 0, but "
                f"{self.every}, {self.patience} and {self.restarts} were given; raise them."
            )


Watching = TypeVar("Watching", bound=Patience)


class ContestWatch(nn.Module, Generic[Watching]):
    """Running means of what goes wrong when a contest collapses, kept with the weights."""

    players: ClassVar[str]
    """As they are called in messages."""
    known: ClassVar[tuple[str, ...]]
    """The means' names."""
    means: Tensor
    wrong: Tensor
    restarts: Tensor
    seed: Tensor

    def __init__(self, settings: Watching, seed: int) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("means", torch.full((len(self.known),), math.nan))
        for name, value in {"wrong": 0, "restarts": 0, "seed": seed}.items():
            self.register_buffer(name, torch.tensor(value))

    def note(self, reading: str, value: Float[Tensor, ""]) -> None:
        """Note a figure; one that is no number counts as endless from then on."""
        place, value = self.known.index(reading), value.detach().to(self.means)
        value = value.nan_to_num(nan=math.inf, posinf=math.inf, neginf=-math.inf)
        old = self.means[place]
        mean = torch.where(old.isinf(), old, old.lerp(value, 1 - MEMORY))
        self.means[place] = torch.where(old.isnan(), value, mean)

    def readings(self) -> dict[str, float]:
        """The means that there are."""
        named = zip(self.known, self.means.tolist(), strict=True)
        return {name: value for name, value in named if not math.isnan(value)}

    def is_lost(self, complaint: str | None) -> bool:
        """Whether something has been wrong for so long, here or in any other process."""
        fine = all_agree(complaint is None, team(self.means.device), self.means.device)
        self.wrong.copy_(torch.zeros_like(self.wrong) if fine else self.wrong + 1)
        return int(self.wrong) >= self.settings.patience

    def restart(self, complaint: str, batch: int) -> int:
        """The seed of a new beginning; refused where there were enough of them."""
        if int(self.restarts) >= self.settings.restarts:
            raise TrainingError(
                f"{self.players} should keep each other in balance, but up to batch {batch} "
                f"{complaint}, after {int(self.restarts)} new beginnings; choose another seed, or "
                "lower rates."
            )
        self.restarts += 1
        self.wrong.zero_()
        self.means.fill_(math.nan)
        return int(self.seed) + int(self.restarts)
