"""The ten kinds of bones of the reference skeleton: both sides of the body count as one."""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry import DEFAULT_STATURE, at_bones, at_joints, stature
from ..skeletons import H36M_17
from ..typical import typical_body

SKELETON = H36M_17

KINDS = (
    "pelvis-hip",
    "hip-knee",
    "knee-ankle",
    "pelvis-spine",
    "spine-thorax",
    "thorax-nose",
    "nose-head",
    "thorax-shoulder",
    "shoulder-elbow",
    "elbow-wrist",
)
"""Each bone from the joint nearer to the pelvis to the one farther from it, without its side."""

FIRM = ("hip-knee", "knee-ankle", "pelvis-spine", "spine-thorax", "shoulder-elbow", "elbow-wrist")
"""The long ones, of which a frame's scale is read."""


def without_side(joint: str) -> str:
    """The name of a joint, or of a bone's two joints, without left and right."""
    return joint.replace("left_", "").replace("right_", "")


def kind_of(parent: int, child: int) -> int:
    """Which of `KINDS` a bone of the reference skeleton is."""
    joints = SKELETON.joints
    return KINDS.index(without_side(f"{joints[parent]}-{joints[child]}"))


OF_BONE = tuple(kind_of(parent, child) for parent, child in SKELETON.bones)
"""The kind of each bone of the reference skeleton."""


@cache
def average() -> Float[Tensor, "10"]:
    """The typical body's lengths, in metres."""
    return of_kinds(typical_body(SKELETON))


def of_kinds(body: Float[Tensor, "*batch joints"]) -> Float[Tensor, "*batch 10"]:
    """The length of each kind of bone, as the mean of both sides."""
    bones = at_bones(body, SKELETON)
    return torch.stack(
        [
            bones[..., [bone for bone, of in enumerate(OF_BONE) if of == kind]].mean(dim=-1)
            for kind in range(len(KINDS))
        ],
        dim=-1,
    )


def of_joints(kinds: Float[Tensor, "*batch 10"]) -> Float[Tensor, "*batch joints"]:
    """What is said of the kinds, of the bone that ends at each joint; 0 at the root."""
    return at_joints(kinds[..., list(OF_BONE)], SKELETON)


def log_shares(kinds: Float[Tensor, "*batch 10"]) -> Float[Tensor, "*batch 10"]:
    """Proportions: logarithms of lengths over the typical body's, at the typical stature."""
    tall = stature(of_joints(kinds), SKELETON)
    return (kinds / average().to(kinds)).log() - (tall / DEFAULT_STATURE).log()[..., None]


def from_log_shares(shares: Float[Tensor, "*batch 10"]) -> Float[Tensor, "*batch 10"]:
    """Lengths in metres of a person of typical stature: the inverse of `log_shares`."""
    lengths = shares.exp() * average().to(shares)
    tall = stature(of_joints(lengths), SKELETON)
    return lengths * (DEFAULT_STATURE / tall)[..., None]
