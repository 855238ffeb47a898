"""Whether joints are in the order that their skeleton says, judged from where they are over time.

Three kinds of evidence, each weighed against what motion capture of adults shows:

- *distances*: how far every two joints are from each other, relative to the size of the body. The
  order that is claimed is compared with those of the known skeletons and with the best one that a
  search finds. A clip is accused only where another order explains it far better, so that an odd
  posture alone accuses nobody.
- *sides*: whether left and right agree along arms, trunk and legs: shoulders point the way the hips
  do, hands the way elbows do.
- *chirality*, in 3D alone: knees fold backwards, the nose is in front.

In a picture, a body whose left and right are exchanged throughout is the image of the same body
with near and far exchanged. No distance tells the two apart, so a swap of the whole body is noticed
in 3D only; and where arms and legs disagree, a picture does not tell which of them are wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray as Array
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .clip import Clip
from .errors import SkeletonError
from .motion import Motion
from .skeleton import Skeleton, other_side
from .skeletons import SKELETONS

Points = Float[Array, "frames joints axes"]

MOST_FRAMES = 300
"""So many frames, evenly taken, stand for a longer recording."""

MIDDLE = ("pelvis", "spine", "thorax", "nose", "head")
LIMBS = ("wrist", "elbow", "shoulder", "hip", "knee", "ankle")
"""From the end of an arm to the end of a leg; a skeleton without them is not judged."""
PAIRED = (*LIMBS, "eye", "ear")
VOCABULARY = MIDDLE + tuple(f"{side}_{joint}" for side in ("left", "right") for joint in PAIRED)
"""The joints between which distances are known."""

NEAR = {
    "thorax": "neck upper_neck neck_base collar clavicle upper_spine spine4",
    "spine": "lower_spine middle_spine spine2 spine3",
    "pelvis": "spine_base",
    "nose": "head_centre head_base jaw mouth",
    "head": "head_top",
    "wrist": "hand thumb pinky index thumb_base thumb_end hand_end finger_end",
    "ankle": "foot toe heel big_toe small_toe foot_index",
    "eye": "eye_inner eye_outer",
}
"""Other joints that are judged as if they were one of the vocabulary, more leniently."""

REFERENCE = {
    2: (
        "-64 9 21 39 -71 -46 6 -204 -25 37 26 32 -55 -33 -4 -56 -100 -55 -61 25 67 -24 -15 -172 "
        "-92 -7 -37 -131 10 60 92 -138 -118 -130 2 -22 -106 21 67 97 -227 -159 21 2 -63 40 79 106 "
        "-148 -179 -38 -105 -31 -18 2 -90 -53 8 11 58 58 6 8 11 16 -47 -57 -23 -54 -37 27 30 68 "
        "69 -17 -13 -12 -4 -68 4 10 57 59 90 91 -98 -86 -94 -69 -146 -26 -22 36 38 26 27 32 33 "
        "-99 -29 -16 70 70 74 74 -61 100 100 102 103 -223 -185 -158 -154 ",
        "9 8 8 8 59 33 10 43 17 16 9 8 9 11 9 39 51 18 12 13 13 12 10 31 14 23 22 45 8 10 10 27 "
        "19 16 27 23 39 9 10 10 36 30 29 22 21 8 9 9 24 31 46 24 41 23 28 67 54 30 33 23 24 29 28 "
        "29 27 47 17 31 32 36 18 20 15 16 25 25 23 22 47 9 13 11 12 11 11 33 37 20 32 44 16 19 16 "
        "17 9 9 8 9 46 21 30 10 10 10 10 52 10 10 10 10 44 39 42 45 ",
    ),
    3: (
        "-69 3 15 32 -50 -37 3 -184 -23 38 20 25 -63 -39 -11 -42 -73 -52 -64 23 66 -29 -22 -172 "
        "-101 -5 -32 -102 4 56 90 -136 -122 -140 3 -19 -85 16 62 95 -237 -153 19 0 -59 33 74 103 "
        "-152 -174 -9 -102 -5 -20 12 -74 -30 11 17 59 60 4 9 8 18 -15 -60 -5 -51 -23 26 32 68 70 "
        "-17 -10 -15 -1 -34 -1 9 54 57 88 89 -85 -67 -94 -53 -115 -25 -18 38 40 20 21 25 27 -72 "
        "-23 -3 65 65 69 70 -35 97 97 99 100 -212 -176 -138 -126 ",
        "4 4 5 4 40 23 4 11 6 8 5 4 5 6 5 25 28 5 4 5 7 6 5 12 6 12 7 9 4 6 6 8 6 5 17 11 9 5 7 6 "
        "4 5 20 12 6 4 7 6 5 4 21 5 15 12 8 53 31 24 23 17 18 20 18 20 16 17 5 7 27 19 12 12 10 "
        "10 14 12 13 9 5 5 4 6 5 6 6 11 9 8 6 11 5 7 9 8 5 5 4 4 27 4 16 8 7 7 6 39 6 6 6 6 4 5 4 "
        "4 ",
    ),
}
"""Means and deviations in hundredths, for `classes()`, in 2D and in 3D.

