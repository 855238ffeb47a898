"""IGANet: names and shapes of the published state dict, its graph, and files of both kinds."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import conv1d
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.iganet import (
    IGANET_H36M,
    IGANET_PANOPTIC,
    GraphConvolution,
    IGANet,
    IGANetSettings,
    adjacency,
    hops,
    without_adjacency,
)

BLOCK = {
    "s_gcn2attn": (1,),
    "s_attn2gcn": (1,),
    "norm1.weight": (17,),
    "norm1.bias": (17,),
    "GCN_Block1.conv1d.weight": (2048, 512, 1),
    "GCN_Block1.conv1d.bias": (2048,),
    "GCN_Block2.conv1d.weight": (2048, 512, 1),
    "GCN_Block2.conv1d.bias": (2048,),
    "norm_att1.weight": (512,),
    "norm_att1.bias": (512,),
    "attn.qkv.weight": (1536, 512),
    "attn.qkv.bias": (1536,),
    "attn.proj.weight": (512, 512),
    "attn.proj.bias": (512,),
    "norm2.weight": (512,),
    "norm2.bias": (512,),
    "uMLP.linear512_256.linear.0.weight": (256, 512),
    "uMLP.linear512_256.linear.0.bias": (256,),
    "uMLP.linear256_256.linear.0.weight": (256, 256),
    "uMLP.linear256_256.linear.0.bias": (256,),
    "uMLP.linear256_512.linear.0.weight": (512, 256),
    "uMLP.linear256_512.linear.0.bias": (512,),
}
ENCODER = {
    "encoder.fc1.weight": (64, 2),
    "encoder.fc1.bias": (64,),
    "encoder.fc3.weight": (128, 64),
    "encoder.fc3.bias": (128,),
    "encoder.fc4.weight": (256, 128),
    "encoder.fc4.bias": (256,),
    "encoder.fc5.weight": (512, 256),
    "encoder.fc5.bias": (512,),
}
SMALL = replace(IGANET_H36M, width=32, depth=1, heads=4)


def test_the_state_dict_has_the_published_names_in_their_order():
    blocks = {
        f"IGANet.blocks.{number}.{name}": shape
        for number in range(3)
        for name, shape in BLOCK.items()
    }
    last = {
        "IGANet.norm.weight": (512,),
        "IGANet.norm.bias": (512,),
        "fcn.weight": (3, 512),
        "fcn.bias": (3,),
    }
    with torch.device("meta"):
        state = IGANet(IGANET_H36M).state_dict()
    assert len(state) == 78
    assert [(name, tuple(value.shape)) for name, value in state.items()] == list(
        (ENCODER | blocks | last).items()
    )


def test_the_published_size():
    with torch.device("meta"):
        network = IGANet(IGANET_H36M)
    assert sum(parameter.numel() for parameter in network.parameters()) == 10_623_663


@pytest.mark.parametrize(
    ("settings", "counts"),
    [
        (IGANET_H36M, [1, 2, 3, 4, 2, 3, 4, 0, 1, 2, 3, 2, 3, 4, 2, 3, 4]),
        (IGANET_PANOPTIC, [1, 2, 0, 2, 3, 4, 1, 2, 3, 2, 3, 4, 1, 2, 3]),
    ],
)
def test_bones_are_counted_from_the_centre(settings, counts):
    distance = hops(settings.bones, settings.centre)
    assert [distance[joint] for joint in range(settings.joints)] == counts


def test_the_adjacency_of_a_small_body():
    arms = IGANetSettings(bones=((0, 1), (0, 2)), sides=((1, 2),), centre=0, width=32)
    third = 1 / 3
    expected = [
        [[third, 0, 0], [0, third, 0], [0, 0, third]],
        [[0, 0, 0], [third, 0, 0], [third, 0, 0]],
        [[0, third, third], [0, 0, 0], [0, 0, 0]],
        [[0, 0, 0], [0, 0, third], [0, third, 0]],
    ]
    assert_close(adjacency(arms), torch.tensor(expected))


@pytest.mark.parametrize("settings", [IGANET_H36M, IGANET_PANOPTIC])
def test_all_that_counts_for_a_joint_adds_up_to_one(settings):
    assert_close(adjacency(settings).sum(dim=(0, 1)), torch.ones(settings.joints))


def test_graph_convolution_equals_the_sum_over_kinds_and_joints():
    torch.manual_seed(0)
    edges, x = adjacency(IGANET_H36M), torch.randn(2, 17, 8)
    layer = GraphConvolution(8, edges)
    made = conv1d(x.mT, layer.conv1d.weight, layer.conv1d.bias).reshape(2, 4, 8, 17)
    assert_close(layer(x), torch.einsum("bkcv,kvw->bwc", made, edges))


def test_files_written_on_a_cpu_fit_like_those_of_a_gpu():
    state, edges = IGANet(SMALL).state_dict(), adjacency(SMALL)
    copies = ("A", "IGANet.blocks.0.adj", "IGANet.blocks.0.GCN_Block1.adj")
    on_cpu = dict.fromkeys(copies, edges) | state
    assert list(without_adjacency(on_cpu)) == list(without_adjacency(state)) == list(state)
    IGANet(SMALL).load_state_dict(without_adjacency(on_cpu), strict=True)


def test_what_passes_between_graph_and_attention_is_stored_but_not_trained():
    network = IGANet(SMALL)
    fixed = {name: value for name, value in network.named_parameters() if not value.requires_grad}
    assert {name.rpartition(".")[2]: value.item() for name, value in fixed.items()} == {
        "s_gcn2attn": 0.5,
        "s_attn2gcn": pytest.approx(0.8),
    }


def test_stochastic_depth_rises_to_a_fifth():
    with torch.device("meta"):
        network = IGANet(IGANET_H36M)
    assert [b.drop_path.rate for b in network.IGANet.blocks] == pytest.approx([0, 0.1, 0.2])


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"bones": ((0, 1), (2, 3))}, "bones that join all joints from 0 to 2"),
        ({"bones": ((0, 1), (2, 3), (2, 3))}, "3.* and 2 hang together with the centre 0; add"),
        ({"centre": 9}, "joints from 0 to 3, but joints .*9.* hang together with the centre 9"),
        ({"sides": ((1, 7),)}, r"joints \[0, 1, 2, 3, 7\] are named"),
        ({"width": 30}, "8 heads, but 30 is no multiple of 8; choose 32, or another number"),
        ({"width": 30, "heads": 3}, "encoder widens .* 30 is no multiple of 8; choose 32"),
        ({"drop_path": 1.5}, '"drop_path" of IGANet is a share .* 1.5 was given'),
    ],
)
def test_impossible_settings_are_refused(choice, words):
    chain = {"bones": ((0, 1), (1, 2), (2, 3)), "sides": (), "centre": 0}
    with pytest.raises(SettingsError, match=words):
        IGANetSettings(**(chain | choice))
