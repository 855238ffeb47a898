"""One ONNX file of a lifter, kept only if it says what the lifter says."""

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import Generator

from ..clip import Clip
from ..errors import SettingsError
from ..files import whole
from ..lifter_folder import About
from ..lifters.diffusion import Diffusion
from ..lifters.direct import Direct
from ..protocols import Lifter
from .agreement import Shift, chance, check_agreement, people, shift
from .graph import graph_of, takes_any_length
from .lifter import lifter_of
from .model_bytes import check_model, onnx_for
from .quantised import Cost, cost, quantised
from .words import KEY, words_of


@dataclass(frozen=True)
class Exported:
    """What became of an export."""

    path: Path
    bytes: int
    any_length: bool
    """Whether the network takes sequences of any length."""
    agreement: Shift
    """Of the network in the lifter's precision."""
    int8: Cost | None = None


def export_onnx(
    lifter: Lifter,
    about: About,
    path: Path,
    rng: Generator,
    *,
    int8: bool = False,
    validation: Sequence[Clip] = (),
    provider: str = "cpu",
) -> Exported:
    """Write a lifter as an ONNX file, once ONNX Runtime has given the lifter's poses with it.

    Args:
        rng: Draws the clips on which the two are compared.
        int8: Store most weights in eight bits and say what that costs.
        validation: Clips on which that is measured; made-up people unless given.
        provider: Where ONNX Runtime computes for the comparison.
    """
    if path.suffix != ".onnx":
        raise SettingsError(f'The file should end in .onnx, but "{path.name}" does not; rename it.')
    original = evaluated(lifter, about)
    clips = [*people(original, 2, rng), chance(original, rng)]
    words = words_of(original, about, any_length=takes_any_length(original))
    model = graph_of(original)
    agreement = shift(original, running(model, words, path, provider), clips)
    check_agreement(agreement, path)
    words["agreement"] = agreement.data()
    price = None
    if int8:
        model = quantised(model)
        small = running(model, words, path, provider)
        price = cost(original, small, *measured_on(original, validation, rng))
        words["int8"] = price.data()
    content = described(model, words).SerializeToString()
    with whole(path) as draft:
        draft.write_bytes(content)
    return Exported(path, len(content), words["any_length"], agreement, price)


def measured_on(
    original: Direct, validation: Sequence[Clip], rng: Generator
) -> tuple[Sequence[Clip], str]:
    """Clips on which a cost is measured, and what they are called."""
    if validation:
        return validation, "the validation clips"
    seen = people(original, 6, rng)
    return (seen, "made-up people") if seen else ([chance(original, rng)], "random keypoints")


def evaluated(lifter: Lifter, about: About) -> Direct:
    """The lifter with a copy of its network, as evaluated and on the processor."""
    if not isinstance(lifter, Direct):
        raise SettingsError(
            f'A lifter\'s network is exported, but "{about.name}" has none; use it as it is, or '
            "choose one with a network."
        )
    if isinstance(lifter, Diffusion):
        raise SettingsError(
            f'One pass of a network is exported, but "{about.name}" draws its poses in several; '
            "use it as it is, or choose another lifter."
        )
    return replace(lifter, network=deepcopy(lifter.network).cpu().eval())


def running(model: Any, words: dict[str, Any], path: Path, provider: str) -> Direct:
    """The lifter as it will be read from the file."""
    check_model(described(model, words), path)
    return lifter_of(model, path, provider)


def described(model: Any, words: dict[str, Any]) -> Any:
    """The model with what is said of it."""
    onnx = onnx_for("Exporting a lifter")
    onnx.helper.set_model_props(model, {KEY: json.dumps(words)})
    return model
