"""The typical body, in any skeleton: what is assumed of a person whom nobody measured."""

from functools import cache

import torch
from jaxtyping import Float
from torch import Tensor

from .geometry import body_lengths, scale_to_stature
from .kinematics import ANGLES, AVERAGE, forward_with_nose
from .mapping import mapping
from .skeleton import Skeleton
from .skeletons import H36M_17


def typical_body(skeleton: Skeleton) -> Float[Tensor, " joints"]:
    """Bone lengths to the parents, in metres, of an average adult of typical stature.

    0 at the root, NaN for a bone that the reference skeleton tells nothing about.
    """
    return _typical_body(skeleton).clone()


@cache
def _typical_body(skeleton: Skeleton) -> Tensor:
    standing = forward_with_nose(
        torch.zeros(1, len(ANGLES), dtype=torch.float64), torch.tensor(AVERAGE)
    )
    poses = mapping(H36M_17, skeleton).apply3d(scale_to_stature(standing, H36M_17))
    return body_lengths(poses, skeleton)[0].float()
