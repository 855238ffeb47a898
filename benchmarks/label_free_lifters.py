"""A family of small lifters that differ, and ways of spoiling one, for `label_free_scores`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor

from crosslift.clip import Batch
from crosslift.geometry import extent
from crosslift.lifters.direct import Direct
from crosslift.lifters.inputs import Inputs, Unit
from crosslift.lifters.simple_baseline import GENERAL, SimpleBaselineLifter
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.videopose import VideoPoseSettings


@dataclass(frozen=True)
class Trial:
    """How one lifter of the family is trained."""

    lifter: Any
    augment: tuple[str, ...] = ()
    noise: float = 0.0
    """Of keypoints in training, by the person's size."""
    rate: float = 1e-3


def perceptron(width: int, unit: Unit = "plane") -> SimpleBaselineLifter:
    """A small SimpleBaseline."""
    return SimpleBaselineLifter(replace(GENERAL, width=width, stages=1), Inputs(unit))


OVER_TIME = VideoPoseLifter(VideoPoseSettings(filter_widths=(3, 3), channels=96))
TRIALS = {
    "narrow": Trial(perceptron(48)),
    "plane": Trial(perceptron(192)),
    "wide": Trial(perceptron(512)),
    "fast": Trial(perceptron(192), rate=6e-3),
    "screen": Trial(perceptron(192, "screen")),
    "relative": Trial(perceptron(192, "relative")),
    "facing": Trial(perceptron(192, "facing")),
    "noise": Trial(perceptron(192), noise=0.03),
    "bodies": Trial(perceptron(192), augment=("bodies",)),
    "cameras": Trial(perceptron(192, "relative"), augment=("cameras",)),
    "both": Trial(perceptron(192, "facing"), augment=("bodies", "cameras"), noise=0.01),
    "over_time": Trial(OVER_TIME),
    "over_time_cameras": Trial(OVER_TIME, augment=("cameras",)),
}


@dataclass(frozen=True)
class Noise:
    """An augmenter that puts keypoints a little aside."""

    share: float
    """Standard deviation by the person's size in the picture."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with other keypoints."""
        size = extent(batch.keypoints).amax(dim=-1)[..., None, None].nan_to_num(0)
        off = torch.randn(batch.keypoints.shape, generator=rng)
        return replace(batch, keypoints=batch.keypoints + self.share * size * off)


@dataclass(frozen=True, eq=False)
class Spoilt:
    """A lifter, which takes no mean with the mirror image, whose answers are changed."""

    own: Direct
    change: Callable[[Tensor], Tensor]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)

    def lift(self, *given: Any, **more: Any) -> Tensor:
        """The changed answer."""
        return self.change(self.own.lift(*given, **more))


def spoilt(lifter: Direct, seed: int) -> Iterator[tuple[str, Spoilt]]:
    """A lifter that was trained, spoilt on purpose in ways that a picture hardly shows."""

    def axes(*factors: float) -> Callable[[Tensor], Tensor]:
        return lambda poses: poses * poses.new_tensor(factors)

    def noise(metres: float, *, lasting: bool) -> Callable[[Tensor], Tensor]:
        def change(poses: Tensor) -> Tensor:
            shape = poses.shape[-2:] if lasting else poses.shape
            return poses + metres * torch.randn(shape, generator=Generator().manual_seed(seed))

        return change

    for factor in (0.0, 0.4, 0.7, 0.85, 1.15, 1.4):
        yield f"depth times {factor:g}", Spoilt(lifter, axes(1, 1, factor))
    for factor in (0.8, 0.9, 1.1, 1.2):
        yield f"size times {factor:g}", Spoilt(lifter, axes(factor, factor, factor))
    for metres in (0.01, 0.03, 0.06):
        yield f"{1000 * metres:g} mm of noise", Spoilt(lifter, noise(metres, lasting=False))
        yield f"{1000 * metres:g} mm that last", Spoilt(lifter, noise(metres, lasting=True))