Made from the CMU recordings of the motion corpus by `benchmarks/bench_joint_order.py --fit`.
"""

DISTANCE_LIMITS = {2: (70.0, 30.0), 3: (50.0, 0.0)}
"""How much better another order of 17 joints must be: with many frames, and more with one."""

SIDE_LIMITS = {
    2: ((0.03, 0.15), (0.04, 0.16), (0.006, 0.07), (0.06, 0.22), (0.05, 0.20)),
    3: ((0.03, 0.13), (0.05, 0.00), (0.02, 0.00), (0.04, 0.00), (0.03, 0.05)),
}
"""How much left and right must disagree along each link between neighbouring `LIMBS`, likewise."""

LOOSE, PEOPLE = 0.2, 0.1
"""Deviations added for joints near one of the vocabulary, and for bodies unlike those measured."""
CLOSE = (-1.9, 0.6)
"""Mean and deviation of the distance between two joints that are near the same one."""
FEWEST_PAIRS = 30
"""Where fewer pairs of joints are ever seen together, distances say nothing."""
LEAST_GAIN = 1e-3
"""A change of order that betters the misfit by less is rounding."""
KNOWN_RATHER = 0.7
"""A known order is the guess if it explains this share of what the best one explains."""

KNEE_LIMIT, HEAD_LIMIT = 0.02, 0.012
"""How far knees must bend and the nose must stand the wrong way, in the size of the body cubed."""


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
    return _check(_points(keypoints), skeleton)


def check_poses(poses: Float[Tensor, "frames joints 3"], skeleton: Skeleton) -> Verdict:
    """The verdict on positions in any right-handed axes and unit; NaN are left out."""
    return _check(_points(poses), skeleton)


def _points(values: Float[Tensor, "all joints axes"]) -> Points:
    """The frames in which anybody is seen, or enough of them; NaN where a joint is missing."""
    points = values.detach().double().cpu().numpy()
    points = np.where(np.isfinite(points).all(axis=-1, keepdims=True), points, np.nan)
    points = points[np.isfinite(points).any(axis=(1, 2))]
    return points[:: -(-len(points) // MOST_FRAMES) or 1]


def _check(points: Points, skeleton: Skeleton) -> Verdict:
    """The verdict by all evidence there is."""
    claimed, size = spots_of(skeleton), _size(points)
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
    guess = f"The joints should be those of {_quoted(skeleton)}, but {_sides_found(sides)}."
    return Verdict(ok=False, score=score, guess=guess)


def _size(points: Points) -> float:
    """Root mean square distance of joints from their middle in the median frame, 0 without any."""
    if not len(points):
        return 0.0
    off = points - np.nanmean(points, axis=1, keepdims=True)
    return float(np.nanmedian(np.nanmean((off**2).sum(axis=-1), axis=1)) ** 0.5)


def _quoted(skeleton: Skeleton) -> str:
    return f'the skeleton "{skeleton.name}"'


class Spots(NamedTuple):
    """What the joints of a skeleton are in the vocabulary."""

    joints: Int[Array, " placed"]
    """The joints that are one of the vocabulary, or near one."""
    places: Int[Array, " placed"]
    exact: Bool[Array, " placed"]


@cache
def spots_of(skeleton: Skeleton) -> Spots | None:
    """The places of a skeleton's joints; None if it lacks limbs and is not judged."""
    if not all(f"{side}_{joint}" in skeleton for side in ("left", "right") for joint in LIMBS):
        return None
    near = {joint: place for place, joints in NEAR.items() for joint in joints.split()}
    found = []
    for index, joint in enumerate(skeleton.joints):
        side = joint.partition("_")[0] + "_" if other_side(joint) != joint else ""
        place = near.get(joint.removeprefix(side), joint.removeprefix(side))
        name = place if place in MIDDLE else side + place
        if name in VOCABULARY:
            found.append((index, VOCABULARY.index(name), name == joint))
    joints, places, exact = map(np.array, zip(*found, strict=True))
    return Spots(joints, places, exact)


