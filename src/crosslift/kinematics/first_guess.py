"""Where the search for joint angles begins: each part of the body solved in closed form.

A part has more angles than its joints show, so some of them are tried on a grid within the limits,
the others follow, all are put within the limits, and the try that misses its joints the least is
kept. All tries of all poses are computed at once, on axes of their own before the last.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from ..geometry.rotations import matrix_to_euler, rotation_about
from ..skeletons import H36M_17
from .body import NOSE
from .chains import angle_index
from .limits import Limits

LEGS = ("right_hip", "right_knee", "right_ankle"), ("left_hip", "left_knee", "left_ankle")
ARMS = (
    ("right_shoulder", "right_elbow", "right_wrist"),
    ("left_shoulder", "left_elbow", "left_wrist"),
)
PELVIS_TRIES, TRUNK_TRIES, THORAX_TRIES, LIMB_TRIES, HEAD_TRIES = 16, 5, 12, 5, 9


SHOULDERS = "left_shoulder", "right_shoulder"
UNSEEN = 1e-3
"""What a miss counts at a joint that was not seen."""


class Range(NamedTuple):
    """The limits of a few neighbouring angles."""

    lower: Tensor
    upper: Tensor

    def near(self, angles: Tensor) -> Tensor:
        """The angles within the limits that are nearest on the circle."""
        middle = (self.lower + self.upper) / 2
        return (middle + wrapped(angles - middle)).clamp(self.lower, self.upper)

    def grid(self, angle: int, tries: int) -> Tensor:
        """Values of one angle from end to end of its limits, the one nearest to zero first."""
        lower, upper = self.lower[angle], self.upper[angle]
        shares = torch.linspace(0, 1, tries, dtype=lower.dtype, device=lower.device)
        rest = torch.zeros_like(lower).clamp(lower, upper)
        return torch.cat([rest[None], lower + shares * (upper - lower)])


class Frame(NamedTuple):
    """Angles and the frame that they lead to."""

    angles: Tensor
    rotation: Tensor


def first_guess(joints: Tensor, known: Tensor, limits: Limits) -> Frame:
    """Angles `poses 33` within the limits and the global rotation for poses `poses 17 3`.

    Args:
        known: `poses 17`, 1 where a joint was seen and 0 where it is itself a guess; such a joint
            is only aimed at where nothing else decides.
    """
    joints = torch.cat([joints, known.clamp_min(UNSEEN)[..., None]], dim=-1)
    angles = joints.new_zeros(len(joints), len(limits.lower))
    rotation = _pelvis(joints, limits, angles)
    trunk = _trunk(joints, rotation, limits, angles)
    thorax = _thorax(joints, trunk, limits, angles)
    _head(joints, thorax, limits, angles)
    return Frame(limits.clamp(angles), rotation)


def wrapped(angles: Tensor) -> Tensor:
    """The same angles between -pi and pi."""
    return torch.remainder(angles + math.pi, 2 * math.pi) - math.pi


def _pelvis(joints: Tensor, limits: Limits, angles: Tensor) -> Tensor:
    """The pelvis' frame, chosen so that legs and spine are within their limits; fills the legs.

    The hips give its x; how far it is tipped about that is tried out.
    """
    across = _unit(_at(joints, "right_hip") - _at(joints, "left_hip"))
    upright = _frame(across, _at(joints, "spine") - _at(joints, "pelvis"))
    tilt = _round(PELVIS_TRIES, joints)
    frames = upright[:, None] @ rotation_about("x", tilt)
    legs = [_limb(joints, names, frames, limits) for names in LEGS]
    spine = _direction(joints, "pelvis", "spine", frames)
    waist = _segment(spine, _range(limits, "pelvis_twist", 3, joints), TRUNK_TRIES)
    miss = _miss(_along(waist)[..., 2], spine, _seen(joints, "spine"))
    miss = miss + sum(miss for _, miss in legs)
    best = (miss + 1e-4 * tilt**2).argmin(dim=-1)
    for names, (found, _) in zip(LEGS, legs, strict=True):
        first = angle_index(f"{names[0]}_twist")
        angles[:, first : first + 4] = _picked(found, best)
    return _picked(frames, best)


def _trunk(joints: Tensor, rotation: Tensor, limits: Limits, angles: Tensor) -> Tensor:
    """The frame of the link below the thorax; fills the angles at pelvis and spine.

    Their twists are tried, so that the shoulders can come near to where they are.
    """
    low, high = _range(limits, "pelvis_twist", 3, joints), _range(limits, "spine_twist", 3, joints)
    twists = torch.cartesian_prod(low.grid(0, TRUNK_TRIES), high.grid(0, TRUNK_TRIES))
    frames = rotation[:, None]
    parts, miss = [], 1e-3 * wrapped(twists).square().sum(dim=-1)
    for (start, end), twist, within in zip(
        (("pelvis", "spine"), ("spine", "thorax")), twists.unbind(-1), (low, high), strict=True
    ):
        wanted = _direction(joints, start, end, frames)
        part = within.near(_swung(wanted, twist))
        turn = _along(part)
        miss = miss + _miss(turn[..., 2], wanted, _seen(joints, end))
        frames = frames @ turn
        parts.append(part)
    across = _direction(joints, "left_shoulder", "right_shoulder", frames)
    top = _range(limits, "thorax_twist", 3, joints)
    x, y, z = across.unbind(-1)
    needed = torch.stack([torch.atan2(y, x), torch.zeros_like(x), torch.asin(-z.clamp(-1, 1))], -1)
    miss = miss + _miss(_along(top.near(needed))[..., 0], across, _seen(joints, *SHOULDERS))
    best = miss.argmin(dim=-1)
    first = angle_index("pelvis_twist")
    angles[:, first : first + 6] = _picked(torch.cat(parts, dim=-1), best)
    return _picked(frames, best)


def _thorax(joints: Tensor, trunk: Tensor, limits: Limits, angles: Tensor) -> Tensor:
    """The frame that carries arms and neck; fills the angles at the thorax and the arms.

    The shoulders give its x; how far it is tipped about that is tried out, so that the arms are
    within their limits.
    """
    across = _at(joints, "right_shoulder") - _at(joints, "left_shoulder")
    upright = _frame(_unit(across), trunk[..., 2])
    tilt = _round(THORAX_TRIES, joints)
    wanted = trunk.mT[:, None] @ upright[:, None] @ rotation_about("x", tilt)
    twist, bend, side = matrix_to_euler(wanted, "zxy").unbind(-1)
    one_way = torch.stack([twist, -bend, side], dim=-1)
    other_way = torch.stack([twist + math.pi, bend - math.pi, side + math.pi], dim=-1)
    within = _range(limits, "thorax_twist", 3, joints)
    found = within.near(torch.cat([one_way, other_way], dim=1))
    turn = _along(found)
    frames = trunk[:, None] @ turn
    arms = [_limb(joints, names, frames, limits) for names in ARMS]
    shoulders = _direction(joints, "left_shoulder", "right_shoulder", trunk[:, None])
    miss = _miss(turn[..., 0], shoulders, _seen(joints, *SHOULDERS))
    miss = miss + sum(miss for _, miss in arms)
    best = (miss + 1e-4 * wrapped(found).square().sum(dim=-1)).argmin(dim=-1)
    first = angle_index("thorax_twist")
    angles[:, first : first + 3] = _picked(found, best)
    for names, (limb, _) in zip(ARMS, arms, strict=True):
        first = angle_index(f"{names[0]}_twist")
        angles[:, first : first + 4] = _picked(limb, best)
    return _picked(frames, best)


def _head(joints: Tensor, thorax: Tensor, limits: Limits, angles: Tensor) -> None:
    """Fills the neck's angles; its twist is what brings head and nose nearest."""
    within = _range(limits, "neck_twist", 3, joints)
    frames = thorax[:, None]
    head, nose = (_direction(joints, "thorax", end, frames) for end in ("head", "nose"))
    twist = within.grid(0, HEAD_TRIES)
    found = within.near(_swung(head, twist))
    turn = _along(found)
    place = _unit(turn @ joints.new_tensor(NOSE))
    miss = _miss(place, nose, _seen(joints, "nose")) + 1e-5 * twist**2
    miss = miss + _miss(turn[..., 2], head, _seen(joints, "head"))
    first = angle_index("neck_twist")
    angles[:, first : first + 3] = _picked(found, miss.argmin(dim=-1))


