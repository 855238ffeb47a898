"""PoSynDA (Liu et al., ACM MM 2023): teacher and student, several hypotheses, few numbers.

The published values are `recipes.posynda.POSYNDA`; what is quick here draws fewer poses, and adds
more numbers to a network that is smaller than the published one.
"""

from dataclasses import dataclass, field, replace

import torch

from .. import registry
from ..augment.named import augmenter_named
from ..data.shuffled import Shuffled
from ..errors import SettingsError
from ..networks.low_rank import LowRankSettings
from ..recipes.posynda import PoSynDA, adapt, check_draws
from ..recipes.supervised import Optimizing, windows_for
from ..training import Fitting
from .job import Adapted, Job, Rounds, until_over
from .likeness import Likeness
from .low_rank import apart

OF_BLOCKS = LowRankSettings(layers=(r"attn\.(qkv|proj)$", r"mlp\.fc[12]$"))
"""Beside all layers of a transformer's blocks."""

QUICK = PoSynDA(
    low_rank=OF_BLOCKS,
    share=0.99,
    bones=True,
    tried=1,
    mirrored=False,
    batch=16,
    target_every=8,
    optimizer=Optimizing(rate=1e-2),
)
"""For budgets of minutes."""


@registry.adapter("posynda")
@dataclass(frozen=True)
class TeacherAndStudent:
    """Learn from a source like the target, and from a teacher's choice of hypotheses (PoSynDA)."""

    likeness: Likeness = Likeness()  # noqa: RUF009  frozen
    course: PoSynDA = field(default=QUICK)
    augment: tuple[str, ...] = ()
    """Augmenters by name of the source after the alignment, such as detector for detected
    keypoints."""
    round: int = 50
    """Batches between two looks at the target's keypoints."""
    fitting: Fitting = until_over()  # noqa: RUF009  frozen

    def adapt(self, job: Job) -> Adapted:
        """A lifter that has learned from both; what was added is apart, if little moved."""
        check_draws(job.lifter)
        if job.filmed is None:
            raise SettingsError(
                "PoSynDA learns from the target's recordings, but the job has none; give them as "
                "a store."
            )
        windows = windows_for(job.lifter, job.source, None)
        named = [augmenter_named(words) for words in self.augment]
        seed = int(torch.randint(2**62, (), generator=job.rng))
        changes = [*self.likeness.whole(job.target), *named]
        shown = Shuffled(windows, min(self.course.batch, len(windows)), seed, changes)
        done = adapt(
            job.lifter,
            Rounds(shown, self.round),
            job.filmed,
            replace(self.course, fitting=self.fitting),
            job.rng,
            run=job.run,
            validation=job.validation,
        )
        adapted = Adapted(done.lifter, done.fitted, shown)
        if self.course.moved == "all":
            return adapted
        return apart(adapted, job.lifter, self.course.low_rank)
