"""Diff3DHPE's denoiser: the published state dict, attention that only moves, and both its forms."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError
from crosslift.networks.attention import FEW
from crosslift.networks.d3dp import D3DP
from crosslift.networks.grand import (
    DIFF3DHPE_27,
    DIFF3DHPE_81,
    DIFF3DHPE_243,
    GrandAttention,
    GrandBlock,
    GrandMixSTE,
    GrandSettings,
)
from crosslift.networks.inference.denoisers import FastD3DP, fast_grand
from crosslift.networks.layers import Attention
from crosslift.networks.mixste import MixSTESettings

from .awake import awake

SMALL = GrandSettings(frames=5, joints=4, width=16, depth=2, heads=2)
CENTRE = replace(SMALL, centre=True)
TIMELESS = replace(SMALL, time_embedding=False)
BLOCK = (
    *("norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight"),
    *("attn.proj.bias", "norm2.weight", "norm2.bias", "time_mlp.1.weight", "time_mlp.1.bias"),
    *("mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"),
)


def built(settings: GrandSettings) -> GrandMixSTE:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = GrandMixSTE(settings)
        for table in (network.Spatial_pos_embed, network.Temporal_pos_embed):
            torch.nn.init.normal_(table)
    return awake(network).eval().requires_grad_(False)


def given(settings: MixSTESettings) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    answered = 1 if getattr(settings, "centre", False) else 5
    keypoints = torch.randn(2, 5, 4, 2, generator=rng)
    return keypoints, torch.randn(2, 3, answered, 4, 3, generator=rng)


def test_the_state_dict_has_the_published_names_in_their_order():
    with torch.device("meta"):
        state = GrandMixSTE(replace(DIFF3DHPE_81, centre=True)).state_dict()
    blocks = {
        kind: [f"{kind}blocks.{number}.{name}" for number in range(8) for name in BLOCK]
        for kind in ("STE", "TTE")
    }
    assert list(state) == [
        *("Spatial_pos_embed", "Temporal_pos_embed", "time_mlp.1.weight", "time_mlp.1.bias"),
        *("time_mlp.3.weight", "time_mlp.3.bias", "fusion_layer.weight", "fusion_layer.bias"),
        *(*blocks["STE"], "Spatial_norm.weight", "Spatial_norm.bias"),
        *(*blocks["TTE"], "Temporal_norm.weight", "Temporal_norm.bias"),
        *("weighted_mean.weight", "weighted_mean.bias"),
        *("head.0.weight", "head.0.bias", "head.1.weight", "head.1.bias"),
    ]
    assert state["time_mlp.3.weight"].shape == (1024, 1024)
    assert state["STEblocks.0.time_mlp.1.weight"].shape == (512, 1024)
    assert state["weighted_mean.weight"].shape == (1, 81, 1)


@pytest.mark.parametrize(
    ("settings", "number", "entries"),
    [
        (DIFF3DHPE_81, 43_674_115, 240),
        (DIFF3DHPE_243, 43_757_059, 240),
        (DIFF3DHPE_27, 33_674_755, 204),
        (replace(DIFF3DHPE_243, centre=True), 43_757_303, 242),
    ],
)
def test_published_sizes(settings, number, entries):
    with torch.device("meta"):
        network = GrandMixSTE(settings)
    assert sum(each.numel() for each in network.parameters()) == number
    assert len(network.state_dict()) == entries


def test_fresh_weights_heed_keypoints_alone_and_learn_what_noise_is_worth():
    torch.manual_seed(0)
    network, (keypoints, noisy) = GrandMixSTE(SMALL).eval(), given(SMALL)
    early, late = (network(keypoints, scale * noisy, torch.tensor([time]))
                   for scale, time in ((0.1, 3), (9.0, 999)))  # fmt: skip
    assert_close(early, late)
    early.square().sum().backward()
    assert network.first.weight.grad[:, -3:].any()
    assert all(teller.weight.grad.any() for teller in network.tellers_of_time)


def test_only_the_head_normalises_with_an_epsilon_of_1e_5():
    norms = {name: layer.eps for name, layer in built(SMALL).named_modules()
             if isinstance(layer, torch.nn.LayerNorm)}  # fmt: skip
    assert norms.pop("head.0") == 1e-5
    assert set(norms.values()) == {1e-6}


@pytest.mark.parametrize("tokens", [5, FEW + 3])
def test_attention_is_that_of_a_transformer_less_the_values(tokens):
    torch.manual_seed(0)
    ours, plain = GrandAttention(16, 2), Attention(16, 2)
    plain.load_state_dict(ours.state_dict())
    x = torch.randn(3, tokens, 16)
    values = ours.qkv(x)[..., 32:] @ ours.proj.weight.mT
    assert_close(ours(x), plain(x) - values, atol=1e-6, rtol=1e-5)


def test_equal_tokens_move_nothing():
    layer = GrandAttention(16, 2)
    x = torch.randn(2, 1, 16).expand(2, 7, 16)
    assert_close(layer(x), layer.proj.bias.expand(2, 7, 16), atol=1e-6, rtol=0)


def test_a_block_keeps_the_time_in_its_tokens():
    block = GrandBlock(SMALL, 0.0)
    x, moment = torch.randn(2, 5, 4, 16), torch.randn(2, 32)
    added = block.time_mlp(moment)
    assert_close(block.at(x, moment), x + added[:, None, None])
    assert block.at(x, None) is x


@pytest.mark.parametrize("settings", [SMALL, CENTRE, TIMELESS])
def test_halves_of_the_first_layer_give_what_the_whole_gives(settings):
    network, (keypoints, noisy) = built(settings), given(settings)
    times = torch.tensor([3, 700])
    whole = network(keypoints, noisy, times)
    apart = network.denoise(network.seen(keypoints), noisy, network.moment(times))
    assert whole.shape == noisy.shape
    assert_close(apart, whole, atol=1e-6, rtol=1e-5)


def test_hypotheses_and_windows_do_not_see_each_other():
    network, (keypoints, noisy) = built(SMALL), given(SMALL)
    together = network(keypoints, noisy, torch.tensor([3, 700]))
    alone = network(keypoints[1:], noisy[1:, 2:], torch.tensor([700]))
    assert_close(together[1:, 2:], alone, atol=1e-6, rtol=1e-5)


def test_the_time_changes_the_poses_only_where_it_is_told():
    for settings, matters in ((SMALL, True), (TIMELESS, False)):
        network, (keypoints, noisy) = built(settings), given(settings)
        early, late = (network(keypoints, noisy, torch.tensor([time])) for time in (10, 900))
        assert torch.equal(early, late) != matters


def test_the_middle_frame_is_a_weighted_sum_of_all():
    network, (keypoints, noisy) = built(CENTRE), given(CENTRE)
    alike = built(SMALL)
    alike.load_state_dict({name: each for name, each in network.state_dict().items()
                           if not name.startswith("weighted_mean")})  # fmt: skip
    moment = network.moment(torch.tensor([5]))
    tokens = torch.randn(2, 5, 4, 16)
    mixed = alike.mix(tokens, moment)
    weights, bias = network.weighted_mean.weight[0, :, 0], network.weighted_mean.bias
    summed = torch.einsum("f, bfjw -> bjw", weights, mixed)[:, None] + bias
    assert_close(network.answer(tokens, moment), network.head(summed), atol=1e-6, rtol=1e-5)
    assert network(keypoints, noisy, torch.tensor([5])).shape == (2, 3, 1, 4, 3)


def test_gradients_reach_all_weights():
    network, (keypoints, noisy) = built(CENTRE).requires_grad_(True), given(CENTRE)
    network(keypoints, noisy, torch.tensor([3, 700])).sum().backward()
    assert all((each.grad != 0).any() for each in network.parameters())


def test_other_joints_are_refused():
    network, (keypoints, _) = built(SMALL), given(SMALL)
    with pytest.raises(DataError, match="GrandMixSTE takes 5 frames x 4 joints x 2 channels, but"):
        network.seen(keypoints[:, :, :3])


@pytest.mark.parametrize(("dtype", "spread"), [(torch.float32, 1e-5), (torch.bfloat16, 0.05)])
@pytest.mark.parametrize("settings", [SMALL, CENTRE, TIMELESS, MixSTESettings(5, 4, 2, 16, 2, 2)])
def test_the_inference_form_gives_the_network_s_poses(settings, dtype, spread):
    grand = isinstance(settings, GrandSettings)
    network = built(settings) if grand else awake(D3DP(settings)).eval().requires_grad_(False)
    form = (fast_grand if grand else FastD3DP)(deepcopy(network), dtype).eval()
    (keypoints, noisy), times = given(settings), torch.tensor([500])
    expected = network(keypoints, noisy, times)
    found = form.denoise(form.seen(keypoints), noisy, form.moment(times))
    assert found.dtype == torch.float32
    assert_close(found, expected, rtol=0, atol=spread * expected.abs().max().item())
