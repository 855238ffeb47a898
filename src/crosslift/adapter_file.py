"""An adapter as a file of its own: what was added to a lifter, and to which one.

A safetensors file of the numbers that moved, under the publication's names, with the hash of the
weights that they were added to: beside other weights they would mean nothing. So several adapters,
one for each camera or person, lie beside one lifter, each a hundredth of its size.

    STEblocks.0.attn.qkv.lora_down.weight ...   low-rank additions (`networks.low_rank`)
    refinement.encoder.weight ...               a refinement of poses (`networks.refinement`)
    domain.centres ...                          what the keypoints looked like that it learned from
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Generator, Tensor

from .data.safetensors_map import map_file
from .domain import Domain
from .errors import CheckpointError, CrossliftError, SettingsError
from .files import whole
from .lifters.direct import Direct, load_strictly
from .lifters.refined import Refined
from .networks.low_rank import LowRankSettings, additions, inject, merge
from .networks.refinement import Refinement, RefinementSettings
from .protocols import Lifter
from .settings import as_data, from_data
from .skeleton import Skeleton
from .version import __version__

FORMAT, VERSION = "crosslift adapter", 1
SUFFIX = ".safetensors"
REFINEMENT, DOMAIN = "refinement.", "domain."
"""Beginnings of names."""


@dataclass(frozen=True, eq=False)
class Adapter:
    """What is added to a lifter."""

    base: str
    """The hash of the weights to which it belongs (`weights_hash`)."""
    state: Mapping[str, Tensor]
    """The low-rank additions, by their published names; empty where there are none."""
    low_rank: LowRankSettings | None = None
    refinement: Refinement | None = None
    """Of the poses that come out."""
    domain: Mapping[str, Tensor] = field(default_factory=dict)
    """What the keypoints looked like that it learned from, if that is known."""
    made: Mapping[str, Any] = field(default_factory=dict)
    """How: command, method, figures, licence; plain data."""

    @property
    def numbers(self) -> int:
        """How many were added."""
        refined = [] if self.refinement is None else self.refinement.parameters()
        return sum(each.numel() for each in [*self.state.values(), *refined])

    def domain_of(self, skeleton: Skeleton) -> Domain | None:
        """What the keypoints looked like that it learned from."""
        return Domain.from_tensors(self.domain, skeleton) if self.domain else None


def weights_hash(lifter: Direct) -> str:
    """The hash of a lifter's weights and statistics, wherever they lie and however called."""
    digest = sha256()
    for name, value in sorted(lifter.state().items()):
        digest.update(f"{name} {tuple(value.shape)} ".encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def adapter_of(
    student: Direct,
    base: Direct,
    low_rank: LowRankSettings,
    *,
    domain: Domain | None = None,
    made: Mapping[str, Any] | None = None,
) -> Adapter:
    """What was added to a base in the network of its student.

    Args:
        student: The same lifter with low-rank additions that have learned something.
    """
    state = {name: each.detach().clone() for name, each in additions(student.network).items()}
    known = {} if domain is None else dict(domain.tensors())
    return Adapter(weights_hash(base), state, low_rank, domain=known, made=made or {})


def merged(student: Direct) -> Direct:
    """The lifter with what was added summed into a network of its own, which is as fast as ever."""
    network = deepcopy(student.network)
    merge(network)
    return replace(student, network=network.requires_grad_(True))


def with_adapters(lifter: Lifter, adapters: Sequence[Adapter]) -> Lifter:
    """The lifter with what belongs to it added; refused where it belongs to another one.

    The given one stays as it is: low-rank additions are merged into a copy of its network.
    """
    if not adapters:
        return lifter
    found = base = adaptable(lifter)
    refinement = None
    for adapter in adapters:
        check_base(adapter, base)
        if adapter.low_rank is not None:
            found = merged(added(found, adapter, adapter.low_rank))
        refinement = adapter.refinement or refinement
    return found if refinement is None else Refined.of(found, refinement)


def added(lifter: Direct, adapter: Adapter, low_rank: LowRankSettings) -> Direct:
    """The lifter with low-rank additions beside the layers of a network of its own."""
    network = deepcopy(lifter.network)
    inject(network, low_rank, Generator())
    own, given = additions(network), adapter.state
    for name in [*own, *given]:
        if name not in own or name not in given or own[name].shape != given[name].shape:
            raise CheckpointError(
                f'The adapter should add to the layers that its settings name, but "{name}" does '
                "not fit; make the file anew."
            )
    with torch.no_grad():
        for name, each in own.items():
            each.copy_(given[name])
    network.requires_grad_(False).train(lifter.network.training)
    return replace(lifter, network=network)


def check_base(adapter: Adapter, base: Direct) -> None:
    """Refuse to add to other weights than those that it was made for."""
    found = weights_hash(base)
    if found != adapter.base:
        raise CheckpointError(
            f"The adapter belongs to a lifter whose weights have the hash {adapter.base}, but "
            f"those of this one have {found}; name the lifter that it was made for."
        )


def adaptable(lifter: Lifter) -> Direct:
    """The lifter as one to whose network something can be added."""
    if not isinstance(lifter, Direct):
        raise SettingsError(
            "An adapter is added to a network of ours, but this lifter has none here; name the "
            "folder of the lifter that the adapter was made for."
        )
    return lifter


def save_adapter(adapter: Adapter, path: Path) -> None:
    """Write an adapter as a file, whole or not at all."""
    refined = adapter.refinement
    tensors = {
        **adapter.state,
        **({} if refined is None else _prefixed(REFINEMENT, refined.state_dict())),
        **_prefixed(DOMAIN, adapter.domain),
    }
    words = {
        "format": FORMAT,
        "version": str(VERSION),
        "crosslift": __version__,
        "base": adapter.base,
        "low_rank": json.dumps(as_data(adapter.low_rank)),
        "refinement": json.dumps(None if refined is None else as_data(refined.settings)),
        "made": json.dumps(as_data(adapter.made)),
    }
    kept = {name: each.detach().cpu().contiguous() for name, each in tensors.items()}
    with whole(path) as draft:
        save_file(kept, draft, words)


def read_adapter(path: Path) -> Adapter:
    """The adapter in a file."""
    arrays, words = map_file(path)
    if words.get("format") != FORMAT:
        raise CheckpointError(
            f'"{path}" should be an adapter that crosslift has made, but is another file; name '
            "one that crosslift adapt or crosslift import wrote."
        )
    if int(words.get("version", "0")) > VERSION:
        raise CheckpointError(
            f'"{path}" was written by a newer crosslift ({words.get("crosslift")}) than this one '
            f"({__version__}); update crosslift."
        )
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    try:
        return _told(tensors, words)
    except (KeyError, TypeError, ValueError, CrossliftError) as problem:
        raise CheckpointError(
            f'"{path}" does not hold an adapter that this crosslift knows ({problem}); make the '
            "file anew."
        ) from problem


def is_adapter(path: Path) -> bool:
    """Whether a file is an adapter."""
    if path.suffix != SUFFIX or not path.is_file():
        return False
    try:
        return map_file(path).metadata.get("format") == FORMAT
    except CrossliftError:
        return False


def _told(tensors: dict[str, Tensor], words: Mapping[str, str]) -> Adapter:
    """The adapter of a file's tensors and words."""
    low_rank, sizes = (json.loads(words[name]) for name in ("low_rank", "refinement"))
    refinement = None
    if sizes is not None:
        with torch.random.fork_rng(devices=()):
            refinement = Refinement(from_data(RefinementSettings, sizes))
        load_strictly(refinement, _below(REFINEMENT, tensors))
        refinement.eval().requires_grad_(False)
    others = (REFINEMENT, DOMAIN)
    return Adapter(
        words["base"],
        {name: each for name, each in tensors.items() if not name.startswith(others)},
        None if low_rank is None else from_data(LowRankSettings, low_rank),
        refinement,
        _below(DOMAIN, tensors),
        json.loads(words["made"]),
    )


def _prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: each for name, each in tensors.items()}


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)
    }
