"""How quickly made bodies move: as quickly as people, whatever a generator says."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..training.processes import as_the_first, team

MOST = 0.95
"""Share of the accelerations by whose greatest two sets of motion are compared."""
FOLLOWS = 0.3
"""Power of the ratio of both by which the pace changes at once."""
AT_ONCE = 2.0
"""Ratio of both, either way, beyond which it changes no faster."""
FRAMES = 3
"""Of an acceleration."""

Clips = Float[Tensor, "clips frames joints 3"]


class Pace(nn.Module):
    """By what the changes along made clips are multiplied, kept with the weights."""

    quickness: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("quickness", torch.ones(()))

    def follow(self, real: Clips, made: Clips) -> None:
        """Be quicker where made bodies accelerate less than real ones, and slower where more."""
        wanted, found = greatest(real), greatest(made)
        if wanted > 0 and found > 0:
            self.quickness *= min(max(wanted / found, 1 / AT_ONCE), AT_ONCE) ** FOLLOWS

    def as_the_first(self) -> None:
        """Take the first process's pace, where several train as one."""
        device = self.quickness.device
        self.quickness.fill_(as_the_first(float(self.quickness), team(device), device))

    def begin_anew(self) -> None:
        """As a fresh generator says."""
        self.quickness.fill_(1)


def accelerations(clips: Clips) -> Float[Tensor, " many"]:
    """How much joints accelerate about their root, in metres by the square of a frame."""
    about = clips.detach() - clips.detach()[:, :, :1]
    return torch.linalg.vector_norm(about.diff(n=2, dim=1), dim=-1).flatten()


def greatest(clips: Clips) -> float:
    """What 95 % of the accelerations do not exceed."""
    return float(np.quantile(accelerations(clips).float().cpu().numpy(), MOST))


def at_pace(
    numbers: Float[Tensor, "*batch frames 35"], quickness: float
) -> Float[Tensor, "*batch frames 35"]:
    """A generator's numbers with their changes along a clip multiplied."""
    middle = numbers.mean(dim=-2, keepdim=True)
    return middle + quickness * (numbers - middle)
