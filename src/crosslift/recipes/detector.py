"""Training of detectors whose networks answer with maps, on people whose joints are known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Generator

from .. import registry
from ..data.images import Crops
from ..data.images_crop import Changes
from ..detect.heatmaps import peaks
from ..detect.map_detector import MapDetector
from ..detect.targets import Target, hardest, map_error
from ..errors import DataError, SettingsError
from ..metrics import pdj
from ..metrics.joints import joint_error
from ..skeleton import Skeleton
from ..training import Fitted, Fitting, Run, Schedule, Step, Terms, Validation, fit
from ..training.examples import Examples
from .detector_sheet import MOST as OF_A_SHEET
from .detector_sheet import write_sheet
from .supervised import Optimizing

SHEETS = "sheets"
"""The folder of a run for sheets of pictures."""
TORSO = ("left_shoulder", "right_hip")
"""The joints whose distance is the measure of a detected joint (PDJ)."""


@dataclass(frozen=True, eq=False)
class DetectorJob:
    """One training of a detector, from the outside."""

    detector: MapDetector
    """With the weights that training starts from."""
    train: Examples
    """Whose batches are `Crops`."""
    rng: Generator
    validation: Examples | None = None
    """By what the best weights are chosen."""
    run: Run = field(default_factory=Run)


@dataclass(frozen=True, eq=False)
class TrainedDetector:
    """A training's result."""

    detector: MapDetector
    fitted: Fitted


@registry.recipe("detector")
@dataclass(frozen=True)
class DetectorRecipe:
    """Train a detector of keypoints on pictures of people whose joints are known."""

    batch: int = 32
    """Pictures in a batch."""
    changes: Changes = Changes()  # noqa: RUF009  frozen
    """What is changed in pictures at random; those that are rendered are new each time."""
    hardest: int = 0
    """How many joints of each picture are learned, those with the largest errors (OHKM); 0: all."""
    sheets: int = 1
    """Epochs between two sheets of pictures with what is found in them; 0: none."""
    optimizer: Optimizing = Optimizing("adam", 1e-3)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(schedule=Schedule("cosine"), clip=1.0)  # noqa: RUF009  frozen

    def __post_init__(self) -> None:
        """Refuse what trains nothing."""
        if self.batch < 1 or self.hardest < 0 or self.sheets < 0:
            raise SettingsError(
                "A detector is trained on batches of 1 picture or more, with hardest and sheets of "
                f"0 or more, but {self.batch}, {self.hardest} and {self.sheets} were given."
            )

    def train(self, job: DetectorJob) -> TrainedDetector:
        """A detector that has learned from the job's pictures."""
        detector = job.detector
        detector.network.requires_grad_(True)
        check_batch(detector, job.train.batch(0, 0))
        parameters = list(detector.network.parameters())
        step = Step("detector", loss_of(detector, self.hardest), self.optimizer.build(parameters))
        fitted = fit(
            {"detector": detector.network},
            [step],
            job.train,
            self.fitting,
            job.rng,
            run=job.run,
            validation=None if job.validation is None else held_out(detector, job.validation),
            every_epoch=sheets_of(detector, job, self.sheets),
        )
        detector.network.requires_grad_(False)
        write_last_sheet(detector, job, self.sheets)
        return TrainedDetector(detector, fitted)


def loss_of(detector: MapDetector, count: int = 0) -> Callable[[Crops, Generator], Terms]:
    """How far the maps are from those that are wanted.

    Args:
        count: Of the hardest joints that are learned; 0 for all.
    """

    def loss(batch: Crops, rng: Generator) -> Terms:
        errors = map_error(detector.maps(batch.pictures), wanted(detector, batch))
        return {"maps": hardest(errors, count) if count else errors.mean()}

    return loss


def wanted(detector: MapDetector, batch: Crops) -> Target:
    """The maps that should be answered; joints that are hidden are to be guessed, as in COCO."""
    return detector.target(batch.keypoints, (batch.scores > 0).to(batch.scores))


