"""Eight bits: smaller, nearly the same, and the price is said."""

import json
from dataclasses import replace

import onnx
import pytest
import torch

from crosslift.deploy import export_onnx, load_onnx
from crosslift.deploy.agreement import error, relative_poses, shift
from crosslift.deploy.quantised import quantised
from crosslift.deploy.words import KEY
from crosslift.errors import SettingsError
from crosslift.networks.simple_baseline import SimpleBaselineSettings

from ..people import seen_walker
from .files import built, generator


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A lifter wide enough for its weights to count, and its file in eight bits."""
    network = SimpleBaselineSettings(width=128)
    lifter, about = built("simple_baseline", network=network)
    path = tmp_path_factory.mktemp("int8") / "small.onnx"
    clips = [seen_walker()]
    return lifter, export_onnx(lifter, about, path, generator(), int8=True, validation=clips)


def test_weights_between_the_first_and_the_last_layer_have_eight_bits(exported):
    _, found = exported
    weights = {each.name: each for each in onnx.load(found.path).graph.initializer}
    kinds = [each.data_type for each in weights.values() if len(each.dims) == 2]
    assert kinds.count(onnx.TensorProto.INT8) == 4 and kinds.count(onnx.TensorProto.FLOAT) == 2
    assert found.bytes < 160_000 < 4 * 4 * 128 * 128  # what the four would take by themselves


def test_the_price_is_measured_on_the_clips_and_stands_in_the_file(exported):
    lifter, found = exported
    small, clip = load_onnx(found.path), seen_walker()
    measured = shift(lifter, small, [clip])
    assert found.int8.shift == measured and 1e-5 < measured.mean < measured.most_of_99 < 0.1
    assert found.int8.after == pytest.approx(error(small, [clip])) != found.int8.before
    said = {each.key: each.value for each in onnx.load(found.path).metadata_props}
    words = json.loads(said[KEY])["int8"]
    assert words["mean_mm"] == pytest.approx(1000 * measured.mean)
    assert words["mpjpe_before_mm"] == pytest.approx(1000 * found.int8.before)
    assert f"move a joint by {words['mean_mm']:.2f} mm on average" in found.int8.sentence()
    assert "of the validation clips" in found.int8.sentence()


def test_the_shift_is_that_of_the_joints(exported):
    lifter, found = exported
    small, clip = load_onnx(found.path), seen_walker()
    apart = (relative_poses(clip, lifter) - relative_poses(clip, small)).norm(dim=-1)
    measured = shift(lifter, small, [clip])
    assert measured.frames == len(clip)
    assert measured.mean == pytest.approx(float(apart.mean()), rel=1e-4)
    assert measured.largest == pytest.approx(float(apart.max()))
    share = float((apart <= measured.most_of_99 + 1e-9).double().mean())
    assert 0.985 < share < 0.995


def test_poses_that_are_not_known_give_no_error(exported):
    lifter, _ = exported
    clip = seen_walker()
    assert error(lifter, [replace(clip, poses=None)]) is None
    holes = clip.poses.clone()
    holes[:, ::2, 3] = torch.nan
    assert error(lifter, [replace(clip, poses=holes)]) < 10


def test_a_network_with_nothing_between_its_ends_is_refused():
    weight = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [2, 2], [1.0, 2.0, 3.0, 4.0])
    nodes = [onnx.helper.make_node("MatMul", [a, "w"], [b]) for a, b in ("xy", "yz")]
    doors = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1, 2]) for n in "xz"]
    graph = onnx.helper.make_graph(nodes, "two", doors[:1], doors[1:], [weight])
    with pytest.raises(SettingsError, match="this network has 2 in all; leave --int8 out"):
        quantised(onnx.helper.make_model(graph))
