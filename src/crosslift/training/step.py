"""What a method hands to the loop: its players' moves, and by what it is judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jaxtyping import Float
from torch import Generator, Tensor
from torch.optim import Optimizer

from ..errors import SettingsError

Terms = Mapping[str, Float[Tensor, ""]]
"""The parts of a loss by name; their sum is minimised, each is noted."""


@dataclass(frozen=True, eq=False)
class Step:
    """One player's move: what it minimises, and with which optimiser."""

    name: str
    loss: Callable[[Any, Generator], Terms]
    """Of a batch; it draws from the generator alone, dropout apart."""
    optimizer: Optimizer
    every: int = 1
    """The player moves in one batch of so many."""

    def __post_init__(self) -> None:
        if self.every < 1:
            raise SettingsError(
                f'The player "{self.name}" should move in one batch of 1 or more, but every '
                f"{self.every} was asked for."
            )


@dataclass(frozen=True, eq=False)
class Validation:
    """What is measured between epochs, and decides which weights are kept and when to stop."""

    name: str
    """Such as "source_val": it stands beside every figure."""
    measure: Callable[[], Mapping[str, float]]
    by: str
    """The figure that should fall."""
    labels: Literal["source", "none"] = "source"
    """Whose 3D poses are looked at; never the target's: to choose by them is to train on them."""
