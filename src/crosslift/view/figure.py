"""How a skeleton is drawn: which joints a line joins, and of which side of the body it is."""

from functools import cache
from typing import Literal

from ..skeleton import Skeleton

Side = Literal["left", "right", "middle"]
ACROSS = {"shoulder": ("thorax", "neck", "spine"), "hip": ("pelvis",)}
"""Joints between which a line is drawn, and the joints that make it unnecessary."""


@cache
def lines(skeleton: Skeleton) -> tuple[tuple[int, int], ...]:
    """Pairs of joints to draw a line between: the bones, and a trunk where there is none.

    A skeleton without a neck or a pelvis hangs its limbs from the face or from each other, which
    makes a tree, but no figure.
    """
    kept = [bone for bone in skeleton.bones if not _is_makeshift(skeleton, *bone)]
    across = [
        (skeleton.index(f"left_{joint}"), skeleton.index(f"right_{joint}"))
        for joint in ACROSS
        if _needs_line(skeleton, joint)
    ]
    known = {frozenset(bone) for bone in kept}
    return (*kept, *(pair for pair in across if frozenset(pair) not in known))


def _needs_line(skeleton: Skeleton, joint: str) -> bool:
    return f"left_{joint}" in skeleton and not any(each in skeleton for each in ACROSS[joint])


def _is_makeshift(skeleton: Skeleton, parent: int, child: int) -> bool:
    """Whether a bone only ties a shoulder to the face."""
    ends = skeleton.joints[parent], skeleton.joints[child]
    return ends[0] == "nose" and ends[1].endswith("_shoulder") and _needs_line(skeleton, "shoulder")


def side_of(joint: str) -> Side:
    """The side of the body that a joint's name says."""
    if joint.startswith("left_"):
        return "left"
    return "right" if joint.startswith("right_") else "middle"


def side_of_line(skeleton: Skeleton, start: int, end: int) -> Side:
    """The side of a line: that of its end, or the middle where it leads from one to the other."""
    first, last = side_of(skeleton.joints[start]), side_of(skeleton.joints[end])
    return "middle" if {first, last} == {"left", "right"} else last
