"""Whether left and right agree along arms, trunk and legs, and whether knees and head fit them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from ..skeleton import Skeleton
from .limits import HEAD_LIMIT, KNEE_LIMIT, SIDE_LIMITS, limit_for
from .points import Points
from .vocabulary import LIMBS


class Sides(NamedTuple):
    """What left and right look like."""

    exchanged: tuple[bool, ...]
    """Whether they are exchanged at each of the `LIMBS`."""
    score: float
    """The strongest evidence, in units of what suffices."""
    handed: bool
    """Whether the data tell right-handed from mirrored bodies."""

    @property
    def words(self) -> str:
        """The end of a sentence about what is exchanged."""
        arms = self.exchanged == (True, True, True, False, False, False)
        legs = self.exchanged == (False, False, False, True, True, True)
        if all(self.exchanged):
            return (
                "left and right look exchanged in the whole body, or the axes are those of a "
                "mirror; exchange the joints of the two sides or turn one axis round"
            )
        where = [f"{joint}s" for joint, wrong in zip(LIMBS, self.exchanged, strict=True) if wrong]
        if (arms or legs) and not self.handed:
            place = "either in the arms or in the legs, shoulders and hips included"
        elif arms or legs:
            place = "in the arms" if arms else "in the legs"
        else:
            place = f"at the {' and '.join(where)}"
        return f"left and right look exchanged {place}; exchange them there"


def exchanged_sides(points: Points, skeleton: Skeleton) -> Sides:
    """Where left and right are exchanged: at as few of the limbs as explain what is seen."""
    doubts = [_disagreement(points, skeleton, link) for link in range(len(LIMBS) - 1)]
    exchanged = [False]
    for doubt in doubts:
        exchanged.append(exchanged[-1] != (doubt >= 1))
    if 2 * sum(exchanged) > len(LIMBS):
        exchanged = [not each for each in exchanged]
    handed = _handedness(_exchange(points, skeleton, exchanged), skeleton)
    if handed <= -1:
        exchanged = [not each for each in exchanged]
    score = max(*doubts, -handed, 0.0)
    return Sides(tuple(exchanged), score, handed=abs(handed) >= 1)


def _exchange(points: Points, skeleton: Skeleton, exchanged: list[bool]) -> Points:
    """The points with left and right the other way round at some of the limbs."""
    points = points.copy()
    for joint, other_way in zip(LIMBS, exchanged, strict=True):
        if other_way:
            both = skeleton.indices(f"left_{joint}", f"right_{joint}")
            points[:, both] = points[:, both[::-1]]
    return points


def _disagreement(points: Points, skeleton: Skeleton, link: int) -> float:
    """How much left and right disagree between neighbouring limbs, in units of what suffices."""
    here, there = (_across(points, skeleton, joint) for joint in LIMBS[link : link + 2])
    product = (here * there).sum(axis=-1)
    frames = int(np.isfinite(product).sum())
    if frames == 0:
        return 0.0
    limit = limit_for(SIDE_LIMITS[points.shape[-1]][link], frames)
    error = float(np.nanstd(product)) / frames**0.5  # a noisy detector must not accuse
    return -(float(np.nanmean(product)) + error) / limit


def _across(points: Points, skeleton: Skeleton, joint: str) -> Float[Array, "frames axes"]:
    """From the right one to the left one."""
    left, right = skeleton.indices(f"left_{joint}", f"right_{joint}")
    return points[:, left] - points[:, right]


def _handedness(points: Points, skeleton: Skeleton) -> float:
    """Evidence for a body as it is (above 0) or as in a mirror (below), in units of what suffices.

    Knees and head must not contradict each other. A picture gives none.
    """
    if points.shape[-1] != 3:
        return 0.0
    knees, head = _knees(points, skeleton), _head(points, skeleton)
    evidence = [
        _mean(values) / limit for values, limit in ((knees, KNEE_LIMIT), (head, HEAD_LIMIT))
    ]
    strongest = max(evidence, key=abs)
    return 0.0 if min(evidence) <= -1 and max(evidence) >= 1 else strongest


def _mean(values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0


def _knees(points: Points, skeleton: Skeleton) -> Float[Array, " values"]:
    """How far the axes about which the knees are bent point to the left."""
    across = _across(points, skeleton, "hip")
    values = []
    for side in ("left", "right"):
        hip, knee, ankle = (
            points[:, skeleton.index(f"{side}_{joint}")] for joint in ("hip", "knee", "ankle")
        )
        values.append((np.cross(knee - hip, ankle - knee) * across).sum(axis=-1))
    return np.concatenate(values)


def _head(points: Points, skeleton: Skeleton) -> Float[Array, " frames"]:
    """How far up times forwards, by neck, crown and nose, points to the left."""
    neck = _first(points, skeleton, "thorax", "neck", "shoulder")
    crown = _first(points, skeleton, "head", "head_top", "ear")
    nose = _first(points, skeleton, "nose", "head_centre", "jaw")
    if neck is None or crown is None or nose is None:
        return np.full(len(points), np.nan)
    across = _across(points, skeleton, "shoulder")
    return (np.cross(crown - neck, nose - neck) * across).sum(axis=-1)


def _first(points: Points, skeleton: Skeleton, *joints: str) -> Float[Array, "frames axes"] | None:
    """The first of the joints, or midpoints of a pair, that the skeleton has."""
    for joint in joints:
        if joint in skeleton:
            return points[:, skeleton.index(joint)]
        if f"left_{joint}" in skeleton:
            return points[:, skeleton.indices(f"left_{joint}", f"right_{joint}")].mean(axis=1)
    return None