class Expected(NamedTuple):
    """What distances between joints usually are."""

    mean: Float[Array, "joints joints"]
    """Logarithm of the root mean square over frames, but for a constant that all share."""
    deviation: Float[Array, "joints joints"]
    """Its standard deviation over people, movements and views."""


@cache
def reference(axes: int) -> Expected:
    """What the distances between the vocabulary's joints usually are, in 2D or 3D."""
    tables = [np.zeros((len(VOCABULARY), len(VOCABULARY))) for _ in range(2)]
    for table, text in zip(tables, REFERENCE[axes], strict=True):
        for (one, other), value in zip(classes(), text.split(), strict=True):
            for here, there in ((one, other), (other_side(one), other_side(other))):
                i, j = VOCABULARY.index(here), VOCABULARY.index(there)
                table[i, j] = table[j, i] = int(value) / 100
    return Expected(*tables)


def classes() -> Iterator[tuple[str, str]]:
    """One pair of the vocabulary's joints out of every two that mirror each other."""
    half = [joint for joint in VOCABULARY if not joint.startswith("right_")]
    for i, one in enumerate(half):
        for other in half[i:]:
            if other != one:
                yield one, other
            if one.startswith("left_"):
                yield one, other_side(other)


def expected(spots: Spots, axes: int) -> Expected:
    """What the distances between a skeleton's joints usually are."""
    mean, deviation = (table[np.ix_(spots.places, spots.places)] for table in reference(axes))
    loose = np.where(spots.exact, 0.0, LOOSE)
    deviation = np.sqrt(deviation**2 + loose[:, None] ** 2 + loose**2 + PEOPLE**2)
    same = np.equal.outer(spots.places, spots.places)
    return Expected(np.where(same, CLOSE[0], mean), np.where(same, CLOSE[1], deviation))


def log_distances(points: Points) -> Float[Array, "joints joints"]:
    """Logarithm of the root mean square over frames of the distance between every two joints."""
    there = np.all(np.isfinite(points), axis=-1)
    plain = np.where(there[..., None], points - np.nanmean(points, axis=(0, 1)), 0.0)
    weight = there.astype(float)
    both = weight.T @ weight
    product = np.einsum("tia, tja -> ij", plain, plain)
    square = (plain**2).sum(axis=-1).T @ weight
    squared = (square + square.T - 2 * product) / np.where(both > 0, both, np.nan)
    return np.log(np.maximum(squared, 1e-12)) / 2


def misfit(
    seen: Float[Array, "..."], usual: Float[Array, "..."], deviation: Float[Array, "..."]
) -> Float[Array, "..."]:
    """How unlikely distances are: minus the logarithm of a density with heavy tails."""
    cost = np.log1p(((seen - usual) / deviation) ** 2 / 2) + np.log(deviation)
    return np.nan_to_num(cost, copy=False, nan=0.0)


def _scaled(seen: Array, usual: Expected) -> Array:
    """Distances in the size of the usual body."""
    pairs = np.triu_indices(len(seen), 1)
    return seen - np.nanmedian(seen[pairs]) + np.median(usual.mean[pairs])


def misfit_of(seen: Float[Array, "joints joints"], usual: Expected) -> float:
    """How unlikely the distances are for joints in the order of `usual`."""
    cost = misfit(_scaled(seen, usual), usual.mean, usual.deviation)
    return float(cost[np.triu_indices(len(seen), 1)].sum())


