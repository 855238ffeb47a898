"""The network of a lifter as an ONNX model: numbers in, the answer in the network's unit out."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import SettingsError
from ..lifters.direct import Direct, Read, frame_by_frame
from ..networks.semgcn import SemGCN, exportable
from ..networks.time_mixer import TimeMixer
from ..networks.videopose import VideoPose
from .lifter import ANSWER, NUMBERS
from .model_bytes import onnx_for

OPSET = 18
"""Version of the operators; ONNX Runtime has known it since 1.14."""

Given = Float[Tensor, "batch frames joints numbers"]
Answer = Float[Tensor, "batch answered joints 3"]


class Frames(nn.Module):
    """A network of single frames, for any number of them."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, numbers: Given) -> Answer:
        poses = self.network(numbers.flatten(0, 1))
        return poses.unflatten(0, (numbers.shape[0], numbers.shape[1]))


class Places(nn.Module):
    """Convolutions over time, for all places of a sequence at which a window fits."""

    def __init__(self, network: VideoPose) -> None:
        super().__init__()
        self.network = network

    def forward(self, numbers: Given) -> Answer:
        return self.network(numbers, strided=False)


class Windows(nn.Module):
    """A network of windows, which says its answer and nothing that only helps in training."""

    def __init__(self, network: nn.Module, read: Read) -> None:
        super().__init__()
        self.network, self.read = network, read

    def forward(self, numbers: Given) -> Answer:
        return self.read(self.network, numbers)[0]


def takes_any_length(lifter: Direct) -> bool:
    """Whether the exported network takes sequences of any length, and not windows alone."""
    return lifter.read is frame_by_frame or isinstance(lifter.network, VideoPose | TimeMixer)


def asked(lifter: Direct) -> nn.Module:
    """The module that is exported, with the network of an evaluated lifter."""
    network = lifter.network
    if isinstance(network, SemGCN):
        network = exportable(network)
    if isinstance(network, VideoPose):
        return Places(network)
    return Frames(network) if lifter.read is frame_by_frame else Windows(network, lifter.read)


def graph_of(lifter: Direct) -> Any:
    """The network as an ONNX model for batches of any size, and where it can for any length."""
    onnx_for("Exporting a lifter")
    check_exporter()
    any_length = takes_any_length(lifter)
    frames = lifter.frames + 3 if any_length else lifter.frames  # 2 and 1 would count as fixed
    example = torch.randn(
        2, frames, len(lifter.skeleton), lifter.inputs.channels,
        dtype=lifter.dtype, generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    free = torch.export.Dim.DYNAMIC
    axes = {0: free, 1: free} if any_length else {0: free}
    with silence(), torch.no_grad():
        program = torch.onnx.export(
            asked(lifter), (example,), dynamo=True, external_data=False, opset_version=OPSET,
            input_names=[NUMBERS], output_names=[ANSWER], dynamic_shapes=(axes,), verbose=False,
        )  # fmt: skip
    assert program is not None, "the exporter of PyTorch's own graphs returns the program"
    return plain(program.model_proto)


def plain(model: Any) -> Any:
    """The model without traces of the machine that made it, its free axes named."""
    (numbers,), (answer,) = model.graph.input, model.graph.output
    names = {
        size.dim_param: name
        for size, name in zip(sizes_of(numbers), ("batch", "frames"), strict=False)
        if size.dim_param
    }
    for size in (*sizes_of(numbers), *sizes_of(answer)):
        for short, name in names.items():
            if size.dim_param:  # it may be a formula, such as "s1 - 8"
                size.dim_param = size.dim_param.replace(short, name)
    del model.graph.value_info[:]  # it repeats what follows from the rest
    for part in (model.graph, *model.graph.node, *model.graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    del model.metadata_props[:]
    return model


def sizes_of(door: Any) -> Any:
    """The sizes of what goes into or comes out of a model, fixed or named."""
    return door.type.tensor_type.shape.dim


def check_exporter() -> None:
    """Refuse to begin without the library by which PyTorch exports."""
    try:
        import onnxscript  # noqa: F401  PyTorch imports it late
    except ImportError as problem:
        raise SettingsError(
            "Exporting a lifter needs the library onnxscript, which is not installed; get it by "
            "pip install 'crosslift[export]'."
        ) from problem


@contextmanager
def silence() -> Iterator[None]:
    """Keep the exporter's advice to its own developers from the screen."""
    talker = logging.getLogger("torch.onnx")
    level = talker.level
    talker.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        talker.setLevel(level)
