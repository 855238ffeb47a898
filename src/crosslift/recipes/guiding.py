"""L2D-Pose as a recipe: a detector goes on learning, guided by frozen lifters.

What the publication's release does is `PUBLISHED`. Where it departs from what it describes, and
where we mend something, there is a setting; the default is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from torch import nn

from .. import registry
from ..data.images_crop import NO_CHANGES, Changes
from ..detect.map_detector import MapDetector
from ..errors import SettingsError
from ..training import Fitting, Schedule, Step, Validation, fit
from ..training.examples import Examples
from .detector import DetectorJob, TrainedDetector, check_batch, sheets_of, write_last_sheet
from .guided_loss import PUBLISHED_SEVERAL, SEVERAL, Balance, Guidance, Guide
from .l2d_pose.guides import check_rates, tried
from .l2d_pose.measuring import measured
from .l2d_pose.moves import loss_of
from .supervised import Optimizing

REPAIRED = replace(SEVERAL, balanced=False)
"""With one lifter or several: what compares several is nothing with one."""


@dataclass(frozen=True, eq=False)
class GuidedJob(DetectorJob):
    """One guided training, from the outside."""

    guides: Sequence[Guide] = ()
    """Without any, the detector learns from its own error alone: the plain training to compare
    with."""
    unseen: Sequence[Guide] = field(default=())
    """Lifters that are only looked at when the detector is measured; they decide nothing."""


@registry.recipe("l2d_pose")
@dataclass(frozen=True)
class L2DPoseRecipe:
    """Train a detector by what frozen lifters make of its keypoints (L2D-Pose)."""

    batch: int = 32
    """Pictures in a batch."""
    frames: int = 1
    """Consecutive pictures of a window. Lifters that see longer motion are shown these with the
    first and the last repeated; with 1, somebody who stands still."""
    changes: Changes = Changes(turned=0.0)  # noqa: RUF009  frozen
    """What is changed in pictures at random; the true poses and cameras change with them. The
    release changes nothing."""
    guidance: Guidance = REPAIRED
    """What the lifters say, and how much it counts."""
    again: float = 1.0
    """By what the learning rate is multiplied once more; the release has 5."""
    again_from: int = 31
    """The epoch from which on it is, the first being 0."""
    sheets: int = 1
    """Epochs between two sheets of pictures with what is found in them; 0: none."""
    optimizer: Optimizing = Optimizing("adam", 1e-3)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(schedule=Schedule("cosine"), clip=1.0)  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        """Refuse what trains nothing."""
        if min(self.batch, self.frames) < 1 or self.batch % self.frames or self.sheets < 0:
            raise SettingsError(
                "A detector is guided on batches of whole windows, with sheets of 0 or more, but "
                f"batch is {self.batch}, frames {self.frames} and sheets {self.sheets}."
            )

    def train(self, job: GuidedJob) -> TrainedDetector:
        """A detector that has learned from the job's pictures and from its guides."""
        detector = decoded(job.detector, self.guidance)
        job = replace(job, detector=detector)
        batch = job.train.batch(0, 0).to(detector.device)
        check_batch(detector, batch)
        check_rates([*job.guides, *job.unseen], job.train)
        tried([*job.guides, *job.unseen], batch, self.frames)
        detector.network.requires_grad_(True)
        balance = Balance(len(job.guides)).to(detector.device)
        modules: dict[str, nn.Module] = {"detector": detector.network}
        loss = loss_of(detector, job.guides, self.guidance, balance, self.frames)
        step = Step("detector", loss, self.optimizer.build(list(detector.network.parameters())))
        fitted = fit(
            modules | ({"balance": balance} if job.guides else {}),
            [step],
            job.train,
            replace(self.fitting, schedule=rising(self.fitting.schedule, self)),
            job.rng,
            run=job.run,
            validation=None if job.validation is None else held_out(job, job.validation, self),
            every_epoch=sheets_of(detector, job, self.sheets),
        )
        detector.network.requires_grad_(False)
        write_last_sheet(detector, job, self.sheets)
        return TrainedDetector(detector, fitted)


PUBLISHED = L2DPoseRecipe(
    batch=64,
    changes=NO_CHANGES,
    guidance=PUBLISHED_SEVERAL,
    again=5.0,
    fitting=Fitting(epochs=41, schedule=Schedule("exponential", factor=0.67, every=5)),
)
"""As the release trains, by its own example of a command. Its best weights are those on the test
people; here they are those on whatever is named as validation."""


def decoded(detector: MapDetector, guidance: Guidance) -> MapDetector:
    """The detector with its maps read as the guides read them."""
    return replace(detector, decoding="soft_quarter" if guidance.quarter else "soft")


def held_out(job: GuidedJob, examples: Examples, recipe: L2DPoseRecipe) -> Validation:
    """What the detector is worth on pictures that are not trained on, behind all lifters.

    Weights are chosen by the mean error behind the guides, or in the pictures where there are none.
    """

    def measure() -> Mapping[str, float]:
        figures = measured(job.detector, job.guides, examples, recipe.frames).figures()
        if job.unseen:
            others = measured(job.detector, job.unseen, examples, recipe.frames)
            figures |= {f"unseen.{name}": each for name, each in others.figures().items()
                        if name.endswith("mpjpe_mm")}  # fmt: skip
        return figures

    return Validation("validation", measure, by="mpjpe_mm" if job.guides else "pixels")


@dataclass(frozen=True)
class Rising(Schedule):
    """A schedule whose rate is multiplied once more from some epoch on."""

    again: float = 1.0
    again_from: int = 0

    def __call__(self, step: int, epoch: int, progress: float) -> float:
        """The factor at a batch."""
        plain = super().__call__(step, epoch, progress)
        return plain * self.again if epoch >= self.again_from else plain


def rising(schedule: Schedule, recipe: L2DPoseRecipe) -> Schedule:
    """The schedule with what the recipe says of it."""
    return Rising(**vars(schedule), again=recipe.again, again_from=recipe.again_from)
