"""Networks in whole numbers of eight bits: a quarter of the file, at a price that is measured."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..clip import Clip
from ..errors import CheckpointError, SettingsError
from ..lifters.direct import Direct
from ..onnx_session import runtime_for
from .agreement import Shift, error, shift
from .model_bytes import onnx_for

WEIGHTED = ("MatMul", "Gemm", "Conv")
"""Operators whose weights are quantised."""
PREPARED = {"onnx.quant.pre_process": "onnxruntime.quant"}
"""The word by which the quantiser knows that its advice to simplify the network was heeded."""


@dataclass(frozen=True)
class Cost:
    """What eight bits cost, on some clips."""

    shift: Shift
    before: float | None
    """Mean error of the original in metres, where the truth is known."""
    after: float | None
    clips: str
    """Which they were."""

    def data(self) -> dict[str, Any]:
        """For a file: in millimetres."""
        errors = {"mpjpe_before_mm": self.before, "mpjpe_after_mm": self.after}
        known = {name: 1000 * each for name, each in errors.items() if each is not None}
        return {**self.shift.data(), **known, "clips": self.clips}

    def sentence(self) -> str:
        """For people."""
        moved = (
            f"Eight bits move a joint by {1000 * self.shift.mean:.2f} mm on average and by at most "
            f"{1000 * self.shift.most_of_99:.2f} mm in 99 of 100 cases"
        )
        where = f" (on {self.shift.frames:,} frames of {self.clips})"
        if self.before is None or self.after is None:
            return f"{moved}{where}."
        return (
            f"{moved}, and take the mean error from {1000 * self.before:.2f} to "
            f"{1000 * self.after:.2f} mm{where}."
        )


def quantised(model: Any) -> Any:
    """The model with weights of eight bits, but for its first and its last layer.

    These two are small, and what they round away nothing makes good. Numbers between the layers are
    scaled to eight bits as they come.
    """
    runtime_for("Quantising", "export")
    from onnxruntime.quantization import QuantType, quantize_dynamic

    onnx = onnx_for("Quantising")
    prepared = onnx.ModelProto()
    prepared.CopyFrom(model)
    onnx.helper.set_model_props(prepared, PREPARED)
    ends = [weighted(prepared)[place].name for place in (0, -1)]
    ends += [f"{name}_MatMul" for name in ends]  # as the quantiser renames a layer with a bias
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eight_bits.onnx"
        quantize_dynamic(
            prepared,
            path,
            op_types_to_quantize=list(WEIGHTED),
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=ends,
        )
        found = onnx.load(path)
    del found.metadata_props[:], found.graph.value_info[:]
    return found


def weighted(model: Any) -> list[Any]:
    """The layers of a model that have weights, in the order in which they are computed."""
    weights = {each.name for each in model.graph.initializer}
    layers = [
        node
        for node in model.graph.node
        if node.op_type in WEIGHTED and weights.intersection(node.input)
    ]
    if len(layers) < 3:
        raise SettingsError(
            f"Eight bits are for the layers between the first and the last, but this network has "
            f"{len(layers)} in all; leave --int8 out."
        )
    return layers


def cost(lifter: Direct, small: Direct, clips: Sequence[Clip], which: str) -> Cost:
    """What eight bits cost on clips, refused if what comes out are no numbers."""
    found = Cost(shift(lifter, small, clips), error(lifter, clips), error(small, clips), which)
    if not found.shift.largest < float("inf"):
        raise CheckpointError(
            "Eight bits should cost some accuracy, but made poses that are no numbers, so nothing "
            "was kept; leave --int8 out."
        )
    return found
