"""Sizes of a network, read off the shapes of its weights."""

import re
from collections.abc import Mapping

from torch import Tensor

from ..errors import CheckpointError

MOST_LAYERS = 200
"""More than any network has; building as many as a file names could take for ever."""


class MisfitError(CheckpointError):
    """Half a sentence that says which of the weights does not fit, and how."""


class Shapes:
    """The shapes of weights by name."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        self.of = {name: tuple(value.shape) for name, value in state.items()}

    def __contains__(self, name: str) -> bool:
        return name in self.of

    def axis(self, name: str, axis: int) -> int:
        """The length of one axis."""
        if name not in self.of:
            raise MisfitError(f'"{name}" is missing')
        if len(self.of[name]) <= axis or 0 in self.of[name]:
            raise MisfitError(f'"{name}" has the shape {self.of[name]}, which cannot be')
        return self.of[name][axis]

    def shared(self, name: str, axis: int, parts: int) -> int:
        """What each part gets if the length of an axis is shared out among so many."""
        length = self.axis(name, axis)
        if length % parts:
            raise MisfitError(f'"{name}" has {length} rows or columns, not a multiple of {parts}')
        return length // parts

    def layers(self, prefix: str) -> int:
        """How many layers there are, numbered from zero, whose names begin so."""
        pattern = re.compile(re.escape(prefix) + r"\.(\d{1,6})\.")
        found = {int(match[1]) for name in self.of if (match := pattern.match(name))}
        for number in range(min(len(found), MOST_LAYERS + 1)):
            if number not in found:
                raise MisfitError(f'"{prefix}.{number}" is missing')
        if len(found) > MOST_LAYERS:
            raise MisfitError(f'"{prefix}" has {len(found)} layers, more than {MOST_LAYERS}')
        return len(found)
