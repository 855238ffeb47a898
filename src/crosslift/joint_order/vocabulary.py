"""The joints between which distances are known, and where a skeleton has them."""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray as Array

from ..skeleton import Skeleton, other_side

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
