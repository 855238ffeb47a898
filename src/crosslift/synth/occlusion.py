"""Which joints the body itself hides from a camera.

The body is a set of capsules: limbs, trunk and head, as thick as they are on a body of its size. A
joint is hidden as far as the ray to it passes through a capsule before it reaches the joint.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SkeletonError
from ..skeleton import Skeleton
from ..skeletons import H36M_17


class Capsule(NamedTuple):
    """A thick stick between two joints."""

    start: str
    end: str
    radius: float
    """In trunk lengths (pelvis to thorax), about half a metre each."""
    own: tuple[str, ...]
    """The joints that lie in it, which it never hides."""


def _limb(side: str, start: str, end: str, radius: float, *own: str) -> Capsule:
    start, end = (f"{side}_{joint}" for joint in (start, end))
    return Capsule(start, end, radius, (start, end, *own))


_MIDDLE = ("pelvis", "spine", "thorax")
CAPSULES = (
    *(_limb(side, "hip", "knee", 0.13, "pelvis") for side in ("right", "left")),
    *(_limb(side, "knee", "ankle", 0.09) for side in ("right", "left")),
    *(_limb(side, "shoulder", "elbow", 0.085) for side in ("right", "left")),
    *(_limb(side, "elbow", "wrist", 0.07) for side in ("right", "left")),
    *(_limb(side, "hip", "shoulder", 0.16, *_MIDDLE) for side in ("right", "left")),
    Capsule("pelvis", "thorax", 0.2, (*_MIDDLE, "right_hip", "left_hip")),
    Capsule("nose", "head", 0.17, ("nose", "head", "thorax")),
)
SOFT = 0.04
"""Half the width of a capsule's edge, in trunk lengths: there a joint is partly hidden."""


def visibility(
    poses: Float[Tensor, "frames 17 3"], skeleton: Skeleton = H36M_17
) -> Float[Tensor, "frames 17"]:
    """How much of each joint the camera sees: 1 all, 0 nothing.

    Args:
        poses: Metres in the camera's frame, the camera being at the origin.
    """
    if skeleton != H36M_17:
        raise SkeletonError(
            f'Self-occlusion is known for the skeleton "h36m17", but "{skeleton.name}" was given; '
            "bring the poses to it first."
        )
    starts = poses[:, H36M_17.indices(*(capsule.start for capsule in CAPSULES))]
    along = poses[:, H36M_17.indices(*(capsule.end for capsule in CAPSULES))] - starts
    rays = torch.nn.functional.normalize(poses, dim=-1)
    # all seen from the joint, along the ray to it: frames joints capsules
    offset = -torch.einsum("fji, fji -> fj", rays, poses)[..., None]
    ray_start = rays @ starts.mT + offset
    ray_along = rays @ along.mT
    gap = starts[:, None] - poses[:, :, None]
    gap_along = (gap * along[:, None]).sum(dim=-1)
    length = (along**2).sum(dim=-1)[:, None]
    t = ray_along * ray_start - gap_along
    t = (t / (length - ray_along**2).clamp_min(1e-6)).clamp(0, 1)
    depth = ray_start + t * ray_along  # of the nearest point of the capsule's axis
    squared = (gap**2).sum(dim=-1) + t * (2 * gap_along + t * length) - depth**2
    size = trunk(poses)[:, None, None]
    radius = poses.new_tensor([capsule.radius for capsule in CAPSULES]) * size
    soft = SOFT * size
    inside = ((radius + soft - squared.clamp_min(0).sqrt()) / (2 * soft)).clamp(0, 1)
    before = ((-depth - soft) / soft).clamp(0, 1)
    return (1 - inside * before * _may_hide(poses)).prod(dim=-1)


def trunk(poses: Float[Tensor, "frames 17 3"]) -> Float[Tensor, " frames"]:
    """The length of the trunk in metres, bent as it may be."""
    pelvis, spine, thorax = (poses[:, H36M_17.index(joint)] for joint in _MIDDLE)
    return (spine - pelvis).norm(dim=-1) + (thorax - spine).norm(dim=-1)


def _may_hide(like: Tensor) -> Float[Tensor, "17 capsules"]:
    table = [[float(joint not in capsule.own) for capsule in CAPSULES] for joint in H36M_17.joints]
    return like.new_tensor(table)
