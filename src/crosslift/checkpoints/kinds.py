"""What is to know of a kind of network in order to recognise its weights."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn

from ..errors import SettingsError
from .shapes import Shapes

State = dict[str, Tensor]


@dataclass(frozen=True)
class Choices:
    """What neither names nor shapes of weights tell; the defaults are those of the publications."""

    heads: int = 8
    """Of every attention."""
    causal: bool = False
    """Whether VideoPose3D's pose is that of the last frame, not the middle one."""
    frames: int = 3
    """Of an ST-GCN that sees several."""
    strides: tuple[int, ...] = ()
    """By how much each layer of P-STMO shortens a window; none, those published for its length."""
    parents: tuple[int, ...] = ()
    """Of each joint of a SemGCN, -1 for the root; none, those of Human3.6M's 16 or 17 joints."""
    groups: tuple[tuple[int, ...], ...] = ()
    """Joints that a non-local SemGCN pools; none, the pairs of Human3.6M's 16 joints."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        if min(self.heads, self.frames, *self.strides) < 1:
            raise SettingsError(
                f"Heads, frames and strides are at least 1, but {self.heads}, {self.frames} and "
                f"{self.strides} were given; raise them."
            )


class Read(NamedTuple):
    """What was read off the weights."""

    settings: Any
    """Of the network, a frozen dataclass of its own."""
    notes: tuple[str, ...] = ()
    """What was assumed, or is needed beside the weights, a sentence each."""
    choices: Choices | None = None
    """Those that were given, completed by what the weights tell."""


def unchanged(state: State) -> State:
    """The weights as they are."""
    return state


@dataclass(frozen=True)
class Kind:
    """A network of ours and how its published weights are known."""

    name: str
    title: str
    """As a sentence names it."""
    signs: tuple[str, ...]
    """Patterns, each of which the beginning of some name fits."""
    read: Callable[[Shapes, Choices], Read]
    """The settings of the network, from the shapes of its weights."""
    build: Callable[[Any, Choices], nn.Module]
    """The network with these settings."""
    tidied: Callable[[State], State] = unchanged
    """The weights less what some releases store and no network needs."""

    def fits(self, names: Iterable[str]) -> bool:
        """Whether the names are those of this network."""
        return all_found(self.signs, names)


@dataclass(frozen=True)
class Stranger:
    """Weights that are known by sight and cannot be imported."""

    title: str
    signs: tuple[str, ...]
    remedy: str
    """What to do instead, to end a sentence."""

    def fits(self, names: Iterable[str]) -> bool:
        """Whether the names are those of this network."""
        return all_found(self.signs, names)


def all_found(signs: Iterable[str], names: Iterable[str]) -> bool:
    """Whether each pattern fits the beginning of some name."""
    names = list(names)
    return all(any(re.match(sign, name) for name in names) for sign in signs)
