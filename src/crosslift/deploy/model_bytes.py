"""ONNX files from anywhere, looked through before anything of them runs."""

from collections.abc import Iterator
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

from ..data.reading import reading
from ..errors import CheckpointError, SettingsError

LARGEST_FILE = 2**31 - 1
"""Bytes; more cannot be in one file of this format."""
LARGEST_TENSOR = 2**28
"""Numbers in one weight or constant: 1 GiB in float32, twenty times the largest lifter's."""
DOMAINS = {"", "ai.onnx"}
"""Of the operators that the format itself defines."""


def read_model(path: Path) -> Any:
    """The model in a file, once it is known to hold a plain network and nothing odd."""
    with reading("an ONNX file", path):
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise CheckpointError(
                f'"{path}" should be an ONNX file, which has at most 2 GiB, but has '
                f"{size / 2**30:.1f}; name another file."
            )
        content = path.read_bytes()
    model = parsed_model(content, path)
    check_model(model, path)
    return model


def parsed_model(content: bytes, path: Path) -> Any:
    """The bytes of a file as a model."""
    onnx = onnx_for("Reading an ONNX file")
    try:
        model = onnx.load_model_from_string(content)
    except Exception as problem:  # protobuf's errors share no class
        raise _refused(path, "its bytes are no model", "check that the file is whole") from problem
    if not model.ir_version or not model.graph.output:
        raise _refused(path, "its bytes are no model", "check that the file is whole")
    return model


def check_model(model: Any, path: Path) -> None:
    """Refuse what no lifter's network has: other files, huge tensors, foreign code, loops."""
    anew = "export the lifter anew"
    for tensor in tensors(model.graph):
        if tensor.external_data or tensor.data_location:
            raise _refused(path, f'its "{tensor.name}" lies in another file', anew)
        if any(size < 0 for size in tensor.dims) or prod(tensor.dims) > LARGEST_TENSOR:
            raise _refused(path, f'its "{tensor.name}" has the size {list(tensor.dims)}', anew)
    for node in model.graph.node:
        if node.domain not in DOMAINS:
            raise _refused(path, f'it needs operators of "{node.domain}"', anew)
        if any(each.HasField("g") or each.graphs for each in node.attribute):
            raise _refused(path, f'its "{node.op_type}" holds other networks', anew)
    if model.functions or model.graph.sparse_initializer:
        raise _refused(path, "it brings operators of its own, or sparse weights", anew)
    check_whole(model, path)


def check_whole(model: Any, path: Path) -> None:
    """Refuse a model that contradicts itself, or whose constants grow beyond bounds."""
    onnx = onnx_for("Reading an ONNX file")
    try:
        onnx.checker.check_model(model)
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except Exception as problem:  # the checker's errors share no class
        first = str(problem).strip().partition("\n")[0][:160]
        raise _refused(
            path, f"it contradicts itself ({first})", "check that it is whole"
        ) from problem
    for value in inferred.graph.value_info:
        sizes = [each.dim_value for each in value.type.tensor_type.shape.dim]
        if prod(size or 1 for size in sizes) > LARGEST_TENSOR:
            raise _refused(
                path, f'its "{value.name}" would have the size {sizes}', "export the lifter anew"
            )


def tensors(graph: Any) -> Iterator[Any]:
    """All weights and constants of a network."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from attribute.tensors
            if attribute.HasField("t"):
                yield attribute.t


def onnx_for(what: str) -> ModuleType:
    """The library `onnx`; where it is missing, the sentence says how to get it."""
    try:
        import onnx
        import onnx.checker
        import onnx.shape_inference
    except ImportError as problem:
        raise SettingsError(
            f"{what} needs the library onnx, which is not installed; get it by "
            "pip install 'crosslift[export]'."
        ) from problem
    return onnx


def _refused(path: Path, found: str, remedy: str) -> CheckpointError:
    return CheckpointError(f'"{path}" should be a lifter in ONNX, but {found}; {remedy}.')
