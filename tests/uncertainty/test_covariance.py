"""Covariances of hypotheses: by hand, by the law of large numbers, and where there are few."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.uncertainty.covariance import (
    LEAST,
    PRIOR,
    ROUND,
    covariance_about,
    mean_radius,
    sample_covariance,
    standard_distance,
    usual_distance,
)

from .drawn import SHAPE, drawn


def test_by_hand():
    """Two hypotheses of one joint, 2 m apart along x: a variance of 2, shared by few others."""
    hypotheses = torch.zeros(2, 1, 2, 3)
    hypotheses[:, 0, 1, 0] = torch.tensor([-1.0, 1.0])
    assert_close(sample_covariance(hypotheses)[0, 1], torch.diag(torch.tensor([2.0, 0, 0])))
    usual = torch.tensor([(1 - ROUND) * 2 + ROUND * 2 / 3, ROUND * 2 / 3, ROUND * 2 / 3]) + LEAST**2
    wanted = (torch.tensor([2.0, 0, 0]) + PRIOR * usual) / (1 + PRIOR) * 1.5
    found = covariance_about(torch.zeros(1, 2, 3), hypotheses, root=0)
    assert_close(found[0, 1], torch.diag(wanted))
    assert not found[0, 0].any()


def test_many_hypotheses_give_the_covariance_that_they_were_drawn_with():
    lifted, _ = drawn(hypotheses=2000, frames=3)
    found = covariance_about(lifted.poses.mean(dim=0), lifted.poses, root=0)
    assert_close(found[1, 16], 4 * SHAPE, rtol=0.12, atol=5e-5)


def test_few_hypotheses_are_shaped_like_the_joint_s_usual_ones():
    """Three lie in a plane, but their region does not, and all frames' mean is right."""
    lifted, _ = drawn(hypotheses=3, frames=1500)
    own = sample_covariance(lifted.poses - lifted.poses[:, :, :1])[:, 1:]
    found = covariance_about(lifted.poses.mean(dim=0), lifted.poses, root=0)[:, 1:]
    flat = [torch.linalg.eigvalsh(each)[..., 0].median() for each in (own, found)]
    assert flat[0] < 1e-8 and flat[1] > 1e-6
    assert_close(found[:, 15].mean(dim=0), 4 / 3 * 4 * SHAPE, rtol=0.15, atol=2e-4)


def test_what_the_chosen_pose_is_off_their_mean_is_added():
    lifted, _ = drawn(hypotheses=5, frames=4)
    mean = lifted.poses.mean(dim=0)
    shift = torch.tensor([0.0, 0.3, 0.0])
    moved = mean.clone()
    moved[:, 5] += shift
    found, plain = (covariance_about(each, lifted.poses, root=0) for each in (moved, mean))
    assert_close((found - plain)[:, 5], shift.outer(shift).expand(4, 3, 3), atol=1e-5, rtol=0)
    assert_close(found[:, 6], plain[:, 6])


def test_where_the_body_is_does_not_matter():
    lifted, _ = drawn(hypotheses=5, frames=4)
    away = lifted.poses + torch.randn(5, 4, 1, 3, generator=torch.Generator().manual_seed(1))
    plain = covariance_about(lifted.poses.mean(dim=0), lifted.poses, root=0)
    assert_close(covariance_about(away.mean(dim=0), away, root=0), plain, atol=1e-6, rtol=1e-3)


def test_a_frame_that_is_unknown_stays_so_and_spoils_no_other():
    lifted, _ = drawn(hypotheses=4, frames=6)
    lost = lifted.poses.clone()
    lost[:, 2] = torch.nan
    found = covariance_about(lost.mean(dim=0), lost, root=0)
    assert found[2, 1:].isnan().all() and found[[0, 1, 3, 4, 5]].isfinite().all()


def test_distances_and_sizes_by_hand():
    ball = torch.diag(torch.tensor([4.0, 9.0, 1.0]))
    off = torch.tensor([[2.0, 0, 0], [0, 6.0, 0], [0, 0, torch.nan]])
    found = standard_distance(off, ball.expand(3, 3, 3))
    assert found[:2].tolist() == pytest.approx([1.0, 2.0]) and found[2].isnan()
    assert standard_distance(off[0], torch.zeros(3, 3)).isnan()
    assert float(usual_distance(ball)) == pytest.approx(14**0.5)
    assert float(mean_radius(ball)) == pytest.approx(6 ** (1 / 3))
