"""What counts as equal: within a tolerance of the largest stored value, NaN where NaN is stored."""

from fnmatch import fnmatch
from typing import NamedTuple

import numpy as np

from .golden import Golden

GEOMETRY, NETWORK = 1e-5, 1e-4

GEOMETRY_MODELS = (
    "DH-AUG/forward kinematics", "DH-AUG/camera", "DH-AUG/metrics", "DH-AUG/bone-length swap",
    "DH-AUG/random sampler*", "DH-AUG/200 mm*", "DH-AUG/3DHP*",
    "diff3dhpe/ChunkedGenerator", "diff3dhpe/metrics", "diff3dhpe/*schedule*",
    "poseda/bone algebra", "poseda/camera*", "poseda/metrics", "poseda/axis angle*", "poseda/gpa*",
    "PoSynDA/projection", "PoSynDA/data_pipeline", "PoSynDA/pck_auc", "PoSynDA/*schedule*",
    "L2D-Pose/coco_to_h36m", "L2D-Pose/metrics",
)  # fmt: skip
"""`system/model` of geometry, schedules and metrics; all others are networks, losses, gradients."""


class Rule(NamedTuple):
    """How one output is compared."""

    tolerance: float
    relative: bool = False
    """Per element instead of to the largest stored value."""
    absolute: bool = False
    """In the output's own unit, whatever its size."""
    share: float = 1.0
    """The share of elements that must be within the tolerance."""


EXCEPTIONS = {
    "affine*/crop_rgb": Rule(2.0, absolute=True, share=0.99),  # another resampler made them
    "affine*/crop_normalised": Rule(0.04, absolute=True, share=0.99),
    "affine*/*": Rule(1e-4),
    "GaussianDiffusion.p_losses*/loss_elements": Rule(1e-4, relative=True),
    "GaussianDiffusion.p_losses*/loss_coef": Rule(1e-4, relative=True),
    "guided_loss*/keypoints_2d_image": Rule(1e-3, absolute=True),
}
"""By `model/output`, since a model's files may have any name; the first that fits counts."""


def rule_for(golden: Golden, output: str) -> Rule:
    """The rule for one output of a file."""
    stated = golden.meta.get("tolerance")
    if isinstance(stated, dict):  # in words, but for a number under "value"
        stated = stated.get("value")
    if isinstance(stated, int | float):
        return Rule(float(stated))
    for pattern, rule in EXCEPTIONS.items():
        if fnmatch(f"{golden.meta['model']}/{output}", pattern):
            return rule
    kind = f"{golden.meta['system']}/{golden.meta['model']}"
    geometric = any(fnmatch(kind, pattern) for pattern in GEOMETRY_MODELS)
    return Rule(GEOMETRY if geometric else NETWORK)


def error(ours: np.ndarray, stored: np.ndarray, rule: Rule) -> float:
    """How far ours is from what is stored, to be held against the rule's tolerance."""
    if ours.shape != stored.shape:
        return np.inf
    grey_levels = stored.dtype == np.uint8 and rule.absolute
    if not (stored.dtype.kind == "f" or grey_levels) or ours.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(ours, stored) else np.inf
    if not np.array_equal(np.isnan(ours), np.isnan(stored)):
        return np.inf
    known = ~np.isnan(stored)
    if not known.any():
        return 0.0
    ours, stored = ours[known].astype(np.float64), stored[known].astype(np.float64)
    with np.errstate(invalid="ignore"):
        off = np.where(ours == stored, 0.0, np.abs(ours - stored))  # equal infinities are equal
    size = np.abs(np.where(np.isfinite(stored), stored, 0.0))  # an infinity must not excuse others
    if rule.relative:
        with np.errstate(over="ignore"):
            off = off / np.maximum(size, np.finfo(np.float64).tiny)
    elif not rule.absolute:
        off = off / max(1.0, size.max())
    return float(np.quantile(off, rule.share, method="inverted_cdf"))
