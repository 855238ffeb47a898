"""ONNX files from anywhere: read where they are ours, refused in a sentence where they are not."""

import json
import random
import sys
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from crosslift.deploy import load_onnx
from crosslift.deploy import model_bytes as reader
from crosslift.deploy.words import KEY
from crosslift.errors import CheckpointError, CrossliftError, DataError, SettingsError
from crosslift.protocols import Lifter

from .files import made


@pytest.fixture
def model():
    """A file of ours, to be spoilt."""
    return onnx.load(made("simple_baseline").path)


def written(folder: Path, model) -> Path:
    path = folder / "spoilt.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return path


def with_words(model, **other: object):
    """The model with other things said of it."""
    words = json.loads(next(each.value for each in model.metadata_props if each.key == KEY))
    helper.set_model_props(model, {KEY: json.dumps({**words, **other})})
    return model


def test_it_is_a_lifter_like_any_other_but_its_weights_stay_in_the_file():
    lifter = load_onnx(made("simple_baseline").path)
    assert isinstance(lifter, Lifter) and lifter.dtype == torch.float32
    assert lifter.to("cpu") is lifter.to("cpu", torch.float32) is lifter
    with pytest.raises(CheckpointError, match="cannot be taken out or trained on"):
        lifter.state()
    with pytest.raises(CheckpointError, match="cannot be taken out or trained on"):
        lifter.with_state({})


def test_it_computes_where_and_as_it_was_loaded():
    lifter = load_onnx(made("simple_baseline").path)
    with pytest.raises(SettingsError, match='for the device "cpu", but "cuda" was asked for'):
        lifter.to("cuda")
    with pytest.raises(SettingsError, match=r"computes in torch\.float32, but torch\.float64"):
        lifter.to("cpu", torch.float64)


@pytest.mark.parametrize("provider", ["mps", "TensorrtExecutionProvider", "gpu"])
def test_a_provider_that_is_not_there_is_refused_and_those_that_are_named(provider):
    with pytest.raises(SettingsError, match=rf'has no device "{provider}"; choose among cpu'):
        load_onnx(made("simple_baseline").path, provider)


@pytest.mark.parametrize("library", ["onnxruntime", "onnx"])
def test_a_missing_library_is_named_with_the_way_to_get_it(monkeypatch, library):
    path = made("simple_baseline").path
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        SettingsError, match=r"not installed; get it by pip install 'crosslift\[export\]'"
    ):
        load_onnx(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"no model at all", bytes(1000)])
def test_other_bytes_are_refused(tmp_path, content):
    with pytest.raises(CheckpointError, match="but its bytes are no model; check that the file"):
        load_onnx(written(tmp_path, content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        load_onnx(tmp_path / "none.onnx")
    with pytest.raises(DataError, match="should be an ONNX file"):
        load_onnx(tmp_path)


def test_a_file_that_is_too_large_is_not_even_read(tmp_path, monkeypatch, model):
    monkeypatch.setattr(reader, "LARGEST_FILE", 1000)
    with pytest.raises(CheckpointError, match="has at most 2 GiB"):
        load_onnx(written(tmp_path, model))


@pytest.mark.parametrize("place", ["../../secret", "/etc/passwd", "weights.bin"])
def test_weights_in_other_files_are_refused(tmp_path, model, place):
    weight = model.graph.initializer[0]
    (tmp_path / "weights.bin").write_bytes(weight.raw_data)
    onnx.external_data_helper.set_external_data(weight, location=place)
    weight.ClearField("raw_data")
    with pytest.raises(CheckpointError, match="lies in another file; export the lifter anew"):
        load_onnx(written(tmp_path, model))


def test_absurd_sizes_are_refused_before_anything_runs(tmp_path, model):
    model.graph.initializer[0].dims[:] = [2**20, 2**20]
    with pytest.raises(CheckpointError, match=r"has the size \[1048576, 1048576\]"):
        load_onnx(written(tmp_path, model))


def test_a_weight_that_is_cut_off_is_refused(tmp_path, model):
    weight = max(model.graph.initializer, key=lambda each: len(each.raw_data))
    weight.raw_data = weight.raw_data[:-8]
    with pytest.raises(CheckpointError, match="it contradicts itself"):
        load_onnx(written(tmp_path, model))


def test_constants_that_would_grow_beyond_bounds_are_refused(tmp_path, model):
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [10**6, 10**7])
    model.graph.initializer.append(shape)
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["shape"], ["huge"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["huge"], ["sum"]))
    with pytest.raises(CheckpointError, match=r'"huge" would have the size \[1000000, 10000000\]'):
        load_onnx(written(tmp_path, model))


def test_networks_in_networks_and_foreign_operators_are_refused(tmp_path, model):
    inner = helper.make_graph([], "inner", [], [])
    loop = helper.make_node("If", ["yes"], [], then_branch=inner, else_branch=inner)
    model.graph.node.append(loop)
    with pytest.raises(CheckpointError, match='its "If" holds other networks'):
        load_onnx(written(tmp_path, model))
    model.graph.node[-1].CopyFrom(helper.make_node("Run", [], [], domain="somebody.else"))
    with pytest.raises(CheckpointError, match='needs operators of "somebody.else"'):
        load_onnx(written(tmp_path, model))
    del model.graph.node[-1]
    empty = helper.make_function("own", "Nothing", ["x"], ["x"], [], [])
    model.functions.append(empty)
    with pytest.raises(CheckpointError, match="brings operators of its own"):
        load_onnx(written(tmp_path, model))


def test_an_onnx_file_of_something_else_is_refused(tmp_path, model):
    del model.metadata_props[:]
    with pytest.raises(CheckpointError, match="but is an ONNX model of something else"):
        load_onnx(written(tmp_path, model))
    helper.set_model_props(model, {KEY: "{"})
    with pytest.raises(CheckpointError, match="that text is damaged"):
        load_onnx(written(tmp_path, model))


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"version": 99}, "was written by a newer crosslift"),
        ({"lifter": "nobody"}, "does not describe a lifter that this crosslift knows"),
        ({"settings": {"width": -1}}, "does not describe a lifter that this crosslift knows"),
        ({"skeleton": 3}, "does not describe a lifter that this crosslift knows"),
        ({"statistics": None}, "does not describe a lifter that this crosslift knows"),
        ({"statistics": {"keypoint_statistics": {"mean": [["x"]]}}}, "does not describe a lifter"),
        ({"frames": 81}, 'says other things of its lifter than the settings of "simple_baseline"'),
        ({"lifter": "ridge", "settings": {}}, "says other things of its lifter"),
        ({"skeleton": "h36m16"}, "should take 16 x 2 numbers a frame and give 16 x 3, but has num"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(tmp_path, model, other, sentence):
    with pytest.raises(CheckpointError, match=sentence):
        load_onnx(written(tmp_path, with_words(model, **other)))


def test_damaged_files_are_refused_or_read_but_never_end_the_process(tmp_path):
    whole, chance = made("simple_baseline").path.read_bytes(), random.Random(0)
    refused = 0
    for number in range(60):
        spoilt = bytearray(whole)
        if number % 2:
            del spoilt[chance.randrange(len(spoilt)) :]
        else:
            for _ in range(8):
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        try:
            load_onnx(written(tmp_path, bytes(spoilt)))
        except CrossliftError:
            refused += 1
    assert refused >= 30
