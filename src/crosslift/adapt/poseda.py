"""PoseDA, whole (Chai et al., ICCV 2023): alignment of positions, and poses that a generator makes.

Bodies and views are aligned too, which the publication does not do; `likeness.proportions` and
`likeness.viewpoint` switch that off.
"""

from dataclasses import dataclass, field

from .. import registry
from ..recipes.poseda import PoseDA
from ..recipes.supervised import Optimizing
from ..training import Fitting
from .contest import played
from .job import Adapted, Job, until_over
from .likeness import Likeness

QUICK = PoseDA(
    source="aligned",
    made=0.3,
    squared=False,
    batch=512,
    lifter=Optimizing(rate=5e-4),
    generator_every=4,
    discriminators_every=8,
    warm_up=2,
)
"""The published players, who move less often and make what counts for less, with a lifter that
learns faster, after two rounds, and never from where the source was filmed: for budgets of
minutes."""


@registry.adapter("poseda")
@dataclass(frozen=True)
class AlignedAndAugmented:
    """Learn from harder poses that a generator makes, put where target people are seen (PoseDA)."""

    likeness: Likeness = Likeness()  # noqa: RUF009  frozen
    game: PoseDA = field(default=QUICK)
    augment: tuple[str, ...] = ()
    """Augmenters by name of what the lifter sees, such as detector for detected keypoints."""
    round: int = 50
    """Batches between two looks at the target's keypoints."""
    fitting: Fitting = until_over()  # noqa: RUF009  frozen

    def adapt(self, job: Job) -> Adapted:
        """A lifter that has learned from harder poses, aligned."""
        return played(
            job, self.likeness, self.game, self.fitting, augment=self.augment, round_of=self.round
        )
