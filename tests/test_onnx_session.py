"""ONNX Runtime is started on the device that was asked for, or not at all."""

import sys

import pytest

from crosslift.errors import DataError, SettingsError
from crosslift.onnx_session import provider_of, runtime_for, started

THERE = ["CUDAExecutionProvider", "CPUExecutionProvider"]


def test_devices_have_their_names_and_numbers():
    assert provider_of("cpu", THERE) == ("CPUExecutionProvider", {})
    assert provider_of("cuda:1", THERE) == ("CUDAExecutionProvider", {"device_id": "1"})
    assert provider_of("CUDAExecutionProvider", THERE) == ("CUDAExecutionProvider", {})


def test_a_device_that_is_not_there_is_refused_and_those_that_are_named():
    with pytest.raises(SettingsError, match='no device "mps"; choose among cpu, cuda, or install'):
        provider_of("mps", THERE)


def test_a_device_that_does_not_start_is_refused_instead_of_replaced(monkeypatch):
    runtime = pytest.importorskip("onnxruntime")

    class Elsewhere:
        """A session that fell back to the processor."""

        def __init__(self, *_: object, **__: object) -> None: ...

        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]

    monkeypatch.setattr(runtime, "get_available_providers", lambda: THERE)
    monkeypatch.setattr(runtime, "InferenceSession", Elsewhere)
    with pytest.raises(SettingsError, match='"cuda" could not be started .* by CPUExecutionProvid'):
        started(b"", "cuda", what="A file", needed_by="A test", extra="onnxruntime")


def test_bytes_that_are_no_model_are_refused():
    pytest.importorskip("onnxruntime")
    with pytest.raises(DataError, match='"x.onnx" should be an ONNX model, but ONNX Runtime refus'):
        started(b"no model", "cpu", what='"x.onnx"', needed_by="A test", extra="onnxruntime")


def test_the_library_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match=r"A test needs .* pip install 'crosslift\[one\]'"):
        runtime_for("A test", "one")
