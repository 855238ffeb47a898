"""A lifter's ONNX file says what the lifter says, or there is no file."""

import json
from dataclasses import replace

import onnx
import pytest
import torch

from crosslift.deploy import OnnxLifter, export, export_onnx, load_onnx
from crosslift.deploy.agreement import relative_poses
from crosslift.deploy.lifter import OnnxSliding
from crosslift.deploy.words import KEY
from crosslift.errors import CheckpointError, SettingsError
from crosslift.lifter_folder import About
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.inputs import Inputs
from crosslift.lifting import lift
from crosslift.networks.semgcn import H36M_16_PAIRS, SemGCNSettings
from crosslift.networks.simple_baseline import Statistics
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from crosslift.skeletons import H36M_16, H36M_17

from ..people import seen_walker
from .files import NETWORKS, built, generator, made

QUICK = {"simple_baseline", "videopose"}
"""Single frames and sequences: windows are like these, and slow."""
ALL = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]


def words_in(path) -> dict:
    said = {each.key: each.value for each in onnx.load(path).metadata_props}
    return json.loads(said[KEY])


def same(lifter, other, clip) -> None:
    """Both say the same of a clip, which is not always the same pose."""
    ours, theirs = relative_poses(clip, lifter), relative_poses(clip, other)
    torch.testing.assert_close(theirs, ours, atol=1e-5, rtol=1e-5)
    assert ours.isfinite().all() and ours.std(dim=0).max() > 1e-4


@pytest.mark.parametrize("name", ALL)
def test_the_file_lifts_as_the_lifter_does(name):
    lifter, _, found = made(name)
    read = load_onnx(found.path)
    assert isinstance(read, OnnxLifter)
    assert (read.frames, read.predict, read.fps) == (lifter.frames, lifter.predict, lifter.fps)
    assert read.skeleton == lifter.skeleton and read.inputs == lifter.inputs
    same(lifter, read, seen_walker())
    assert lift(seen_walker(), read, generator()).poses.isfinite().all()
    assert found.agreement.frames >= 180
    assert words_in(found.path)["agreement"]["largest_mm"] < 0.01


@pytest.mark.parametrize("name", ALL)
def test_batches_may_have_any_size_and_sequences_any_length_where_the_network_allows(name):
    lifter, _, found = made(name)
    network, joints = load_onnx(found.path).network, len(lifter.skeleton)
    lengths = [lifter.frames, lifter.frames + 7] if found.any_length else [lifter.frames]
    for batch in (1, 4):
        for length in lengths:
            given = torch.randn(batch, length, joints, lifter.inputs.channels)
            with torch.no_grad():
                if isinstance(lifter.network, VideoPose):
                    wanted = lifter.network(given, strided=False)
                else:
                    wanted = lifter.read(lifter.network, given)[0]
            torch.testing.assert_close(network(given), wanted, atol=1e-4, rtol=1e-5)
    if not found.any_length:
        with pytest.raises(Exception, match=f"give it windows of {lifter.frames} frames"):
            network(torch.randn(1, lifter.frames + 2, joints, lifter.inputs.channels))


def test_the_lifter_goes_along_a_sequence_where_the_network_can():
    assert isinstance(load_onnx(made("videopose").path), OnnxSliding)
    read = load_onnx(made("simple_baseline").path)
    assert isinstance(read, OnnxLifter) and not isinstance(read, OnnxSliding)
    network, given = load_onnx(made("videopose").path).network, torch.randn(1, 60, 17, 2)
    torch.testing.assert_close(network.along(given, at_a_time=7), network.along(given))


