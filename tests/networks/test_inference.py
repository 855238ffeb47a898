"""Inference forms: equal to the networks, to their plain twins, and window by window."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.iganet import IGANET_H36M, IGANET_PANOPTIC, IGANet
from crosslift.networks.inference import for_inference
from crosslift.networks.inference.folding import affine, linear, norm_then, then_norm
from crosslift.networks.inference.packed import ACTIVATIONS, Packed
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings
from crosslift.networks.pstmo import PSTMO, PSTMOSettings
from crosslift.networks.semgcn import H36M_16_PAIRS, SemGCNSettings
from crosslift.networks.simple_baseline import DH_AUG_MLP, L2D_POSE, SimpleBaseline
from crosslift.networks.stgcn import STGCN, STGCN_3, PoseAugSTGCN
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from tests.plain import semgcn, twin

SMALL_SEMGCN = SemGCNSettings(width=16, blocks=2)
SMALL_VIDEOPOSE = VideoPoseSettings(filter_widths=(3, 3), channels=16)
NETWORKS = {
    "IGANet": (lambda: IGANet(replace(IGANET_H36M, width=32, depth=2)), (3, 17, 2)),
    "IGANet of Panoptic": (lambda: IGANet(replace(IGANET_PANOPTIC, width=32)), (3, 15, 2)),
    "MixSTE": (lambda: MixSTE(MixSTESettings(frames=5, width=32, depth=2)), (3, 5, 17, 2)),
    "MixSTE without biases": (
        lambda: MixSTE(MixSTESettings(frames=3, joints=4, width=16, depth=2, qkv_bias=False)),
        (2, 3, 4, 2),
    ),
    "PoseFormer": (lambda: PoseFormer(PoseFormerSettings(frames=9, depth=2)), (2, 9, 17, 2)),
    "P-STMO": (lambda: PSTMO(PSTMOSettings(frames=9, strides=(3, 3))), (2, 9, 17, 2)),
    "SemGCN": (lambda: semgcn(SMALL_SEMGCN), (400, 16, 2)),  # more than one block of poses
    "SemGCN, non-local": (lambda: semgcn(replace(SMALL_SEMGCN, groups=H36M_16_PAIRS)), (3, 16, 2)),
    "SimpleBaseline": (lambda: SimpleBaseline(replace(DH_AUG_MLP, width=32)), (5, 16, 2)),
    "SimpleBaseline of L2D-Pose": (lambda: SimpleBaseline(replace(L2D_POSE, width=32)), (5, 17, 2)),
    "ST-GCN": (STGCN, (3, 1, 17, 2)),
    "ST-GCN, 3 frames": (lambda: STGCN(STGCN_3), (2, 3, 17, 2)),
    "ST-GCN of PoseAug": (PoseAugSTGCN, (2, 1, 16, 2)),
    "VideoPose3D": (lambda: VideoPose(SMALL_VIDEOPOSE), (2, 14, 17, 2)),
    "VideoPose3D, a window": (lambda: VideoPose(SMALL_VIDEOPOSE), (2, 9, 17, 2)),
    "VideoPose3D, causal": (
        lambda: VideoPose(replace(SMALL_VIDEOPOSE, causal=True, filter_widths=(3, 5, 1, 3))),
        (1, 50, 17, 2),
    ),
    "VideoPose3D, dense": (
        lambda: VideoPose(replace(SMALL_VIDEOPOSE, dense=True, zero_root=True)),
        (1, 12, 17, 2),
    ),
}
HAVE_TWINS = [
    *("IGANet", "MixSTE", "PoseFormer", "P-STMO", "SemGCN", "SimpleBaseline", "ST-GCN"),
    *("ST-GCN, 3 frames", "VideoPose3D"),
]
SPREAD = {torch.float32: 1e-5, torch.bfloat16: 0.05, torch.float16: 0.01}
OF_A_WINDOW = ["PoseFormer", "P-STMO", "ST-GCN", "ST-GCN, 3 frames", "VideoPose3D"]


def built(name: str) -> nn.Module:
    """A network whose normalisation and places do something, for evaluation."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = NETWORKS[name][0]()
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                    nn.init.uniform_(values, 0.5, 1.5)
        for place, parameter in network.named_parameters():
            if "pos_embed" in place:
                nn.init.normal_(parameter, std=0.3)
    return network.eval().requires_grad_(False)


def seen(name: str) -> torch.Tensor:
    return torch.randn(NETWORKS[name][1], generator=torch.Generator().manual_seed(1))


def first(answer):
    return answer[0] if isinstance(answer, tuple) else answer


