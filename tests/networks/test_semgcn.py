"""SemGCN: published names and sizes, slow twins, laws, what it refuses."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.graphs import semgcn_adjacency
from crosslift.networks.semgcn import (
    DH_AUG_GCN,
    H36M_16_PAIRS,
    SEMGCN,
    SEMGCN_NON_LOCAL,
    NonLocal,
    SemGCN,
    SemGCNSettings,
    SemGraphConv,
    exportable,
)
from crosslift.skeletons import H36M_16, H36M_17

GRAPH = semgcn_adjacency(H36M_16.parents)
SMALL = replace(SEMGCN, width=16, blocks=2)
SMALL_NON_LOCAL = replace(SEMGCN_NON_LOCAL, width=16, blocks=2)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def shaken(module: torch.nn.Module) -> torch.nn.Module:
    """The module with numbers other than those it starts from, in evaluation."""
    rng = generator()
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            noise = torch.randn(tensor.shape, generator=rng) * 0.3
            tensor.copy_(1 + noise.abs() if "var" in name else tensor + noise)
    return module.eval()


def some_keypoints(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, 2, generator=generator())


def convolution(name: str) -> list[str]:
    return [f"{name}.{entry}" for entry in ("W", "e", "bias")]


def affine(name: str) -> list[str]:
    return [f"{name}.weight", f"{name}.bias"]


def norm(name: str) -> list[str]:
    moving = ("running_mean", "running_var", "num_batches_tracked")
    return [*affine(name), *(f"{name}.{entry}" for entry in moving)]


def layer(name: str) -> list[str]:
    return [*convolution(f"{name}.gconv"), *norm(f"{name}.bn")]


def residual(name: str) -> list[str]:
    return [*layer(f"{name}.gconv1"), *layer(f"{name}.gconv2")]


def non_local(name: str) -> list[str]:
    block = f"{name}.nonlocal"
    maps = [entry for part in ("g.0", "theta", "phi.0") for entry in affine(f"{block}.{part}")]
    concatenated = f"{block}.concat_project.0.weight"
    return [*maps, concatenated, *affine(f"{block}.W.0"), *norm(f"{block}.W.1")]


@pytest.mark.parametrize(
    ("settings", "count"),
    [(SEMGCN, 267_343), (DH_AUG_GCN, 267_343), (SEMGCN_NON_LOCAL, 434_703)],
)
def test_parameters_are_as_many_as_published(settings, count):
    network = SemGCN(GRAPH, settings)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


def test_the_plain_state_dict_has_the_published_names_in_their_order():
    expected = layer("gconv_input.0")
    for block in range(4):
        expected += residual(f"gconv_layers.{block}")
    assert list(SemGCN(GRAPH).state_dict()) == [*expected, *convolution("gconv_output")]


def test_the_non_local_state_dict_has_the_published_names_in_their_order():
    expected = layer("gconv_input.0") + non_local("gconv_input.1")
    for block in range(0, 8, 2):
        expected += residual(f"gconv_layers.{block}") + non_local(f"gconv_layers.{block + 1}")
    network = SemGCN(GRAPH, SEMGCN_NON_LOCAL)
    assert list(network.state_dict()) == [*expected, *convolution("gconv_output")]


def test_shapes_are_those_published():
    state = SemGCN(GRAPH, SEMGCN_NON_LOCAL).state_dict()
    block = "gconv_layers.1.nonlocal"
    expected = {
        "gconv_input.0.gconv.W": (2, 2, 128),
        "gconv_input.0.gconv.e": (1, 46),
        "gconv_layers.0.gconv1.gconv.W": (2, 128, 128),
        "gconv_output.W": (2, 128, 3),
        "gconv_output.bias": (3,),
        f"{block}.g.0.weight": (64, 128, 1),
        f"{block}.theta.weight": (64, 128, 1),
        f"{block}.phi.0.weight": (64, 128, 1),
        f"{block}.concat_project.0.weight": (1, 128, 1, 1),
        f"{block}.W.0.weight": (128, 64, 1),
    }
    assert {name: tuple(state[name].shape) for name in expected} == expected


# slow twins


def test_a_convolution_is_that_of_the_publication():
    conv = shaken(SemGraphConv(5, 7, GRAPH))
    x = torch.randn(3, 16, 5, generator=generator())
    logits = torch.full((16, 16), -9e15)
    logits[GRAPH > 0] = conv.e[0]
    weights, eye = logits.softmax(dim=1), torch.eye(16)
    expected = weights * eye @ (x @ conv.W[0]) + weights * (1 - eye) @ (x @ conv.W[1]) + conv.bias
    assert_close(conv(x), expected)


def test_a_non_local_block_is_that_of_the_publication():
    block = shaken(NonLocal(12, H36M_16_PAIRS))
    x = torch.randn(3, 16, 12, generator=generator())
    order = torch.tensor(H36M_16_PAIRS).flatten()
    sorted_x = x[:, order].mT  # batch width joints, as the release has it
    pool = torch.nn.MaxPool1d(2)
    values, keys, queries = (
        pool(block.g(sorted_x)),
        pool(block.phi(sorted_x)),
        block.theta(sorted_x),
    )
    pairs = torch.cat([
        queries[:, :, :, None].expand(-1, -1, -1, 8), keys[:, :, None].expand(-1, -1, 16, -1)
    ], dim=1)  # fmt: skip
    shares = block.concat_project(pairs).relu()[:, 0] / 8
    found = block.W((shares @ values.mT).mT) + sorted_x
    assert_close(block(x), found.mT[:, order.argsort()])


# laws


@pytest.mark.parametrize("settings", [SMALL, SMALL_NON_LOCAL])
@pytest.mark.parametrize("batch", [0, 1, 5])
def test_a_batch_is_lifted_as_one_by_one(settings, batch):
    network = shaken(SemGCN(GRAPH, settings))
    keypoints = some_keypoints(batch, 16)
    poses = network(keypoints)
    assert poses.shape == (batch, 16, 3)
    for one, pose in zip(keypoints, poses, strict=True):
        assert_close(network(one[None])[0], pose, atol=1e-5, rtol=1e-5)


def test_joints_in_another_order_are_lifted_alike():
    order = torch.randperm(17, generator=generator())
    graph = semgcn_adjacency(H36M_17.parents)
    network, other = SemGCN(graph, SMALL), SemGCN(graph[order][:, order], SMALL)
    shaken(network)
    state = dict(network.state_dict())
    places = torch.zeros(17, 17, dtype=torch.long)
    places[graph > 0] = torch.arange(int((graph > 0).sum()))
    moved = places[order][:, order][graph[order][:, order] > 0]
    state |= {name: tensor[:, moved] for name, tensor in state.items() if name.endswith(".e")}
    other.load_state_dict(state)
    keypoints = some_keypoints(4, 17)
    assert_close(other.eval()(keypoints[:, order]), network(keypoints)[:, order])


def test_only_linked_joints_are_heard():
    conv = shaken(SemGraphConv(2, 3, GRAPH))
    x = some_keypoints(1, 16).requires_grad_()
    conv(x)[0, 3].sum().backward()
    heard = (x.grad[0] != 0).any(dim=-1)
    assert heard.tolist() == (GRAPH[3] > 0).tolist()


def test_only_the_support_of_the_adjacency_counts():
    network, other = shaken(SemGCN(GRAPH, SMALL)), SemGCN((GRAPH > 0).float(), SMALL).eval()
    other.load_state_dict(network.state_dict())
    keypoints = some_keypoints(2, 16)
    assert torch.equal(network(keypoints), other(keypoints))


def test_non_local_blocks_start_as_the_identity():
    x = torch.randn(2, 16, 12, generator=generator())
    assert_close(NonLocal(12, H36M_16_PAIRS)(x), x)


def test_groups_may_have_any_size():
    groups = ((0, 1, 2), (3, 4, 5))
    graph = semgcn_adjacency((-1, 0, 1, 0, 3, 0))
    network = shaken(SemGCN(graph, replace(SMALL, groups=groups)))
    assert network(some_keypoints(2, 6)).shape == (2, 6, 3)


@pytest.mark.parametrize("settings", [SMALL, SMALL_NON_LOCAL, replace(SMALL, dropout=0.25)])
def test_gradients_reach_every_parameter(settings):
    network = shaken(SemGCN(GRAPH, settings)).train()
    network(some_keypoints(8, 16)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert name.endswith("bias") or (parameter.grad != 0).any(), name


def test_weights_start_as_published():
    conv = SemGraphConv(128, 64, GRAPH)
    bound = 1.414 * (6 / (128 * 64 + 2 * 64)) ** 0.5
    assert 0.99 * bound < conv.W.abs().max() <= bound
    assert (conv.e == 1).all()
    assert conv.bias.abs().max() <= 1 / 8


def test_buffers_move_with_the_network_but_are_not_saved():
    network = SemGCN(GRAPH, SMALL_NON_LOCAL).to(torch.float64).eval()
    assert network(some_keypoints(2, 16).double()).dtype == torch.float64
    saved = " ".join(network.state_dict())
    assert not any(word in saved for word in ("entry", "parts", "members"))


@pytest.mark.parametrize("settings", [SMALL, SMALL_NON_LOCAL])
def test_the_network_can_be_exported_for_any_batch(settings):
    network = shaken(SemGCN(GRAPH, replace(settings, blocks=1)))
    batch = torch.export.Dim("batch")
    exported = torch.export.export(
        exportable(network), (some_keypoints(2, 16),), dynamic_shapes=({0: batch},)
    )
    keypoints = some_keypoints(5, 16)
    assert_close(exported.module()(keypoints), network(keypoints))


# refusals


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 0}, '"width" of at least 1, but 0 '),
        ({"blocks": -1}, '"blocks" of at least 0, but -1 '),
        ({"dropout": -0.1}, '"dropout" .* from 0 to below 1, but -0.1 '),
        ({"width": 15, "groups": H36M_16_PAIRS}, "15 is odd"),
        ({"groups": ((0, 1), (2, 3, 4))}, "all of one size"),
    ],
)
def test_impossible_settings_are_refused(change, words):
    with pytest.raises(SettingsError, match=words):
        SemGCNSettings(**change)


def test_groups_of_another_skeleton_are_refused():
    with pytest.raises(SettingsError, match="each of its 17 joints once"):
        SemGCN(semgcn_adjacency(H36M_17.parents), SMALL_NON_LOCAL)


def test_a_graph_without_links_to_oneself_is_refused():
    graph = GRAPH.clone()
    graph[4, 4] = 0
    with pytest.raises(SettingsError, match=r"joints \[4\] are not"):
        SemGCN(graph, SMALL)


def test_other_joints_are_refused():
    with pytest.raises(DataError, match="16 joints x 2 coordinates"):
        SemGCN(GRAPH, SMALL)(some_keypoints(3, 17))