def _segment(direction: Tensor, within: Range, tries: int) -> Tensor:
    """Twist, flexion and side bend that bring z nearest to a direction, of several twists."""
    twist = within.grid(0, tries)
    swung = _swung(direction[..., None, :], twist)
    found = within.near(swung)
    miss = _miss(_along(found)[..., 2], direction[..., None, :])
    return _picked(found, miss.argmin(dim=-1))


def _swung(direction: Tensor, twist: Tensor) -> Tensor:
    """With a given twist, the angles of `Rz Rx' Ry` that bring z to a direction."""
    twist, x, y, z = torch.broadcast_tensors(twist, *direction.unbind(-1))
    cosine, sine = twist.cos(), twist.sin()
    ahead, aside = cosine * y - sine * x, cosine * x + sine * y
    return torch.stack([twist, torch.atan2(ahead, z), torch.asin(aside.clamp(-1, 1))], dim=-1)


def _along(angles: Tensor) -> Tensor:
    """The turn by twist, flexion and side bend; flexion is about -x."""
    twist, flexion, side = angles.unbind(-1)
    return rotation_about("z", twist) @ rotation_about("x", -flexion) @ rotation_about("y", side)


def _limb(
    joints: Tensor, names: tuple[str, str, str], frames: Tensor, limits: Limits
) -> tuple[Tensor, Tensor]:
    """The four angles of a limb in each of the frames `poses tries 3 3`, and how far they miss.

    The plane of the limb gives the first two angles, where it is bent; as it may not be, the first
    is also tried over its range.
    """
    start, middle, end = names
    upper, lower = (
        _direction(joints, start, middle, frames),
        _direction(joints, middle, end, frames),
    )
    within = _range(limits, f"{start}_twist", 4, joints)
    normal = _unit(torch.linalg.cross(upper, lower))
    normals = torch.stack([normal, -normal], dim=-2)
    twist = torch.atan2(normals[..., 1], normals[..., 0])
    spread = torch.asin(-normals[..., 2].clamp(-1, 1))
    by_plane = _both_ways(twist, spread)
    twist = within.grid(0, LIMB_TRIES).expand(*upper.shape[:-1], -1)
    x, y, z = (upper[..., None, axis] for axis in range(3))
    spread = torch.atan2(-(twist.cos() * x + twist.sin() * y), -z)
    on_grid = torch.stack(
        [torch.cat(2 * [twist], -1), torch.cat([spread, spread + math.pi], -1)], -1
    )
    first_two = torch.cat([by_plane, on_grid], dim=-2)  # poses tries ways 2
    hip = Range(within.lower[:2], within.upper[:2]).near(first_two)
    found = within.near(torch.cat([hip, _bends(hip, upper, lower)], dim=-1))
    thigh, shin = _limb_directions(found)
    miss = _miss(thigh, upper[..., None, :], _seen(joints, middle)[..., None])
    both = (upper + lower)[..., None, :]
    miss = miss + _miss(thigh + shin, both, _seen(joints, end)[..., None])
    best = (miss + 1e-5 * found.square().sum(dim=-1)).argmin(dim=-1)
    return _picked(found, best), _picked(miss[..., None], best)[..., 0]