def held_out(detector: MapDetector, examples: Examples) -> Validation:
    """The error on pictures that are not trained on."""
    return Validation("validation", lambda: figures(detector, examples), by="pixels")


def figures(detector: MapDetector, examples: Examples) -> Mapping[str, float]:
    """Mean pixel error, detected joints (PDJ) and map error of visible joints.

    Pixels are those of the cut-out.
    """
    torso = tuple(detector.skeleton.indices(*TORSO)) if knows_torso(detector.skeleton) else None
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for batch in batches(examples, detector.device):
        with torch.inference_mode():
            maps = detector.averaged_maps(batch.pictures)
        found, seen = detector.pixels(maps), batch.scores > 0
        errors = joint_error(found, batch.keypoints, mask=seen)[seen]
        of_maps = map_error(maps, wanted(detector, batch))[seen]
        shares = [("pixels", errors), ("maps", of_maps)]
        if torso is not None:
            hits = pdj(found, batch.keypoints, torso=(torso[0], torso[1]), mask=seen)
            shares.append(("pdj", hits[hits.isfinite()]))
        for name, each in shares:
            sums[name] = sums.get(name, 0.0) + float(each.double().sum())
            counts[name] = counts.get(name, 0) + each.numel()
    if not counts.get("pixels"):
        raise DataError(
            "A validation needs pictures with visible joints, but there are none; name others."
        )
    return {name: total / max(counts[name], 1) for name, total in sums.items()}


def knows_torso(skeleton: Skeleton) -> bool:
    """Whether it has the joints by whose distance detected joints are judged."""
    return all(joint in skeleton for joint in TORSO)


def batches(examples: Examples, device: torch.device) -> Iterator[Crops]:
    """All batches of one epoch, always the same, on a device."""
    for index in range(len(examples)):
        batch = examples.batch(0, index)
        yield batch.to(device) if hasattr(batch, "to") else batch


def sheets_of(detector: MapDetector, job: DetectorJob, every: int) -> Callable[[int], None] | None:
    """Writes a sheet before every so many epochs, where the run has a folder."""
    folder = job.run.folder
    if folder is None or not every:
        return None

    def write(epoch: int) -> None:
        path = folder / SHEETS / f"epoch-{epoch:04d}.png"
        if epoch % every == 0 and not path.exists():
            write_found(path, detector, job.validation or job.train)

    return write


def write_last_sheet(detector: MapDetector, job: DetectorJob, every: int) -> None:
    """The sheet of the weights that were kept."""
    if job.run.folder is not None and every:
        path = job.run.folder / SHEETS / "kept.png"
        write_found(path, detector, job.validation or job.train)


def write_found(path: Path, detector: MapDetector, examples: Examples) -> None:
    """What the detector finds in the first pictures."""
    batch = next(batches(examples, detector.device))
    crops = batch.pictures[:OF_A_SHEET]
    detector.network.eval()
    with torch.inference_mode():
        maps = detector.averaged_maps(crops)
    lost = (peaks(maps).scores <= 0)[..., None]
    found = torch.where(lost, torch.nan, detector.pixels(maps))
    unseen = (batch.scores[:OF_A_SHEET] <= 0)[..., None]
    truth = torch.where(unseen, torch.nan, batch.keypoints[:OF_A_SHEET])
    write_sheet(path, crops, found, truth, detector.skeleton)


def check_batch(detector: MapDetector, batch: Crops) -> None:
    """Refuse pictures of another size, or joints of another skeleton, than the detector's."""
    height, width = batch.pictures.shape[-2:]
    if (width, height) != detector.size:
        raise SettingsError(
            f"The detector takes cut-outs of {detector.size[0]} x {detector.size[1]} pixels, but "
            f"the pictures have {width} x {height}; give both the same size."
        )
    if batch.skeleton != detector.skeleton:
        raise SettingsError(
            f'The detector finds the joints of "{detector.skeleton.name}", but the pictures have '
            f'those of "{batch.skeleton.name}"; choose a detector of the pictures\' skeleton.'
        )
