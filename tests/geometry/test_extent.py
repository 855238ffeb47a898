"""Extents: values by hand, what does not count, laws, gradients."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.geometry import bounds, extent


def some_points(*batch: int, axes: int = 3) -> torch.Tensor:
    return torch.randn(*batch, 17, axes, generator=torch.Generator().manual_seed(0))


def test_the_extent_by_hand():
    points = torch.tensor([[0.0, 5], [3, -1], [1, 1]])
    assert_close(extent(points), torch.tensor([3.0, 6]))
    assert_close(bounds(points), torch.tensor([[0.0, -1], [3, 5]]))


@pytest.mark.parametrize("axes", [2, 3])
def test_joints_that_are_not_seen_do_not_count(axes):
    points = some_points(4, axes=axes)
    seen = torch.rand(4, 17, generator=torch.Generator().manual_seed(1)) < 0.5
    found = extent(points, seen)
    for pose, which, wide in zip(points, seen, found, strict=True):
        assert_close(wide, pose[which].amax(0) - pose[which].amin(0))


def test_a_joint_with_a_nan_does_not_count():
    points = torch.tensor([[0.0, 5], [torch.nan, 100], [1, 1]])
    assert_close(extent(points), torch.tensor([1.0, 4]))


def test_nothing_seen_has_no_extent_and_does_not_harm_the_others():
    points = some_points(2).requires_grad_()
    seen = torch.tensor([[False] * 17, [True] * 17])
    found = extent(points, seen)
    assert found[0].isnan().all()
    (slope,) = torch.autograd.grad(found[1].sum(), points)
    assert slope.isfinite().all()


def test_one_joint_has_an_extent_of_zero():
    seen = torch.zeros(17, dtype=torch.bool)
    seen[3] = True
    assert_close(extent(some_points(), seen), torch.zeros(3))


def test_extents_do_not_change_by_moving_and_grow_by_scaling():
    points = some_points(2, 3)
    assert_close(extent(points + 2), extent(points), atol=1e-6, rtol=0)
    assert_close(extent(-3 * points), 3 * extent(points))


def test_the_gradient_pulls_at_the_outermost_joints():
    points = torch.tensor([[0.0, 5], [3, -1], [1, 1]], requires_grad=True)
    (slope,) = torch.autograd.grad(extent(points).sum(), points)
    assert_close(slope, torch.tensor([[-1.0, 1], [1, -1], [0, 0]]))
