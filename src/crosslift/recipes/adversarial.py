"""PoseDA and PoseAug as recipes: lifters that learn from poses which a generator makes harder.

The game is that of `recipes.poseda`. `crosslift adapt` plays it too, within a budget and with the
target's bodies and views besides; here it is as the publications have it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from torch import Generator

from .. import registry
from ..augment.gpa import GPASettings
from ..augment.target import Target
from ..data.shuffled import Shuffled
from ..data.store import Store
from ..errors import SettingsError
from ..label_free import unlabelled
from ..lifters.direct import Direct
from ..protocols import Augmenter
from ..training import Validation
from .job import Job, Trained
from .poseda import POSEAUG, POSEDA, Adapted, PoseDA, adapt
from .supervised import domain_of, held_out, windows_for, with_statistics


@registry.recipe("poseda")
@dataclass(frozen=True)
class PoseDARecipe:
    """Adapt a lifter to unlabelled keypoints: alignment and local augmentation (PoseDA, 2023)."""

    target: tuple[Path, ...] = ()
    """Stores of what was filmed in the target domain; of them keypoints, scores and lenses are
    looked at, and nothing else."""
    places: GPASettings = GPASettings()  # noqa: RUF009  frozen
    """How source people are put where target people are seen."""
    players: PoseDA = POSEDA

    def train(self, job: Job) -> Trained:
        """A lifter that has learned from harder poses before the target's cameras."""
        if not self.target:
            raise SettingsError(
                "PoseDA adapts to what was filmed in another domain, but no store of it was named; "
                "say --target STORE."
            )
        filmed = Store.joined([Store.open(path) for path in self.target])
        target = Target.of(filmed)
        align = self.places.build(target)
        lifter, adapted = played(job, self.players, filmed, target, align)
        windows = windows_for(lifter, job.train, None)
        shown = Shuffled(windows, min(self.players.batch, len(windows)), 0, [align])
        return Trained(
            adapted.lifter, adapted.fitted, domain_of(shown, lifter.skeleton, Generator())
        )


@registry.recipe("poseaug")
@dataclass(frozen=True)
class PoseAugRecipe:
    """Train a lifter on poses, bodies and places that a generator makes harder (PoseAug, 2021)."""

    players: PoseDA = POSEAUG

    def __post_init__(self) -> None:
        """Refuse what needs a target."""
        if self.players.place != "learned" or self.players.real_2d == "target":
            raise SettingsError(
                'PoseAug knows no target, so its generator places bodies (place "learned") and '
                'real keypoints are the source\'s (real_2d "source") or none, but '
                f'"{self.players.place}" and "{self.players.real_2d}" were given; take the recipe '
                "poseda."
            )

    def train(self, job: Job) -> Trained:
        """A lifter that has learned from harder poses."""
        _, adapted = played(job, self.players)
        return Trained(adapted.lifter, adapted.fitted)


def played(
    job: Job,
    players: PoseDA,
    filmed: Store | None = None,
    target: Target | None = None,
    align: Augmenter | None = None,
) -> tuple[Direct, Adapted]:
    """The lifter that the job begins with, and what the game made of it.

    The best weights are chosen by the job's labelled validation, or else by the target's keypoints.
    """
    lifter = job.lifter()
    windows = windows_for(lifter, job.train, None)
    lifter = with_statistics(lifter, windows)

    def validation(of: Direct) -> Validation:
        if job.validation is not None:
            return held_out("validation", of, job.validation)
        assert filmed is not None, "or there is none"
        return unlabelled("target", of, filmed)

    judged = job.validation is not None or filmed is not None
    adapted = adapt(
        lifter,
        windows,
        target,
        align,
        replace(players, batch=min(players.batch, len(windows))),
        job.rng,
        run=job.run,
        validation=validation if judged else None,
    )
    return lifter, adapted
