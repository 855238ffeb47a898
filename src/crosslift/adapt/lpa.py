"""Local pose augmentation alone: harder poses of the target's bodies, where the source was seen."""

from dataclasses import dataclass, field, replace

from .. import registry
from ..recipes.poseda import PoseDA
from ..training import Fitting
from .contest import played
from .job import Adapted, Job, until_over
from .likeness import Likeness
from .poseda import QUICK

UNPLACED = Likeness(position=False)
UNSEEN = replace(QUICK, real_2d="none")
"""Without the judge of pictures: bodies stay where the source was seen, so their pictures cannot
become the target's."""


@registry.adapter("lpa")
@dataclass(frozen=True)
class LocalAugmentation:
    """Learn from harder poses that a generator makes, with the target's bodies and views."""

    likeness: Likeness = UNPLACED
    game: PoseDA = field(default=UNSEEN)
    augment: tuple[str, ...] = ()
    """Augmenters by name of what the lifter sees, such as detector for detected keypoints."""
    round: int = 50
    """Batches between two looks at the target's keypoints."""
    fitting: Fitting = until_over()  # noqa: RUF009  frozen

    def adapt(self, job: Job) -> Adapted:
        """A lifter that has learned from harder poses."""
        return played(
            job, self.likeness, self.game, self.fitting, augment=self.augment, round_of=self.round
        )
