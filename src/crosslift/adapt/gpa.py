"""Alignment: a labelled source is made like the target, and the lifter goes on learning from it.

PoseDA (Chai et al., ICCV 2023) aligns positions (`augment.gpa`). What positions do not explain are
cameras of another tilt and people of other proportions, which are aligned here too.
"""

from copy import deepcopy
from dataclasses import dataclass, replace

import torch

from .. import registry
from ..augment.named import augmenter_named
from ..data.shuffled import Shuffled
from ..lifters.diffusion import Diffusion
from ..lifters.direct import Along, Direct
from ..recipes.diffusion import Denoising, denoising
from ..recipes.supervised import (
    Objective,
    Optimizing,
    Supervised,
    check_answered,
    supervised,
    windows_for,
)
from ..training import Fitting, Step, fit
from .job import Adapted, Job, Rounds, until_over
from .likeness import Likeness

AT_ONCE = 27
"""Frames, about a second."""


@registry.adapter("gpa")
@dataclass(frozen=True)
class Alignment:
    """Learn from a source with the target's bodies, views and places (PoseDA's GPA, and more)."""

    likeness: Likeness = Likeness()  # noqa: RUF009  frozen
    augment: tuple[str, ...] = ()
    """Augmenters by name after the alignment, such as detector where keypoints were detected."""
    batch: int = 512
    """Frames or windows that are answered for in a batch."""
    answered: int | None = None
    """Frames for which a window is answered at once, by networks that go along sequences; 27
    unless given. Others answer for one, or for all of a window."""
    round: int = 50
    """Batches between two looks at the target's keypoints."""
    objective: Objective = Objective()  # noqa: RUF009  frozen
    optimizer: Optimizing = Optimizing(rate=5e-4)  # noqa: RUF009  frozen
    fitting: Fitting = until_over()  # noqa: RUF009  frozen

    def adapt(self, job: Job) -> Adapted:
        """A lifter that has learned from the aligned source."""
        lifter = replace(job.lifter, network=deepcopy(job.lifter.network))
        answered = answered_by(lifter) if self.answered is None else self.answered
        check_answered(lifter, answered, "to be adapted")
        windows = windows_for(lifter, job.source, None, answered)
        size = min(max(self.batch // answered, 1), len(windows))
        named = [augmenter_named(words) for words in self.augment]
        seed = int(torch.randint(2**62, (), generator=job.rng))
        changes = [*self.likeness.whole(job.target), *named]
        shown = Shuffled(windows, size, seed, changes)
        fitted = fit(
            {"lifter": lifter.network},
            [self.move(lifter)],
            Rounds(shown, self.round),
            self.fitting,
            job.rng,
            run=job.run,
            validation=None if job.validation is None else job.validation(lifter),
        )
        return Adapted(lifter, fitted, shown)

    def move(self, lifter: Direct) -> Step:
        """The lifter's move on a batch that looks like the target."""
        if isinstance(lifter, Diffusion):
            return denoising(lifter, Denoising(), self.optimizer)
        return supervised(lifter, Supervised(objective=self.objective, optimizer=self.optimizer))


def answered_by(lifter: Direct) -> int:
    """For how many frames a window is answered at once, so that neighbours share their work."""
    along = isinstance(lifter.network, Along) and lifter.predict != "all"
    return AT_ONCE if along and lifter.frames > 1 else 1
