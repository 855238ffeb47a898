"""DH-AUG's made bodies for a lifter that moves few added numbers alone; see `low_rank`."""

from dataclasses import dataclass, replace

from .. import registry
from ..lifters.direct import Direct
from ..networks.low_rank import LowRankSettings
from ..recipes.dh_aug.learning import Lesson
from ..training import Step
from .dh import MadeBodies
from .job import Adapted, Job
from .low_rank import EVERYWHERE, apart, still, with_additions


@registry.adapter("dh+lora")
@dataclass(frozen=True)
class LowRankBodies(MadeBodies):
    """Learn from made bodies in few added numbers, kept in a file of their own."""

    low_rank: LowRankSettings = EVERYWHERE

    def adapt(self, job: Job) -> Adapted:
        """A lifter to which was added what it learned from made bodies and from the source."""
        student: Direct = with_additions(job.lifter, self.low_rank, job.rng)
        return apart(super().adapt(replace(job, lifter=student)), job.lifter, self.low_rank)

    def move(self, lesson: Lesson) -> Step:
        """The move of the numbers that were added."""
        return still(super().move(lesson), lesson.lifter.network)