def best_order(
    seen: Float[Array, "joints joints"], usual: Expected
) -> tuple[Int[Array, " joints"], float]:
    """Which of the usual joints each one seems to be, and the misfit then.

    The search starts from the claimed order and from the one that pairs joints whose distances to
    all others, sorted, are alike; it reassigns all joints at once while that helps, then exchanges
    two at a time.
    """
    scaled, count = _scaled(seen, usual), len(seen)
    tables = (scaled[:, :, None, None], usual.mean, usual.deviation)
    cost = misfit(*(table.astype(np.float32) for table in tables))
    cost[np.arange(count), np.arange(count)] = 0
    cost[:, :, np.arange(count), np.arange(count)] = 0
    profiles = [np.sort(table + np.diag([-9.0] * count), axis=1) for table in (scaled, usual.mean)]
    alike = np.nansum(np.abs(profiles[0][:, None] - profiles[1]), axis=-1)
    starts = (np.arange(count), linear_sum_assignment(alike)[1])
    found = [_exchanged_pairs(cost, _reassigned(cost, start)) for start in starts]
    return min(found, key=lambda order_and_misfit: order_and_misfit[1])


def _total(cost: Array, order: Array) -> float:
    joints = np.arange(len(order))
    return float(cost[joints[:, None], joints, order[:, None], order].sum()) / 2


def _placed(cost: Array, order: Array) -> Array:
    """What each joint would cost at each place, all others being where they are."""
    return cost[:, np.arange(len(order)), :, order].sum(axis=0)


def _reassigned(cost: Array, order: Array) -> Array:
    """The order after reassigning all joints at once for as long as it helps."""
    while _total(cost, better := linear_sum_assignment(_placed(cost, order))[1]) < (
        _total(cost, order) - LEAST_GAIN
    ):
        order = better
    return order


def _exchanged_pairs(cost: Array, order: Array) -> tuple[Array, float]:
    """The order after the best exchanges of two joints for as long as they help, and its misfit."""
    one, other = np.triu_indices(len(order), 1)
    while True:
        placed = _placed(cost, order)
        here, there = order[one], order[other]
        gain = placed[one, here] + placed[other, there] - placed[one, there] - placed[other, here]
        gain = gain - 2 * cost[one, other, here, there]
        best = int(gain.argmax())
        if gain[best] <= LEAST_GAIN:
            return order, _total(cost, order)
        order = order.copy()
        order[[one[best], other[best]]] = there[best], here[best]


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
    score = better / (_limit(DISTANCE_LIMITS[axes], frames) * count / 17)
    if score < 1:
        return Verdict(ok=True, score=max(score, 0.0))
    should = f"The joints should be those of {_quoted(skeleton)}, but "
    if here - known > KNOWN_RATHER * better:
        guess = f'{should}their distances are those of "{name}"; name that as their skeleton.'
        return Verdict(False, score, guess, skeleton=name)
    where = _sides_mended(points, skeleton, _where(claimed, order, len(skeleton)))
    return Verdict(False, score, should + _order_found(skeleton, where), order=tuple(where))


def _rivals(skeleton: Skeleton, claimed: Spots) -> Iterator[tuple[str, Spots]]:
    """Other known skeletons with as many joints, all of which can be judged."""
    for rival in SKELETONS.values():
        spots = spots_of(rival)
        if rival == skeleton or len(rival) != len(skeleton) or spots is None:
            continue
        if len(claimed.joints) == len(spots.joints) == len(skeleton):
            yield rival.name, spots


def _limit(many_and_one: tuple[float, float], frames: float) -> float:
    """A limit for a number of frames, which are not independent of each other."""
    many, one = many_and_one
    return many + one / max(frames, 1.0) ** 0.5


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


class Sides(NamedTuple):
    """What left and right look like."""

    exchanged: tuple[bool, ...]
    """Whether they are exchanged at each of the `LIMBS`."""
    score: float
    """The strongest evidence, in units of what suffices."""
    handed: bool
    """Whether the data tell right-handed from mirrored bodies."""


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
    limit = _limit(SIDE_LIMITS[points.shape[-1]][link], frames)
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


def _sides_found(sides: Sides) -> str:
    """The end of the sentence about exchanged sides."""
    arms = sides.exchanged == (True, True, True, False, False, False)
    legs = sides.exchanged == (False, False, False, True, True, True)
    if all(sides.exchanged):
        return (
            "left and right look exchanged in the whole body, or the axes are those of a mirror; "
            "exchange the joints of the two sides or turn one axis round"
        )
    where = [f"{joint}s" for joint, wrong in zip(LIMBS, sides.exchanged, strict=True) if wrong]
    if (arms or legs) and not sides.handed:
        place = "either in the arms or in the legs, shoulders and hips included"
    elif arms or legs:
        place = "in the arms" if arms else "in the legs"
    else:
        place = f"at the {' and '.join(where)}"
    return f"left and right look exchanged {place}; exchange them there"
