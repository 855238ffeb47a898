"""The verdict on an order: what the evidence says together, and in which words."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray as Array
from torch import Tensor

from ..clip import Clip
from ..errors import SkeletonError
from ..motion import Motion
from ..skeleton import Skeleton
from ..skeletons import SKELETONS
from .distances import log_distances, misfit_of
from .expectation import expected
from .limits import DISTANCE_LIMITS, limit_for
from .permutation import best_order
from .points import Points, points_of, size_of
from .sides import exchanged_sides
from .vocabulary import LIMBS, Spots, spots_of

FEWEST_PAIRS = 30
"""Where fewer pairs of joints are ever seen together, distances say nothing."""

KNOWN_RATHER = 0.7
"""A known order is the guess if it explains this share of what the best one explains."""


@dataclass(frozen=True)
class Verdict:
    """What the check thinks of an order."""

    ok: bool
    """True also where there is too little to judge by."""
    score: float
    """Evidence against the order, in units of what suffices to accuse."""
    guess: str = ""
    """What seems to be the case, in one sentence; empty if nothing is wrong."""
    skeleton: str | None = None
    """The known skeleton whose order the joints have, if that is the guess."""
    order: tuple[int, ...] | None = None
    """Where the joints of the claimed skeleton stand in the data, if that is the guess."""


def check_order(recording: Clip | Motion) -> Verdict:
    """The verdict on a recording: on its keypoints, then on its poses or positions.

    Several hypotheses are judged by their mean.
    """
    if isinstance(recording, Motion):
        return check_poses(recording.positions, recording.skeleton)
    verdict = check_keypoints(recording.keypoints, recording.skeleton, recording.scores)
    if verdict.ok and recording.poses is not None:
        return check_poses(recording.poses.mean(dim=0), recording.skeleton)
    return verdict


def refuse_wrong_order(recording: Clip | Motion) -> None:
    """Refuse a recording whose joints are in another order than its skeleton's."""
    verdict = check_order(recording)
    if not verdict.ok:
        raise SkeletonError(f'In "{recording.name}" {verdict.guess[0].lower()}{verdict.guess[1:]}')


def check_keypoints(
    keypoints: Float[Tensor, "frames joints 2"],
    skeleton: Skeleton,
    scores: Float[Tensor, "frames joints"] | None = None,
) -> Verdict:
    """The verdict on keypoints of one camera; NaN and those with the score 0 are left out."""
    if scores is not None:
        keypoints = torch.where(scores[..., None] > 0, keypoints, torch.nan)
    return _check(points_of(keypoints), skeleton)


def check_poses(poses: Float[Tensor, "frames joints 3"], skeleton: Skeleton) -> Verdict:
    """The verdict on positions in any right-handed axes and unit; NaN are left out."""
    return _check(points_of(poses), skeleton)


def _check(points: Points, skeleton: Skeleton) -> Verdict:
    """The verdict by all evidence there is."""
    claimed, size = spots_of(skeleton), size_of(points)
    if claimed is None or size == 0:
        return Verdict(ok=True, score=0.0)
    points = points / size
    verdict = _by_distances(points, skeleton, claimed)
    if not verdict.ok:
        return verdict
    sides = exchanged_sides(points, skeleton)
    score = max(sides.score, verdict.score)
    if not any(sides.exchanged):
        return Verdict(ok=True, score=score)
    return Verdict(ok=False, score=score, guess=f"{_should(skeleton)}{sides.words}.")


def _should(skeleton: Skeleton) -> str:
    """The beginning of a sentence about another order than the skeleton's."""
    return f'The joints should be those of the skeleton "{skeleton.name}", but '


def _by_distances(points: Points, skeleton: Skeleton, claimed: Spots) -> Verdict:
    """The verdict by comparing the claimed order with other ones."""
    count, axes = len(claimed.joints), points.shape[-1]
    seen = log_distances(points[:, claimed.joints])
    if np.isfinite(seen[np.triu_indices(count, 1)]).sum() < FEWEST_PAIRS:
        return Verdict(ok=True, score=0.0)
    usual = expected(claimed, axes)
    here, (order, there) = misfit_of(seen, usual), best_order(seen, usual)
    rivals = [
        (misfit_of(seen, expected(spots, axes)), rival)
        for rival, spots in _rivals(skeleton, claimed)
    ]
    known, name = min(rivals, default=(np.inf, None))
    frames = float(np.isfinite(points[..., 0]).sum(axis=0).mean())
    better = here - min(known, there)
    score = better / (limit_for(DISTANCE_LIMITS[axes], frames) * count / 17)
    if score < 1:
        return Verdict(ok=True, score=max(score, 0.0))
    if here - known > KNOWN_RATHER * better:
        found = f'their distances are those of "{name}"; name that as their skeleton.'
        return Verdict(False, score, _should(skeleton) + found, skeleton=name)
    where = _sides_mended(points, skeleton, _where(claimed, order, len(skeleton)))
    found = _order_found(skeleton, where)
    return Verdict(False, score, _should(skeleton) + found, order=tuple(where))


def _rivals(skeleton: Skeleton, claimed: Spots) -> Iterator[tuple[str, Spots]]:
    """Other known skeletons with as many joints, all of which can be judged."""
    for rival in SKELETONS.values():
        spots = spots_of(rival)
        if rival == skeleton or len(rival) != len(skeleton) or spots is None:
            continue
        if len(claimed.joints) == len(spots.joints) == len(skeleton):
            yield rival.name, spots


def _where(claimed: Spots, order: Array, count: int) -> list[int]:
    """Where each of the skeleton's joints stands in the data, by what the data's joints seem."""
    where = list(range(count))
    for joint, place in zip(claimed.joints, order, strict=True):
        where[claimed.joints[place]] = int(joint)
    return where


def _sides_mended(points: Points, skeleton: Skeleton, where: list[int]) -> list[int]:
    """The order with left and right as the sides say; distances alone confuse them.

    Where they say nothing about the whole body, most joints shall be where they are claimed to be.
    """
    sides = exchanged_sides(points[:, where], skeleton)
    mended = list(where)
    for joint, exchanged in zip(LIMBS, sides.exchanged, strict=True):
        if exchanged:
            left, right = skeleton.index(f"left_{joint}"), skeleton.index(f"right_{joint}")
            mended[left], mended[right] = where[right], where[left]
    other = [mended[joint] for joint in skeleton.mirror]
    if not sides.handed and _at_home(other) > _at_home(mended):
        return other
    return mended


def _at_home(where: list[int]) -> int:
    return sum(joint == place for joint, place in enumerate(where))


def _order_found(skeleton: Skeleton, where: list[int]) -> str:
    """The end of the sentence about joints in another order."""
    moved = {place: joint for joint, place in enumerate(where) if joint != place}
    named = [
        f'joint {place} looks like "{skeleton.joints[moved[place]]}"' for place in sorted(moved)
    ]
    return (
        f"{', '.join(named[:3])} ({len(moved)} of {len(skeleton)} look like another one); "
        "bring them into that order or name the skeleton that they are in."
    )
