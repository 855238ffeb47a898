"""Errors as sums and counts, so that clips can be pooled in any order without being kept.

A mean over clips is the sum of their sums over the sum of their counts: a joint that is known in
few frames weighs as much in the mean as those frames, and a clip as much as its length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..clip import Clip
from ..metrics import (
    AUC_THRESHOLDS,
    CPS_THRESHOLDS,
    aligned_joint_error,
    below,
    bone_asymmetry,
    counted_mean,
    jitter,
    joint_error,
    mean_bone_stretch,
    movement_error,
    rooted,
    scaled_joint_error,
    share_of_thresholds,
)
from ..metrics.counting import counted_steps
from ..skeleton import Skeleton
from .protocols import Protocol, counted_joints

PCK_THRESHOLD = 0.150
CPS_THRESHOLD = 0.180
CURVE = CPS_THRESHOLDS
"""The thresholds of the curve: 0, 1, ..., 300 mm."""

Values = Mapping[str, Float[Tensor, "_ _"]]
"""By measure, a row for each frame or step and a column for each joint, bone pair, or the pose."""


@dataclass(frozen=True, eq=False)
class Tally:
    """What was measured on some clips."""

    sums: Mapping[str, Float[Tensor, "2 _"]]
    """By measure, the sum and the count of each column."""
    passed: Int[Tensor, "joints _"]
    """How many errors of each joint pass 0, 1, 2, ... of the curve's thresholds."""
    clips: int = 1
    frames: int = 0
    """In which at least one joint was compared."""
    lost: int = 0
    """Joints that the truth knows and the estimate does not; they are left out of all figures."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            {name: total + other.sums[name] for name, total in self.sums.items()},
            self.passed + other.passed,
            self.clips + other.clips,
            self.frames + other.frames,
            self.lost + other.lost,
        )

    def mean(self, measure: str, columns: list[int] | None = None) -> float:
        """The mean over everything that counted, or over that of some columns; NaN if nothing."""
        total, count = self.sums[measure] if columns is None else self.sums[measure][:, columns]
        return float(total.sum() / count.sum())

    def means(self, measure: str) -> list[float]:
        """The mean of each column."""
        total, count = self.sums[measure]
        return (total / count).tolist()

    def count(self, measure: str) -> int:
        """How many values were measured."""
        return int(self.sums[measure][1].sum())

    def without_curve(self) -> "Tally":
        """The same without its largest part, for the many tallies of groups."""
        return replace(self, passed=self.passed[:, :0])

    def curve(self, columns: list[int]) -> Float[Tensor, " thresholds"]:
        """The share of the errors of some joints that is below each threshold."""
        counts = self.passed[columns].sum(dim=0).double()
        at_least = counts.flip(0).cumsum(0)  # what passes n thresholds is below the n largest
        return at_least[:-1] / counts.sum()


def total(tallies: list[Tally]) -> Tally:
    """Several tallies as one."""
    return reduce(add, tallies)


def tally(estimate: Clip, truth: Clip, protocol: Protocol, frames: slice = slice(None)) -> Tally:
    """What is measured on one clip.

    The mean of the hypotheses is what is compared; what a choice among them would give is measured
    beside it.

    Args:
        frames: Those that count.
    """
    assert estimate.poses is not None and truth.poses is not None
    guesses, wanted = estimate.poses[:, frames], truth.poses[0, frames]
    if protocol.rooted:
        root = truth.skeleton.root
        guesses, wanted = rooted(guesses, root), rooted(wanted, root)
    asked = torch.zeros(len(truth.skeleton), dtype=torch.bool, device=wanted.device)
    asked[counted_joints(protocol, truth.skeleton)] = True
    pose = guesses.mean(dim=0)
    both = pose.isfinite().all(dim=-1) & wanted.isfinite().all(dim=-1)
    mask, known = both & asked, wanted.isfinite().all(dim=-1) & asked
    values = accuracy(pose, wanted, mask)
    values |= choices(guesses, wanted, mask, values)
    sums = {name: _sums(each) for name, each in values.items()}
    for whose, those in (("estimate", pose), ("truth", wanted)):
        found = plausibility(those, truth.skeleton, both)
        sums |= {f"{whose}.{name}": each for name, each in found.items()}
    lost = int((known & ~mask).sum())
    return Tally(sums, _passed(values["mpjpe"]), 1, int(mask.any(dim=-1).sum()), lost)


def accuracy(
    pose: Float[Tensor, "frames joints 3"],
    truth: Float[Tensor, "frames joints 3"],
    mask: Bool[Tensor, "frames joints"],
) -> dict[str, Float[Tensor, "_ _"]]:
    """Every measure of an estimate against its truth; NaN where something does not count."""
    errors = joint_error(pose, truth, mask=mask)
    aligned = aligned_joint_error(pose, truth, mask=mask)
    worst = torch.where(aligned.isnan().all(dim=-1), torch.nan, aligned.nan_to_num(nan=0).amax(-1))
    return {
        "mpjpe": errors,
        "p_mpjpe": aligned,
        "n_mpjpe": scaled_joint_error(pose, truth, mask=mask),
        "mpjve": _moved(pose, truth, mask, 1),
        "acceleration_error": _moved(pose, truth, mask, 2),
        "pck": below(errors, PCK_THRESHOLD),
        "auc": share_of_thresholds(errors, AUC_THRESHOLDS),
        "cps": below(worst, CPS_THRESHOLD)[:, None],
    }


def _moved(pose: Tensor, truth: Tensor, mask: Tensor, order: int) -> Float[Tensor, "steps joints"]:
    if len(pose) <= order:
        return pose.new_zeros(0, pose.shape[1])
    return movement_error(pose, truth, order=order, mask=mask)


def choices(
    guesses: Float[Tensor, "hypotheses frames joints 3"],
    truth: Float[Tensor, "frames joints 3"],
    mask: Bool[Tensor, "frames joints"],
    of_mean: Values,
) -> dict[str, Float[Tensor, "_ _"]]:
    """Errors of the first hypothesis, and of the best ones, which only an oracle can tell.

    The oracle chooses a pose for each frame, or a hypothesis for each joint.
    """
    found = {}
    for name, measure in (("mpjpe", joint_error), ("p_mpjpe", aligned_joint_error)):
        first = of_mean[name] if len(guesses) == 1 else measure(guesses[0], truth, mask=mask)
        pose, joint = first, first
        for guess in guesses[1:]:
            errors = measure(guess, truth, mask=mask)
            better = counted_mean(errors, mask) < counted_mean(pose, mask)
            pose = torch.where(better[:, None], errors, pose)
            joint = torch.minimum(joint, errors)
        found |= {
            f"first.{name}": first,
            f"oracle_pose.{name}": pose,
            f"oracle_joint.{name}": joint,
        }
    return found


def plausibility(
    poses: Float[Tensor, "frames joints 3"],
    skeleton: Skeleton,
    mask: Bool[Tensor, "frames joints"],
) -> dict[str, Float[Tensor, "2 _"]]:
    """Sums and counts of what a body cannot do: a clip's stretch weighs as much as its frames."""
    seen = int(mask.any(dim=-1).sum())
    steps = counted_steps(mask, 3)
    moved = 0 if steps is None else int(steps.sum())
    return {
        "bone_stretch": _weighted(mean_bone_stretch(poses, skeleton, mask=mask), seen),
        "bone_asymmetry": _sums(bone_asymmetry(poses, skeleton, mask=mask)),
        "jitter": _weighted(jitter(poses, mask=mask), moved),
    }


def _weighted(mean: Float[Tensor, ""], count: int) -> Float[Tensor, "2 1"]:
    """A mean as a sum and a count; of nothing where there is no mean."""
    if not bool(mean.isfinite()):
        return torch.zeros(2, 1, dtype=torch.float64)
    return torch.tensor([[float(mean) * count], [count]], dtype=torch.float64)


def _sums(values: Float[Tensor, "rows columns"]) -> Float[Tensor, "2 columns"]:
    """Sum and count of each column's numbers, in double precision."""
    values = values.detach().cpu().double()
    return torch.stack([values.nansum(dim=0), (~values.isnan()).sum(dim=0).double()])


def _passed(errors: Float[Tensor, "frames joints"]) -> Int[Tensor, "joints ranks"]:
    """How many errors of each joint pass each number of the curve's thresholds."""
    ranks, joints = len(CURVE) + 1, errors.shape[1]
    passed = (share_of_thresholds(errors, CURVE) * len(CURVE)).round()
    place = passed + ranks * torch.arange(joints, device=errors.device)
    counted = place[~place.isnan()].long().cpu()
    return torch.bincount(counted, minlength=joints * ranks).view(joints, ranks)
