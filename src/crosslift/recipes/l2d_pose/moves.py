"""The detector's move: what it finds in a batch, and what the guides say of that."""

from collections.abc import Callable, Sequence

from jaxtyping import Float
from torch import Generator, Tensor

from ...data.images import Crops, moved
from ...detect.heatmaps import Maps
from ...detect.map_detector import MapDetector
from ...detect.targets import map_error
from ...errors import SettingsError
from ...networks.hrnet import STRIDE
from ...training import Terms
from ..detector import wanted
from ..guided_loss import Balance, Guidance, Guide, Guided, guided, places
from .windows import windowed


def loss_of(
    detector: MapDetector,
    guides: Sequence[Guide],
    guidance: Guidance,
    balance: Balance,
    frames: int = 1,
) -> Callable[[Crops, Generator], Terms]:
    """What a detector's maps are worth; without guides, its own error alone.

    Args:
        balance: Takes note of how far each guide is off.
        frames: Of a window.
    """

    def loss(batch: Crops, rng: Generator) -> Terms:
        maps = detector.maps(batch.pictures)
        if not guides:
            errors = map_error(maps, wanted(detector, batch))
            return {"maps": guidance.single * guidance.maps * errors.mean()}
        weights = balance.weights if guidance.balanced else None
        found = told(detector, maps, batch, guides, guidance, rng, weights, frames)
        if bool(found.space.isfinite().all()):  # a batch that changes nothing is not remembered
            balance.note(found.space)
        return found.terms

    return loss


def told(
    detector: MapDetector,
    maps: Maps,
    batch: Crops,
    guides: Sequence[Guide],
    guidance: Guidance,
    rng: Generator,
    weights: Float[Tensor, " guides"] | None = None,
    frames: int = 1,
) -> Guided:
    """What guides say of a detector's maps of a batch."""
    if batch.poses is None:
        raise SettingsError("Guides need the poses of people, but the batch has keypoints alone.")
    return guided(
        windowed(in_picture(maps, batch, guidance), frames),
        windowed(map_error(maps, wanted(detector, batch)), frames),
        windowed(batch.poses, frames),
        batch.camera.map(lambda each: windowed(each, frames)),
        guides,
        guidance,
        rng,
        weights,
    )


def in_picture(maps: Maps, batch: Crops, guidance: Guidance) -> Float[Tensor, "pictures joints 2"]:
    """Where joints are in the whole pictures, with a gradient."""
    return moved(STRIDE * places(maps, guidance), batch.to_picture)
