"""Each angle by name, from positions of joints."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor

from ..geometry.rotations import matrix_to_euler
from ..skeleton import Skeleton
from .segments import (
    LIMBS,
    SIDES,
    Axes,
    Landmarks,
    Vector,
    landmarks,
    pelvis_axes,
    trunk_axes,
    trunk_line,
    unit,
)

TOLD = math.radians(20)
"""How far from straight, or from parallel, two bones have to be before an angle that depends on the
plane in which they lie is given. Two centimetres of noise on a shank of 45 cm then turn the axis of
the knee by 7 degrees."""

Angle = Float[Tensor, "*batch"]
Series = dict[str, Tensor]
OUTWARDS = {"left": 1, "right": -1}
"""Which way along the axis to the left is away from the body."""


def joint_angles(positions: Float[Tensor, "*batch joints 3"], skeleton: Skeleton) -> Series:
    """The angles (`*batch` each) that the joints tell, in radians, by name.

    NaN where a joint is missing, and where a pose does not tell the angle: a rotation about a limb
    needs the next joint to be bent, and so on (see `TOLD`). An angle for which the skeleton has no
    joints is left out. Conventions, signs and neutral poses: `docs/joint_angles.md`.

    Args:
        positions: In a world whose z points upwards; in any unit of length.
    """
    points = landmarks(positions, skeleton)
    found: Series = {}
    for needs, series in _groups():
        if needs <= points.keys():
            found |= series(points)
    return found


def _groups() -> Iterator[tuple[set[str], Callable[[Landmarks], Series]]]:
    """The landmarks that some angles need, and the function that measures these angles."""
    hips, trunk = {"left_hip", "right_hip"}, {"neck", "left_shoulder", "right_shoulder"}
    yield hips | {"waist"}, _pelvis
    yield hips | {"neck"}, _trunk
    yield hips | trunk, _twist
    for side in SIDES:
        hip, knee, ankle, shoulder, elbow, wrist = (f"{side}_{joint}" for joint in LIMBS)
        foot = {f"{side}_heel", f"{side}_forefoot"}
        yield hips | {"waist", knee}, partial(_hip, side=side)
        yield hips | {"waist", knee, ankle}, partial(_hip_rotation, side=side)
        yield {hip, knee, ankle}, partial(_hinge, chain=(hip, knee, ankle))
        yield foot | {knee, ankle}, partial(_ankle, side=side)
        yield hips | trunk | {elbow}, partial(_shoulder, side=side)
        yield hips | trunk | {elbow, wrist}, partial(_shoulder_rotation, side=side)
        yield {shoulder, elbow, wrist}, partial(_hinge, chain=(shoulder, elbow, wrist))


def _pelvis(points: Landmarks) -> Series:
    """Rotation about the vertical, then obliquity, then tilt, as gait analysis reads a pelvis."""
    turn, list_, tilt = matrix_to_euler(pelvis_axes(points), "zxy").unbind(dim=-1)
    level = _away_from_lock(list_)
    return {
        "pelvis_tilt": _where(level, tilt),
        "pelvis_obliquity": list_,
        "pelvis_rotation": _where(level, turn),
    }


def _trunk(points: Landmarks) -> Series:
    """How the trunk leans, seen from where the pelvis faces."""
    hips = unit(points["left_hip"] - points["right_hip"])
    left = unit(torch.cat([hips[..., :2], torch.zeros_like(hips[..., 2:])], dim=-1))
    up = torch.zeros_like(left)
    up[..., 2] = 1
    level = torch.stack([torch.linalg.cross(left, up), left, up], dim=-1)
    ahead, aside, high = _seen_from(level, unit(trunk_line(points))).unbind(dim=-1)
    faces = hips[..., 2].abs() < math.cos(TOLD)
    bend = -_asin(aside)
    return {
        "trunk_lean": _where(faces & _away_from_lock(bend), torch.atan2(ahead, high)),
        "trunk_side_bend": _where(faces, bend),
    }


def _twist(points: Landmarks) -> Series:
    """How the shoulders are turned against the hips, about the line of the trunk."""
    axis = unit(trunk_line(points))
    hips = unit(points["left_hip"] - points["right_hip"])
    shoulders = unit(points["left_shoulder"] - points["right_shoulder"])
    across = _dot(hips, axis).abs().maximum(_dot(shoulders, axis).abs()) < math.cos(TOLD)
    sine = _dot(axis, torch.linalg.cross(hips, shoulders))
    cosine = _dot(hips, shoulders) - _dot(hips, axis) * _dot(shoulders, axis)
    return {"trunk_twist": _where(across, torch.atan2(sine, cosine))}


def _hip(points: Landmarks, side: str) -> Series:
    bone = points[f"{side}_knee"] - points[f"{side}_hip"]
    flexion, abduction = flexion_abduction(pelvis_axes(points), bone, side)
    return {f"{side}_hip_flexion": flexion, f"{side}_hip_abduction": abduction}


def _hip_rotation(points: Landmarks, side: str) -> Series:
    bones = _bones(points, f"{side}_hip", f"{side}_knee", f"{side}_ankle")
    return {f"{side}_hip_rotation": rotation_inwards(pelvis_axes(points), *bones, side, bends=-1)}


def _hinge(points: Landmarks, chain: tuple[str, str, str]) -> Series:
    return {f"{chain[1]}_flexion": _between(*_bones(points, *chain))}


def _ankle(points: Landmarks, side: str) -> Series:
    foot = points[f"{side}_forefoot"] - points[f"{side}_heel"]
    shank = points[f"{side}_knee"] - points[f"{side}_ankle"]
    return {f"{side}_ankle_dorsiflexion": math.pi / 2 - _between(foot, shank)}


def _shoulder(points: Landmarks, side: str) -> Series:
    """The arm as the leg is measured; and its elevation, with the plane in which it is raised."""
    axes, arm = trunk_axes(points), points[f"{side}_elbow"] - points[f"{side}_shoulder"]
    flexion, abduction = flexion_abduction(axes, arm, side)
    ahead, aside, high = _seen_from(axes, unit(arm)).unbind(dim=-1)
    raised = torch.atan2(torch.hypot(ahead, aside), -high)
    plane = torch.atan2(ahead, OUTWARDS[side] * aside)
    return {
        f"{side}_shoulder_flexion": flexion,
        f"{side}_shoulder_abduction": abduction,
        f"{side}_shoulder_elevation": raised,
        f"{side}_shoulder_plane": _where(raised.sin() > math.sin(TOLD), plane),
    }


def _shoulder_rotation(points: Landmarks, side: str) -> Series:
    """The turn of the upper arm about itself that its shortest way from hanging does not make."""
    upper, fore = _bones(points, f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
    axes = trunk_axes(points)
    hinge, arm = _seen_from(axes, _hinge_axis(upper, fore, bends=1)), _seen_from(axes, unit(upper))
    eye = torch.eye(3, dtype=arm.dtype, device=arm.device)
    forwards, left, up = eye.expand(*arm.shape, 3).unbind(dim=-2)

    def raised(axis: Vector) -> Vector:
        """A level axis after the shortest turn from hanging to where the arm is."""
        return axis - _dot(arm, axis)[..., None] * (arm - up) / (1 - arm[..., 2:])

    turn = torch.atan2(-_dot(hinge, raised(forwards)), _dot(hinge, raised(left)))
    told = _bent(upper, fore) & (arm[..., 2] < math.cos(TOLD))
    return {f"{side}_shoulder_rotation": _where(told, -OUTWARDS[side] * turn)}


def flexion_abduction(axes: Axes, bone: Vector, side: str) -> tuple[Angle, Angle]:
    """How far a hanging limb is swung forwards, and then outwards, from a segment's axes.

    The first turn is about the segment's axis to the side, the second about the limb's own axis
    forwards. Near a limb straight out to the side, the first is not told.
    """
    ahead, aside, high = _seen_from(axes, unit(bone)).unbind(dim=-1)
    abduction = OUTWARDS[side] * _asin(aside)
    return _where(_away_from_lock(abduction), torch.atan2(ahead, -high)), abduction


def rotation_inwards(axes: Axes, upper: Vector, lower: Vector, side: str, *, bends: int) -> Angle:
    """How far a limb is turned inwards about itself, after its flexion and abduction.

    Told by the plane in which its next joint is bent.

    Args:
        upper: The bone that is turned, from the body outwards.
        lower: The bone after it.
        bends: 1 if the joint between them brings the lower bone forwards (elbow), -1 backwards.
    """
    ahead, aside, high = _seen_from(axes, unit(upper)).unbind(dim=-1)
    hinge = _seen_from(axes, _hinge_axis(upper, lower, bends))
    swing = torch.atan2(-ahead, -high)  # about the axis to the left
    forwards = torch.stack([swing.cos(), torch.zeros_like(swing), -swing.sin()], dim=-1)
    left = torch.linalg.cross(-torch.stack([ahead, aside, high], dim=-1), forwards)
    turn = torch.atan2(-_dot(hinge, forwards), _dot(hinge, left))
    return _where(_bent(upper, lower) & _away_from_lock(_asin(aside)), -OUTWARDS[side] * turn)


def _hinge_axis(upper: Vector, lower: Vector, bends: int) -> Vector:
    """The axis of a bent hinge that points to the left when the limb hangs unturned."""
    return -bends * unit(torch.linalg.cross(upper, lower))


def _bent(upper: Vector, lower: Vector) -> Tensor:
    """Whether a hinge is bent, and not folded, far enough to tell its axis."""
    return _between(upper, lower).sin() > math.sin(TOLD)


def _bones(points: Landmarks, first: str, middle: str, last: str) -> tuple[Vector, Vector]:
    return points[middle] - points[first], points[last] - points[middle]


def _between(first: Vector, second: Vector) -> Angle:
    """The angle between two directions, from 0 to pi, exact at both ends."""
    first, second = unit(first), unit(second)
    return torch.atan2(torch.linalg.cross(first, second).norm(dim=-1), _dot(first, second))


def _seen_from(axes: Axes, vector: Vector) -> Vector:
    """A vector's components along axes."""
    return (axes.mT @ vector[..., None])[..., 0]


def _dot(first: Vector, second: Vector) -> Angle:
    return (first * second).sum(dim=-1)


def _asin(sine: Angle) -> Angle:
    return sine.clamp(-1, 1).asin()  # rounding may lead beyond 1


def _away_from_lock(angle: Angle) -> Tensor:
    """Where the turns before and after this one are two and not one."""
    return angle.abs() < math.pi / 2 - TOLD


def _where(told: Tensor, angle: Angle) -> Angle:
    return torch.where(told, angle, torch.nan)
