"""PoSynDA as a recipe: a lifter that draws its poses is taught by its own average.

The course is that of `recipes.posynda`. `crosslift adapt` takes it too, within a budget and with
the target's bodies and views besides; here it is as the publication has it.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from .. import registry
from ..adapter_file import merged
from ..augment.gpa import GPASettings
from ..augment.target import Target
from ..data.shuffled import Shuffled
from ..data.store import Store
from ..errors import SettingsError
from ..label_free import unlabelled
from ..lifters.direct import Direct
from ..training import Validation
from .job import Job, Trained
from .posynda import POSYNDA, PoSynDA, adapt
from .supervised import domain_of, held_out, windows_for


@registry.recipe("posynda")
@dataclass(frozen=True)
class PoSynDARecipe:
    """Adapt a lifter that draws its poses, by a teacher and few added numbers (PoSynDA, 2023)."""

    target: tuple[Path, ...] = ()
    """Stores of what was filmed in the target domain: keypoints, scores and lenses are looked at,
    and nothing else. With its test sequences the result is transductive."""
    places: GPASettings = GPASettings()  # noqa: RUF009  frozen
    """How source people are put where target people are seen."""
    course: PoSynDA = POSYNDA

    def train(self, job: Job) -> Trained:
        """A lifter that has learned from both; what was added to it is merged."""
        if not self.target:
            raise SettingsError(
                "PoSynDA adapts to what was filmed in another domain, but no store of it was "
                "named; say --target STORE."
            )
        if job.start is None:
            raise SettingsError(
                "PoSynDA adds to a lifter that knows its source, but none was named; say "
                "--start-from FOLDER."
            )
        filmed = Store.joined([Store.open(path) for path in self.target])
        lifter = job.lifter()
        windows = windows_for(lifter, job.train, lifter.frames)
        seed = int(torch.randint(2**62, (), generator=job.rng))
        align = self.places.build(Target.of(filmed))
        shown = Shuffled(windows, min(self.course.batch, len(windows)), seed, [align])

        def validation(of: Direct) -> Validation:
            if job.validation is not None:
                return held_out("validation", of, job.validation)
            return unlabelled("target", of, filmed)

        done = adapt(
            lifter, shown, filmed, self.course, job.rng, run=job.run, validation=validation
        )
        found = merged(done.lifter)
        return Trained(found, done.fitted, domain_of(shown, found.skeleton, job.rng))