def _both_ways(first: Tensor, second: Tensor) -> Tensor:
    """Two turns about z and y, and the two others that lead to the same x."""
    return torch.stack(
        [torch.cat([first, first + math.pi], -1), torch.cat([second, math.pi - second], -1)], dim=-1
    )


def _plane(first_two: Tensor) -> tuple[Tensor, Tensor]:
    """The y and z of a limb's frame after its first two angles."""
    (ca, cb), (sa, sb) = first_two.cos().unbind(-1), first_two.sin().unbind(-1)
    return (
        torch.stack([-sa, ca, torch.zeros_like(ca)], dim=-1),
        torch.stack([sb * ca, sb * sa, cb], dim=-1),
    )


def _bends(first_two: Tensor, upper: Tensor, lower: Tensor) -> Tensor:
    """Flexion of the limb and of its middle, for bones along two directions."""
    y, z = _plane(first_two)
    flexion, both = (
        torch.atan2((bone[..., None, :] * y).sum(-1), -(bone[..., None, :] * z).sum(-1))
        for bone in (upper, lower)
    )
    return torch.stack([flexion, both - flexion], dim=-1)


def _limb_directions(angles: Tensor) -> tuple[Tensor, Tensor]:
    """Where the two bones of a limb point."""
    y, z = _plane(angles[..., :2])
    flexion, both = angles[..., 2, None], angles[..., 2:].sum(dim=-1, keepdim=True)
    return flexion.sin() * y - flexion.cos() * z, both.sin() * y - both.cos() * z


def _round(tries: int, like: Tensor) -> Tensor:
    """Angles all round the circle, zero first."""
    return wrapped(like.new_tensor([2 * math.pi * turn / tries for turn in range(tries)]))


def _range(limits: Limits, first: str, count: int, like: Tensor) -> Range:
    start = angle_index(first)
    lower, upper = limits.lower[start : start + count], limits.upper[start : start + count]
    return Range(like.new_tensor(lower), like.new_tensor(upper))


def _at(joints: Tensor, name: str) -> Tensor:
    return joints[:, H36M_17.index(name), :3]


def _seen(joints: Tensor, *names: str) -> Tensor:
    """How much a miss counts at joints, `poses 1`: as much as at the least known of them."""
    return joints[:, H36M_17.indices(*names), 3].amin(dim=-1, keepdim=True)


def _miss(found: Tensor, wanted: Tensor, weight: Tensor | float = 1.0) -> Tensor:
    return weight * (found - wanted).square().sum(dim=-1)


def _direction(joints: Tensor, start: str, end: str, frames: Tensor) -> Tensor:
    """The unit vector from joint to joint in each of the frames `poses tries 3 3`."""
    vector = _unit(_at(joints, end) - _at(joints, start))
    return (frames.mT @ vector[:, None, :, None])[..., 0]


def _frame(x: Tensor, near_z: Tensor) -> Tensor:
    """The frame with a given x whose z is as near as can be to a direction."""
    z = _unit(near_z - (near_z * x).sum(dim=-1, keepdim=True) * x)
    return torch.stack([x, torch.linalg.cross(z, x), z], dim=-1)


def _unit(vector: Tensor) -> Tensor:
    return vector / torch.linalg.vector_norm(vector, dim=-1, keepdim=True).clamp_min(1e-12)


def _picked(tries: Tensor, best: Tensor) -> Tensor:
    """For each pose the try at its index `best`, on the axis after those of `best`."""
    index = best.reshape(*best.shape, *(1 for _ in range(tries.ndim - best.ndim)))
    return tries.take_along_dim(index, dim=best.ndim).squeeze(best.ndim)
