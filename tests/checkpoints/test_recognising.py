"""A network and its sizes are read off its weights, and those load strictly."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from crosslift.checkpoints import Choices, build, recognise, state_of
from crosslift.checkpoints.table import KINDS, STRANGERS
from crosslift.errors import CheckpointError, SettingsError
from crosslift.networks.simple_baseline import SimpleBaseline, SimpleBaselineSettings
from crosslift.networks.stgcn import STGCN
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from crosslift.torch_file import read_torch_file

from .published import PUBLISHED, Published

GOLDEN = Path(__file__).parents[1] / "golden"
EVERY = pytest.mark.parametrize("published", PUBLISHED, ids=lambda published: published.name)
SMALL = SimpleBaselineSettings(width=8)


def state(network: torch.nn.Module) -> dict[str, Tensor]:
    return dict(network.state_dict())


def on_gpus(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"module.{name}": value for name, value in weights.items()}


def flat(poses: Any) -> Tensor:
    """The poses of a network, of which P-STMO makes two kinds."""
    return torch.cat(
        [each.flatten() for each in ((poses,) if isinstance(poses, Tensor) else poses)]
    )


@EVERY
def test_every_network_is_recognised_in_both_forms_of_file_and_computes_the_same(
    published: Published, tmp_path: Path
):
    network, keypoints = published.network(), published.keypoints()
    weights = state(network)
    path = tmp_path / "file.pth"
    truth = flat(network(*keypoints))
    wrapped = {"model_pos": on_gpus(weights), "optimizer": {}, "lr": 0.1, "epoch": 4}
    for content, zipped in ((network.state_dict(), False), (wrapped, True)):
        torch.save(content, path, _use_new_zipfile_serialization=zipped)
        found = recognise(state_of(read_torch_file(path)), choices=published.choices)
        assert found.architecture == published.architecture
        assert torch.equal(flat(found.network()(*keypoints)), truth)


@EVERY
def test_every_network_comes_back_from_safetensors_and_by_its_name(
    published: Published, tmp_path: Path
):
    network = published.network()
    path = tmp_path / "file.safetensors"
    save_file(state(network), path)
    found = recognise(
        state_of(read_torch_file(path)), as_name=published.architecture, choices=published.choices
    )
    rebuilt = build(found.architecture, found.settings, found.choices)
    rebuilt.load_state_dict(found.state, strict=True)
    settings = getattr(network, "settings", found.settings)
    told = {"dropout", "drop_path", "kaiming", "strides"}  # of no weight
    for name in settings.__dataclass_fields__.keys() - told:
        assert getattr(found.settings, name) == getattr(settings, name), name


@EVERY
def test_no_network_is_taken_for_another(published: Published):
    weights = state(published.network())
    first = next(kind.name for kind in KINDS if kind.fits(weights))
    assert first == published.architecture
    assert not any(stranger.fits(weights) for stranger in STRANGERS)


def test_every_kind_is_tried():
    assert {published.architecture for published in PUBLISHED} == {kind.name for kind in KINDS}


IMPORTED = {
    "dh_aug/mlp_stages4": "simple_baseline",
    "dh_aug/poseformer_f27_default": "poseformer",
    "dh_aug/semgcn_stages4": "semgcn",
    "dh_aug/tcn_strided_3x3_c64": "videopose",
    "dh_aug/videopose_single_stages4": "videopose",
    "diff3dhpe/mixste_published_dims": "mixste",
    "diff3dhpe/pstmo": "pstmo",
    "diff3dhpe/s2f_small": "diff3dhpe",
    "diff3dhpe/s2s_small": "diff3dhpe",
    "diff3dhpe/s2s_small_no_time": "diff3dhpe",
    "diff3dhpe/s2s_published_dims": "diff3dhpe",
    "diff3dhpe/pstmo_pretrain": "pstmo_pretraining",
    "l2d_pose/iganet_15j": "iganet",
    "l2d_pose/iganet_17j": "iganet",
    "l2d_pose/simple_baseline": "simple_baseline",
    "l2d_pose/videopose_1frame": "videopose",
    "poseda/martinez": "simple_baseline",
    "poseda/poseaug_gcn": "semgcn",
    "poseda/poseaug_mlp": "simple_baseline",
    "poseda/poseaug_stgcn": "poseaug_stgcn",
    "poseda/poseaug_videopose": "videopose",
    "poseda/semgcn_nonlocal": "semgcn",
    "poseda/semgcn_plain": "semgcn",
    "poseda/stgcn_1frame": "stgcn",
    "poseda/stgcn_7frame": "stgcn",
    "poseda/videopose3d_dense": "videopose",
    "poseda/videopose3d_dilated_default": "videopose",
    "posynda/denoiser_27f": "d3dp",
    "posynda/mixste_plain_27f": "mixste",
    "posynda/sampler_flip": "d3dp",
}
"""The state dicts of the releases, by the golden files that name and shape them."""

REFUSED = {
    "dh_aug/disc_2d_h64": "a critic of poses in 2D",
    "dh_aug/disc_3d_h64": "DH-AUG's critic of poses in 3D",
    "dh_aug/disc_motion2d_f9": "DH-AUG's critic of motion in 2D",
    "dh_aug/disc_motion3d_f9": "DH-AUG's critic of motion in 3D",
    "dh_aug/generator_single_h64": "DH-AUG's generator",
    "l2d_pose/hrnet_w32": "HRNet, a detector",
    "poseda/discriminator_2d": "a critic of poses in 2D",
    "poseda/discriminator_3d": "PoseAug's critic",
    "poseda/generator": "PoseAug's generator",
    "poseda/stgcn_post_refine": "the refinement of an ST-GCN",
    "posynda/refinement_64d": "PoSynDA's refinement",
    "posynda/transfer_pipeline": "a network with low-rank additions",
}


def released(name: str) -> dict[str, Tensor]:
    """Weights of a release's names and shapes."""
    with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as file:
        parameters = json.loads(str(file["meta"]))["parameters"]
    count, number = torch.zeros((), dtype=torch.long), torch.zeros(())
    return {
        key: count if key.endswith("tracked") else number.expand(shape) for key, shape in parameters
    }


