"""DH-AUG's training: from labelled clips to a lifter, and to the generator beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Generator, nn

from .. import registry
from ..augment.dh_body import check_body
from ..augment.dh_generator import NAME, save_generator
from ..data.shuffled import Shuffled
from ..data.windows_of_store import StoreWindows
from ..errors import SettingsError
from ..lifters.direct import Direct
from ..training import Fitting, Schedule, fit
from .dh_aug.gallery import FOLDER, Gallery, looking
from .dh_aug.learning import Lesson
from .dh_aug.making import maker_without_players, swap_for
from .dh_aug.moves import Contest, contest_of
from .dh_aug.settings import Game, Learning, Showing, Widths
from .job import Job, Trained
from .poseda.players import Clock
from .supervised import Optimizing, domain_of, held_out, windows_for, with_statistics

EPOCHS = 3 + 50 + 60
"""Of single frames: generator and critics alone; the rate falling evenly; falling by a factor."""


@registry.recipe("dh_aug")
@dataclass(frozen=True)
class DHAug:
    """Train a lifter on real poses and on those of a kinematic generator (DH-AUG).

    The defaults are those of the publication's command for single frames. A training is of one
    move of each player for every batch; the release has the generator and its critics see all
    batches of an epoch first, the lifter all that was made then, and all real ones last.
    """

    batch: int = 1024
    """Windows in a batch."""
    stride: int | None = 1
    """Frames from one window to the next."""
    warm_up: int = 3
    """Epochs in which generator and critics play alone: the release's 2, counted from 0."""
    motion_warm_up: int = 0
    """Epochs before those in which the critics of movement rest, too."""
    game: Game = Game()  # noqa: RUF009  frozen
    learning: Learning = Learning()  # noqa: RUF009
    showing: Showing = Showing()  # noqa: RUF009
    fitting: Fitting = Fitting(epochs=EPOCHS, schedule=Schedule("constant"))  # noqa: RUF009

    def __post_init__(self) -> None:
        """Refuse a warm-up below none."""
        if self.warm_up < 0 or self.motion_warm_up < 0:
            raise SettingsError(
                "A warm-up lasts 0 or more epochs, but "
                f"{self.warm_up} and {self.motion_warm_up} were given; raise them."
            )

    def train(self, job: Job) -> Trained:
        """A lifter that has learned from real and from made poses.

        Where the job has a folder, the generator is written into it too.
        """
        check_body(job.about.skeleton)
        lifter = job.lifter()
        windows = windows_for(lifter, job.train, self.stride)
        lifter = with_statistics(lifter, windows)
        shown = Shuffled(windows, self.batch, drawn_seed(job.rng))
        clock = Clock(len(shown), self.fitting.epochs).to(job.device)
        contest = self.contest(lifter, job, clock)
        lesson = self.lesson(lifter, clock, contest)
        gallery = self.gallery(contest, windows, job, drawn_seed(job.rng))
        fitted = fit(
            modules(lifter, clock, contest),
            [*([] if contest is None else contest.steps()), lesson.step()],
            shown,
            self.fitting,
            job.rng,
            run=job.run,
            validation=None
            if job.validation is None
            else held_out("validation", lifter, job.validation),
            every_epoch=looking(gallery),
        )
        if gallery is not None:
            gallery.show("end")
        if contest is not None and job.run.folder is not None:
            keep_generator(contest, self, job)
        return Trained(lifter, fitted, domain_of(shown, lifter.skeleton, job.rng))

    def contest(self, lifter: Direct, job: Job, clock: Clock) -> Contest | None:
        """The game of generator and critics, where there is one."""
        if self.game.data != "generated":
            return None
        say = job.run.console.print if job.run.console is not None else silent
        return contest_of(
            self.game, lifter, clock, job.rng, say, resting_critics=self.motion_warm_up
        )

    def lesson(self, lifter: Direct, clock: Clock, contest: Contest | None) -> Lesson:
        """What the lifter learns from."""
        swap = None if self.game.data == "none" else swap_for(self.game)
        plain = maker_without_players(self.game)
        return Lesson(
            lifter,
            self.game,
            self.learning,
            clock,
            plain if contest is None else contest.maker,
            swap,
            rests=0 if contest is None else self.warm_up + self.motion_warm_up,
            watch=None if contest is None else contest.watch,
        )

    def gallery(
        self, contest: Contest | None, windows: StoreWindows, job: Job, seed: int
    ) -> Gallery | None:
        """Who shows what is made; nobody where nothing is, or where there is no folder."""
        if contest is None or job.run.folder is None or not self.showing.every:
            return None
        folder = job.run.folder / FOLDER
        return Gallery(contest, windows, self.showing, folder, seed % 2**31)


def modules(lifter: Direct, clock: Clock, contest: Contest | None) -> Mapping[str, nn.Module]:
    """All that is trained or remembered, the lifter first."""
    others = {"clock": clock} if contest is None else contest.modules()
    return {"lifter": lifter.network, **others}


def keep_generator(contest: Contest, recipe: DHAug, job: Job) -> None:
    """Write the generator into the folder of the run."""
    assert job.run.folder is not None, "the caller asked"
    about = {"recipe": "dh_aug", "data": job.train.hash(), "skeleton": job.about.skeleton.name,
             "game": recipe.game}  # fmt: skip
    save_generator(replace(contest.maker, about=about), job.run.folder / NAME)


def drawn_seed(rng: Generator) -> int:
    """A seed for one purpose."""
    return int(torch.randint(2**62, (), generator=rng))


def silent(sentence: str) -> None:
    """Nobody listens."""


WIDE = Widths(1000, 1000, 1000, 1000, 1000)

SINGLE = DHAug()
"""The publication's command for single frames."""

VIDEO = DHAug(
    batch=512,
    warm_up=21,
    motion_warm_up=4,
    game=Game(widths=WIDE, paced=False),
    learning=Learning(optimizer=Optimizing(rate=1e-3)),
    fitting=Fitting(epochs=134, schedule=Schedule("constant")),
)
"""Its command for video: 20 and 4 epochs of warm-up, counted from 0, of 134."""

BASELINE = DHAug(
    game=Game(data="none"),
    warm_up=0,
    fitting=Fitting(epochs=110, schedule=Schedule("constant")),
)
"""The same lifter without made bodies (the publication's method "NO_enhance")."""

VIDEO_BASELINE = DHAug(
    batch=512,
    warm_up=0,
    game=Game(data="none"),
    learning=Learning(optimizer=Optimizing(rate=1e-3)),
    fitting=Fitting(epochs=110, schedule=Schedule("constant")),
)
"""The same of video (its method "normal" there, which trains on real poses alone)."""

RANDOM = DHAug(game=Game(data="random"), warm_up=0)
"""With random bodies in the place of the generator's (its method "normal")."""