@pytest.mark.parametrize("name", HAVE_TWINS)
def test_networks_equal_their_plain_twins(name):
    network = built(name)
    plain = twin(network, SMALL_SEMGCN)
    for ours, theirs in zip([network(seen(name))], [plain(seen(name))], strict=True):
        assert_close(first(ours), first(theirs), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", SPREAD)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_inference_form_gives_the_network_s_poses(name, dtype):
    network = built(name)
    expected = network(seen(name))
    found = for_inference(network, dtype)(seen(name))
    several = isinstance(expected, tuple)
    for ours, theirs in zip(found, expected, strict=True) if several else [(found, expected)]:
        assert ours.dtype == torch.float32
        size = theirs.abs().max().item()
        assert_close(ours, theirs, rtol=0, atol=size * SPREAD[dtype])


def test_the_original_stays_as_it_is():
    network = built("P-STMO")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    expected = network(seen("P-STMO"))
    for_inference(network, torch.bfloat16)
    assert_close(network.state_dict(), before, rtol=0, atol=0)
    assert_close(network(seen("P-STMO")), expected, rtol=0, atol=0)


def test_a_network_in_training_infers_as_in_evaluation():
    network = built("SimpleBaseline")
    expected = network(seen("SimpleBaseline"))
    assert_close(for_inference(network.train())(seen("SimpleBaseline")), expected)
    assert network.training


@pytest.mark.parametrize("form", [lambda network: network, for_inference])
@pytest.mark.parametrize("name", OF_A_WINDOW)
def test_along_a_clip_every_window_has_its_pose(name, form):
    network = built(name)
    _, frames, *rest = NETWORKS[name][1]
    frames = 9 if name == "VideoPose3D" else frames
    clip = torch.randn(2, frames + 6, *rest, generator=torch.Generator().manual_seed(2))
    windows = [first(network(clip[:, start : start + frames])) for start in range(7)]
    expected = torch.stack([poses[:, poses.shape[1] // 2] for poses in windows], dim=1)
    for at_a_time in (1, 3, 7, 100):
        found = form(network).along(clip, at_a_time=at_a_time)
        assert_close(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in OF_A_WINDOW if name != "ST-GCN"])
def test_a_clip_is_at_least_a_window_long(name):
    with pytest.raises(DataError, match=r"makes a pose of \d frames, but was given 2; pad"):
        built(name).along(seen(name)[:, :2])


def test_at_least_one_window_is_taken_at_a_time():
    with pytest.raises(SettingsError, match="but 0 were asked for; give 1"):
        built("PoseFormer").along(seen("PoseFormer"), at_a_time=0)


def test_other_networks_and_precisions_are_refused():
    with pytest.raises(SettingsError, match="no inference form of Linear; use the network as"):
        for_inference(nn.Linear(2, 3))
    with pytest.raises(SettingsError, match="no inference form of FastVideoPose"):
        for_inference(for_inference(built("VideoPose3D")))
    with pytest.raises(SettingsError, match="float16, int8, but torch.float64 was"):
        for_inference(built("SemGCN"), torch.float64)


def test_an_inference_form_refuses_what_the_network_refuses():
    for name in NETWORKS:
        with pytest.raises(DataError, match="takes|makes"):
            for_inference(built(name))(seen(name)[..., 1:, :])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", SPREAD)
def test_a_packed_layer_is_a_linear_layer_and_its_activation(activation, dtype):
    layer = nn.Linear(20, 7).requires_grad_(False)
    x = torch.randn(2, 3, 20, generator=torch.Generator().manual_seed(0))
    packed = Packed.of(layer, dtype, activation)
    found = packed(x)
    assert found.dtype == dtype
    assert packed(x[:0]).shape == (0, 3, 7)
    assert_close(found.float(), ACTIVATIONS[activation](layer(x)), rtol=0, atol=SPREAD[dtype])


def test_norms_before_and_after_a_layer_are_folded():
    norm, layer = nn.BatchNorm1d(4), nn.Linear(4, 4)
    for values in (norm.running_mean, norm.running_var, norm.weight, norm.bias):
        nn.init.uniform_(values, 0.5, 1.5)
    norm.eval().double(), layer.double()
    x = torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    after, before = then_norm(linear(layer), norm), norm_then(norm, linear(layer))
    assert_close(x @ after.weight.mT + after.bias, norm(layer(x)).detach())
    assert_close(x @ before.weight.mT + before.bias, layer(norm(x)).detach())


def test_only_norms_with_statistics_are_folded():
    with pytest.raises(TypeError, match="Linear was given"):
        affine(nn.Linear(2, 2))
    with pytest.raises(TypeError, match="without running statistics"):
        affine(nn.BatchNorm1d(2, track_running_stats=False))
