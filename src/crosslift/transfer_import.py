"""PoSynDA's transfer checkpoint, best_epoch.bin, as a lifter, an adapter and a refinement.

The file holds a D3DP with low-rank additions (model_pos) and a transformer that goes over its poses
(model_weight). Apart, the lifter is D3DP's as it was, and the others are files beside it.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from .adapter_file import Adapter, weights_hash, with_adapters
from .checkpoints import state_of
from .checkpoints.low_rank import apart, has_additions, of_refinement
from .checkpoints.shapes import MisfitError
from .errors import CheckpointError
from .lifter_folder import About
from .lifter_import import Importing, lifter_in
from .lifters.direct import Direct, load_strictly
from .networks.refinement import Refinement
from .skeletons import MPI_INF_3DHP_17
from .torch_file import read_torch_file

REFINEMENT = "model_weight"
"""What the release calls it."""


class Transfer(NamedTuple):
    """What such a file holds."""

    lifter: Direct
    """Without additions."""
    about: About
    adapter: Adapter
    refinement: Adapter | None
    notes: tuple[str, ...]


def import_transfer(path: Path, importing: Importing) -> Transfer | None:
    """What a transfer checkpoint holds; None where nothing was added to its lifter."""
    content = read_torch_file(path)
    try:
        state = state_of(content, importing.part)
        if not has_additions(state):
            return None
        return _split(content, state, path, importing)
    except (CheckpointError, MisfitError) as problem:
        if str(path) in str(problem):
            raise
        raise CheckpointError(f'"{path}" could not be imported: {problem}') from problem


def _split(content: Any, state: Any, path: Path, importing: Importing) -> Transfer:
    """The three parts of a file whose lifter has additions."""
    base, added, settings = apart(state)
    if importing.skeleton is None:
        importing = replace(importing, skeleton=MPI_INF_3DHP_17.name)
    lifter, about, notes = lifter_in(base, path, None, importing)
    made = {"imported": path.name, "licence": "see the release that the file is from"}
    belongs = weights_hash(lifter)
    adapter = Adapter(belongs, added, settings, made={**made, "part": "low-rank additions"})
    with_adapters(lifter, [adapter])  # refuses additions that do not fit
    refinement = None
    if isinstance(content, Mapping) and REFINEMENT in content:
        network = _refinement(state_of(content, REFINEMENT), importing)
        made |= {"part": "refinement of poses"}
        refinement = Adapter(belongs, {}, refinement=network, made=made)
    skeleton = f"Its joints are taken to be {about.skeleton.name}'s; --skeleton says otherwise."
    scale = "The scale of the additions is not stored; the published 1 is taken."
    return Transfer(lifter, about, adapter, refinement, (*notes, skeleton, scale))


def _refinement(state: dict[str, torch.Tensor], importing: Importing) -> Refinement:
    """The transformer with a file's weights."""
    settings, weights = of_refinement(state, importing.choices)
    with torch.random.fork_rng(devices=()):
        network = Refinement(settings)
    load_strictly(network, weights)
    return network.eval().requires_grad_(False)
