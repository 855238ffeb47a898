"""Recordings whose truth is one more drawing from the law that the hypotheses are drawn from."""

from dataclasses import replace

import torch

from crosslift.clip import Clip
from crosslift.uncertainty import Measured, measured

from ..people import seen_walker

SHAPE = torch.tensor([[4.0, 1.0, 2.0], [1.0, 2.0, 0.0], [2.0, 0.0, 9.0]]) * 1e-4
"""The covariance of a joint, in square metres; its axes are not those of the camera."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(shape: tuple[int, ...], rng: torch.Generator) -> torch.Tensor:
    """Errors of the covariance `SHAPE`, larger from joint to joint; none at the root."""
    factor = torch.linalg.cholesky(SHAPE)
    off = torch.randn(*shape, 17, 3, generator=rng) @ factor.mT
    return off * torch.linspace(0, 2, 17)[:, None]


def drawn(
    hypotheses: int = 20, frames: int = 1200, seed: int = 0, apart: float = 1.0
) -> tuple[Clip, Clip]:
    """A lifted clip, and its truth.

    Args:
        apart: By how much the hypotheses lie further apart than they should.
    """
    rng = generator(seed)
    clip = seen_walker(1.0)
    many = -(-frames // len(clip))
    clip = replace(
        clip,
        name=f"drawn {seed}",
        keypoints=clip.keypoints.repeat(many, 1, 1)[:frames],
        scores=clip.scores.repeat(many, 1)[:frames],
        observed=clip.observed.repeat(many, 1)[:frames],
        poses=clip.poses.repeat(1, many, 1, 1)[:, :frames],
    )
    found = clip.poses + apart * normal((hypotheses, frames), rng)
    truth = replace(clip, poses=clip.poses + normal((1, frames), rng))
    return replace(clip, poses=found), truth


def sample(hypotheses: int = 20, frames: int = 1200, seed: int = 0, apart: float = 1.0) -> Measured:
    """What is measured of such a recording, whose pose is the mean."""
    lifted, truth = drawn(hypotheses, frames, seed, apart)
    return measured(lifted.poses.mean(dim=0), lifted.poses, truth)
