"""How far joints bend beyond what people do."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ..joint_angles import joint_angles
from ..quality import BENDS
from ..skeleton import Skeleton


def excess(poses: Float[Tensor, "*batch joints 3"], skeleton: Skeleton) -> Float[Tensor, "*batch"]:
    """The sum of the squared radians by which a pose's joints are beyond their limits."""
    total = torch.zeros_like(poses[..., 0, 0])
    for name, angle in joint_angles(poses, skeleton).items():
        limits = BENDS.get(name.removeprefix("left_").removeprefix("right_"))
        if limits is not None:
            least, most = (math.radians(each) for each in limits)
            beyond = (least - angle).clamp_min(0) + (angle - most).clamp_min(0)
            total = total + torch.where(angle.isfinite(), beyond, 0).square()
    return total
