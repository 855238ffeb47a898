"""DH-AUG's critics: what they see, and a penalty that costs less and is the same."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.angle_generator import SINGLE, AngleGenerator, AngleGeneratorSettings
from crosslift.networks.critics import (
    BodyCritic,
    MotionCritic,
    PictureCritic,
    PictureMotionCritic,
    angle_cosines,
    between,
    penalty,
)

from ..plain.dh_aug import SCORES, plain_cosines, plain_penalty

KINDS = {
    "body": lambda: BodyCritic(12),
    "picture": lambda: PictureCritic(12),
    "motion": lambda: MotionCritic(4, 12),
    "picture_motion": lambda: PictureMotionCritic(4, 12),
}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def critic(name: str):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return KINDS[name]().double()


def rows(of, count: int = 5) -> torch.Tensor:
    return torch.randn(count, *of.shape, generator=generator(), dtype=torch.float64)


@pytest.mark.parametrize("name", KINDS)
def test_a_score_is_the_plain_twin_s(name):
    of = critic(name)
    assert_close(of(rows(of)), SCORES[name](of, rows(of)))


@pytest.mark.parametrize("name", KINDS)
def test_the_penalty_and_its_gradient_are_those_of_a_double_differentiation(name):
    of, points = critic(name), rows(critic(name))
    own, plain = penalty(of, points), plain_penalty(of, points)
    assert_close(own, plain)
    parameters = list(of.parameters())
    wanted = torch.autograd.grad(plain, parameters, allow_unused=True)
    found = torch.autograd.grad(own, parameters, allow_unused=True)
    for one, other in zip(found, wanted, strict=True):
        if one is None:  # of a bias, which no slope depends on
            assert other is None or not other.any()
        else:
            assert_close(one, other)


def test_a_penalty_per_frame_takes_each_frame_s_slope_apart():
    of = critic("picture_motion")
    points = rows(of).requires_grad_()
    (slope,) = torch.autograd.grad(of(points).sum(), points)
    wanted = 10 * (slope.flatten(2).norm(dim=-1) - 1).square().mean()
    assert_close(penalty(of, points, per="frame"), wanted)
    assert abs(float(penalty(of, points).detach() - wanted)) > 0.1


def test_a_critic_with_a_slope_of_one_everywhere_is_not_penalised():
    of = critic("picture")
    with torch.no_grad():
        for each in of.parameters():
            each.zero_()
        of.pose_layer_1.weight[0, 0] = of.pose_layer_2.weight[0, 0] = 1
        of.pose_layer_3.weight[0, 0] = 0
        of.pose_layer_4.weight[0, 0] = of.layer_last.weight[0, 0] = of.layer_pred.weight[0, 0] = 1
    assert_close(penalty(of, rows(of).abs()), torch.tensor(0.0, dtype=torch.float64))


@pytest.mark.parametrize("name", KINDS)
def test_descending_the_penalty_brings_slopes_to_one(name):
    of, points = critic(name), rows(critic(name), 16)
    adam = torch.optim.Adam(of.parameters(), lr=1e-2)
    before = float(penalty(of, points).detach())
    for _ in range(60):
        adam.zero_grad()
        penalty(of, points).backward()
        adam.step()
    assert float(penalty(of, points).detach()) < 0.2 * before


def test_points_get_no_gradient_from_the_penalty():
    of = critic("body")
    points = rows(of).requires_grad_()
    penalty(of, points).backward()
    assert points.grad is None


def test_cosines_are_the_plain_twin_s_and_of_a_straight_leg_one():
    poses = torch.randn(3, 16, 3, generator=generator())
    for own, plain in zip(angle_cosines(poses), plain_cosines(poses), strict=True):
        assert_close(own, plain)
    leg = torch.zeros(1, 16, 3)
    leg[0, :, 2] = -torch.arange(16.0)
    assert_close(angle_cosines(leg)[0][0, 0], torch.tensor(1.0))


def test_a_bone_without_length_has_no_angle_and_harms_no_other():
    poses = torch.randn(2, 16, 3, generator=generator())
    poses[:, 6] = poses[:, 5]
    seen = poses.clone().requires_grad_()
    cosines, lengths = angle_cosines(seen)
    assert (cosines[:, 0] == 0).all() and (lengths[:, 0] == 0).all()
    cosines.sum().backward()
    assert seen.grad.isfinite().all()


def test_streams_that_are_left_out_keep_their_weights_and_say_nothing():
    whole, part = MotionCritic(4, 8), MotionCritic(4, 8, joints=False, changes=False)
    assert len(whole.state_dict()) == len(part.state_dict())
    assert part.state_dict()["kcs_merge_previous.0.weight"].shape == (100, 16)
    clips = torch.randn(2, 4, 16, 3, generator=generator())
    assert_close(part(clips), part(clips + 3.0))  # only angles count, not places


def test_points_between_are_real_at_one_and_made_at_zero():
    real, made = torch.ones(2, 4, 3), torch.zeros(2, 4, 3)
    assert_close(between(real, made, torch.tensor([1.0, 0.25]))[:, 0, 0], torch.tensor([1.0, 0.25]))
    per_frame = between(real, made, torch.rand(2, 4, generator=generator()))
    assert per_frame[0, 0, 0] != per_frame[0, 1, 0]


@pytest.mark.parametrize("name", KINDS)
def test_rows_of_another_shape_are_refused(name):
    of = critic(name)
    with pytest.raises(DataError, match="was given a tensor of shape"):
        of(torch.zeros(2, *of.shape[:-2], 17, of.shape[-1]))


def test_no_critic_of_the_movement_of_one_frame():
    with pytest.raises(SettingsError, match='needs "frames" of at least 2'):
        MotionCritic(1)


def test_the_generator_has_the_published_size_and_says_clips():
    assert sum(each.numel() for each in AngleGenerator(SINGLE).parameters()) == 436_771
    network = AngleGenerator(AngleGeneratorSettings(frames=3, width=8, noise=5))
    noise = network.noise(4, generator())
    assert noise.shape == (4, 5) and network(noise).shape == (4, 3, 35)
    assert torch.equal(noise, network.noise(4, generator()))
    with pytest.raises(DataError, match="takes 5 noise"):
        network(torch.zeros(2, 6))
