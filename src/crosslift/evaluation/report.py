"""What an evaluation found, where it comes from, and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from jaxtyping import Float
from torch import Tensor

from .compare import LISTED, Evaluation
from .measures import CHOICES, MEASURES, OF_CHOICES, OF_JOINTS, PLAUSIBILITY, plain, scaled
from .protocols import AVERAGES, correct_joints, counted_joints
from .selection import WHOLE
from .tally import CURVE

PERCENTILES = (50, 90, 99)
CURVE_STEP = 5
"""Of the curve that is written, in millimetres; it is measured at every one."""


@dataclass(frozen=True, eq=False)
class Report:
    """An evaluation as plain data and sentences."""

    evaluation: Evaluation
    stamp: Mapping[str, Any]
    """Version, commit, date, and what is known of the two sides."""
    by: Sequence[str] = ()
    """Labels whose values get figures of their own."""
    without_truth: Sequence[str] = ()
    """Names of estimates to which no truth belongs."""

    def gaps(self) -> list[str]:
        """What is missing on either side or of the protocol, a sentence each."""
        told, missing = self.evaluation, self.evaluation.missing
        found = []
        if missing.count:
            found.append(_listed("truths have no estimate", missing.count, missing.first))
        if self.without_truth:
            found.append(
                _listed("estimates have no truth", len(self.without_truth), self.without_truth)
            )
        if told.total.lost:
            share = 100 * told.total.lost / (told.total.lost + told.total.count("mpjpe"))
            found.append(
                f"{share:.2g} % of the known joints have no estimate and are in no figure."
            )
        for key, values in told.lacking.items():
            found.append(f"Of the protocol, there is no {key} {', '.join(values)}.")
        return found

    def notes(self) -> list[str]:
        """What a reader of the figures has to know."""
        told = self.evaluation
        found = [f"Averages: {AVERAGES[told.protocol.average]}."]
        if told.left_out:
            found.append(f"{told.left_out} truths are none of those asked for and were left out.")
        undefined = told.total.count("mpjpe") - told.total.count("p_mpjpe")
        if undefined:
            found.append(
                f"P-MPJPE leaves out {undefined:,} joints, of poses that are one point and so have "
                "no best turn and scale."
            )
        expected, frames = told.protocol.frames, told.total.frames
        if expected not in (None, frames) and told.selection == WHOLE:
            found.append(f"The protocol has {expected} frames; {frames} were compared.")
        return found

    def data(self) -> dict[str, Any]:
        """All of it for JSON; what could not be measured is None."""
        told = self.evaluation
        units = {name: measure.unit for name, measure in {**MEASURES, **PLAUSIBILITY}.items()}
        content = {
            "stamp": self.full_stamp(),
            "gaps": self.gaps(),
            "notes": self.notes(),
            "units": units,
            "figures": scaled(told.figures(), MEASURES),
            "figures_by_frame": scaled(told.figures(average=False), MEASURES),
            "hypotheses": self.choices(),
            "plausibility": self.plausibility(),
            "joints": self.joints(),
            "by": {label: self.groups(label) for label in self.by},
            "percentiles": self.percentiles(),
            "curve": self.curve(),
            "worst": [{"clip": name, "mpjpe": 1000 * error} for error, name in told.worst],
            "missing_estimates": {"count": told.missing.count, "names": told.missing.first},
            "missing_truths": {
                "count": len(self.without_truth),
                "names": list(self.without_truth[:LISTED]),
            },
        }
        return plain(content)

    def full_stamp(self) -> dict[str, Any]:
        """Where the figures come from, and every setting that they depend on."""
        told = self.evaluation
        names, protocol = told.skeleton.joints, told.protocol
        return {
            **self.stamp,
            "protocol": asdict(protocol),
            "selection": asdict(told.selection),
            "skeleton": told.skeleton.name,
            "joints": [names[joint] for joint in counted_joints(protocol, told.skeleton)],
            "pck_joints": [names[joint] for joint in correct_joints(protocol, told.skeleton)],
            **{key: dict(values) for key, values in told.noted.items()},
            "clips": told.total.clips,
            "frames": told.total.frames,
            "hypotheses": list(told.hypotheses),
        }

    def choices(self) -> dict[str, dict[str, float]]:
        """Errors of what can be taken of several hypotheses, averaged as the protocol says."""
        figures = self.evaluation.figures()
        return {
            words: {name: 1000 * figures[choice + name] for name in OF_CHOICES}
            for choice, words in CHOICES.items()
        }

    def plausibility(self) -> dict[str, dict[str, float]]:
        """What a body cannot do, of the estimates and, to compare with, of the truths."""
        figures = self.evaluation.figures(average=False)
        return {
            whose: scaled({name: figures[f"{whose}.{name}"] for name in PLAUSIBILITY}, PLAUSIBILITY)
            for whose in ("estimate", "truth")
        }

    def joints(self) -> dict[str, dict[str, float]]:
        """Figures of each joint, every frame the same."""
        told = self.evaluation
        columns = {name: told.total.means(name) for name in OF_JOINTS}
        return {
            told.skeleton.joints[joint]: {
                name: MEASURES[name].scale * column[joint] for name, column in columns.items()
            }
            for joint in counted_joints(told.protocol, told.skeleton)
        }

    def groups(self, label: str) -> dict[str, dict[str, float]]:
        """Figures of each value of a label, every frame of it the same."""
        return {
            value: {
                **scaled(self.evaluation.figures_of(group), MEASURES),
                "clips": group.clips,
                "frames": group.frames,
            }
            for value, group in self.evaluation.groups_by(label).items()
        }

    def curve(self) -> dict[str, list[float]]:
        """The share of the joints of PCK that are within each distance, in per cent."""
        return {
            "mm": [round(1000 * threshold) for threshold in CURVE[::CURVE_STEP]],
            "share": (100 * self.shares()[::CURVE_STEP]).tolist(),
        }

    def percentiles(self) -> dict[str, int | None]:
        """Millimetres that so many per cent of the joints do not exceed; None beyond the curve."""
        curve = self.shares()
        found = {}
        for share in PERCENTILES:
            reached = (curve >= share / 100).nonzero()
            found[str(share)] = ceil(1000 * CURVE[int(reached[0])]) if len(reached) else None
        return found

    def shares(self) -> Float[Tensor, " thresholds"]:
        """The share of the joints of PCK that are within each threshold of `CURVE`."""
        told = self.evaluation
        return told.total.curve(correct_joints(told.protocol, told.skeleton))


def _listed(what: str, count: int, names: Sequence[str]) -> str:
    """A sentence that counts and names some."""
    rest = f" and {count - 3} more" if count > 3 else ""
    return f"{count} {what}: {', '.join(names[:3])}{rest}."
