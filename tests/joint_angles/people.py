"""A person of straight lines whose angles can be worked out by hand."""

import torch
from torch import Tensor

from crosslift.geometry.rotations import rotation_about
from crosslift.skeletons import H36M_17, HALPE_26

STANDING = {
    "pelvis": (0, 0, 1), "spine": (0, 0, 1.25), "thorax": (0, 0, 1.5), "neck": (0, 0, 1.5),
    "nose": (0.1, 0, 1.6), "head": (0, 0, 1.7), "head_top": (0, 0, 1.8),
    "hip": (0, 0.1, 1), "knee": (0, 0.1, 0.55), "ankle": (0, 0.1, 0.1),
    "heel": (-0.05, 0.1, 0), "big_toe": (0.15, 0.08, 0), "small_toe": (0.15, 0.12, 0),
    "shoulder": (0, 0.2, 1.5), "elbow": (0, 0.2, 1.2), "wrist": (0, 0.2, 0.95),
    "eye": (0.1, 0.03, 1.65), "ear": (0, 0.07, 1.63),
}  # fmt: skip
"""The person faces along x; joints of both sides are given on the left, at positive y."""

LEG = ("knee", "ankle", "heel", "big_toe", "small_toe")
FOOT = ("heel", "big_toe", "small_toe")
ARM = ("elbow", "wrist")
ABOVE_WAIST = ("spine", "thorax", "neck", "nose", "head", "head_top")
UPPER_BODY = (*ABOVE_WAIST, "left_shoulder", "left_elbow", "left_wrist", "right_shoulder",
              "right_elbow", "right_wrist")  # fmt: skip
PELVIS = ("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle")


class Person:
    """Someone whose limbs can be turned about points and axes of the world."""

    def __init__(self) -> None:
        self.places: dict[str, Tensor] = {}
        for name, place in STANDING.items():
            x, y, z = place
            if y == 0:
                self.places[name] = torch.tensor([x, y, z], dtype=torch.float64)
            else:
                self.places[f"left_{name}"] = torch.tensor([x, y, z], dtype=torch.float64)
                self.places[f"right_{name}"] = torch.tensor([x, -y, z], dtype=torch.float64)

    def turn(self, names: tuple[str, ...], about: str, axis: str, degrees: float) -> "Person":
        """Turn joints about another one and an axis of the world, right-handed."""
        centre = self.places[about].clone()
        turn = rotation_about(axis, torch.tensor(degrees, dtype=torch.float64).deg2rad())
        for name in names:
            if name in self.places:
                self.places[name] = centre + turn @ (self.places[name] - centre)
        return self

    def limb(
        self, side: str, names: tuple[str, ...], about: str, axis: str, degrees: float
    ) -> "Person":
        """Turn the end of a limb of one side about its joint."""
        return self.turn(
            tuple(f"{side}_{name}" for name in names), f"{side}_{about}", axis, degrees
        )

    def positions(self, skeleton=H36M_17) -> Tensor:
        return torch.stack([self.places[joint] for joint in skeleton.joints])

    def with_feet(self) -> Tensor:
        return self.positions(HALPE_26)
