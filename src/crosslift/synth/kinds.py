"""The kinds of movement by name; a kind registers itself where it is written."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Generator

from ..errors import SettingsError, unknown_name
from .actor import Actor
from .track import Phrase, joined

Play = Callable[[Actor, float, Generator], Phrase]
"""A movement of at least so many seconds, begun at the origin."""


@dataclass(frozen=True)
class Kind:
    """A kind of movement."""

    name: str
    help: str
    """What is done, in a line."""
    play: Play


_kinds: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Play], Play]:
    """Register a function under the name of the movement that it makes."""

    def register(play: Play) -> Play:
        _kinds[name] = Kind(name, (play.__doc__ or "").partition("\n")[0], play)
        return play

    return register


def kinds() -> dict[str, Kind]:
    """All kinds of movement."""
    return dict(sorted(_kinds.items()))


def kind_named(name: str) -> Kind:
    """The kind of movement that is called `name`."""
    known = kinds()
    if name not in known:
        raise SettingsError(unknown_name("kind of movement called", name, known))
    return known[name]


def repeated(once: Callable[[], Phrase], seconds: float) -> Phrase:
    """As many performances of a movement as fill the time."""
    phrases = [once()]
    while sum(phrase.seconds for phrase in phrases) < seconds:
        phrases.append(once())
    return joined(phrases)
