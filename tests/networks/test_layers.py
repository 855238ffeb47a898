"""Shared layers, and what holds for every transformer among the networks."""

import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.iganet import IGANET_PANOPTIC, IGANet, IGANetSettings
from crosslift.networks.layers import Attention, DropPath, check_heads, drop_path_rates
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings
from crosslift.networks.pstmo import PSTMO, PSTMOSettings

SMALL_PSTMO = PSTMOSettings(frames=9, strides=(1, 3, 3), width=32, hidden=64, depth=2)
SMALL_IGANET = IGANetSettings(
    IGANET_PANOPTIC.bones, IGANET_PANOPTIC.sides, IGANET_PANOPTIC.centre, width=64, depth=2
)
NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], list[tuple[int, ...]]]] = {
    "mixste": (
        lambda: MixSTE(MixSTESettings(frames=9, joints=16, width=32, depth=2)),
        (9, 16, 2),
        [(9, 16, 3)],
    ),
    "mixste of one frame": (
        lambda: MixSTE(MixSTESettings(frames=1, width=32, depth=2)),
        (1, 17, 2),
        [(1, 17, 3)],
    ),
    "poseformer": (
        lambda: PoseFormer(PoseFormerSettings(frames=9, joint_width=8, depth=2)),
        (9, 17, 2),
        [(1, 17, 3)],
    ),
    "pstmo": (lambda: PSTMO(SMALL_PSTMO), (9, 17, 2), [(1, 17, 3), (9, 17, 3)]),
    "iganet": (lambda: IGANet(SMALL_IGANET), (15, 2), [(15, 3)]),
}
"""A small one of each, the shape of an input and those of the outputs, without the batch."""

UNTRAINED = re.compile(r"Transformer\w*\.model\.norm\.|s_gcn2attn|s_attn2gcn")
"""What is in the published state dicts and never trained: P-STMO's last norms, IGANet's links."""


def outputs_of(network: nn.Module, keypoints: Tensor) -> list[Tensor]:
    made = network(keypoints)
    return [made] if isinstance(made, Tensor) else list(made)


@pytest.fixture(params=NETWORKS)
def case(request: pytest.FixtureRequest) -> tuple[nn.Module, tuple[int, ...], list]:
    torch.manual_seed(0)
    build, taken, made = NETWORKS[request.param]
    network = build()
    for buffer in network.buffers():  # statistics of batches that are not those of the start
        if buffer.ndim == 1:
            buffer.uniform_(0.5, 1.5)
    return network, taken, made


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_shapes_follow_the_batch(case, batch):
    network, taken, made = case
    outputs = outputs_of(network.eval(), torch.randn(batch, *taken))
    assert [tuple(output.shape) for output in outputs] == [(batch, *shape) for shape in made]


def test_a_batch_is_its_windows_one_by_one(case):
    network, taken, _ = case
    keypoints = torch.randn(3, *taken)
    together = outputs_of(network.eval(), keypoints)
    alone = [outputs_of(network, window[None]) for window in keypoints]
    for number, output in enumerate(together):
        assert_close(output, torch.cat([one[number] for one in alone]), atol=1e-5, rtol=1e-5)


def test_the_input_stays_as_it_was(case):
    network, taken, _ = case
    keypoints = torch.randn(2, *taken)
    before = keypoints.clone()
    outputs_of(network.eval(), keypoints)
    assert torch.equal(keypoints, before)


def test_every_parameter_is_trained_but_those_that_never_were(case):
    network, taken, _ = case
    outputs = outputs_of(network.train(), torch.randn(4, *taken))
    sum(output.square().sum() for output in outputs).backward()
    for name, value in network.named_parameters():
        if UNTRAINED.search(name):
            assert value.grad is None
        else:
            assert value.grad is not None and value.grad.isfinite().all(), name
            # PoseFormer's norm after the weighted mean takes out what is the same in all features.
            assert value.grad.any() or name == "weighted_mean.bias", name


def test_training_repeats_with_the_same_seed_only(case):
    network, taken, _ = case
    keypoints = torch.randn(4, *taken)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(outputs_of(network.train(), keypoints)[0])
    assert torch.equal(results[0], results[1])
    assert taken[0] == 1 or not torch.equal(results[0], results[2])


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float64])
def test_other_precisions_give_nearly_the_same(case, kind):
    network, taken, _ = case
    keypoints = torch.randn(2, *taken).to(kind)
    single = outputs_of(network.eval(), keypoints.float())[0]
    other = outputs_of(network.to(kind), keypoints)[0]
    assert other.dtype == kind
    limit = 0.05 if kind == torch.bfloat16 else 1e-5
    assert (other.float() - single).abs().max() < limit * single.abs().max()


def test_a_wrong_number_of_joints_is_refused(case):
    network, taken, _ = case
    words = rf"takes .*{taken[-2]} joints x 2 .*given a tensor of shape \(1, .*map the joints"
    with pytest.raises(DataError, match=words):
        network(torch.randn(1, *taken[:-2], taken[-2] + 1, 2))


@pytest.mark.parametrize("name", ["mixste", "poseformer", "pstmo"])
@pytest.mark.parametrize("frames", [1, 8, 10])
def test_a_wrong_number_of_frames_is_refused(name, frames):
    build, (wanted, joints, _), _ = NETWORKS[name]
    with pytest.raises(DataError, match=f"takes {wanted} frames .*shape .*{frames}.*cut windows"):
        build()(torch.randn(2, frames, joints, 2))


def test_attention_is_the_sum_of_values_weighted_by_softmax():
    torch.manual_seed(0)
    attention, x = Attention(12, heads=3), torch.randn(2, 5, 12)
    queries, keys, values = attention.qkv(x).split(12, dim=-1)
    mixed = []
    for own in range(0, 12, 4):
        q, k, v = (part[..., own : own + 4] for part in (queries, keys, values))
        mixed.append((q @ k.mT / 2).softmax(dim=-1) @ v)
    assert_close(attention(x), attention.proj(torch.cat(mixed, dim=-1)))


def test_drop_path_leaves_whole_rows_out_and_keeps_the_mean():
    torch.manual_seed(0)
    drop, rows = DropPath(0.25), torch.ones(4000, 3, 2)
    made = drop.train()(rows)
    assert made.unique().tolist() == pytest.approx([0, 4 / 3])
    assert torch.equal(made.amin(dim=(1, 2)), made.amax(dim=(1, 2)))
    assert made.mean() == pytest.approx(1, abs=0.05)
    assert torch.equal(drop.eval()(rows), rows)


@pytest.mark.parametrize(
    ("highest", "depth", "rates"),
    [(0.1, 3, [0, 0.05, 0.1]), (0.2, 2, [0, 0.2]), (0.1, 1, [0])],
)
def test_rates_rise_from_zero(highest, depth, rates):
    assert drop_path_rates(highest, depth) == pytest.approx(rates)


@pytest.mark.parametrize("settings", [MixSTESettings, PoseFormerSettings, PSTMOSettings])
@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"heads": 0}, '"heads" of at least 1, but 0 was given; raise it'),
        ({"joints": -1}, '"joints" of at least 1, but -1 was given; raise it'),
        ({"heads": 7}, "is no multiple of 7; choose .* or another number of heads"),
    ],
)
def test_impossible_sizes_are_refused(settings, choice, words):
    with pytest.raises(SettingsError, match=words):
        settings(**choice)


def test_the_nearest_possible_width_is_proposed():
    with pytest.raises(SettingsError, match="among 8 heads, but 100 is no .*; choose 96, or"):
        check_heads("MixSTE", 100, 8)
