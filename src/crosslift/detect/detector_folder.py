"""A detector as a folder: its weights, its settings, and the files' checksums.

    model.safetensors   weights under the publication's names
    settings.json       the network and its sizes, the cut-outs' size, the skeleton, how maps are
                        read, how it was made
    SHA256SUMS          of the other files

Nothing in it can run code. Published files of weights (.pth, safetensors) are read beside it, by
the importer that runs no code either.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors.torch import save_file

from ..checkpoints import state_of
from ..data.record import skeleton_of, skeleton_words
from ..data.safetensors_map import map_file
from ..errors import CheckpointError, CrossliftError
from ..settings import as_data, from_data, read_settings
from ..summed_folder import check_sums, sha256, summed
from ..torch_file import read_torch_file
from ..version import __version__
from .joints import joints_of_model
from .map_detector import Decoding, MapDetector
from .map_networks import MAP_NETWORKS, built, kind_of, network_of

FORMAT = "crosslift detector"
VERSION = 1
WEIGHTS, SETTINGS = "model.safetensors", "settings.json"
USUAL_SIZE = (192, 256)
"""Width and height of the cut-outs, where nothing tells them."""


@dataclass(frozen=True, eq=False)
class KeptDetector:
    """A detector with what is known of it."""

    detector: MapDetector
    made: Mapping[str, Any] = field(default_factory=dict)
    """How: command, data, seed, figures; or the file that it was imported from."""


def save_detector(kept: KeptDetector, folder: Path) -> None:
    """Write a detector as a new folder, whole or not at all."""
    detector = kept.detector
    words = {
        "format": FORMAT,
        "version": VERSION,
        "crosslift": __version__,
        "detector": kind_of(detector.network).name,
        "network": as_data(detector.network.settings),
        "size": list(detector.size),
        "decoding": detector.decoding,
        "skeleton": skeleton_words(detector.skeleton),
        "made": as_data(kept.made),
    }
    state = {name: each.detach().cpu().contiguous() for name, each in detector.state().items()}
    with summed(folder, "a detector") as draft:
        save_file(state, draft / WEIGHTS)
        (draft / SETTINGS).write_text(json.dumps(words, indent=2) + "\n", "utf-8")


def load_detector(
    path: Path, *, skeleton: str | None = None, size: tuple[int, int] | None = None
) -> KeptDetector:
    """The detector in a folder of ours or in a published file of weights.

    Args:
        skeleton: Of its joints, where a file of weights does not tell it by their number.
        size: Width and height of the cut-outs; those of its training unless given, as the folder
            or the file's name tells them (384x288 is height by width).
    """
    if path.is_dir():
        return with_choices(load_folder(path), path, skeleton, size)
    try:
        network = network_of(state_of(read_torch_file(path)))
    except CheckpointError as problem:
        if str(path) in str(problem):
            raise
        raise CheckpointError(f'"{path}" could not be imported: {problem}') from problem
    joints = joints_of_model(len(network.get_parameter("final_layer.bias")), skeleton)
    made = {"imported": path.name, "sha256": sha256(path)}
    return KeptDetector(MapDetector(joints, network, size or size_in(path.name)), made)


def size_in(name: str) -> tuple[int, int]:
    """Width and height as the names of published files tell them."""
    found = re.search(r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)", name)
    return (int(found[2]), int(found[1])) if found else USUAL_SIZE


def load_folder(folder: Path) -> KeptDetector:
    """The detector in a folder that `save_detector` wrote."""
    if not (folder / SETTINGS).is_file():
        raise CheckpointError(
            f'"{folder}" should be the folder of a detector, with {SETTINGS} and {WEIGHTS}, but is '
            "none; make one with crosslift train detector, or name a file of weights."
        )
    words = read_settings(folder / SETTINGS)
    if words.get("format") != FORMAT or not isinstance(words.get("version"), int):
        raise CheckpointError(
            f'"{folder / SETTINGS}" should describe a detector, but does not; name a folder that '
            "crosslift train detector has made."
        )
    if words["version"] > VERSION:
        raise CheckpointError(
            f'"{folder}" was written by a newer crosslift ({words.get("crosslift")}) than this one '
            f"({__version__}); update crosslift."
        )
    check_sums(folder, (WEIGHTS, SETTINGS))
    arrays, _ = map_file(folder / WEIGHTS)
    state = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    try:
        kind = MAP_NETWORKS[words["detector"]]
        network = built(kind, from_data(kind.settings, words["network"]), state)
        width, height = map(int, words["size"])
        decoding = decoding_in(words)
        found = MapDetector(skeleton_of(words["skeleton"]), network, (width, height), decoding)
        return KeptDetector(found, dict(words["made"]))
    except (KeyError, TypeError, ValueError, AttributeError, CrossliftError) as problem:
        raise CheckpointError(
            f'"{folder / SETTINGS}" does not describe a detector that this crosslift knows '
            f"({problem}); make the folder anew."
        ) from problem


def decoding_in(words: Mapping[str, Any]) -> Decoding:
    """How maps are read; older folders do not say it and mean the usual way."""
    found = words.get("decoding", "quarter")
    if found not in get_args(Decoding):
        raise ValueError(f'its decoding is "{found}"')
    return found


def with_choices(
    kept: KeptDetector, folder: Path, skeleton: str | None, size: tuple[int, int] | None
) -> KeptDetector:
    """A detector in a folder tells its joints and its size itself; others are refused."""
    own = kept.detector
    for said, found in ((skeleton, own.skeleton.name), (size, own.size)):
        if said is not None and said != found:
            raise CheckpointError(
                f'The detector in "{folder}" was trained for {shown(found)}, but {shown(said)} was '
                "asked for; leave that out, or name another detector."
            )
    return kept


def shown(value: str | tuple[int, int]) -> str:
    """A skeleton's name, or a size."""
    return (
        f'the skeleton "{value}"' if isinstance(value, str) else f"{value[0]} x {value[1]} pixels"
    )