@pytest.mark.parametrize(("name", "architecture"), IMPORTED.items())
def test_what_was_released_is_recognised(name: str, architecture: str):
    found = recognise(released(name))
    assert found.architecture == architecture
    own = [each.removeprefix("pose_estimator.") for each in released(name)]
    assert list(found.state) == own


@pytest.mark.parametrize(("name", "title"), REFUSED.items())
def test_what_is_no_lifter_is_said_to_be_what_it_seems(name: str, title: str):
    with pytest.raises(CheckpointError, match=f"seem to be those of {title}.*; "):
        recognise(released(name))


def test_what_shapes_do_not_tell_is_noted():
    assert "heads of an attention; 8" in " ".join(recognise(released("l2d_pose/iganet_17j")).notes)
    assert "causal" in " ".join(recognise(released("poseda/videopose3d_dilated_default")).notes)
    assert "several frames" in " ".join(recognise(released("poseda/stgcn_7frame")).notes)
    assert "strides; 3, 3, 3, 3" in " ".join(recognise(released("diff3dhpe/pstmo")).notes)
    assert "standardised" in " ".join(recognise(released("poseda/martinez")).notes)
    assert recognise(released("poseda/poseaug_mlp")).notes == ()


def test_what_some_releases_store_besides_is_dropped():
    published = next(each for each in PUBLISHED if each.name == "IGANet")
    weights = state(published.network())
    old = {"A": torch.ones(4, 17, 17), "IGANet.blocks.0.adj": torch.ones(4, 17, 17)} | weights
    counted = old | {"total_ops": torch.zeros(1), "fcn.total_params": torch.zeros(1)}
    assert recognise(counted).state.keys() == weights.keys()


def test_an_st_gcns_stored_graph_is_dropped():
    weights = state(STGCN())
    assert recognise({"A": torch.ones(2), "A_pool": torch.ones(2)} | weights).state == weights


def test_files_without_counters_of_batches_are_completed():
    weights = state(SimpleBaseline(SMALL))
    old = {name: value for name, value in weights.items() if not name.endswith("tracked")}
    assert len(old) < len(weights)
    assert recognise(old).network().state_dict().keys() == weights.keys()


def test_failed_and_coarse_weights_are_noted():
    weights = {
        name: value.half() if value.is_floating_point() else value
        for name, value in state(SimpleBaseline(SMALL)).items()
    }
    weights["w1.bias"] = torch.full((8,), torch.nan).half()
    notes = " ".join(recognise(weights).notes)
    assert '"w1.bias" holds numbers that are not finite' in notes
    assert "saved as float16" in notes


def test_a_network_is_made_without_drawing_global_numbers():
    weights = state(SimpleBaseline(SMALL))
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    recognise(weights).network()
    assert torch.equal(torch.rand(2), expected)


