"""From what a performer aims at to the joint angles and positions of the body that does it."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry import rotation_about
from ..kinematics import ANGLES, Limits, forward_with_nose, turns
from ..skeletons import H36M_17
from .bodies import Build
from .limbs import reach
from .limits import HUMAN
from .track import TRUNK, Aims

STRETCHED = 0.9985
"""The share of a leg's length to which it is ever stretched: the knee keeps about six degrees."""
SOFT = 0.004
"""Metres over which the pelvis gives way to a leg that is too short."""

GIVE = 0.02
"""Radians before the end of a joint's range over which it comes to rest there."""

_TRUNK = [ANGLES.index(name) for name in TRUNK]
_LEGS = [ANGLES.index("right_hip_twist"), ANGLES.index("left_hip_twist")]
_ARMS = [ANGLES.index("right_shoulder_twist"), ANGLES.index("left_shoulder_twist")]
_OUTWARDS = ((-1.0, -1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0))
"""What turns angles that count outwards into those of the right and of the left limb."""
_FREE = [*_TRUNK, *(first + column for first in _ARMS for column in range(4))]
"""The angles that movements set; those of the legs follow from where the feet are."""
_CHEST = ANGLES.index("thorax_side_bend")


@dataclass(frozen=True, eq=False)
class Performance:
    """A movement as it was performed, frame by frame."""

    angles: Float[Tensor, "frames 33"]
    positions: Float[Tensor, "frames 17 3"]
    rotation: Float[Tensor, "frames 3 3"]
    """Of the pelvis."""
    planted: Bool[Tensor, "frames 2"]
    """Whether the right and the left foot stand flat."""


def perform(aims: Aims, build: Build) -> Performance:
    """What a body does that aims at this."""
    rotation = pelvis_turn(aims)
    root = lowered(aims, rotation, build)
    angles = torch.zeros(len(root), len(ANGLES), dtype=root.dtype)
    angles[:, _TRUNK] = aims.trunk
    for side in (0, 1):
        angles[:, _LEGS[side] : _LEGS[side] + 4] = leg(aims, rotation, root, build, side)
        outwards = aims.arms.new_tensor(_OUTWARDS[side])
        angles[:, _ARMS[side] : _ARMS[side] + 4] = aims.arms[:, side] * outwards
    angles[:, _FREE] = softly_limited(angles)[:, _FREE]
    if bool((aims.held > 0).any()):
        hold_on(angles, aims, rotation, root, build)
    positions = forward_with_nose(angles, build.lengths, rotation, root)
    return Performance(angles, positions, rotation, aims.planted > 1 - 1e-9)


def softly_limited(
    angles: Float[Tensor, "times 33"], limits: Limits = HUMAN
) -> Float[Tensor, "times 33"]:
    """The angles within the limits, without a kink where they come to an end of their range."""
    lower, upper = angles.new_tensor(limits.lower), angles.new_tensor(limits.upper)
    softplus = torch.nn.functional.softplus
    above = lower + GIVE * softplus((angles - lower) / GIVE)
    return limits.clamp(upper - GIVE * softplus((upper - above) / GIVE))


def pelvis_turn(aims: Aims) -> Float[Tensor, "times 3 3"]:
    """The rotation of the whole body."""
    forward, right, heading = aims.tilt.unbind(-1)
    turned = rotation_about("z", heading) @ rotation_about("x", -forward)
    return turned @ rotation_about("y", right)


def lowered(
    aims: Aims, rotation: Float[Tensor, "times 3 3"], build: Build
) -> Float[Tensor, "times 3"]:
    """Where the pelvis is: where it should be, or as low as both legs need it."""
    hips = rotation[:, None, :, 0] * rotation.new_tensor([build.hip, -build.hip])[:, None]
    gap = (aims.ankles - hips - aims.pelvis[:, None])[..., :2]
    room = ((STRETCHED * build.leg) ** 2 - (gap**2).sum(dim=-1)).clamp_min(1e-4).sqrt()
    highest = aims.ankles[..., 2] - hips[..., 2] + room
    heights = torch.cat([aims.pelvis[:, 2:], highest], dim=-1)
    z = -SOFT * torch.logsumexp(-heights / SOFT, dim=-1)
    return torch.cat([aims.pelvis[:, :2], z[:, None]], dim=-1)


def leg(
    aims: Aims,
    rotation: Float[Tensor, "times 3 3"],
    root: Float[Tensor, "times 3"],
    build: Build,
    side: int,
) -> Float[Tensor, "times 4"]:
    """The angles of one leg whose foot is where it is aimed at."""
    sign = 1 - 2 * side
    point = torch.einsum("tji, tj -> ti", rotation, aims.ankles[:, side] - root)
    point = point - point.new_tensor([sign * build.hip, 0, 0])
    out = -sign * aims.knees[:, side]
    axis = torch.stack([out.cos(), out.sin(), torch.zeros_like(out)], dim=-1)
    return reach(point, axis, build.thigh, build.shin, soft=0.0005).angles


def hold_on(
    angles: Float[Tensor, "times 33"],
    aims: Aims,
    rotation: Float[Tensor, "times 3 3"],
    root: Float[Tensor, "times 3"],
    build: Build,
) -> None:
    """Turn the arms so that hands which hold on to something are there."""
    chest = turns(angles, rotation)[:, _CHEST]
    joints = forward_with_nose(angles, build.lengths, rotation, root)
    for side, name in enumerate(("right_shoulder", "left_shoulder")):
        shoulder = joints[:, H36M_17.index(name)]
        point = torch.einsum("tji, tj -> ti", chest, aims.hands[:, side] - shoulder)
        sign = 1 - 2 * side
        elbow_out = point.new_tensor([math.cos(0.5), -sign * math.sin(0.5), 0]).expand_as(point)
        bent = reach(
            point, elbow_out, build.upper_arm, build.forearm, soft=0.02, forward=False
        ).angles
        columns = slice(_ARMS[side], _ARMS[side] + 4)
        share = aims.held[:, side, None]
        angles[:, columns] = (1 - share) * angles[:, columns] + share * bent
