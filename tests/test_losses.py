"""The terms of trainings, by hand and by what they must not do."""

import pytest
import torch

from crosslift.losses import position_error, restlessness, velocity_error

RNG = torch.Generator().manual_seed(0)
SHAPE = (2, 4, 3, 3)


def poses(*shape: int, dtype=torch.float64) -> torch.Tensor:
    return torch.randn(shape or SHAPE, generator=RNG, dtype=dtype)


def every(shape=SHAPE) -> torch.Tensor:
    return torch.ones(shape[:-1], dtype=torch.bool)


def test_the_error_is_the_mean_distance_of_the_joints():
    truth = torch.zeros(1, 1, 2, 3)
    estimate = torch.tensor([[[[3.0, 4, 0], [0, 0, 2]]]])
    known = every(truth.shape)
    assert position_error(estimate, truth, known) == pytest.approx((5 + 2) / 2)
    assert position_error(estimate, truth, known, squared=True) == pytest.approx((25 + 4) / 6)


def test_weights_say_by_how_much_a_joint_counts():
    truth, estimate = torch.zeros(1, 1, 2, 3), torch.tensor([[[[3.0, 4, 0], [0, 0, 2]]]])
    weights = torch.tensor([2.0, 0.5])
    assert position_error(estimate, truth, every(truth.shape), weights) == pytest.approx(5.5)
    steps = torch.cat([truth, estimate], dim=1)
    assert restlessness(steps, weights) == pytest.approx((2 * 25 + 0.5 * 4) / 6)


def test_steps_are_compared_where_both_frames_are_known():
    truth = torch.zeros(1, 3, 1, 3)
    estimate = torch.tensor([0.0, 1.0, 5.0]).view(1, 3, 1, 1) * torch.tensor([1.0, 0, 0])
    known = every(truth.shape)
    assert velocity_error(estimate, truth, known) == pytest.approx((1 + 4) / 2)
    known[0, 2] = False
    assert velocity_error(estimate, truth, known) == pytest.approx(1)


def test_rest_is_the_mean_square_of_the_steps():
    estimate = torch.tensor([0.0, 1.0, 4.0]).view(1, 3, 1, 1) * torch.tensor([1.0, 0, 0])
    assert restlessness(estimate) == pytest.approx((1 + 9) / 6)
    assert restlessness(estimate[:, :1]) == 0


@pytest.mark.parametrize("squared", [False, True])
def test_joints_of_which_the_truth_is_unknown_do_not_count_and_spoil_no_gradient(squared):
    estimate, truth, known = poses().requires_grad_(), poses(), every()
    known[0, 1:3, 2] = False
    truth[~known] = torch.nan
    terms = [position_error(estimate, truth, known, squared=squared),
             velocity_error(estimate, truth, known)]  # fmt: skip
    torch.stack(terms).sum().backward()
    assert estimate.grad.isfinite().all()
    assert (estimate.grad[~known] == 0).all() and (estimate.grad[known] != 0).any()
    other = torch.where(known[..., None], estimate, 7).detach()
    assert position_error(other, truth, known, squared=squared) == terms[0].detach()


def test_nothing_known_is_no_error():
    truth, none = torch.full(SHAPE, torch.nan, dtype=torch.float64), ~every()
    assert position_error(poses(), truth, none) == 0
    assert velocity_error(poses(), truth, none) == 0


def test_an_exact_answer_has_a_gradient_of_numbers():
    truth = poses()
    estimate = truth.clone().requires_grad_()
    (position_error(estimate, truth, every()) + velocity_error(estimate, truth, every())).backward()
    assert estimate.grad.isfinite().all()


def test_gradients_are_those_of_the_values():
    truth, known, weights = poses(), every(), torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
    known[1, 2] = False
    for term in (
        lambda x: position_error(x, truth, known, weights),
        lambda x: position_error(x, truth, known, squared=True),
        lambda x: velocity_error(x, truth, known),
        lambda x: restlessness(x, weights),
    ):
        assert torch.autograd.gradcheck(term, poses().requires_grad_())
