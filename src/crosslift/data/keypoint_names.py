"""Joints and frames by their names: what detectors mean by a number, a word or a file's name."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DataError, SkeletonError
from ..skeleton import Skeleton
from ..skeletons import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_BODY,
    HALPE_26,
    OPENPOSE_18,
    SKELETONS,
    skeleton_named,
)
from .motion_names import distinct, renamed, skeleton_for

DENSE = 0.1
"""Share of the numbers between the first and the last that pictures in a row have at least."""


BY_COUNT = {
    17: COCO_17,
    18: OPENPOSE_18,
    23: COCO_WHOLEBODY_BODY,
    25: BODY_25,
    26: HALPE_26,
    133: COCO_WHOLEBODY_BODY,
    136: HALPE_26,
}
"""The skeleton that a detector means by a number of keypoints; face and hands come after it."""


def skeleton_by_count(count: int, name: str | None = None) -> Skeleton:
    """The skeleton that a detector means by so many keypoints; or the one that the user names.

    Of the 133 of COCO-WholeBody and the 136 of Halpe, these are the first ones, body and feet.
    """
    skeleton = skeleton_named(name) if name else BY_COUNT.get(count)
    if skeleton is None:
        known = ", ".join(map(str, BY_COUNT))
        raise DataError(
            f"{count} keypoints a person were found, but only {known} are known by their number; "
            "name the skeleton, as in --skeleton h36m17."
        )
    if name and count != len(skeleton):
        raise DataError(
            f'{count} keypoints a person were found, but the skeleton "{name}" has '
            f"{len(skeleton)}; name the one that was detected."
        )
    return skeleton


class Arranged(NamedTuple):
    """A skeleton made of a file's names, and where each of its joints stands in the file."""

    skeleton: Skeleton
    order: list[int]


def arranged(names: Sequence[str], title: str, edges: Sequence[tuple[int, int]] = ()) -> Arranged:
    """A skeleton of a file's own joint names.

    A known one where the names are all of its joints in any order; else the file's own order, with
    the tree of a known skeleton that has them all, or the file's tree, or all hang on the first.

    Args:
        title: The name of the skeleton, if it is none that we know.
        edges: Pairs of joints that the file connects.
    """
    joints = distinct(names)
    for known in SKELETONS.values():
        if sorted(known.joints) == sorted(joints):
            return Arranged(known, [joints.index(joint) for joint in known.joints])
    skeleton = skeleton_for(joints, title)
    if edges and not any(set(joints) <= set(known.joints) for known in SKELETONS.values()):
        skeleton = Skeleton(title, joints, _parents(len(joints), edges))
    return Arranged(skeleton, list(range(len(joints))))


def _parents(count: int, edges: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """A tree along the edges from the first joint of the first; what has no edge hangs there."""
    if not all(0 <= joint < count for edge in edges for joint in edge):
        raise DataError(f"Its edges should connect joints 0 to {count - 1}, but name others.")
    beside: dict[int, list[int]] = defaultdict(list)
    for start, end in edges:
        beside[start].append(end)
        beside[end].append(start)
    root = edges[0][0]
    parents, border = {root: -1}, [root]
    for joint in border:
        fresh = [other for other in dict.fromkeys(beside[joint]) if other not in parents]
        parents |= dict.fromkeys(fresh, joint)
        border += fresh
    return tuple(parents.get(joint, root) for joint in range(count))


def spoken(names: Sequence[str]) -> tuple[str, ...]:
    """Names that people give to body parts, as our skeletons spell them.

    "LWrist", "wrist_l", "l_wrist", "Left Wrist" and "left-wrist" all become "left_wrist".
    """
    return tuple(_spoken(name) for name in names)


def named(names: Sequence[str], joints: Sequence[str]) -> tuple[str, ...]:
    """Names that people or tools give to joints, as our skeletons spell them.

    Args:
        joints: What the user says of some of them, as in "left_knee=LKNE".
    """
    return spoken(renamed(names, joints))


def _spoken(name: str) -> str:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=^[LR])(?=[A-Z][a-z])", " ", name)
    words = re.findall(r"[^\W_]+", apart.lower())
    sides = {"l": "left", "left": "left", "r": "right", "right": "right"}
    side = next((sides[word] for word in (words[:1] + words[-1:]) if word in sides), None)
    rest = [word for word in words if word not in sides]
    if side is None or not rest:
        return "_".join(words) or name
    return "_".join([side, *rest])


def file_skeleton(name: str) -> Skeleton:
    """The skeleton that a file names."""
    try:
        return skeleton_named(name)
    except SkeletonError as problem:
        raise DataError(str(problem)) from problem


def natural(name: str) -> list[Any]:
    """A key by which "2" sorts before "10"."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def frames_of(names: Iterable[str]) -> dict[str, int]:
    """Which frame of its recording each picture is, by the pictures' names.

    Bare numbers ("17.jpg") are the frames of a video. Names that differ in one number only count
    from the smallest, in their steps, unless most numbers between are missing. All others follow
    each other in natural order, in which 2 comes before 10.
    """
    ordered = sorted(set(names), key=natural)
    if all(re.fullmatch(r"(0|[1-9][0-9]*)\.\w+", name) for name in ordered):
        return {name: int(Path(name).stem) for name in ordered}
    last = [re.fullmatch(r"(.*?)([0-9]+)([^0-9]*)", name) for name in ordered]
    alike = {(match[1], match[3]) if match else None for match in last}
    if len(alike) == 1 and None not in alike:
        found = [int(match[2]) for match in last if match]
        step = math.gcd(*(after - before for before, after in pairwise(found))) or 1
        places = [(number - found[0]) // step for number in found]
        if len(set(places)) == len(places) and len(places) >= DENSE * (places[-1] + 1):
            return dict(zip(ordered, places, strict=True))
    return {name: place for place, name in enumerate(ordered)}
