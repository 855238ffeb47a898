"""The transformer with which PoSynDA goes over drawn poses, one pose at a time.

As released, it has to say each pose anew: there is no way around it, joints only see those before
them in the order, and what marks a token is its pose's place in the batch, not its joint. That form
is for the published weights. Ours adds to the pose, and adds nothing before it has learned.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .layers import check_heads, check_rates, check_sizes

MILLIMETRES = 1000.0
"""In a metre: the published weights are of millimetres."""
WAVE = 10_000.0


@dataclass(frozen=True)
class RefinementSettings:
    """The sizes of a refinement."""

    width: int = 64
    """Channels of a token, which is a joint of a pose."""
    heads: int = 4
    hidden: int = 128
    """Width inside of a layer's MLP."""
    depth: int = 2
    dropout: float = 0.0
    """Share of the features that are left out in training."""
    released: bool = False
    """Whether it is computed as in the release (see above), whose poses are in millimetres."""

    def __post_init__(self) -> None:
        """Refuse sizes that no transformer has."""
        sizes = {name: getattr(self, name) for name in ("width", "heads", "hidden", "depth")}
        check_sizes("A refinement", **sizes)
        check_heads("A refinement", self.width, self.heads)
        check_rates("a refinement", dropout=self.dropout)


PUBLISHED = RefinementSettings(512, 8, 512, 8, dropout=0.5, released=True)
"""PoSynDA's, of 12.6 million parameters."""


class Refinement(nn.Module):
    """Root-relative poses in metres after a second look at each."""

    def __init__(self, settings: RefinementSettings = RefinementSettings()) -> None:
        """Fresh weights: as released, or such that poses stay as they are."""
        super().__init__()
        self.settings = settings
        layer = nn.TransformerEncoderLayer(
            settings.width, settings.heads, settings.hidden, settings.dropout, batch_first=True
        )
        self.transformer_encoder = nn.TransformerEncoder(
            layer, settings.depth, enable_nested_tensor=False
        )
        self.encoder = nn.Linear(3, settings.width)
        self.decoder = nn.Linear(settings.width, 3)
        nn.init.zeros_(self.decoder.bias)
        if settings.released:
            nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
            nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
        else:
            nn.init.zeros_(self.decoder.weight)

    def forward(self, poses: Float[Tensor, "*batch joints 3"]) -> Float[Tensor, "*batch joints 3"]:
        rows = poses.flatten(0, -3)
        if self.settings.released:
            return (self.said_anew(rows * MILLIMETRES) / MILLIMETRES).view_as(poses)
        return (rows + self.said(rows, by_joint=True)).view_as(poses)

    def said_anew(self, poses: Float[Tensor, "poses joints 3"]) -> Float[Tensor, "poses joints 3"]:
        """Poses in millimetres as the release has them; they depend on their place in the row."""
        return self.said(poses, by_joint=False)

    def said(
        self, poses: Float[Tensor, "poses joints 3"], *, by_joint: bool
    ) -> Float[Tensor, "poses joints 3"]:
        """What the transformer says of poses.

        Args:
            by_joint: Mark tokens by their joints, all of which see each other; by the poses' places
                unless, and each joint sees those before it.
        """
        joints, width = poses.shape[1], self.settings.width
        places = waves(joints if by_joint else len(poses), width, poses)
        marks = places if by_joint else places[:, None]
        tokens = math.sqrt(width) * self.encoder(poses) + marks
        mask = None if by_joint else hidden_later(joints, poses)
        return self.decoder(self.transformer_encoder(tokens, mask))


def waves(count: int, width: int, like: Tensor) -> Float[Tensor, "count width"]:
    """Numbers from 0 as sines and cosines in turn, of waves whose lengths grow in equal ratios."""
    numbers = torch.arange(count, dtype=torch.float32, device=like.device)
    even = torch.arange(0, width, 2, dtype=torch.float32, device=like.device)
    phases = numbers[:, None] * torch.exp(even * (-math.log(WAVE) / width))
    both = torch.stack([phases.sin(), phases.cos()], dim=-1)
    return both.flatten(1)[:, :width].to(like.dtype)


def hidden_later(joints: int, like: Tensor) -> Float[Tensor, "joints joints"]:
    """The mask that lets each joint see itself and those before it."""
    return torch.full((joints, joints), -torch.inf, dtype=like.dtype, device=like.device).triu(1)