def test_everything_around_the_network_is_in_the_file():
    inputs = Inputs("standard", scores=True, body=True)
    lifter, about = built("simple_baseline", inputs=inputs, flip=False)
    pixels = Statistics(500 + torch.rand(17, 2), 100 + torch.rand(17, 2))
    metres = Statistics(torch.rand(17, 3), torch.rand(17, 3))
    lifter = replace(lifter, keypoint_statistics=pixels, pose_statistics=metres)
    path = made("simple_baseline").path.with_name("standard.onnx")
    export_onnx(lifter, about, path, generator())
    read, words = load_onnx(path), words_in(path)
    assert words["inputs"] == {
        "unit": "standard", "scores": True, "body": True, "numbers_for_each_joint": 4
    }  # fmt: skip
    assert words["lifter"] == "simple_baseline" and words["made"] == {"seed": 0}
    assert words["outputs"] == "standard deviations" and words["flip"] is False
    assert torch.equal(read.keypoint_statistics.std, pixels.std)
    assert torch.equal(read.pose_statistics.mean, metres.mean)
    same(lifter, read, seen_walker())


def test_nothing_in_the_file_tells_of_the_machine_that_made_it():
    model = onnx.load(made("poseformer").path)
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert ".py" not in str(model.graph)
    batch, frames, *_ = model.graph.input[0].type.tensor_type.shape.dim
    assert (batch.dim_param, frames.dim_value) == ("batch", 9)
    sizes = onnx.load(made("videopose").path).graph.output[0].type.tensor_type.shape.dim
    assert [each.dim_param or each.dim_value for each in sizes] == ["batch", "frames - 8", 17, 3]


@pytest.mark.slow
@pytest.mark.parametrize("form", [{"causal": True}, {"filter_widths": (1, 1)}, {"dense": True}])
def test_other_forms_of_convolutions_over_time_are_exported(form, tmp_path):
    settings = replace(VideoPoseSettings(filter_widths=(3, 3), channels=16), **form)
    lifter, about = built("videopose", network=settings)
    export_onnx(lifter, about, tmp_path / "lifter.onnx", generator())
    same(lifter, load_onnx(tmp_path / "lifter.onnx"), seen_walker())


@pytest.mark.slow
def test_non_local_blocks_and_sixteen_joints_are_exported(tmp_path):
    network = SemGCNSettings(width=16, blocks=1, groups=H36M_16_PAIRS)
    lifter, about = built("semgcn", H36M_16, network=network)
    found = export_onnx(lifter, about, tmp_path / "lifter.onnx", generator())
    assert found.agreement.frames >= 180
    assert load_onnx(found.path).skeleton == H36M_16


def test_a_network_in_training_is_exported_as_evaluated_and_left_in_training():
    lifter, about = built("simple_baseline")
    lifter.network.train()
    copied = export.evaluated(lifter, about)
    assert not any(part.training for part in copied.network.modules())
    assert all(part.training for part in lifter.network.modules())
    lifter.network.eval()
    same(lifter, copied, seen_walker())


def test_a_file_that_says_something_else_is_not_kept(tmp_path, monkeypatch):
    _, about, found = made("simple_baseline")
    other, _ = built("simple_baseline")
    with torch.no_grad():
        other.network.w2.bias[4] += 3e-4
    (tmp_path / "lifter.onnx").write_bytes(b"what was there")
    wrong = onnx.load(found.path)
    monkeypatch.setattr(export, "graph_of", lambda _: wrong)
    with pytest.raises(CheckpointError, match=r"is off by up to 0\.15 mm, so nothing was kept"):
        export_onnx(other, about, tmp_path / "lifter.onnx", generator())
    assert [each.name for each in tmp_path.iterdir()] == ["lifter.onnx"]
    assert (tmp_path / "lifter.onnx").read_bytes() == b"what was there"


def test_a_lifter_without_a_network_and_another_ending_are_refused(tmp_path):
    settings = FlatSettings()
    flat = settings.build(H36M_17)
    with pytest.raises(SettingsError, match='"flat" has none; use it as it is'):
        export_onnx(flat, About("flat", settings, H36M_17), tmp_path / "x.onnx", generator())
    lifter, about, _ = made("simple_baseline")
    with pytest.raises(SettingsError, match=r"should end in \.onnx, but \"x\.bin\" does not"):
        export_onnx(lifter, about, tmp_path / "x.bin", generator())
    assert not list(tmp_path.iterdir())
