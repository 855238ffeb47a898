"""Products of eight-bit integers: what they keep, and that rows and windows stand alone."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.inference import for_inference
from crosslift.networks.inference.quantised import (
    STEPS,
    Quantised,
    QuantisedMixSTE,
    check_integers,
    quantised,
)
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.semgcn import SemGCNSettings
from tests.plain import semgcn

HAS_INTEGERS = torch.cpu._is_vnni_supported()
needs_integers = pytest.mark.skipif(not HAS_INTEGERS, reason="a processor without VNNI")


def some(*sizes: int) -> torch.Tensor:
    return torch.randn(sizes, generator=torch.Generator().manual_seed(0))


def small() -> MixSTE:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return MixSTE(MixSTESettings(frames=5, width=32, depth=2)).eval().requires_grad_(False)


@pytest.mark.parametrize("shift", [-9.0, -1.0, 0.0, 0.3, 9.0])
def test_integers_are_within_half_a_step_of_the_numbers(shift):
    x = some(20, 30) + shift
    integers, step, zero = quantised(x)
    back = (integers.float() - zero) * step
    assert (back - x).abs().max() <= 0.5001 * step
    whole = max(x.max().item(), 0.0) - min(x.min().item(), 0.0)
    assert step.item() == pytest.approx(whole / STEPS)


def test_zero_is_kept_exactly():
    x = some(4, 6).relu()
    integers, _, zero = quantised(x)
    assert (integers[x == 0] == zero).all() and (x == 0).any()
    integers, step, zero = quantised(torch.zeros(2, 3))
    assert (integers == zero).all() and step > 0


def test_values_that_are_steps_come_back_as_they_were():
    x = torch.tensor([[-2.0, 0.0, 125.0, 252.0]])
    integers, step, zero = quantised(x)
    assert (step.item(), zero.item(), integers.tolist()) == (1.0, 2, [[0, 2, 127, 254]])


@needs_integers
@pytest.mark.parametrize("activation", ["none", "relu", "gelu"])
def test_a_layer_of_integers_is_nearly_the_layer(activation):
    layer = nn.Linear(64, 48).requires_grad_(False)
    x = some(3, 7, 64) + 0.5
    found = Quantised(layer, activation)(x)
    act = {"none": nn.Identity(), "relu": nn.ReLU(), "gelu": nn.GELU()}[activation]
    assert found.dtype == torch.float32
    assert_close(found, act(layer(x)), rtol=0, atol=0.03)
    assert Quantised(layer, gives=torch.bfloat16)(x).dtype == torch.bfloat16


@needs_integers
def test_a_layer_of_integers_multiplies_integers_exactly():
    layer = nn.Linear(4, 3, bias=False)
    layer.weight.data = torch.tensor([[127.0, -3, 5, 0], [-127, 2, 1, 9], [0, 0, 0, 0]])
    x = torch.tensor([[0.0, 254, 7, 100], [12, 0, 0, 1]])
    assert_close(Quantised(layer)(x), (x @ layer.weight.mT).detach(), rtol=1e-6, atol=1e-3)


@needs_integers
def test_numbers_that_are_none_stay_none():
    layer = nn.Linear(8, 4).requires_grad_(False)
    assert Quantised(layer)(torch.full((2, 8), torch.nan)).isnan().all()


@needs_integers
def test_mixste_in_integers_gives_nearly_the_poses_of_each_window_by_itself():
    network, seen = small(), some(3, 5, 17, 2)
    expected = network(seen)
    fast = for_inference(network, torch.int8)
    assert isinstance(fast, QuantisedMixSTE)
    found = fast(seen)
    assert found.dtype == torch.float32
    assert_close(found, expected, rtol=0, atol=0.05 * expected.abs().max().item())
    assert not torch.equal(found, expected)
    crowd = torch.cat([seen[1:2], 100 * seen[2:]])
    assert_close(fast(crowd)[:1], found[1:2], rtol=0, atol=0)


def test_integers_are_refused_where_they_do_not_pay_or_do_not_exist():
    with pytest.raises(SettingsError, match="no form of SemGCN with products of int8; choose bf"):
        for_inference(semgcn(SemGCNSettings(width=16, blocks=1)), torch.int8)
    with pytest.raises(SettingsError, match="but the weights are on meta; choose bfloat16"):
        check_integers(torch.device("meta"))


def test_a_processor_without_their_sums_is_named(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
    with pytest.raises(SettingsError, match="but this one has none; choose bfloat16 or float32"):
        for_inference(small(), torch.int8)
