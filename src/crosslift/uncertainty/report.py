"""How often regions hold the truth, and how large they are: by joint, by likeness to the training.

Regions are judged on frames that they were not fitted to: on other recordings, or half of the
recordings by what the other half tells.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import DataError
from ..skeleton import Skeleton
from .calibration import LEVELS, Calibration, fit_calibration
from .measuring import Measured

ENOUGH = 0.80
"""What the regions of 90 % must hold at least; those that hold less are out of their domain."""
BANDS = {
    "up to the 50th percentile": (-1, 50),
    "50th to 90th": (50, 90),
    "90th to 99th": (90, 99),
    "beyond the 99th": (99, inf),
}
"""Frames by the percentile of the lifter's training that their keypoints are at."""
WORST = 10
"""Recordings out of their domain that are named at most."""

Checked = tuple[Measured, Calibration]
"""A recording and the calibration that it is judged by."""


class Row(NamedTuple):
    """What was found in some of the joints and frames."""

    places: int
    """Of joints, that were judged."""
    held: tuple[float, ...]
    """The share of them that the region of each level holds."""
    radius_mm: tuple[float, ...]
    """The mean radius of these regions, each as that of a ball of its size (sharpness)."""
    error_mm: float
    """The mean distance from the truth."""

    @property
    def out_of_domain(self) -> bool:
        """Whether the widest regions hold too little for them to be believed."""
        return self.held[-1] < ENOUGH


@dataclass(frozen=True)
class Report:
    """A calibration, judged."""

    calibration: Calibration
    judged_on: str
    """In words, such as the store's name."""
    total: Row
    joints: Mapping[str, Row]
    bands: Mapping[str, Row]
    """By likeness to the training; none where the lifter does not tell what it was trained on."""
    clips: Mapping[str, Row]
    """Recordings out of their domain, the worst first."""
    clips_out: int
    """How many there are of them, of all."""
    clips_all: int
    made: Mapping[str, Any]
    """Program, lifter, seed: plain data."""

    @property
    def out_of_domain(self) -> bool:
        """Whether the result as a whole is out of the domain of the calibration."""
        return self.total.out_of_domain

    def data(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "out_of_domain": self.out_of_domain,
            "levels": list(LEVELS),
            "judged_on": self.judged_on,
            "total": row_data(self.total),
            "joints": {name: row_data(row) for name, row in self.joints.items()},
            "likeness_to_training": {name: row_data(row) for name, row in self.bands.items()},
            "recordings_out_of_domain": {
                "count": self.clips_out,
                "of": self.clips_all,
                "worst": {name: row_data(row) for name, row in self.clips.items()},
            },
            "calibration": asdict(self.calibration),
            **self.made,
        }


def row_data(row: Row) -> dict[str, Any]:
    """A row for JSON, the figures by the level's per cent."""
    percents = [f"{100 * level:.0f}" for level in LEVELS]
    return {
        "places": row.places,
        "held": dict(zip(percents, (round(each, 4) for each in row.held), strict=True)),
        "radius_mm": dict(zip(percents, (round(each, 2) for each in row.radius_mm), strict=True)),
        "error_mm": round(row.error_mm, 2),
        "out_of_domain": row.out_of_domain,
    }


def checked_by_halves(
    samples: Sequence[Measured], skeleton: Skeleton, hypotheses: int
) -> list[Checked]:
    """Every recording with the calibration of the half to which it does not belong.

    Every second recording is of the other half; where there is but one, its frames are.
    """
    if len(samples) == 1:
        middle = len(samples[0].distance) // 2
        samples = [samples[0].some(slice(middle)), samples[0].some(slice(middle, None))]
    halves = samples[::2], samples[1::2]
    fitted = [fit_calibration(half, skeleton, hypotheses) for half in halves]
    return [(each, other) for half, other in zip(halves, reversed(fitted), strict=True)
            for each in half]  # fmt: skip


def report_of(
    checked: Sequence[Checked],
    calibration: Calibration,
    judged_on: str,
    made: Mapping[str, Any] | None = None,
) -> Report:
    """What regions hold in recordings whose truth is known.

    Args:
        calibration: The one that the report is about.
        judged_on: The recordings, in words.
        made: What else the report says of its origin, as plain data.
    """
    parts = [part_of(*each) for each in checked]
    total = row_of(parts)
    if not total.places:
        raise DataError(
            "No place of a joint is known in the recordings, so nothing can be judged; give some "
            "whose poses are known."
        )
    names = calibration.joints
    joints = {name: row_of(parts, only_joint(at)) for at, name in enumerate(names)}
    bands = {name: row_of(parts, only_band(*ends)) for name, ends in BANDS.items()}
    clips = by_recording(parts)
    out = {name: row for name, row in clips.items() if row.out_of_domain}
    worst = sorted(out, key=lambda name: out[name].held[-1])[:WORST]
    return Report(
        calibration,
        judged_on,
        total,
        {name: row for name, row in joints.items() if row.places},
        {name: row for name, row in bands.items() if row.places},
        {name: out[name] for name in worst},
        len(out),
        len(clips),
        dict(made or {}),
    )


class Part(NamedTuple):
    """A recording as its regions see it."""

    name: str
    held: Bool[Tensor, "levels frames joints"]
    radius: Float[Tensor, "levels frames joints"]
    error: Float[Tensor, "frames joints"]
    percentile: Float[Tensor, " frames"]

    @property
    def known(self) -> Bool[Tensor, "frames joints"]:
        """Which places of joints can be judged."""
        return self.error.isfinite()


def part_of(sample: Measured, calibration: Calibration) -> Part:
    """Which of the regions of a recording hold the truth, and their radii in metres."""
    scale = sample.distance.new_tensor(calibration.temperatures).sqrt()
    radii = sample.distance.new_tensor(calibration.radii)[:, None]
    held = sample.distance / scale <= radii
    return Part(sample.name, held, sample.radius * scale * radii, sample.error, sample.percentile)


Choose = Callable[[Part], Bool[Tensor, "frames joints"]]


def every(part: Part) -> Tensor:
    """All that is known."""
    return part.known


def only_joint(at: int) -> Choose:
    """What is known of one joint."""

    def chosen(part: Part) -> Tensor:
        return part.known & (torch.arange(part.known.shape[1]) == at)

    return chosen


def only_band(above: float, most: float) -> Choose:
    """What is known in frames that are further out than one percentile and not than another."""

    def chosen(part: Part) -> Tensor:
        inside = (part.percentile > above) & (part.percentile <= most)
        return part.known & inside[:, None]

    return chosen


def row_of(parts: Iterable[Part], choose: Choose = every) -> Row:
    """The figures of some of the joints and frames."""
    count, error = 0, 0.0
    held, radius = (torch.zeros(len(LEVELS), dtype=torch.float64) for _ in range(2))
    for part in parts:
        chosen = choose(part)
        count += int(chosen.sum())
        error += float(part.error[chosen].sum())
        held += part.held[:, chosen].sum(dim=1)
        radius += part.radius[:, chosen].sum(dim=1)
    number = max(count, 1)
    return Row(
        count,
        tuple((held / number).tolist()),
        tuple((1000 * radius / number).tolist()),
        1000 * error / number,
    )


def by_recording(parts: Sequence[Part]) -> dict[str, Row]:
    """The figures of each recording of which something is known."""
    of_names: dict[str, list[Part]] = {}
    for part in parts:
        of_names.setdefault(part.name, []).append(part)
    rows = {name: row_of(some) for name, some in of_names.items()}
    return {name: row for name, row in rows.items() if row.places}
