"""The network that reads proportions."""

import torch

from crosslift.body.bones import average
from crosslift.body.network import KINDS, SUREST, BodyNetwork, covariance, moments
from crosslift.body.seen import told


def plane(seed: int = 0) -> torch.Tensor:
    """Keypoints of two recordings of three clips."""
    rng = torch.Generator().manual_seed(seed)
    return 0.2 * torch.randn(2, 3, 4, 3, 17, 2, generator=rng)


def network() -> BodyNetwork:
    torch.manual_seed(0)
    return BodyNetwork()


def test_the_order_of_clips_and_of_runs_does_not_matter():
    keypoints, net = plane(), network()
    kinds = average().expand(2, -1)
    found = net(*told(keypoints, kinds))
    for axis, order in ((1, [2, 0, 1]), (2, [3, 1, 0, 2])):
        again = net(*told(keypoints.index_select(axis, torch.tensor(order)), kinds))
        torch.testing.assert_close(found.mean, again.mean, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(found.covariance, again.covariance, atol=1e-5, rtol=1e-4)


def test_frames_that_are_not_there_do_not_matter():
    keypoints, net = plane(), network()
    kinds = average().expand(2, -1)
    longer = torch.nn.functional.pad(keypoints, (0, 0, 0, 0, 0, 0, 0, 2, 0, 1), value=torch.nan)
    for here, there in zip(net(*told(keypoints, kinds)), net(*told(longer, kinds)), strict=True):
        torch.testing.assert_close(here, there, atol=1e-5, rtol=1e-4)


def test_a_covariance_is_one_and_never_surer_than_allowed():
    numbers = 5 * torch.randn(20, KINDS * (KINDS + 1) // 2, generator=torch.Generator())
    found = covariance(numbers.double())
    torch.testing.assert_close(found, found.mT, atol=1e-12, rtol=1e-9)
    assert torch.linalg.eigvalsh(found).min() > 0.9 * SUREST**2


def test_moments_by_hand():
    values = torch.tensor([[1.0], [3.0], [100.0]])
    found = moments(values, torch.tensor([1.0, 1.0, 0.0]))
    torch.testing.assert_close(found, torch.tensor([2.0, 1.0]), atol=1e-5, rtol=0)


def test_every_weight_gets_a_gradient():
    net = network()
    found = net(*told(plane(), average().expand(2, -1)))
    (found.mean.sum() + found.covariance.sum()).backward()
    for name, weight in net.named_parameters():
        assert weight.grad is not None and bool((weight.grad != 0).any()), name
