"""Shares of joints and of poses that are right, from 0 to 1; people read them as percent.

Right means an error strictly below the threshold. The threshold is taken in the precision of the
errors, and an error that is within rounding of it counts as equal to it: 150 mm is never below
150 mm, whether it came as 0.15 or as the length of (0.09, 0.12, 0).
"""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import SkeletonError, unknown_name
from ..skeleton import Skeleton
from .counting import counted, counted_mean, only_counted
from .joints import aligned_joint_error, joint_error

AUC_THRESHOLDS = tuple(step / 200 for step in range(31))
"""0, 5, ..., 150 mm; the 0 counts and no error is below it, so that no AUC exceeds 30/31."""

CPS_THRESHOLDS = tuple(step / 1000 for step in range(301))
"""0, 1, ..., 300 mm."""

ROUNDING = 4
"""Units in the last place by which the length of a vector may be off."""

_LIMBS = tuple(
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("right", "left")
)
_TRUNK = ("pelvis", "spine")

JOINT_SETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "14": {
        "mpi_inf_3dhp17": ("head_top", "neck", *_LIMBS),
        "h36m17": ("head", "thorax", *_LIMBS),
        "h36m16": ("head", "thorax", *_LIMBS),
    },
    "16": {
        "mpi_inf_3dhp17": ("head_top", "neck", *_LIMBS, *_TRUNK),
        "h36m17": ("head", "thorax", *_LIMBS, *_TRUNK),
        "h36m16": ("head", "thorax", *_LIMBS, *_TRUNK),
    },
    "17": {
        "mpi_inf_3dhp17": ("head_top", "neck", *_LIMBS, *_TRUNK, "head_centre"),
        "h36m17": ("head", "thorax", *_LIMBS, *_TRUNK, "nose"),
    },
}
"""The joints that PCK and AUC are taken over, by the set's name and the skeleton's.

"14" is the official one of MPI-INF-3DHP, without pelvis, spine and the head's middle; "16" is what
PoseAug's line counts, the root included; "17" is every joint. Figures over different sets cannot
be compared.
"""


def joint_set(name: str, skeleton: Skeleton) -> list[int]:
    """Where the joints of the set called `name` stand on the skeleton's joints axis, in order."""
    if name not in JOINT_SETS:
        raise SkeletonError(unknown_name("set of joints", name, JOINT_SETS))
    forms = JOINT_SETS[name]
    if skeleton.name not in forms:
        raise SkeletonError(
            f"The set of {name} joints is defined for {', '.join(forms)}, but the skeleton is "
            f'"{skeleton.name}"; remap the poses to one of those.'
        )
    return sorted(skeleton.indices(*forms[skeleton.name]))


def below(
    errors: Float[Tensor, "*batch"], threshold: float | Float[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """1 where the error is strictly below the threshold, 0 where not, NaN where it is NaN."""
    hit = errors < _reachable(torch.as_tensor(threshold, dtype=errors.dtype, device=errors.device))
    return torch.where(errors.isnan(), errors, hit.to(errors.dtype))


def share_of_thresholds(
    errors: Float[Tensor, "*batch"], thresholds: Sequence[float]
) -> Float[Tensor, "*batch"]:
    """The share of the thresholds that each error is strictly below; NaN where it is NaN.

    The mean of this over joints is the mean over thresholds of their PCK, without a table of
    joints by thresholds.

    Args:
        thresholds: In ascending order.
    """
    steps = _reachable(errors.new_tensor(list(thresholds)))
    passed = len(thresholds) - torch.searchsorted(steps, errors.detach().contiguous(), right=True)
    return torch.where(errors.isnan(), errors, passed.to(errors.dtype) / len(thresholds))


def pck(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    threshold: float = 0.150,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The share of each pose's joints whose error is below the threshold, given in metres."""
    return counted_mean(below(joint_error(estimate, truth, mask=mask), threshold), mask)


def auc(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    thresholds: Sequence[float] = AUC_THRESHOLDS,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean over the thresholds of each pose's PCK: the area under its curve."""
    return counted_mean(
        share_of_thresholds(joint_error(estimate, truth, mask=mask), thresholds), mask
    )


def worst_joint_error(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The largest error of each pose's joints after similarity alignment."""
    errors = aligned_joint_error(estimate, truth, mask=mask)
    if mask is None:
        return errors.amax(dim=-1)
    worst = torch.where(mask, errors, torch.zeros_like(errors)).amax(dim=-1)
    return only_counted(worst, mask.any(dim=-1))


def cps(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    threshold: float = 0.180,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """1 for each correct pose and 0 for each other; their mean is the Correct Poses Score.

    A pose is correct when every joint, after the best rotation, scale and shift of the pose, lies
    strictly within the threshold of its true place.
    """
    return below(worst_joint_error(estimate, truth, mask=mask), threshold)


def cps_area(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    thresholds: Sequence[float] = CPS_THRESHOLDS,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean over the thresholds of the Correct Poses Score: the area under its curve.

    Published figures are the area in millimetres, which is 300 times this.
    """
    return share_of_thresholds(worst_joint_error(estimate, truth, mask=mask), thresholds)


def keypoint_hits(
    estimate: Float[Tensor, "*batch joints 2"],
    truth: Float[Tensor, "*batch joints 2"],
    *,
    torso: tuple[int, int],
    fraction: float = 0.2,
) -> Bool[Tensor, "*batch joints"]:
    """Which keypoints are within the fraction of the torso's diameter of their true place.

    Args:
        torso: The joints whose true distance is the diameter, such as the left shoulder and the
            right hip.
    """
    one, other = torso
    diameter = torch.linalg.vector_norm(truth[..., one, :] - truth[..., other, :], dim=-1)
    errors = joint_error(estimate, truth)
    return errors < _reachable(fraction * diameter)[..., None]


def pdj(
    estimate: Float[Tensor, "*batch joints 2"],
    truth: Float[Tensor, "*batch joints 2"],
    *,
    torso: tuple[int, int],
    fraction: float = 0.2,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The share of each pose's keypoints that are detected: see `keypoint_hits`.

    A keypoint that was not found (NaN in the estimate) is a miss. The joints of the torso define
    the diameter even where they do not count themselves; without them the result is NaN.
    """
    one, other = torso
    hits = keypoint_hits(estimate, truth, torso=torso, fraction=fraction).to(truth.dtype)
    unknown = (truth[..., one, :] - truth[..., other, :]).isnan().any(dim=-1, keepdim=True)
    unknown = unknown | counted(truth, mask).isnan().any(dim=-1)
    return counted_mean(torch.where(unknown, torch.nan, hits), mask)


def _reachable(threshold: Tensor) -> Tensor:
    """The threshold less what rounding can make of it."""
    return threshold * (1 - ROUNDING * torch.finfo(threshold.dtype).eps)
