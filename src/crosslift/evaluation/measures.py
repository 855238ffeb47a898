"""How the measures are called, and the units in which people read them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple


class Measure(NamedTuple):
    """How a measure is told."""

    title: str
    unit: str
    scale: float
    """From metres or shares to the unit."""


MEASURES: Mapping[str, Measure] = {
    "mpjpe": Measure("MPJPE", "mm", 1000),
    "p_mpjpe": Measure("P-MPJPE", "mm", 1000),
    "n_mpjpe": Measure("N-MPJPE", "mm", 1000),
    "mpjve": Measure("MPJVE", "mm/frame", 1000),
    "acceleration_error": Measure("acceleration", "mm/frame²", 1000),
    "pck": Measure("PCK@150", "%", 100),
    "auc": Measure("AUC", "%", 100),
    "cps": Measure("CPS@180", "%", 100),
}
"""Against the truth, in the order in which they are shown."""

OF_JOINTS = ("mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc")
"""Those that are shown for each joint."""

PLAUSIBILITY: Mapping[str, Measure] = {
    "bone_stretch": Measure("bone lengths vary over time by", "%", 100),
    "bone_asymmetry": Measure("left and right bones differ by", "%", 100),
    "jitter": Measure("joints tremble by (third difference)", "mm/frame³", 1000),
}
"""Without a truth."""

CHOICES: Mapping[str, str] = {
    "": "mean of the hypotheses",
    "first.": "first hypothesis",
    "oracle_pose.": "oracle: best hypothesis of each frame",
    "oracle_joint.": "oracle: best hypothesis of each joint",
}
"""What is taken of several hypotheses. An oracle knows the truth: its figures are bounds."""

OF_CHOICES = ("mpjpe", "p_mpjpe")


def scaled(figures: Mapping[str, float], measures: Mapping[str, Measure]) -> dict[str, float]:
    """Figures in the units in which people read them."""
    return {name: figures[name] * measure.scale for name, measure in measures.items()}


def plain(content: Any) -> Any:
    """The same for JSON: None in the place of a number that is none, lists for tuples."""
    if isinstance(content, Mapping):
        return {key: plain(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [plain(value) for value in content]
    if isinstance(content, float):
        return round(content, 4) if isfinite(content) else None
    return content
