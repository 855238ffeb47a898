"""A simple body of bones and joints that moves with a skeleton, so that a file shows something.

A bone is an eight-sided spindle from joint to joint, a joint a small ball. Left, right and middle
are parts of their own, in the colours of our pictures.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from ..skeleton import Skeleton

BALL = 0.02
"""Radius of a joint in metres."""
THICK, THICKEST, WAIST = 0.08, 0.025, 0.15
"""Half a spindle's width and where it is widest, both as shares of its length; its greatest half
width in metres."""
SHORTEST = 1e-6
"""Metres below which a bone is not drawn."""

COLOURS = {"left": "#2166ac", "right": "#d6604d", "middle": "#4d4d4d"}
"""As screens take them (sRGB); colour-blind people can tell them apart."""

GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array(
    [(0, a, b) for a in (-1, 1) for b in (-GOLDEN, GOLDEN)]
    + [(a, b, 0) for a in (-1, 1) for b in (-GOLDEN, GOLDEN)]
    + [(b, 0, a) for a in (-1, 1) for b in (-GOLDEN, GOLDEN)]
) / np.hypot(1, GOLDEN)
SPINDLE = np.array(
    [face for k in range(4) for face in ((0, 1 + (k + 1) % 4, 1 + k), (5, 1 + k, 1 + (k + 1) % 4))]
)
"""Triangles of a bone, counter-clockwise from outside: its start, four corners, its end."""

Points = Float[np.ndarray, "points 3"]


class Part(NamedTuple):
    """The bones and joints of one side."""

    side: str
    points: Points
    """In the rest pose."""
    triangles: Int[np.ndarray, "triangles 3"]
    """Counter-clockwise from outside."""
    carriers: Int[np.ndarray, " points"]
    """The joint that each point moves with."""

    @property
    def colour(self) -> tuple[float, float, float]:
        """Red, green and blue in proportion to light, as files of scenes take them."""
        shades = [int(COLOURS[self.side][place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shades]
        return linear[0], linear[1], linear[2]


def figure(places: Points, skeleton: Skeleton) -> list[Part]:
    """The parts of a body, of which each side that the skeleton has is one.

    Args:
        places: The joints in the rest pose, in metres.
    """
    found = []
    for side in COLOURS:
        joints = [joint for joint, name in enumerate(skeleton.joints) if _side(name) == side]
        if joints:
            found.append(_part(side, joints, places, skeleton))
    return found


def _side(joint: str) -> str:
    side = joint.partition("_")[0]
    return side if side in ("left", "right") else "middle"


def _part(side: str, joints: list[int], places: Points, skeleton: Skeleton) -> Part:
    points, triangles, carriers = [], [], []

    def add(shape: np.ndarray, faces: np.ndarray, moved: list[int]) -> None:
        triangles.append(faces + sum(map(len, points)))
        points.append(shape)
        carriers.extend(moved)

    for joint in joints:
        add(places[joint] + BALL * ICOSAHEDRON, _ball_faces(), [joint] * len(ICOSAHEDRON))
        parent = skeleton.parents[joint]
        if parent >= 0 and np.linalg.norm(places[joint] - places[parent]) > SHORTEST:
            spindle = _spindle(places[parent], places[joint])
            add(spindle, SPINDLE, [parent] * 5 + [joint])
    return Part(side, np.concatenate(points), np.concatenate(triangles), np.array(carriers))


def _spindle(start: np.ndarray, end: np.ndarray) -> Points:
    """The six corners of a bone."""
    bone = end - start
    length = np.linalg.norm(bone)
    across = np.cross(bone, np.eye(3)[np.abs(bone).argmin()])
    across *= min(THICK * length, THICKEST) / np.linalg.norm(across)
    other = np.cross(bone / length, across)
    middle = start + WAIST * bone
    ring = [middle + across, middle + other, middle - across, middle - other]
    return np.stack([start, *ring, end])


def _ball_faces() -> Int[np.ndarray, "triangles 3"]:
    """The triples of neighbouring corners of the icosahedron, counter-clockwise from outside."""
    edge = 2 / np.hypot(1, GOLDEN)
    apart = np.linalg.norm(ICOSAHEDRON[:, None] - ICOSAHEDRON, axis=-1)
    near = np.isclose(apart, edge)
    found = []
    for a in range(12):
        for b in range(a + 1, 12):
            for c in range(b + 1, 12):
                if near[a, b] and near[b, c] and near[a, c]:
                    outside = np.linalg.det(ICOSAHEDRON[[a, b, c]]) > 0
                    found.append((a, b, c) if outside else (a, c, b))
    return np.array(found)
