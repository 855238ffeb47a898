"""Random poses: within limits, spread as published, repeatable."""

import math

import numpy as np
import pytest
import torch

from crosslift.errors import SettingsError
from crosslift.geometry.rotations import euler_to_matrix
from crosslift.kinematics import MOVING, NARROW, WIDE, Sampling, random_angles
from crosslift.kinematics.sampling import published_angles

from .bodies import F64


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_same_generator_gives_the_same_poses():
    one, same, other = (random_angles(50, rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(one.angles, same.angles) and torch.equal(one.turn, same.turn)
    assert not torch.equal(one.angles, other.angles)


@pytest.mark.parametrize("limits", [NARROW, WIDE])
def test_poses_are_within_the_limits(limits):
    drawn = random_angles(500, rng(), Sampling(limits=limits), dtype=F64)
    assert drawn.angles.dtype == F64
    assert limits.contains(drawn.angles).all()
    assert (drawn.turn.abs() <= torch.tensor(Sampling().turn, dtype=F64)).all()


def test_the_rotation_is_that_of_the_turn():
    drawn = random_angles(5, rng(), dtype=F64)
    assert torch.equal(drawn.rotation, euler_to_matrix(drawn.turn, "xyz"))


def test_no_poses_are_no_poses():
    assert random_angles(0, rng()).angles.shape == (0, 33)


@pytest.mark.parametrize("share", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_the_share_of_moved_angles(share):
    sure = Sampling(limits=WIDE, share=share, sigma=0.01)
    angles = random_angles(2000, rng(), sure, dtype=F64).angles[:, list(MOVING)]
    assert abs((angles != 0).double().mean().item() - share[0]) < 0.02


def test_the_spread_is_the_published_one():
    """Shares of zeros and moments of our poses and of the publication's stream."""
    ours = random_angles(4000, rng(), dtype=F64)
    theirs = published_angles(4000, np.random.RandomState(1))
    for mine, published in zip(ours, theirs, strict=True):
        for moment in (lambda x: (x == 0).double(), lambda x: x, lambda x: x**2):
            difference = moment(mine).mean(dim=0) - moment(published).mean(dim=0)
            spread = moment(published).std(dim=0) * math.sqrt(2 / 4000) + 1e-9
            assert (difference / spread).abs().max() < 5


def test_the_first_published_pose_is_zero():
    drawn = published_angles(3, np.random.RandomState(0))
    assert not drawn.angles[0].any() and not drawn.turn[0].any()
    assert drawn.turn[1:].all()


def test_bad_settings_are_refused():
    with pytest.raises(SettingsError, match="between 0 and 1, .* 0.8 to 0.2"):
        Sampling(share=(0.8, 0.2))
    with pytest.raises(SettingsError, match="sigma is -1"):
        Sampling(sigma=-1)
