"""Arms and legs from where their ends are: two bones and a hinge, solved in closed form.

A limb hangs along -z at rest and turns by its twist about z, its abduction about y, its flexion
about x, in that order outwards, then its hinge bends about x. The hinge's axis is chosen as near
as possible to a given one, so that no direction of a limb but the one along that axis is special.
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor


class Bend(NamedTuple):
    """A limb that reaches for a point."""

    angles: Float[Tensor, "*batch 4"]
    """Twist, abduction, flexion and the hinge, in radians."""
    short: Float[Tensor, "*batch"]
    """Metres by which it fails to reach; 0 where it does reach."""


def reach(
    point: Float[Tensor, "*batch 3"],
    axis: Float[Tensor, "*batch 3"],
    upper: float,
    lower: float,
    *,
    soft: float,
    forward: bool = True,
) -> Bend:
    """The angles at which a limb's end is at `point`, as seen from its base.

    Args:
        axis: Where the hinge's axis should point, in the base's frame: to the right.
        upper: Length of the bone at the base, in metres.
        lower: Length of the bone at the end, in metres.
        soft: Metres before full stretch over which the limb gives way.
        forward: Whether the hinge goes forward when the limb bends, as a knee does.
    """
    least, most = abs(upper - lower) + 1e-3, (upper + lower) * 0.9999
    distance = point.norm(dim=-1)
    held = most - soft * torch.nn.functional.softplus((most - distance) / soft)
    held = held.clamp_min(least)
    along = point / distance.clamp_min(1e-6)[..., None]
    hinge = axis - (axis * along).sum(-1, keepdim=True) * along
    hinge = hinge / hinge.norm(dim=-1, keepdim=True).clamp_min(1e-6)
    at_base = ((upper**2 + held**2 - lower**2) / (2 * upper * held)).clamp(-1, 1).acos()
    inner = ((upper**2 + lower**2 - held**2) / (2 * upper * lower)).clamp(-1, 1).acos()
    sign = 1.0 if forward else -1.0
    side = torch.linalg.cross(hinge, along)
    bone = at_base.cos()[..., None] * along + sign * at_base.sin()[..., None] * side
    bend = -sign * (math.pi - inner)
    angles = torch.cat([hung(hinge, bone), bend[..., None]], dim=-1)
    return Bend(angles, distance - held)


def hung(
    hinge: Float[Tensor, "*batch 3"], bone: Float[Tensor, "*batch 3"]
) -> Float[Tensor, "*batch 3"]:
    """Twist, abduction and flexion that turn x to `hinge` and -z along `bone`.

    Flexion is counted from a quarter turn backwards, so that a raised arm passes overhead without
    a jump.
    """
    front = torch.linalg.cross(hinge, bone)
    twist = torch.atan2(hinge[..., 1], hinge[..., 0])
    abduction = -hinge[..., 2].clamp(-1, 1).asin()
    flexion = torch.atan2(front[..., 2], -bone[..., 2])
    flexion = torch.where(flexion < -math.pi / 2, flexion + 2 * math.pi, flexion)
    return torch.stack([twist, abduction, flexion], dim=-1)
