"""What can be chosen of PoSynDA, and what its publication chose."""

from dataclasses import dataclass
from typing import Literal

from ...errors import SettingsError
from ...networks.low_rank import LowRankSettings
from ...training import Fitting, Schedule
from ..supervised import Optimizing


@dataclass(frozen=True)
class SourceTerms:
    """What is minimised on labelled source windows; a pixel counts as a millimetre."""

    position: float = 1.0
    """Weight of the distance of all hypotheses from the label."""
    reprojection: float = 0.1
    """Weight of the distance in the picture of the nearest hypothesis."""


@dataclass(frozen=True)
class TargetTerms:
    """What is minimised on the target's keypoints; a pixel counts as a millimetre."""

    agreement: float = 1.0
    """Weight of the distance of all hypotheses from the pseudo-label."""
    reprojection: float = 0.5
    """Weight of the distance in the picture of the nearest hypothesis."""


@dataclass(frozen=True)
class PoSynDA:
    """Adapt a lifter that draws its poses: student and teacher, and little that moves.

    The defaults are the published values where there are such. Its release has no teacher, and the
    share of the old in it is ours.
    """

    moved: Literal["low_rank", "all"] = "low_rank"
    """Whether low-rank additions learn, or all weights."""
    low_rank: LowRankSettings = LowRankSettings()  # noqa: RUF009  frozen
    teacher: bool = True
    """Whether pseudo-labels come from the moving average of the student, which then is the result;
    from the student itself unless."""
    share: float = 0.999
    """Of the old in that average, once it has seen enough."""
    hypotheses: int = 3
    """Poses that are drawn for a pseudo-label, among which each joint is chosen by where it is
    seen."""
    bones: bool = False
    """Whether pseudo-labels get the bone lengths of the person who was filmed, where they are
    estimated; the publication does not."""
    tried: int = 3
    """Poses that the student draws for a window."""
    steps: int | None = None
    """Calls of the network for each of them; as many as the lifter makes when it is used, unless
    given. The publication has 1."""
    mirrored: bool = True
    """Whether the student's poses are means with those of the mirror image, at twice the price;
    those of pseudo-labels are wherever the lifter's are."""
    batch: int = 2
    """Windows of the source in a batch, and as many of the target."""
    target_every: int = 1
    """The target is looked at in one batch of so many."""
    source: SourceTerms = SourceTerms()
    target: TargetTerms = TargetTerms()
    optimizer: Optimizing = Optimizing(rate=1e-4)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(epochs=40, schedule=Schedule("exponential", factor=0.993))  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        """Refuse what draws nothing, and a teacher that never or only follows."""
        counts = ("hypotheses", "tried", "batch", "target_every")
        least = min(1 if self.steps is None else self.steps, *(getattr(self, n) for n in counts))
        if least < 1 or not 0 < self.share < 1:
            raise SettingsError(
                "PoSynDA needs 1 or more of everything that it counts, and a share between 0 and "
                f"1, but {least} and {self.share:g} were given."
            )


POSYNDA = PoSynDA()
"""The published values."""
