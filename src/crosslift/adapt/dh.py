"""DH-AUG as an adaptation: bodies that a generator makes, with the target's bones, seen its way.

The publication (Huang, Liang, Deng, ECCV 2022) knows no target; there the generator is to make a
lifter ready for any. Here what it plays for are source windows that are made like the target, and
with alignment its bodies are put where target people are seen.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import nn

from .. import registry
from ..augment.dh_body import Meaning, check_body
from ..augment.dh_generator import Maker, check_frames, load_generator
from ..augment.named import augmenter_named
from ..data.shuffled import Shuffled
from ..lifters.direct import Direct
from ..recipes.dh_aug.learning import Lesson
from ..recipes.dh_aug.making import maker_without_players
from ..recipes.dh_aug.moves import Contest, contest_of
from ..recipes.dh_aug.settings import Game, Learning, Playing, Widths
from ..recipes.poseda.players import Clock
from ..recipes.supervised import Optimizing, windows_for
from ..training import Fitting, Step, fit
from .job import FOR_EVER, Adapted, Job, Rounds, until_over
from .likeness import Likeness

UNPLACED = Likeness(position=False)
QUICK = Game(
    meaning=Meaning(waves=3),
    swap="none",
    place="source",
    paced=False,
    frames_judged=3,
    playing=Playing(rate=3e-4, generator_every=8, critics_every=4),
    widths=Widths(128, 128, 128, 128, 128),
)
"""Smaller players for budgets of minutes, who move less often than the lifter and make motion of
few waves; bones are the target's, and made bodies stand where the source's stood. Motion of one
that begins with the adaptation is worth more unpaced, and that of one trained before still more."""

BESIDE_PEOPLE = Learning(made=0.3, optimizer=Optimizing(rate=5e-4), falling=None, squared=False)
"""Made bodies count for less than people who move as the target's do."""


@registry.adapter("dh")
@dataclass(frozen=True)
class MadeBodies:
    """Learn from bodies that a kinematic generator makes with the target's bones (DH-AUG)."""

    likeness: Likeness = UNPLACED
    game: Game = field(default=QUICK)
    learning: Learning = BESIDE_PEOPLE
    generator: Path | None = None
    """A trained generator (crosslift train dh_aug); one is trained meanwhile unless given."""
    warm_up: int = 2
    """Rounds in which the lifter waits for a generator that is trained meanwhile."""
    batch: int = 512
    """Windows in a batch."""
    augment: tuple[str, ...] = ()
    """Augmenters by name of what the lifter sees, such as detector for detected keypoints."""
    round: int = 50
    """Batches between two looks at the target's keypoints."""
    fitting: Fitting = until_over()  # noqa: RUF009  frozen

    def adapt(self, job: Job) -> Adapted:
        """A lifter that has learned from made bodies and from the source."""
        check_body(job.lifter.skeleton)
        lifter = replace(job.lifter, network=deepcopy(job.lifter.network))
        windows = windows_for(lifter, job.source, None)
        seed = int(torch.randint(2**62, (), generator=job.rng))
        size = min(self.batch, len(windows))
        seen = Shuffled(windows, size, seed, self.likeness.turned(job.target))
        clock = Clock(self.round, FOR_EVER).to(next(lifter.network.parameters()).device)
        said: list[str] = []
        plays = self.generator is None and self.game.data == "generated"
        contest = None
        if plays:
            contest = contest_of(self.game, lifter, clock, job.rng, said.append)
        named = [augmenter_named(words) for words in self.augment]
        lesson = Lesson(
            lifter,
            self.game,
            self.learning,
            clock,
            self.maker(lifter, contest),
            rests=self.warm_up if plays else 0,
            watch=None if contest is None else contest.watch,
            seen_as=[self.likeness.placed(job.target), *named],
            anywhere=True,
        )
        fitted = fit(
            modules(lifter, clock, contest),
            [*([] if contest is None else contest.steps()), self.move(lesson)],
            Rounds(seen, self.round),
            self.fitting,
            job.rng,
            run=job.run,
            validation=None if job.validation is None else job.validation(lifter),
        )
        shown = replace(seen, augment=[*self.likeness.whole(job.target), *named])
        return Adapted(lifter, fitted, shown, tuple(said))

    def move(self, lesson: Lesson) -> Step:
        """The lifter's move."""
        return lesson.step()

    def maker(self, lifter: Direct, contest: Contest | None) -> Maker | None:
        """Who makes bodies: the player, a generator from its file, chance, or nobody."""
        if contest is not None:
            return contest.maker
        if self.generator is None:
            return maker_without_players(self.game)
        found = load_generator(self.generator)
        check_frames(found.frames, lifter.frames)
        return found


@registry.adapter("gpa+dh")
@dataclass(frozen=True)
class PlacedBodies(MadeBodies):
    """Learn from made bodies, put where target people are seen (DH-AUG with PoseDA's GPA)."""

    likeness: Likeness = Likeness()  # noqa: RUF009  frozen


def modules(lifter: Direct, clock: Clock, contest: Contest | None) -> dict[str, nn.Module]:
    """All that is trained or remembered, the lifter first."""
    others = {"clock": clock} if contest is None else contest.modules()
    return {"lifter": lifter.network, **others}
