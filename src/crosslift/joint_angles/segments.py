"""Points of the body under one name for all skeletons, and the axes of pelvis and trunk.

The axes of a segment are the columns of a rotation: forwards, to the person's left, upwards. They
point where those of the International Society of Biomechanics do (x forwards, y up, z to the
right), in the order in which z is up, as in our world.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeleton import Skeleton

Vector = Float[Tensor, "*batch 3"]
Axes = Float[Tensor, "*batch 3 3"]
Landmarks = dict[str, Tensor]

SIDES = ("right", "left")
LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
NECK = (("thorax",), ("neck",), ("left_shoulder", "right_shoulder"))
WAIST = (("spine",), ("middle_spine",))
FOREFOOT = (("big_toe", "small_toe"), ("foot_index",), ("foot",), ("toe",), ("big_toe",))
HEEL = (("heel",), ("ankle",))


def landmarks(positions: Float[Tensor, "*batch joints 3"], skeleton: Skeleton) -> Landmarks:
    """The points (`*batch 3` each) that angles are measured between, as far as there are joints.

    `waist` is what the pelvis is upright towards: the spine's joint between pelvis and neck or,
    in a skeleton without one, the neck. `forefoot` is the ball of the foot or the toes.
    """
    choices = {"neck": NECK, "waist": (*WAIST, *NECK)}
    for side in SIDES:
        choices |= {f"{side}_{joint}": ((f"{side}_{joint}",),) for joint in LIMBS}
        for name, parts in (("forefoot", FOREFOOT), ("heel", HEEL)):
            choices[f"{side}_{name}"] = tuple(
                tuple(f"{side}_{joint}" for joint in joints) for joints in parts
            )
    found = {}
    for name, groups in choices.items():
        there = next((each for each in groups if all(joint in skeleton for joint in each)), None)
        if there is not None:
            found[name] = positions[..., skeleton.indices(*there), :].mean(dim=-2)
    return found


def pelvis_axes(points: Landmarks) -> Axes:
    """Axes of the pelvis: exactly along the hips, and upright towards the waist."""
    hips = points["left_hip"] - points["right_hip"]
    rising = points["waist"] - (points["left_hip"] + points["right_hip"]) / 2
    left = unit(hips)
    forwards = unit(torch.linalg.cross(left, rising))
    return torch.stack([forwards, left, torch.linalg.cross(forwards, left)], dim=-1)


def trunk_axes(points: Landmarks) -> Axes:
    """Axes of the trunk: upright exactly from the middle of the hips to the neck."""
    up = unit(trunk_line(points))
    across = points["left_shoulder"] - points["right_shoulder"]
    forwards = unit(torch.linalg.cross(across, up))
    return torch.stack([forwards, torch.linalg.cross(up, forwards), up], dim=-1)


def trunk_line(points: Landmarks) -> Vector:
    """From the middle of the hips to the neck."""
    return points["neck"] - (points["left_hip"] + points["right_hip"]) / 2


def unit(vector: Vector) -> Vector:
    """The vector's direction; NaN where it has none."""
    return vector / vector.norm(dim=-1, keepdim=True)
