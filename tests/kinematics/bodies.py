"""Random bodies that the tests of kinematics share."""

from typing import NamedTuple

import torch
from torch import Tensor

from crosslift.geometry.rotations import axis_angle_to_matrix
from crosslift.kinematics import AVERAGE, NARROW, TEMPLATES, Limits

F32, F64 = torch.float32, torch.float64
DEMONSTRATION = {"hip": 0.25, "knee": 0.6, "ankle": 0.5, "spine": 0.25, "thorax": 0.2, "head": 0.15}
DEMONSTRATION |= {"shoulder": 0.4, "elbow": 0.4, "wrist": 0.35}


class Given(NamedTuple):
    """What forward kinematics takes."""

    angles: Tensor
    lengths: Tensor
    rotation: Tensor
    root: Tensor


def given(*batch: int, limits: Limits = NARROW, seed: int = 0, dtype: torch.dtype = F64) -> Given:
    """Angles evenly spread within limits, measured bodies, anywhere and turned anyhow."""
    rng = torch.Generator().manual_seed(seed)
    lower, upper = torch.tensor(limits.lower, dtype=F64), torch.tensor(limits.upper, dtype=F64)
    angles = lower + (upper - lower) * torch.rand(*batch, 33, generator=rng, dtype=F64)
    person = torch.randint(len(TEMPLATES), batch, generator=rng)
    rotation = axis_angle_to_matrix(2 * torch.randn(*batch, 3, generator=rng, dtype=F64))
    root = torch.randn(*batch, 3, generator=rng, dtype=F64)
    values = (angles, torch.tensor(TEMPLATES)[person], rotation, root)
    return Given(*(value.to(dtype) for value in values))


AVERAGE_BODY = torch.tensor(AVERAGE)
