"""The weights in what a checkpoint wraps around them.

Beside them stand numbers, optimisers, random states, and sometimes other networks' weights. Trained
on several GPUs, every name begins with "module."; compiled, with "_orig_mod.".
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from torch import Tensor

from ..errors import CheckpointError, unknown_name

LIFTERS = ("model_pos", "lifter", "model_lifter", "posenet", "model_diffusion")
"""What releases call the lifter among several networks, most telling first."""
WHOLES = ("state_dict", "model_state_dict", "model", "net", "network", "module", "weights")
"""What they call the one network."""
OTHERS = ("optim", "sched", "random", "scaler")
"""Beginnings of names under which no weights lie."""
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")
DEEPEST = 4
LONGEST = 200
"""Letters of a name."""
MOST = 100_000
"""Entries that are looked at."""


def state_of(content: Any, part: str | None = None) -> dict[str, Tensor]:
    """The weights of the lifter, or of the named part, under the names of its own network.

    Args:
        content: What `read_torch_file` returns.
        part: Under which name the weights stand, where there are several, as "model_traj".
    """
    found = dict(_states(content))
    if not found:
        held = ", ".join(f'"{key}"' for key in list(content)[:6]) if _is_named(content) else ""
        raise CheckpointError(
            "A checkpoint should hold weights by name, but "
            f"{held or type(content).__name__} was found; save the network's state_dict()."
        )
    return without_prefixes(found[_chosen(list(found), part)])


def without_prefixes(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights without the beginnings that wrappers give to all names."""
    for _ in range(DEEPEST):
        for prefix in PREFIXES:
            if all(name.startswith(prefix) for name in state):
                state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _chosen(places: list[str], part: str | None) -> str:
    """Where the wanted weights stand."""
    if part is not None:
        fitting = [place for place in places if part == place or part in place.split("/")]
        if len(fitting) != 1:
            raise CheckpointError(unknown_name("part of this checkpoint", part, places))
        return fitting[0]
    for names in (*((name,) for name in LIFTERS), WHOLES, ("",)):
        fitting = [place for place in places if place.split("/")[-1] in names]
        if len(fitting) == 1:
            return fitting[0]
    if len(places) == 1:
        return places[0]
    named = ", ".join(f'"{place}"' for place in places[:8])
    raise CheckpointError(
        f"A checkpoint should hold the weights of one lifter, but {len(places)} networks were "
        f"found; name the part to take, one of {named}."
    )


def _states(content: Any) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """All weights by name in a checkpoint, and where they stand; shared ones once."""
    seen: set[int] = set()
    waiting: deque[tuple[str, Any]] = deque([("", content)])
    while waiting and len(seen) < MOST:
        place, value = waiting.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if tensors := _weights(value):
            yield place, tensors
            continue
        if place.count("/") < DEEPEST - 1:
            waiting.extend(_within(place, value))


def _within(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What lies in a dictionary or a list and can hold weights, and where it stands."""
    entries = enumerate(value) if isinstance(value, list | tuple) else _entries(value)
    for key, entry in entries:
        if isinstance(entry, dict | list | tuple) and entry:
            yield f"{place}/{key}".lstrip("/"), entry


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a dictionary among which weights can be; an optimiser's are none."""
    if _is_named(value) and not {"state", "param_groups"} <= value.keys():
        for key, entry in value.items():
            if not key.lower().startswith(OTHERS):
                yield key, entry


def _weights(value: Any) -> dict[str, Tensor]:
    """The tensors of a dictionary in which nothing lies deeper; none of any other."""
    if not _is_named(value) or any(isinstance(entry, dict | list) for entry in value.values()):
        return {}
    return {key: entry for key, entry in value.items() if isinstance(entry, Tensor)}


def _is_named(value: Any) -> bool:
    """Whether it is a dictionary by names, which can be shown to people."""
    return isinstance(value, dict) and all(
        isinstance(key, str) and key.isprintable() and len(key) <= LONGEST for key in value
    )
