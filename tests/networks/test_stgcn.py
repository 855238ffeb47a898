"""ST-GCN: its graphs, published names and sizes, laws, its refinement, what it refuses."""

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.stgcn import (
    STGCN,
    STGCN_1,
    STGCN_3,
    STGCN_5,
    STGCN_7,
    GraphConv,
    PoseAugSTGCN,
    PostRefine,
    STGCNSettings,
)
from crosslift.networks.stgcn_graph import (
    BODY,
    BODY_PARTS,
    PARTS,
    link_masks,
    pooled_adjacency,
    stgcn_adjacency,
)

GRAPHS = [graph(frames) for graph in (stgcn_adjacency, pooled_adjacency) for frames in (1, 3, 5)]
MIRRORED = [0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13]


def built(settings: STGCNSettings = STGCN_1, *, fresh: bool = False) -> STGCN:
    """For evaluation; unless fresh, with normalisations that do something."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = STGCN(settings)
        for layer in [] if fresh else network.modules():
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                for values in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                    nn.init.uniform_(values, 0.5, 1.5)
    return network.eval()


def some(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("graph", GRAPHS)
def test_what_reaches_a_node_has_a_weight_of_one(graph):
    assert_close(graph.sum(dim=(0, 1)), torch.ones(graph.shape[-1]))


@pytest.mark.parametrize("layout", [BODY, BODY_PARTS])
@pytest.mark.parametrize("frames", [1, 3, 7])
def test_masks_part_the_links_and_mirror_each_other(layout, frames):
    masks, nodes = link_masks(layout, frames), len(layout.distance)
    links = nodes + 2 * len(layout.links) + 2 * len(layout.mirrored)
    assert masks.sum() == frames * links + 2 * (frames - 1) * nodes
    assert masks.sum(dim=0).max() == 1
    for one, other in [(0, 0), (1, 2), (3, 3), (4, 5)] if frames > 1 else [(0, 0), (1, 2), (3, 3)]:
        assert (masks[one] == masks[other].mT).all()


def test_masks_of_some_joints_are_as_drawn():
    itself, inwards, outwards, mirrored, later, earlier = link_masks(BODY, 3)
    pelvis, spine, right_hip, left_hip = 17, 24, 18, 21  # in the second frame
    assert itself[pelvis].nonzero().flatten().tolist() == [pelvis]
    assert inwards[pelvis].nonzero().flatten().tolist() == [spine]
    assert outwards[pelvis].nonzero().flatten().tolist() == [right_hip, left_hip]
    assert mirrored[right_hip].nonzero().flatten().tolist() == [left_hip]
    assert later[pelvis].nonzero().flatten().tolist() == [34]
    assert earlier[pelvis].nonzero().flatten().tolist() == [0]
    assert stgcn_adjacency(3)[1, right_hip, pelvis] == pytest.approx(1 / 6)


def test_parts_hold_every_joint_once():
    assert sorted(joint for part in PARTS for joint in part) == list(range(17))


@pytest.mark.parametrize("graph", GRAPHS)
def test_graph_convolution_equals_the_published_sum(graph):
    torch.manual_seed(0)
    layer = GraphConv(6, 8, graph).double()
    x = some(graph.shape[-1], 2, 6).double()
    said = layer.conv(x).unflatten(-1, (len(graph), 8))
    exact = (graph > 0) / (graph > 0).sum(dim=(0, 1)).double()
    assert_close(layer(x), torch.einsum("vbkc,kvw->wbc", said, exact), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "count"),
    [(STGCN_1, 3_627_847), (STGCN_3, 5_040_455), (STGCN_5, 5_040_455), (STGCN_7, 5_040_455)],
)
def test_parameters_are_as_many_as_published(settings, count):
    assert sum(parameter.numel() for parameter in STGCN(settings).parameters()) == count


def entries(name: str) -> list[str]:
    norms = "data_bn", "tcn.0", "tcn.4", "residual.1", "conv4.1", "conv2.1", "W.1"
    kinds = ["weight", "bias"]
    if name.endswith(norms):
        kinds += ["running_mean", "running_var", "num_batches_tracked"]
    return [f"{name}.{kind}" for kind in kinds]


def test_the_state_dict_has_the_published_names_in_their_order():
    unit, residual = ["gcn.conv", "tcn.0", "tcn.3", "tcn.4"], ["residual.0", "residual.1"]
    layers = [
        "data_bn",
        *(f"st_gcn_networks.0.{layer}" for layer in unit),
        *(f"st_gcn_networks.1.{layer}" for layer in unit),
        *(f"st_gcn_networks.2.{layer}" for layer in unit + residual),
        *(f"st_gcn_pool.0.{layer}" for layer in unit + residual),
        *(f"st_gcn_pool.1.{layer}" for layer in unit),
        *("conv4.0", "conv4.1", "conv2.0", "conv2.1"),
        *(f"non_local.{layer}" for layer in ("g", "W.0", "W.1", "theta", "phi")),
        "fcn.1",
    ]
    names = [entry for layer in layers for entry in entries(layer)]
    assert list(STGCN(STGCN_1).state_dict()) == names
    assert list(STGCN(STGCN_3).state_dict()) == names
    assert list(PoseAugSTGCN().state_dict()) == [f"stgcn.{name}" for name in names]


@pytest.mark.parametrize(("settings", "masks", "reach"), [(STGCN_1, 4, 1), (STGCN_7, 6, 3)])
def test_weights_have_the_published_shapes(settings, masks, reach):
    state = STGCN(settings).state_dict()
    shapes = {
        "data_bn.weight": (34,),
        "st_gcn_networks.0.gcn.conv.weight": (masks * 128, 2, 1, 1),
        "st_gcn_networks.2.gcn.conv.weight": (masks * 256, 128, 1, 1),
        "st_gcn_networks.2.residual.0.weight": (256, 128, 1, 1),
        "st_gcn_pool.1.gcn.conv.weight": (masks * 512, 512, 1, 1),
        "st_gcn_pool.1.tcn.3.weight": (512, 512, 1, 1),
        "conv4.0.weight": (512, 512, reach, 1),
        "conv2.0.weight": (256, 1024, 1, 1),
        "non_local.W.0.weight": (512, 256, 1, 1),
        "non_local.phi.weight": (256, 512, 1, 1),
        "fcn.1.weight": (3, 512, 1, 1),
    }
    assert {name: tuple(state[name].shape) for name in shapes} == shapes


def test_weights_of_three_frames_serve_seven():
    STGCN(STGCN_7).load_state_dict(STGCN(STGCN_3).state_dict())


def test_the_first_normalisation_keeps_the_published_slip():
    assert built().data_bn.eps == 0.1


@pytest.mark.parametrize("settings", [STGCN_1, STGCN_5])
def test_shapes_and_every_window_for_itself(settings):
    network = built(settings)
    for batch in (0, 1, 3):
        keypoints = some(batch, settings.frames, 17, 2)
        poses = network(keypoints)
        assert poses.shape == (batch, settings.frames, 17, 3)
        for number in range(batch):
            assert_close(network(keypoints[number : number + 1])[0], poses[number])


@pytest.mark.parametrize("settings", [STGCN_1, STGCN_3])
def test_a_fresh_network_does_not_tell_left_from_right(settings):
    network = built(settings, fresh=True)
    nn.init.ones_(network.non_local.W[1].weight)
    keypoints = some(2, settings.frames, 17, 2)
    swapped = network(keypoints[:, :, MIRRORED])
    assert_close(swapped, network(keypoints)[:, :, MIRRORED])
    assert (swapped - network(keypoints)).abs().max() > 1e-3


def test_attention_starts_as_the_identity():
    network = built(fresh=True)
    keypoints = some(2, 1, 17, 2)
    poses = network(keypoints)
    nn.init.zeros_(network.non_local.g.weight)
    assert_close(network(keypoints), poses, atol=0, rtol=0)


@pytest.mark.parametrize("settings", [STGCN_1, STGCN_3])
def test_training_reaches_every_weight(settings):
    network = built(settings).train()
    network(some(4, settings.frames, 17, 2)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0 or name.endswith("bias"), name


def test_dropout_is_the_published_one_or_one_for_all():
    def rates(settings: STGCNSettings) -> list[float]:
        return [layer.p for layer in STGCN(settings).modules() if isinstance(layer, nn.Dropout)]

    assert rates(STGCN_1) == [0.05] * 10 + [0.25, 0.1, 0.1]
    assert rates(STGCNSettings(dropout=0.0)) == [0.0] * 13


@pytest.mark.parametrize("batch", [1, 2])
def test_poseaug_puts_a_joint_between_thorax_and_head(batch):
    network = PoseAugSTGCN().eval()
    keypoints = some(batch, 1, 16, 2)
    seventeen = keypoints[:, :, [*range(9), 8, *range(9, 16)]].clone()
    seventeen[:, :, 9] = (keypoints[:, :, 8] + keypoints[:, :, 9]) / 2
    poses = network.stgcn(seventeen)
    assert_close(network(keypoints), poses[:, :, [*range(9), *range(10, 17)]])


def test_refinement_blends_across_the_picture_and_keeps_depth():
    network = PostRefine().eval()
    poses, placed = some(2, 3, 17, 3), some(2, 3, 17, 3) + 1
    refined = network(poses, placed)
    assert_close(refined[..., 2], poses[..., 2], atol=0, rtol=0)
    assert ((refined > poses) & (refined < placed))[..., :2].all()
    for bias, expected in ((100.0, poses), (-100.0, placed)):
        nn.init.constant_(network.post_refine[3].bias, bias)
        assert_close(network(poses, placed)[..., :2], expected[..., :2])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"frames": 4}, "an odd number of frames, but 4 were asked for"),
        ({"frames": -1}, "an odd number of frames, but -1"),
        ({"dropout": 1.0}, '"dropout".*from 0 to below 1, but 1.0'),
        ({"dropout": -1.0}, '"dropout".*from 0 to below 1, but -1.0'),
    ],
)
def test_impossible_settings_are_refused(wrong, message):
    with pytest.raises(SettingsError, match=message):
        STGCNSettings(**wrong)


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match="takes 3 frames x 17 joints x 2 coordinates"):
        built(STGCN_3)(some(2, 1, 17, 2))
    with pytest.raises(DataError, match="takes 16 joints x 2 coordinates"):
        PoseAugSTGCN()(some(2, 1, 17, 2))
    with pytest.raises(SettingsError, match='"dropout".*from 0 to below 1'):
        PostRefine(dropout=2)
