"""HRNet and PoseResNet: sizes, names, the inference form, and what they refuse."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.hrnet import HRNET_SMALL, HRNET_W32, HRNET_W48, HRNet, HRNetSettings
from crosslift.networks.inference.hrnet import FastHRNet
from crosslift.networks.pose_resnet import (
    POSE_RESNET_18,
    POSE_RESNET_50,
    POSE_RESNET_SMALL,
    PoseResNet,
)

TINY = HRNetSettings(joints=3, width=8, modules=(1, 2, 1), blocks=1, stem=8, stem_blocks=2)


def lively(network: nn.Module) -> nn.Module:
    """A network whose answers are neither flat nor huge, with norms that do something."""
    generator = torch.Generator().manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            spread = (2 / layer.weight[0].numel()) ** 0.5
            layer.weight.data.normal_(0, spread, generator=generator)
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None and layer.running_var is not None
            layer.running_mean.normal_(0, 0.1, generator=generator)
            layer.running_var.uniform_(0.5, 1.5, generator=generator)
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize(
    ("settings", "parameters"), [(HRNET_W32, 28_536_113), (HRNET_W48, 63_595_745)]
)
def test_the_published_sizes_have_the_published_numbers(settings, parameters):
    with torch.device("meta"):
        network = HRNet(settings)
    assert len(network.state_dict()) == 1754
    assert sum(each.numel() for each in network.parameters()) == parameters


def test_names_are_those_of_the_published_files():
    with torch.device("meta"):
        shapes = {name: tuple(each.shape) for name, each in HRNet().state_dict().items()}
    assert shapes["stage4.0.fuse_layers.3.0.0.0.weight"] == (32, 32, 3, 3)
    assert shapes["stage4.0.fuse_layers.3.0.2.0.weight"] == (256, 32, 3, 3)
    assert shapes["stage4.0.fuse_layers.0.3.0.weight"] == (32, 256, 1, 1)
    assert shapes["transition1.0.0.weight"] == (32, 256, 3, 3)
    assert shapes["transition1.1.0.0.weight"] == (64, 256, 3, 3)
    assert not any(name.startswith("stage4.2.fuse_layers.1") for name in shapes)


def test_maps_are_a_quarter_of_the_picture():
    assert HRNet(TINY)(torch.rand(2, 3, 64, 96)).shape == (2, 3, 16, 24)
    network = PoseResNet(POSE_RESNET_SMALL)
    assert network(torch.rand(2, 3, 64, 96)).shape == (2, 17, 16, 24)


def test_fresh_maps_are_almost_flat():
    torch.manual_seed(0)
    for network in (HRNet(TINY), PoseResNet(POSE_RESNET_SMALL)):
        assert network.eval()(torch.rand(1, 3, 64, 64)).abs().max() < 0.05


def test_the_inference_form_gives_the_same_maps():
    network = lively(HRNet(TINY))
    pictures = torch.randn(2, 3, 64, 96)
    plain = network(pictures)
    fast = FastHRNet(network)(pictures)
    assert fast.dtype == torch.float32 and fast.is_contiguous()
    assert (fast - plain).abs().max() < 1e-4 * plain.abs().max()


def test_the_inference_form_of_another_precision_is_near():
    network = lively(HRNet(TINY))
    pictures = torch.randn(1, 3, 64, 64)
    plain = network(pictures)
    fast = FastHRNet(network, torch.bfloat16)(pictures)
    assert fast.dtype == torch.float32
    assert 0 < (fast - plain).abs().max() < 0.05 * plain.abs().max()


def test_without_the_processors_own_operators_the_form_is_the_same():
    network = lively(HRNet(TINY))
    pictures = torch.randn(1, 3, 64, 64)
    plain = network(pictures)
    form = FastHRNet(network)
    for layer in form.modules():
        if getattr(layer, "packed", False):
            layer.packed = False
            layer.weight = layer.weight.to_dense()
    assert_close(form(pictures), plain, rtol=1e-4, atol=1e-4 * float(plain.abs().max()))


def test_a_watcher_sees_every_stage():
    seen: dict[str, list[tuple[int, ...]]] = {}

    def watch(name: str, features: list[torch.Tensor]) -> None:
        seen[name] = [tuple(each.shape[1:]) for each in features]

    HRNet(TINY)(torch.rand(1, 3, 64, 96), watch)
    assert seen == {
        "layer1": [(32, 16, 24)],
        "stage2": [(8, 16, 24), (16, 8, 12)],
        "stage3": [(8, 16, 24), (16, 8, 12), (32, 4, 6)],
        "stage4": [(8, 16, 24)],
    }


def test_gradients_reach_the_first_and_the_last_layer():
    for network in (HRNet(TINY), PoseResNet(POSE_RESNET_SMALL)):
        network(torch.rand(2, 3, 64, 64)).square().mean().backward()
        for layer in (network.conv1, network.final_layer):
            gradient = layer.get_parameter("weight").grad
            assert gradient is not None and float(gradient.abs().max()) > 0


def test_the_published_residual_networks_have_their_sizes():
    counts = {}
    for name, settings in (("18", POSE_RESNET_18), ("50", POSE_RESNET_50)):
        with torch.device("meta"):
            network = PoseResNet(settings)
        counts[name] = sum(each.numel() for each in network.parameters()) / 1e6
        names = network.state_dict()
        assert "deconv_layers.6.weight" in names and "layer4.0.downsample.1.bias" in names
    assert counts["50"] == pytest.approx(34.0, abs=0.05)  # as the publication tells it
    assert 14 < counts["18"] < 17


def test_sides_that_cannot_be_halved_so_often_are_refused():
    with pytest.raises(DataError, match="multiples of 32 pixels, but was given 100 x 64.*96 x 64"):
        HRNet(TINY)(torch.rand(1, 3, 64, 100))
    with pytest.raises(DataError, match="PoseResNet takes pictures.*such as 32 x 32"):
        PoseResNet(POSE_RESNET_SMALL)(torch.rand(1, 3, 8, 40))
    assert HRNET_SMALL.coarsest == 16


def test_sizes_of_no_network_are_refused():
    with pytest.raises(SettingsError, match='HRNet needs "modules" of at least 1, but 0'):
        HRNetSettings(modules=(1, 0))
    with pytest.raises(SettingsError, match='"width" of at least 1'):
        HRNetSettings(width=0)
