"""SimpleBaseline: published names and sizes, laws, its statistics, what it refuses."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.simple_baseline import (
    DH_AUG_MLP,
    L2D_POSE,
    MARTINEZ,
    POSEAUG_MLP,
    SimpleBaseline,
    SimpleBaselineSettings,
    Statistics,
)

SMALL = replace(MARTINEZ, width=32)
FORMS = [MARTINEZ, POSEAUG_MLP, DH_AUG_MLP, L2D_POSE]
SMALL_FORMS = [replace(form, width=32) for form in FORMS]


def built(settings: SimpleBaselineSettings) -> SimpleBaseline:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SimpleBaseline(settings)


def some_keypoints(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, 2, generator=torch.Generator().manual_seed(1))


def entries(name: str) -> list[str]:
    kinds = ["weight", "bias"]
    if "norm" in name or "bn" in name:
        kinds += ["running_mean", "running_var", "num_batches_tracked"]
    return [f"{name}.{kind}" for kind in kinds]


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (MARTINEZ, 4_291_632),
        (POSEAUG_MLP, 4_288_557),
        (DH_AUG_MLP, 8_495_149),
        (L2D_POSE, 4_296_755),
    ],
)
def test_parameters_are_as_many_as_published(settings, count):
    with torch.device("meta"):
        network = SimpleBaseline(settings)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


@pytest.mark.parametrize(("form", "norm"), [(MARTINEZ, "batch_norm"), (L2D_POSE, "bn")])
def test_the_state_dict_has_the_published_names_in_their_order(form, norm):
    layers = ["w1", f"{norm}1"]
    for stage in range(2):
        layers += [f"linear_stages.{stage}.{layer}" for layer in ("w1", f"{norm}1")]
        layers += [f"linear_stages.{stage}.{layer}" for layer in ("w2", f"{norm}2")]
    expected = [entry for layer in [*layers, "w2"] for entry in entries(layer)]
    assert list(built(replace(form, width=8)).state_dict()) == expected


def test_shapes_of_the_outer_layers_are_those_published():
    with torch.device("meta"):
        outer = {form: SimpleBaseline(form) for form in FORMS}
    shapes = [(tuple(net.w1.weight.shape), tuple(net.w2.weight.shape)) for net in outer.values()]
    assert shapes == [
        ((1024, 32), (48, 1024)),
        ((1024, 32), (45, 1024)),
        ((1024, 32), (45, 1024)),
        ((1024, 34), (51, 1024)),
    ]


@pytest.mark.parametrize("settings", SMALL_FORMS)
@pytest.mark.parametrize("batch", [0, 1, 5])
def test_a_batch_is_lifted_as_one_by_one(settings, batch):
    network = built(settings).eval()
    keypoints = some_keypoints(batch, settings.joints)
    poses = network(keypoints)
    assert poses.shape == (batch, 17 if settings.joints == 17 else 16, 3)
    for one, pose in zip(keypoints, poses, strict=True):
        assert_close(network(one[None])[0], pose, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("settings", SMALL_FORMS)
def test_the_root_is_the_origin_where_the_form_says_so(settings):
    poses = built(settings).eval()(some_keypoints(3, settings.joints))
    assert (poses[:, 0] == 0).all().item() == settings.zero_root
    assert (poses[:, 1:] != 0).all()


def test_the_arithmetic_is_that_of_the_publication():
    network = built(replace(SMALL, stages=1)).eval()
    stage = network.linear_stages[0]
    keypoints = some_keypoints(4, 16)
    x = network.batch_norm1(network.w1(keypoints.flatten(1))).relu()
    y = stage.batch_norm1(stage.w1(x)).relu()
    y = stage.batch_norm2(stage.w2(y)).relu()
    assert_close(network(keypoints), network.w2(x + y).reshape(4, 16, 3))


@pytest.mark.parametrize("settings", SMALL_FORMS)
def test_gradients_reach_every_parameter(settings):
    network = built(replace(settings, dropout=0.0)).train()
    network(some_keypoints(8, settings.joints)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_dropout_is_drawn_in_training_alone():
    network = built(SMALL)
    keypoints = some_keypoints(8, 16)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first = network(keypoints)
        assert not torch.equal(network(keypoints), first)
        torch.manual_seed(0)
        assert torch.equal(network(keypoints), first)
    network.eval()
    assert torch.equal(network(keypoints), network(keypoints))


def test_the_network_can_be_exported_for_any_batch():
    network = built(SMALL).eval()
    batch = torch.export.Dim("batch")
    exported = torch.export.export(network, (some_keypoints(2, 16),), dynamic_shapes=({0: batch},))
    keypoints = some_keypoints(5, 16)
    assert_close(exported.module()(keypoints), network(keypoints))


def test_linear_layers_start_from_kaimings_numbers():
    wide = built(replace(L2D_POSE, width=512))
    first = wide.linear_stages[0].w1
    assert first.weight.std().item() == pytest.approx((2 / 512) ** 0.5, rel=0.02)
    assert (first.bias == 0).all()
    assert (built(SMALL).w1.bias != 0).any()


def test_statistics_there_and_back_are_the_identity():
    rng = torch.Generator().manual_seed(0)
    values = 500 + 120 * torch.randn(6, 5, 3, generator=rng, dtype=torch.float64)
    statistics = Statistics(values.mean(dim=0), values.std(dim=0))
    standard = statistics.standardised(values)
    assert_close(standard.std(dim=0), torch.ones(5, 3, dtype=torch.float64))
    assert_close(statistics.restored(standard), values)


def test_what_never_varies_is_restored_to_its_mean():
    statistics = Statistics(torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    assert_close(statistics.restored(torch.tensor([[7.0, 7.0]])), torch.tensor([[3.0, 14.0]]))
    assert_close(statistics.standardised(torch.tensor([[3.0, 4.0]])), torch.tensor([[0.0, 2.0]]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 0}, '"width" of at least 1, but 0 '),
        ({"joints": -1}, '"joints" of at least 1, but -1 '),
        ({"regressed": 0}, '"regressed" of at least 1, but 0 '),
        ({"stages": 0}, '"stages" of at least 1, but 0 '),
        ({"dropout": 1.0}, '"dropout" .* from 0 to below 1, but 1.0 '),
    ],
)
def test_impossible_settings_are_refused(change, words):
    with pytest.raises(SettingsError, match=words):
        replace(MARTINEZ, **change)


def test_other_joints_are_refused():
    with pytest.raises(DataError, match="16 joints x 2 coordinates"):
        built(SMALL)(some_keypoints(3, 17))
