"""Posed bodies that tests share."""

import torch

from crosslift.kinematics import ANGLES, AVERAGE, random_angles
from crosslift.view.posing import Keyframes

LENGTHS = torch.from_numpy(AVERAGE.copy())


def at_random(keys: int, seed: int = 0) -> Keyframes:
    """Random poses, unevenly apart in time."""
    rng = torch.Generator().manual_seed(seed)
    drawn = random_angles(keys, rng, dtype=torch.float64)
    steps = 0.2 + torch.rand(keys, generator=rng, dtype=torch.float64)
    return Keyframes(
        "dancer",
        30.0,
        LENGTHS * (0.9 + 0.2 * torch.rand(15, generator=rng, dtype=torch.float64)),
        steps.cumsum(0) - steps[0],
        drawn.angles,
        drawn.turn,
        torch.randn(keys, 3, generator=rng, dtype=torch.float64),
    )


def of_angle(name: str, *degrees: float) -> Keyframes:
    """Keyframes a second apart in which one angle moves."""
    keys = len(degrees)
    angles = torch.zeros(keys, len(ANGLES), dtype=torch.float64)
    angles[:, ANGLES.index(name)] = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    nothing = torch.zeros(keys, 3, dtype=torch.float64)
    return Keyframes("one angle", 10.0, LENGTHS, torch.arange(keys).double(), angles, nothing,
                     nothing)  # fmt: skip
