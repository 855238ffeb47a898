"""Weights with low-rank additions beside them (PoSynDA's), told apart."""

import re
from typing import NamedTuple

from ..networks.low_rank import LowRankSettings
from ..networks.refinement import RefinementSettings
from .kinds import Choices, State
from .shapes import MisfitError, Shapes

DOWN = ".lora_down.weight"
ADDED = (DOWN, ".lora_up.weight")
INSIDE = ".linear."
"""Between a layer's name and its weight's, where something was added beside it."""
COMPUTED = "pos_encoder.pe"
"""A table of waves, as large as all weights of a refinement together."""
DENOISER = "pose_estimator."


class Apart(NamedTuple):
    """A network's weights as they were, and what was added."""

    base: State
    added: State
    """By the names of the network itself."""
    settings: LowRankSettings


def has_additions(state: State) -> bool:
    """Whether something was added to the weights."""
    return any(name.endswith(DOWN) for name in state)


def apart(state: State) -> Apart:
    """Weights and additions; their scale is not stored, and the published 1 is taken."""
    layers = {name.removesuffix(DOWN) for name in state if name.endswith(DOWN)}
    base, added = {}, {}
    for name, value in state.items():
        layer, inside, rest = name.rpartition(INSIDE)
        if name.endswith(ADDED):
            added[name.removeprefix(DENOISER)] = value
        else:
            base[f"{layer}.{rest}" if inside and layer in layers else name] = value
    ranks = {len(value) for name, value in added.items() if name.endswith(DOWN)}
    if len(ranks) != 1:
        raise MisfitError(f"its low-rank additions have the ranks {sorted(ranks)} and not one")
    return Apart(base, added, LowRankSettings(patterns(layers), ranks.pop()))


def patterns(layers: set[str]) -> tuple[str, ...]:
    """The published patterns, if all layers that end so are named; else each layer by itself."""
    (usual,) = LowRankSettings().layers
    if all(re.search(usual, name) for name in layers):
        return (usual,)
    return tuple(f"^{re.escape(name.removeprefix(DENOISER))}$" for name in sorted(layers))


def of_refinement(state: State, choices: Choices) -> tuple[RefinementSettings, State]:
    """The sizes of a released refinement, and its weights less what is computed."""
    tidied = {name: value for name, value in state.items() if name != COMPUTED}
    shapes = Shapes(tidied)
    sizes = RefinementSettings(
        width=shapes.axis("encoder.weight", 0),
        heads=choices.heads,
        hidden=shapes.axis("transformer_encoder.layers.0.linear1.weight", 0),
        depth=shapes.layers("transformer_encoder.layers"),
        dropout=0.5,
        released=True,
    )
    return sizes, tidied
