"""Which network weights belong to, and whether each of them fits."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import CheckpointError, CrossliftError, unknown_name
from .kinds import Choices, Kind, State, Stranger
from .shapes import MisfitError, Shapes
from .table import KINDS, STRANGERS

COUNTERS = ("total_ops", "total_params")
"""What a counter of operations leaves in a network."""
TRACKED = "num_batches_tracked"


@dataclass(frozen=True)
class Recognised:
    """Weights, and the network into which they load strictly."""

    architecture: str
    """The name in the table of networks."""
    settings: Any
    """Of the network, a frozen dataclass of its own."""
    state: dict[str, Tensor]
    choices: Choices
    """What the weights do not tell."""
    notes: tuple[str, ...]
    """What was assumed, or is needed beside the weights, a sentence each."""

    def network(self) -> nn.Module:
        """The network with these weights, for use."""
        network = build(self.architecture, self.settings, self.choices)
        network.load_state_dict(self.state, strict=True)
        return network.eval().requires_grad_(False)


def recognise(
    state: State, as_name: str | None = None, choices: Choices | None = None
) -> Recognised:
    """The network that the weights belong to, with its sizes.

    Args:
        state: Weights by name, as `state_of` returns them.
        as_name: The network that they should belong to; none, whichever it is.
        choices: What the weights do not tell.
    """
    choices = choices or Choices()
    seen = _seen(state)
    if as_name is not None:
        kind = _kind(as_name)
        if kind is not seen:
            raise CheckpointError(_is_another(kind, seen, state, choices))
    elif isinstance(seen, Kind):
        kind = seen
    else:
        raise CheckpointError(_cannot_be_imported(seen, state))
    try:
        return _read(kind, state, choices)
    except MisfitError as misfit:
        raise CheckpointError(
            f"The weights seem to be those of {kind.title}, but {misfit}; check that the file is "
            "whole and that nothing was added to the network."
        ) from misfit


def build(architecture: str, settings: Any, choices: Choices | None = None) -> nn.Module:
    """A network of that name without its weights; no global random numbers are drawn."""
    with torch.random.fork_rng(devices=()):
        return _kind(architecture).build(settings, choices or Choices())


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise CheckpointError(unknown_name("network", name, (kind.name for kind in KINDS)))


def _seen(state: State) -> Kind | Stranger | None:
    """What the weights seem to be, strangers first: they grew from what we know and hold more."""
    return next((each for each in (*STRANGERS, *KINDS) if each.fits(state)), None)


def _read(kind: Kind, state: State, choices: Choices) -> Recognised:
    """The weights as those of a network, once each of them fits."""
    tidied = _completed(kind.tidied(_uncounted(state)))
    settings, notes, completed = kind.read(Shapes(tidied), choices)
    choices = completed or choices
    check_fit(_expected(kind, settings, choices), tidied)
    return Recognised(kind.name, settings, tidied, choices, (*notes, *_warnings(tidied)))


def _expected(kind: Kind, settings: Any, choices: Choices) -> State:
    """The weights that the network has, without memory for them."""
    try:
        with torch.random.fork_rng(devices=()), torch.device("meta"):
            return dict(kind.build(settings, choices).state_dict())
    except RuntimeError as problem:  # sizes whose product cannot be counted
        raise MisfitError(f"its sizes are those of no network: {settings}") from problem


def check_fit(expected: State, found: State) -> None:
    """Refuse weights that are missing, too many, or of another shape or type."""
    for name, value in expected.items():
        if name not in found:
            raise MisfitError(f'"{name}" is missing')
        if found[name].shape != value.shape:
            raise MisfitError(
                f'"{name}" has the shape {tuple(found[name].shape)} where {tuple(value.shape)} '
                "belongs"
            )
        if found[name].is_floating_point() != value.is_floating_point():
            raise MisfitError(f'"{name}" holds {found[name].dtype} where {value.dtype} belongs')
    for name in found:
        if name not in expected:
            raise MisfitError(f'"{name}" belongs to no part of it')


def _uncounted(state: State) -> State:
    return {key: value for key, value in state.items() if key.rpartition(".")[2] not in COUNTERS}


def _completed(state: State) -> State:
    """Weights with the counters of batches that files from before 2018 lack."""
    norms = [name.rpartition(".")[0] for name in state if name.endswith(".running_mean")]
    zero = torch.zeros((), dtype=torch.long)
    return state | {f"{norm}.{TRACKED}": zero for norm in norms if f"{norm}.{TRACKED}" not in state}


def _warnings(state: State) -> tuple[str, ...]:
    """What a person should know of the numbers themselves."""
    real = {name: value for name, value in state.items() if value.is_floating_point()}
    broken = [name for name, value in real.items() if not value.isfinite().all()]
    coarse = sorted({str(value.dtype)[6:] for value in real.values()} - {"float32", "float64"})
    notes = []
    if broken:
        notes.append(f'"{broken[0]}" holds numbers that are not finite; its training had failed.')
    if coarse:
        notes.append(f"The weights were saved as {', '.join(coarse)} and are less exact for it.")
    return tuple(notes)


def _is_another(kind: Kind, seen: Kind | Stranger | None, state: State, choices: Choices) -> str:
    """The sentence for weights that were said to be what they are not."""
    try:
        _read(kind, state, choices)
    except MisfitError as misfit:
        reason = str(misfit)
    except CrossliftError:
        reason = "their sizes fit none"
    else:
        reason = "they are more than that"
    if seen is None:
        return (
            f"The weights should be those of {kind.title}, but {reason}, and they seem to be those "
            "of no network that we know; give another file."
        )
    remedy = f'import them as "{seen.name}".' if isinstance(seen, Kind) else seen.remedy
    return (
        f"The weights should be those of {kind.title}, but {reason}, and they seem to be those of "
        f"{seen.title}; {remedy}"
    )


def _cannot_be_imported(seen: Stranger | None, state: State) -> str:
    """The sentence for weights of no network of ours."""
    if seen is not None:
        return (
            "The weights should be those of a lifter that we know, but seem to be those of "
            f"{seen.title}; {seen.remedy}"
        )
    names = ", ".join(f'"{name[:60]}"' for name in list(state)[:3])
    known = ", ".join(kind.name for kind in KINDS)
    return (
        f"The weights should be those of a network that we know, but begin with {names or 'none'}; "
        f"give those of one of {known}."
    )