def changed(**weights: Tensor | None) -> dict[str, Tensor]:
    """A SimpleBaseline's weights with some others, or without some."""
    mixed = state(SimpleBaseline(SMALL)) | {
        name.replace("__", "."): value for name, value in weights.items()
    }
    return {name: value for name, value in mixed.items() if value is not None}


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (changed(w1__bias=None), r'"w1.bias" is missing'),
        (changed(w1__bias=torch.ones(9)), r'"w1.bias" has the shape \(9,\) where \(8,\) belongs'),
        (changed(extra=torch.ones(1)), r'"extra" belongs to no part'),
        (changed(w1__bias=torch.ones(8).long()), '"w1.bias" holds torch.int64'),
        (changed(w2__weight=torch.ones(47, 8)), '"w2.weight" has 47 rows or columns'),
        (changed(w2__weight=torch.ones(0, 8)), r'"w2.weight" has the shape \(0, 8\)'),
        (changed(w1__weight=torch.tensor(1.0)), r'"w1.weight" has the shape \(\)'),
        (changed(linear_stages__3__w1__bias=torch.ones(8)), '"linear_stages.2" is missing'),
    ],
)
def test_the_first_weight_that_does_not_fit_is_named(weights: dict[str, Tensor], words: str):
    with pytest.raises(CheckpointError, match=f"seem to be those of SimpleBaseline, but {words}"):
        recognise(weights)


def test_sizes_that_cannot_be_counted_are_refused_before_anything_is_built():
    row = torch.ones(1).expand(1, 1 << 40)
    weights = changed(w1__weight=row.mT.expand(-1, 32), w2__weight=row.expand(48, -1))
    with pytest.raises(CheckpointError, match="sizes are those of no network|has the shape"):
        recognise(weights)


def test_more_layers_than_any_network_has_are_refused():
    layers = {f"linear_stages.{i}.w1.weight": torch.ones(1) for i in range(5000)}
    with pytest.raises(CheckpointError, match="5000 layers, more than 200"):
        recognise(state(SimpleBaseline(SMALL)) | layers)


def test_unknown_weights_are_a_sentence():
    with pytest.raises(CheckpointError, match='begin with "layer.weight".*one of videopose, '):
        recognise({"layer.weight": torch.ones(1)})
    with pytest.raises(CheckpointError, match="begin with none"):
        recognise({})


@pytest.mark.parametrize(
    ("weights", "as_name", "words"),
    [
        (
            state(SimpleBaseline(SMALL)),
            "mixste",
            'MixSTE, but "Spatial_pos_embed" is missing, and they seem to be those of '
            'SimpleBaseline; import them as "simple_baseline"',
        ),
        (
            released("posynda/denoiser_27f"),
            "mixste",
            'MixSTE, but .* seem to be those of D3DP; import them as "d3dp"',
        ),
        (released("poseda/poseaug_stgcn"), "stgcn", 'import them as "poseaug_stgcn"'),
        ({"layer.weight": torch.ones(1)}, "semgcn", "no network that we know"),
        (state(SimpleBaseline(SMALL)), "mixst", 'did you mean "mixste"'),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(
    weights: dict[str, Tensor], as_name: str, words: str
):
    with pytest.raises(CheckpointError, match=words):
        recognise(weights, as_name=as_name)


def test_choices_that_fit_no_network_are_refused():
    with pytest.raises(SettingsError, match="heads"):
        recognise(released("posynda/mixste_plain_27f"), choices=Choices(heads=7))
    with pytest.raises(SettingsError, match="at least 1"):
        Choices(frames=0)
    with pytest.raises(CheckpointError, match='give the "parents"'):
        recognise(released("poseda/semgcn_plain"), choices=Choices(parents=(-1, 0)))
    with pytest.raises(CheckpointError, match='4 layers that shorten 81.*give "strides"'):
        recognise(released("diff3dhpe/pstmo"), choices=Choices(strides=(9, 9)))
    with pytest.raises(CheckpointError, match="several frames, not of 1"):
        recognise(released("poseda/stgcn_7frame"), choices=Choices(frames=1))


def test_an_even_filter_is_refused_in_the_networks_own_words():
    weights = state(VideoPose(VideoPoseSettings(channels=8, filter_widths=(3,))))
    weights["expand_conv.weight"] = torch.ones(8, 34, 2)
    with pytest.raises(SettingsError, match="odd numbers of frames"):
        recognise(weights)
