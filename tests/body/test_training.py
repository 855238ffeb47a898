"""How the shipped weights are made, on a small scale."""

import pytest
import torch

from crosslift.body.bones import average
from crosslift.body.network import BodyNetwork, Normal
from crosslift.body.seen import told
from crosslift.body.training import (
    Movements,
    Training,
    Views,
    bodies,
    draw,
    population,
    posed,
    surprise,
    train,
)
from crosslift.geometry import body_lengths, bone_directions
from crosslift.skeletons import H36M_17

from ..people import walker


@pytest.fixture(scope="module")
def among() -> Movements:
    """Two walks."""
    walks = [walker(2.0, seed).positions for seed in (0, 1)]
    lengths = torch.tensor([len(walk) for walk in walks])
    positions = torch.cat(walks)
    return Movements(
        bone_directions(positions, H36M_17),
        positions[:, 0],
        lengths.cumsum(0) - lengths,
        lengths,
        torch.ones(2),
    )


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_people_have_the_bones_that_were_drawn(among):
    views = Views(recordings=4, clips=2, frames=12)
    kinds = bodies(views.rows, rng())
    poses = posed(among, kinds, views, rng())
    assert poses.shape == (8, 4, 3, 17, 3)
    found = body_lengths(poses, H36M_17)[..., 2] / body_lengths(poses, H36M_17)[..., 3]
    torch.testing.assert_close(found, (kinds[:, 1] / kinds[:, 2])[:, None, None].expand_as(found))


def test_the_frames_of_a_run_are_neighbours(among):
    poses = posed(among, bodies(3, rng()), Views(3, 1, 24), rng())
    step = poses.diff(dim=2).norm(dim=-1).mean()
    assert 0 < step < 0.1  # metres in a thirtieth of a second


def test_single_frames_have_no_neighbours(among):
    plane, _ = draw(among, Views(recordings=50, clips=1, frames=1), rng())
    assert plane.isfinite()[..., 1, :, :].any() and not plane.isfinite()[..., [0, 2], :, :].any()


def test_the_same_seed_draws_the_same(among):
    one, other = (draw(among, Views(3, 2, 12), rng(5)) for _ in range(2))
    assert one[0].nan_to_num().equal(other[0].nan_to_num()) and one[1].equal(other[1])


def test_made_up_people_are_of_any_proportions_about_the_average():
    drawn = (bodies(4000, rng()) / average()).log()
    assert (drawn.std(dim=0) > 0.08).all() and (drawn.mean(dim=0).abs() < 0.3).all()
    known_of_nothing = population(rng())
    assert (torch.linalg.eigvalsh(known_of_nothing) > -1e-5).all()


def test_surprise_is_the_negative_logarithm_of_the_density():
    covariance = 0.1 * torch.eye(10) + 0.02
    found = Normal(torch.zeros(1, 10), covariance[None])
    truth = 0.3 * torch.randn(1, 10, generator=rng())
    normal = torch.distributions.MultivariateNormal(torch.zeros(10), covariance)
    constant = 5 * torch.log(torch.tensor(2 * torch.pi))
    torch.testing.assert_close(surprise(found, truth), -normal.log_prob(truth)[0] - constant)


def test_training_makes_the_truth_less_surprising(among):
    torch.manual_seed(0)
    network = BodyNetwork(width=32, pooled=16)
    plane, truth = draw(among, Views(64, 1, 12), rng(9))
    kinds = average().expand(64, -1)
    before = surprise(network(*told(plane, kinds)), truth)
    train(network, among, Training(steps=40, frames=200), rng())
    assert surprise(network(*told(plane, kinds)), truth) < before - 1
