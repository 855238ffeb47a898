"""A network that reads a person's proportions off any number of frames, and says how surely.

Frames go through one perceptron each; what comes out is averaged over a clip, then over the clips
of a recording, so that the order of neither matters. A second perceptron turns the averages into a
normal distribution of the proportions.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

FRAME, CLIP, KINDS = 66, 4, 10
LEVELS = (0.5, 0.75, 0.9, 0.97)
"""Quantiles of the apparent lengths that the network is told."""
FULL = LEVELS.index(0.9)
"""The one at which a bone is taken for seen at full length, before the network corrects that."""
STEADY = (1, 2, 8)
"""Thigh, shin and upper arm, which say what full length is."""
SUREST = 0.004
"""Standard deviation of a proportion below which none is ever said to be."""
FARTHEST = 1.2
"""How far a proportion's logarithm may be from the average body's."""


class Normal(NamedTuple):
    """A normal distribution of the logarithms of ten proportions."""

    mean: Float[Tensor, "*batch 10"]
    covariance: Float[Tensor, "*batch 10 10"]


class BodyNetwork(nn.Module):
    """Frames of a recording in, a distribution of proportions out."""

    def __init__(self, width: int = 128, pooled: int = 64) -> None:
        super().__init__()
        self.frame = nn.Sequential(
            nn.Linear(FRAME, width), nn.ReLU(), nn.Linear(width, pooled), nn.ReLU()
        )
        told = 4 * pooled + 2 * CLIP + KINDS * (1 + len(LEVELS)) + 2
        self.whole = nn.Sequential(
            nn.Linear(told, 2 * width),
            nn.ReLU(),
            nn.Linear(2 * width, width),
            nn.ReLU(),
            nn.Linear(width, KINDS + KINDS * (KINDS + 1) // 2),
        )

    def forward(
        self,
        frames: Float[Tensor, "*batch clips frames 66"],
        counts: Float[Tensor, "*batch clips frames"],
        clips: Float[Tensor, "*batch clips 4"],
        shares: Float[Tensor, "*batch 10"],
        apparent: Float[Tensor, "*batch 10 levels"],
        amount: Float[Tensor, "*batch 2"],
    ) -> Normal:
        """The proportions; what goes in is described at `seen.Told`."""
        pooled = torch.cat([moments(self.frame(frames), counts), clips], dim=-1)
        told = moments(pooled, (counts.sum(dim=-1) > 0).to(counts))
        facts = torch.cat([shares, apparent.flatten(-2)], dim=-1)
        found = self.whole(torch.cat([told, 3 * facts, amount], dim=-1))
        longer = apparent[..., FULL]
        first = shares + longer - longer[..., STEADY].mean(dim=-1, keepdim=True)
        mean = (first + found[..., :KINDS]).clamp(-FARTHEST, FARTHEST)
        return Normal(mean, covariance(found[..., KINDS:]))


def moments(
    values: Float[Tensor, "*batch things width"], weights: Float[Tensor, "*batch things"]
) -> Float[Tensor, "*batch both"]:
    """Weighted mean and standard deviation."""
    share = (weights / weights.sum(dim=-1, keepdim=True).clamp_min(1e-9))[..., None]
    mean = (share * values).sum(dim=-2, keepdim=True)
    spread = ((share * (values - mean) ** 2).sum(dim=-2) + 1e-6).sqrt()
    return torch.cat([mean[..., 0, :], spread], dim=-1)


def covariance(numbers: Float[Tensor, "*batch 55"]) -> Float[Tensor, "*batch 10 10"]:
    """A covariance from the numbers of its triangular factor."""
    factor = numbers.new_zeros(*numbers.shape[:-1], KINDS, KINDS)
    row, column = torch.tril_indices(KINDS, KINDS)
    factor[..., row, column] = 0.3 * numbers
    diagonal = nn.functional.softplus(3 * factor.diagonal(dim1=-2, dim2=-1) - 2)
    factor = factor.tril(-1) + torch.diag_embed(diagonal)
    floor = SUREST**2 * torch.eye(KINDS, dtype=numbers.dtype, device=numbers.device)
    return factor @ factor.mT + floor
