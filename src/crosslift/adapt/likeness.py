"""What of a source is made like the target before a lifter learns from it, and in which order.

First the bodies, then how cameras are tilted, then where in the picture people are and how large:
each step needs what the one before left, since an aligned window has no place in the world.
"""

from dataclasses import dataclass

from torch import Generator

from ..augment.flip import FlipSettings
from ..augment.gpa import GPASettings
from ..augment.proportions import ProportionsSettings, StatureSettings
from ..augment.target import Target
from ..augment.viewpoint import ViewpointSettings
from ..clip import Batch
from ..protocols import Augmenter


@dataclass(frozen=True)
class Likeness:
    """In what source windows become like the target's."""

    proportions: bool = True
    """Whether source people get the bones of the target's."""
    stature: bool = True
    """Whether they get at least the stature of the target's, where not their bones: a picture does
    not tell sizes, so a lifter says those of the people it learned from."""
    viewpoint: bool = True
    """Whether they are turned about the vertical, and cameras tilted as the target's seem to be."""
    position: bool = True
    """Whether they are put where target people are seen (global position alignment)."""
    flip: bool = True
    """Whether half of the windows are mirrored before."""
    bones: ProportionsSettings = ProportionsSettings()  # noqa: RUF009  frozen
    views: ViewpointSettings = ViewpointSettings()  # noqa: RUF009  frozen
    places: GPASettings = GPASettings()  # noqa: RUF009  frozen

    def turned(self, target: Target) -> list[Augmenter]:
        """All but the position."""
        found: list[Augmenter] = []
        if self.flip:
            found.append(FlipSettings().build())
        if self.proportions:
            found.append(self.bones.build(target))
        elif self.stature:
            found.append(StatureSettings().build(target))
        if self.viewpoint:
            found.append(self.views.build(target))
        return found

    def placed(self, target: Target) -> Augmenter:
        """The position, or none."""
        return self.places.build(target) if self.position else Unmoved()

    def whole(self, target: Target) -> list[Augmenter]:
        """All of it, in order."""
        return [*self.turned(target), self.placed(target)]


@dataclass(frozen=True)
class Unmoved:
    """Leaves people where they are."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch itself; see `Augmenter`."""
        return batch
