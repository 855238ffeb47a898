"""What can be chosen of DH-AUG, and what its publication chose."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn
from torch.optim import Optimizer

from ...augment.dh import Scaling
from ...augment.dh_body import Meaning
from ...errors import SettingsError
from ..contest_watch import Patience
from ..supervised import Optimizing


@dataclass(frozen=True)
class Playing:
    """How generator and critics learn: all alike, and at the same rate to the end."""

    rate: float = 1e-4
    betas: tuple[float, float] = (0.5, 0.9)
    penalty: float = 10.0
    """Weight of the squared difference between a critic's slope and one."""
    generator_every: int = 5
    """The generator moves in one batch of so many."""
    critics_every: int = 1
    """So do the critics, by default in all; where both rest, the lifter gets more of the time."""

    def build(self, parameters: Iterable[nn.Parameter]) -> Optimizer:
        """The optimiser of some players."""
        return torch.optim.Adam(list(parameters), lr=self.rate, betas=self.betas, fused=True)


@dataclass(frozen=True)
class Widths:
    """Of the networks."""

    generator: int = 256
    body: int = 256
    picture: int = 256
    motion: int = 256
    picture_motion: int = 256


@dataclass(frozen=True)
class Says:
    """How much each critic counts for the generator."""

    body: float = 1.0
    picture: float = 0.2
    motion: float = 1.0
    picture_motion: float = 1.0


@dataclass(frozen=True)
class Released:
    """What DH-AUG's release does wrong; each is off unless it is to be repeated."""

    detached_mirrors: bool = False
    """Mirror images count in what the generator reads, but teach it nothing."""
    penalty_per_frame: bool = False
    """The critic of the pictures of movement has a slope of one for each frame, not for a clip."""
    clamped: bool = False
    """Points behind the camera have a false image in front of it."""


@dataclass(frozen=True)
class Falling:
    """How the lifter's rate falls: evenly to nothing, and before it is there by a factor."""

    epochs: int = 50
    """In which it falls evenly; the fall would end one epoch later."""
    factor: float = 0.95
    """By which it falls in each epoch after that."""

    def __call__(self, epoch: int) -> float:
        """The share of the rate in an epoch, from 0, in which the lifter learns."""
        even = 1 - min(epoch, self.epochs) / (self.epochs + 1)
        return even * self.factor ** max(0, epoch - self.epochs)


@dataclass(frozen=True)
class Watching(Patience):
    """When the game counts as lost, and what is done then."""

    right: float = 0.3
    """Share of pairs in which what is real scores more than what is made, below which a critic
    tells nothing."""
    apart: float = 1000.0
    """Difference between both scores above which a critic has run away."""
    degrees: float = 0.5
    """Mean angle between two made poses below which the generator heeds no noise."""
    at_limits: float = 0.95
    """Share of made angles within a hundredth of a limit, above which it says nothing but those."""
    seen: float = 0.02
    """Share of made poses within the picture below which the lifter learns next to nothing."""


@dataclass(frozen=True)
class Showing:
    """What a training tells of its generator, in the run's folder `generated`."""

    every: int = 5
    """Epochs between two pictures, each with a table of figures beside it; 0 for none."""
    poses: int = 24
    """In a picture."""
    measured: int = 1024
    """By which figures are measured."""

    def __post_init__(self) -> None:
        """Refuse pictures of nothing."""
        if self.every < 0 or self.poses < 1 or self.measured < 2:
            raise SettingsError(
                "Pictures are made every 0 or more epochs of 1 or more poses, and figures of 2 or "
                f"more, but {self.every}, {self.poses} and {self.measured} were given."
            )


@dataclass(frozen=True)
class Game:
    """How bodies are made and judged; the same in a training and in an adaptation."""

    data: Literal["generated", "random", "none"] = "generated"
    """What is learned from besides the real poses: bodies of a generator that plays against
    critics, random bodies, or nothing."""
    meaning: Meaning = Meaning()  # noqa: RUF009  frozen
    scaling: Scaling = "different"
    """How a made body's bones differ from the real one's: each by up to a fifth, all by the same,
    or not."""
    swap: Literal["measured", "batch", "none"] = "measured"
    """Whose bones real people get before they are shown: those of five measured people, of each
    other, or their own."""
    templates: tuple[Path, ...] = ()
    """Bodies (crosslift body) to swap with in the place of the five."""
    place: Literal["learned", "source"] = "learned"
    """Where made bodies stand: where the generator says, or where the real ones stood."""
    mirrors: Literal["half", "both", "none"] = "half"
    """Whether half of what is shown is mirrored, all of it is shown as it is and mirrored, or
    nothing is; so with movement that runs backwards."""
    backwards: bool = True
    """Whether movement is shown backwards too."""
    paced: bool = True
    """Whether made motion is kept at people's pace: its changes are multiplied by what makes its
    accelerations as great as theirs. The publication's is not."""
    frames_judged: int | None = None
    """Frames of a clip that critics of single frames see, drawn at random; all unless given."""
    motion_joints: bool = True
    """Whether the critic of movement sees joints, besides the angles between bones."""
    motion_changes: bool = True
    """Whether it sees how these joints change."""
    playing: Playing = Playing()
    widths: Widths = Widths()
    says: Says = Says()
    watching: Watching = Watching()
    released: Released = Released()

    def __post_init__(self) -> None:
        """Refuse choices that contradict each other."""
        check_game(self)


def check_game(game: Game) -> None:
    """Refuse templates that are not swapped with, and a generator that never moves."""
    if game.templates and game.swap != "measured":
        raise SettingsError(
            f'Bodies to swap with were named, but swap is "{game.swap}"; say swap "measured", or '
            "leave the templates out."
        )
    if game.released.detached_mirrors and game.mirrors != "both":
        raise SettingsError(
            "The release's mirror images stand beside what they are of, but mirrors is "
            f'"{game.mirrors}"; say mirrors "both".'
        )
    fewest = 1 if game.frames_judged is None else game.frames_judged
    every = min(game.playing.generator_every, game.playing.critics_every)
    if min(every, fewest) < 1:
        raise SettingsError(
            "Generator and critics move in one batch of 1 or more, and critics see 1 frame or "
            f"more, but {every} and {game.frames_judged} were given; raise them."
        )


@dataclass(frozen=True)
class Learning:
    """How the lifter learns from made and real pairs, in one move."""

    made: float = 1.0
    """Weight of the made pairs; that of the real ones is 1."""
    optimizer: Optimizing = Optimizing(rate=1e-4)  # noqa: RUF009  frozen
    falling: Falling | None = Falling()
    """None where the fit's own schedule is enough."""
    clip: float = 1.0
    """Largest norm of its gradient; larger ones are scaled down."""
    squared: bool | None = None
    """Whether squares of coordinates count and not distances; for lifters of single frames unless
    given."""
    augment: tuple[str, ...] = ()
    """Augmenters by name of the made pairs, such as detector where real keypoints were detected:
    the release's are always exact."""


RELEASED = Game(
    meaning=Meaning(shifted_arms=True),
    paced=False,
    mirrors="both",
    released=Released(detached_mirrors=True, penalty_per_frame=True, clamped=True),
)
"""The game with what the release does wrong."""
