"""Attention: both of its forms are the formula."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.networks.attention import FEW, attend, fuses


def heads(tokens: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(2, 3, tokens, 8, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.mark.parametrize("scale", [None, 1.0])
@pytest.mark.parametrize("tokens", [FEW, FEW + 1])
def test_values_are_weighed_by_the_softmax_of_products(tokens, scale):
    x = heads(tokens)
    y, z = x.flip(0), x.flip(1)
    weights = (x @ y.mT * (8**-0.5 if scale is None else scale)).softmax(dim=-1)
    assert_close(attend(x, y, z, scale=scale), weights @ z)


def test_the_fused_form_is_for_long_rows_in_full_precision():
    assert fuses(heads(FEW + 1), 0.0)
    assert not fuses(heads(FEW), 0.0)
    assert not fuses(heads(243, torch.bfloat16), 0.0)
    assert fuses(heads(4), dropout=0.1)


@pytest.mark.parametrize("tokens", [5, FEW + 5])
def test_with_dropout_the_mean_of_many_draws_is_what_it_is_without(tokens):
    x = heads(tokens)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        draws = torch.stack([attend(x, x, x, dropout=0.3) for _ in range(400)])
    assert draws.std(dim=0).mean() > 0.05
    assert_close(draws.mean(dim=0), attend(x, x, x), rtol=0, atol=0.2)


@pytest.mark.parametrize("tokens", [5, FEW + 5])
def test_gradients_reach_queries_keys_and_values(tokens):
    parts = [heads(tokens).flip(axis).requires_grad_() for axis in (0, 1, 2)]
    attend(*parts).square().sum().backward()
    assert all(part.grad.abs().min() > 0 for part in parts)
