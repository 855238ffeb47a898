"""What can be chosen of PoseDA, and what its publications chose."""

from dataclasses import dataclass
from typing import Literal

from ...errors import SettingsError
from ...training import Fitting, Schedule
from ..contest_watch import Patience
from ..supervised import Optimizing


@dataclass(frozen=True)
class Feedback:
    """How much harder than the original a changed pose should be for the lifter."""

    weight: float
    first: float
    """How many times larger the lifter's error should be in the first epoch."""
    last: float
    """The same in the last epoch; in between it changes evenly."""
    reach: float
    """How far from that it may be without a penalty."""

    def wanted(self, progress: float) -> float:
        """How many times larger the error should be, from 0 at the start to 1 at the end."""
        return self.first + (self.last - self.first) * progress


@dataclass(frozen=True)
class GeneratorTerms:
    """What the generator minimises."""

    parts: float = 6.0
    """Weight of the 3D discriminator's judgement of poses whose bones point elsewhere."""
    picture: float = 1.0
    """Weight of the 2D discriminator's judgement of what the camera sees in the end."""
    ranges: float = 3.0
    """Weight of changes that leave these ranges:"""
    angles: tuple[float, float] = (0.205, 0.165)
    """Middle and reach of one less the cosine of a bone's change, the mean of all bones."""
    lengths: float = 0.1
    """Reach of the share by which a bone becomes longer or shorter."""
    angle_feedback: Feedback = Feedback(0.1, 3.0, 5.0, 2.0)
    """On poses whose bones point elsewhere."""
    whole_feedback: Feedback = Feedback(0.01, 17.0, 17.0, 15.0)
    """On poses that are changed in every way."""
    least_error: float = 1e-3
    """Metres by which the error on the original counts as larger; 0 in the release, where tiny
    errors make the feedback huge."""


@dataclass(frozen=True)
class Released:
    """What PoseAug's release does wrong; each is off unless it is to be repeated."""

    clamped: bool = False
    """Give points beside and behind the camera a false image without a gradient."""
    lifter_in_training: bool = False
    """Ask the lifter for feedback with its dropout on, its statistics drifting to made poses."""
    upper_only: bool = False
    """Keep made poses that leave the picture on the left or at the top."""


@dataclass(frozen=True)
class Watching(Patience):
    """When the contest of generator and discriminators counts as lost, and what is done then."""

    accuracy: tuple[float, float] = (0.02, 0.98)
    """Share of right judgements of a discriminator below or above which it is of no use."""
    degrees: float = 0.5
    """Mean angle between two draws for one pose below which the generator heeds no noise."""
    kept: float = 0.05
    """Share of made poses within the picture below which the lifter learns next to nothing."""


@dataclass(frozen=True)
class PoseDA:
    """Adapt a lifter to unlabelled keypoints: align the source with them, change poses locally.

    The defaults are the published values where there are such: those of PoseAug, since PoseDA's
    own were not printed. A training is of one move of each player for every batch; the release
    has the generator and its judges see all batches of an epoch first, and the lifter then.
    """

    local: bool = True
    """Whether poses are changed by a generator that learns; without, they are aligned alone."""
    place: Literal["aligned", "learned"] = "aligned"
    """Whether the alignment says where a changed body is, or the generator does (PoseAug)."""
    real_2d: Literal["target", "source", "none"] = "target"
    """Whose keypoints the 2D discriminator takes for real; without any there is none."""
    source: Literal["filmed", "aligned", "none"] = "filmed"
    """How the lifter learns from the source besides, in one move for which the release has two: as
    it was filmed, put where target people are seen, or not at all."""
    made: float = 1.0
    """How much changed poses count for the lifter, where the source counts for 1."""
    squared: bool = True
    """Whether squares of coordinates count for the lifter, as published, and not distances."""
    swap: bool = True
    """Whether source people change their bone lengths among each other."""
    batch: int = 1024
    """Windows in a batch."""
    lifter: Optimizing = Optimizing(rate=1e-4)  # noqa: RUF009  frozen
    generator: Optimizing = Optimizing(rate=1e-4)  # noqa: RUF009  frozen
    discriminators: Optimizing = Optimizing(rate=1e-4)  # noqa: RUF009  frozen
    generator_every: int = 1
    """The generator moves in one batch of so many, the lifter in all."""
    discriminators_every: int = 2
    """The discriminators move in one batch of so many."""
    warm_up: int = 2
    """Epochs in which the lifter rests and gives no feedback."""
    terms: GeneratorTerms = GeneratorTerms()
    width: int = 256
    """Of the generator and of the 3D discriminator."""
    picture_width: int = 100
    """Of the 2D discriminator."""
    history: int = 4096
    """Made poses that discriminators are shown again later."""
    watching: Watching = Watching()
    released: Released = Released()
    fitting: Fitting = Fitting(epochs=50, schedule=Schedule("linear"), clip=1.0)  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        """Refuse choices that contradict each other."""
        check_settings(self)


def check_settings(settings: PoseDA) -> None:
    """Refuse a place that nobody says, a judge of other cameras' pictures, and no history."""
    if settings.place == "learned" and not settings.local:
        raise SettingsError(
            'The place of bodies should come from the generator, but "local" is off, so there is '
            'none; say place "aligned".'
        )
    if settings.local and settings.place == "aligned" and settings.real_2d == "source":
        raise SettingsError(
            "Bodies are aligned with the target, so its pictures and not the source's are what "
            'made ones should look like; say real_2d "target" or "none".'
        )
    if settings.place == "learned" and settings.source == "aligned":
        raise SettingsError(
            'The source should be put where target people are seen (source "aligned"), but the '
            'generator says where bodies are; say place "aligned", or source "filmed".'
        )
    if settings.history < 1 or settings.warm_up < 0 or settings.generator_every < 1:
        raise SettingsError(
            "PoseDA needs a history of at least 1 pose, a warm-up of at least 0 epochs and a "
            f"generator that moves in one batch of 1 or more, but {settings.history}, "
            f"{settings.warm_up} and {settings.generator_every} were given; raise them."
        )


POSEDA = PoseDA()
"""Alignment and local augmentation: the whole method."""

GPA_ONLY = PoseDA(local=False)
"""Alignment alone: nothing but the lifter is trained."""

POSEAUG = PoseDA(place="learned", real_2d="source")
"""PoseAug: no target at all; the generator says where bodies are."""

POSEAUG_RELEASED = PoseDA(
    place="learned",
    real_2d="source",
    terms=GeneratorTerms(least_error=0.0),
    released=Released(clamped=True, lifter_in_training=True, upper_only=True),
)
"""PoseAug with what its release does wrong."""
