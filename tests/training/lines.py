"""A training that takes milliseconds: a line is fitted, with dropout and noise on the way."""

from dataclasses import dataclass

import torch
from torch import Generator, nn

from crosslift.training import Step


@dataclass(frozen=True)
class Points:
    """Batches of points near a plane, each a function of its number."""

    count: int = 4
    """Batches in an epoch."""
    size: int = 12
    hash: str = "points"

    def __len__(self) -> int:
        return self.count

    def batch(self, epoch: int, index: int) -> torch.Tensor:
        rng = torch.Generator().manual_seed(1000 * epoch + index)
        points = torch.randn(self.size, 3, generator=rng)
        return torch.cat([points, points @ torch.tensor([[1.0], [-2.0], [0.5]]) + 1], dim=-1)

    def part(self, batch: torch.Tensor, which: int, of: int) -> torch.Tensor:
        share = len(batch) // of
        return batch[which * share : (which + 1) * share]


def network(seed: int = 0, *, dropout: float = 0.2) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 1)
    )


def square(model: nn.Module, noise: float = 0.01):
    def loss(points: torch.Tensor, rng: Generator):
        off = noise * torch.randn(len(points), 1, generator=rng)
        return {"square": (model(points[:, :3]) - points[:, 3:] - off).square().mean()}

    return loss


def adam(model: nn.Module, rate: float = 0.02, **more) -> Step:
    return Step("line", square(model), torch.optim.Adam(model.parameters(), lr=rate), **more)


def weights_of(model: nn.Module) -> torch.Tensor:
    return torch.cat([each.detach().double().flatten() for each in model.state_dict().values()])
