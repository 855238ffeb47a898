"""Low-rank additions: nothing at first, the same merged, and gone without a trace."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks import low_rank
from crosslift.networks.d3dp import D3DP
from crosslift.networks.low_rank import (
    LowRank,
    LowRankSettings,
    additions,
    hold_statistics,
    inject,
    low_rank_layers,
    merge,
    swap,
    take_out,
)
from crosslift.networks.mixste import MIXSTE_243, MixSTE, MixSTESettings
from crosslift.skeletons import H36M_17
from crosslift.windows import Windowing, windows

from ..lifters.small import SMALL, small_settings
from ..people import seen_walker
from .awake import awake

ALL = LowRankSettings((".",), rank=2)
NETWORKS = [name for name in SMALL if name not in ("ridge", "semgcn")]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(name: str):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lifter = small_settings(name).build(H36M_17)
    awake(lifter.network).eval().requires_grad_(False)  # by which PyTorch chooses how it multiplies
    return lifter


def poses(lifter) -> torch.Tensor:
    batch = windows([seen_walker(0.7)], Windowing(lifter.frames))
    with torch.no_grad():
        return lifter.lift(
            batch.keypoints, batch.camera, generator(), scores=batch.scores, body=batch.body
        )


def taught(network: nn.Module, settings: LowRankSettings = ALL) -> None:
    """Additions that have learned something."""
    inject(network, settings, generator())
    for added in low_rank_layers(network).values():
        weight = added.lora_up.weight
        nn.init.normal_(weight, std=0.05, generator=generator(weight.numel()))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_the_same_until_something_is_learned(name):
    lifter = built(name)
    before = poses(lifter)
    inject(lifter.network, ALL, generator())
    assert_close(poses(lifter), before, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_merged_layers_do_the_same_and_unmerged_ones_are_what_they_were(name):
    lifter = built(name)
    before = poses(lifter)
    taught(lifter.network)
    apart = poses(lifter)
    assert (apart - before).abs().max() > 1e-3
    layers = merge(lifter.network)
    assert not low_rank_layers(lifter.network)
    assert_close(poses(lifter), apart, atol=1e-5, rtol=0)
    swap(lifter.network, layers)
    assert torch.equal(poses(lifter), apart)
    taken = take_out(lifter.network)
    assert torch.equal(poses(lifter), before)
    swap(lifter.network, taken)
    assert torch.equal(poses(lifter), apart)


def test_the_published_names_are_those_of_the_attention_in_every_block():
    with torch.device("meta"):
        network = D3DP(MIXSTE_243)
    total = len(network.state_dict())
    inject(network, LowRankSettings(), generator())
    names = list(network.state_dict())
    assert (total, len(names)) == (208, 272)
    first = "STEblocks.0.attn.qkv."
    assert [name for name in names if name.startswith(first)] == [
        first + name for name in ("linear.weight", "linear.bias", "lora_down.weight",
                                  "lora_up.weight")
    ]  # fmt: skip
    added = additions(network)
    assert len(low_rank_layers(network)) == 32 and len(added) == 64
    assert sum(each.numel() for each in added.values()) == 196_608
    assert 4 * 196_608 < 2e6  # bytes of an adapter


def test_down_is_drawn_as_published_and_up_is_zero():
    layer = LowRank(nn.Linear(4096, 64), rank=4)
    layer.draw(generator())
    assert float(layer.lora_down.weight.detach().std()) == pytest.approx(0.25, rel=0.02)
    assert not layer.lora_up.weight.any()


def test_the_weight_is_the_sum_worked_by_hand():
    layer = LowRank(nn.Linear(2, 1), rank=1, scale=3.0)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0, 2.0]]))
        layer.lora_down.weight.copy_(torch.tensor([[5.0, 7.0]]))
        layer.lora_up.weight.fill_(2.0)
    assert torch.equal(layer.weight, torch.tensor([[31.0, 44.0]]))


@pytest.mark.parametrize("width", [low_rank.NARROW, low_rank.NARROW + 1])
def test_both_ways_through_a_layer_lead_to_the_same_and_teach_the_same(width, monkeypatch):
    layer = LowRank(nn.Linear(width, 5), rank=2, scale=0.5)
    layer.draw(generator())
    nn.init.normal_(layer.lora_up.weight)
    layer.linear.requires_grad_(False)
    x = torch.randn(7, width, requires_grad=True)

    def taught_by_it() -> list[torch.Tensor]:
        y = layer(x)
        wanted = (x, layer.lora_down.weight, layer.lora_up.weight)
        return [y, *torch.autograd.grad(y.square().sum(), wanted)]

    found = taught_by_it()
    assert layer.sums_weights == (width == low_rank.NARROW)
    monkeypatch.setattr(LowRank, "sums_weights", not layer.sums_weights)
    for other, one in zip(taught_by_it(), found, strict=True):
        assert_close(other, one, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv1d(3, 4, 3, stride=2, padding=1, dilation=1, bias=False),
        nn.Conv1d(3, 4, 3, dilation=2, padding_mode="replicate", padding=2),
        nn.Conv2d(3, 4, (3, 1), padding=(1, 0)),
    ],
)
def test_a_convolution_looks_where_it_looked(layer):
    x = torch.randn(2, 3, *((9,) if isinstance(layer, nn.Conv1d) else (9, 5)))
    added = LowRank(layer, rank=2)
    added.draw(generator())
    nn.init.normal_(added.lora_up.weight)
    assert_close(added.merged()(x), added(x), atol=1e-5, rtol=1e-4)
    assert (added(x) - layer(x)).abs().max() > 0.1


def test_only_additions_get_a_gradient():
    network = D3DP(MixSTESettings(frames=3, joints=4, width=8, depth=1, heads=2))
    inject(network, ALL, generator())
    noisy = torch.randn(1, 1, 3, 4, 3)
    network(torch.randn(1, 3, 4, 2), noisy, torch.tensor([3])).square().sum().backward()
    moved = {name for name, each in network.named_parameters() if each.grad is not None}
    assert moved == set(additions(network))
    assert all(each.requires_grad for each in additions(network).values())


def test_dropout_is_of_the_addition_alone_and_of_training_alone():
    layer = LowRank(nn.Linear(8, 8), rank=8, dropout=0.5)
    layer.draw(generator())
    nn.init.normal_(layer.lora_up.weight)
    x = torch.randn(4, 8)
    assert torch.equal(layer.eval()(x), layer(x))
    assert not torch.equal(layer.train()(x), layer(x))
    nn.init.zeros_(layer.lora_up.weight)
    assert torch.equal(layer(x), layer.linear(x))


def test_norms_of_batches_keep_what_they_know():
    network = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5)).train()
    before = network[1].running_mean.clone()
    hold_statistics(network)
    network(torch.randn(8, 3) + 5)
    assert torch.equal(network[1].running_mean, before)
    assert network[2].training


def test_grouped_convolutions_and_layers_of_other_kinds_are_left_alone():
    network = built("bodywise").network
    inject(network, ALL, generator())
    assert not any("along" in name for name in low_rank_layers(network))


def test_layers_narrower_than_the_rank_are_left_alone():
    network = MixSTE(MixSTESettings(frames=3, joints=4, width=8, depth=1, heads=2))
    inject(network, LowRankSettings((".",), rank=3), generator())
    assert set(dict(network.named_modules())) - set(low_rank_layers(network)) >= {
        "Spatial_patch_to_embedding"
    }
    assert "head.1" in low_rank_layers(network)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"layers": ("nothing",)}, r"Layers of MixSTE .* named by 'nothing', but none is"),
        ({"layers": (".",), "rank": 17}, "A rank of at most 8 was expected.* but 17 was given"),
    ],
)
def test_what_fits_no_layer_is_refused(settings, sentence):
    network = MixSTE(MixSTESettings(frames=3, joints=4, width=8, depth=1, heads=2))
    with pytest.raises(SettingsError, match=sentence):
        inject(network, LowRankSettings(**settings), generator())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rank": 0}, 'A low-rank addition needs "rank" of at least 1'),
        ({"dropout": 1.0}, '"dropout" of a low-rank addition'),
        ({"scale": 0.0}, "a scale other than 0 and patterns"),
        ({"layers": ()}, "a scale other than 0 and patterns"),
        ({"layers": ("(",)}, r'"\(" should be a pattern of layers'),
    ],
)
def test_settings_that_add_nothing_are_refused(settings, sentence):
    with pytest.raises(SettingsError, match=sentence):
        LowRankSettings(**settings)


def test_two_additions_beside_one_layer_are_refused():
    network = built("mixste").network
    inject(network, ALL, generator())
    with pytest.raises(SettingsError, match="this one has some; merge them"):
        inject(network, ALL, generator())
