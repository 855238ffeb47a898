"""What an ONNX file says of the lifter whose network it holds.

Everything around the network: how keypoints become its numbers, how its numbers become metres. It
is one JSON text under the key "crosslift" in the file's metadata.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from .. import registry
from ..data.record import skeleton_of, skeleton_words
from ..errors import CheckpointError, CrossliftError
from ..lifter_folder import About
from ..lifters.direct import Direct
from ..networks.simple_baseline import Statistics
from ..settings import as_data, from_data
from ..version import __version__

KEY = "crosslift"
FORMAT = "crosslift lifter in ONNX"
VERSION = 1
STATISTICS = ("keypoint_statistics", "pose_statistics")


def words_of(lifter: Direct, about: About, *, any_length: bool) -> dict[str, Any]:
    """All that must be known besides the network.

    Args:
        any_length: Whether the network takes sequences of any length.
    """
    inputs = {**as_data(lifter.inputs), "numbers_for_each_joint": lifter.inputs.channels}
    return {
        "format": FORMAT,
        "version": VERSION,
        "crosslift": __version__,
        "lifter": about.name,
        "settings": as_data(about.settings),
        "skeleton": skeleton_words(about.skeleton),
        "inputs": inputs,
        "outputs": "standard deviations" if lifter.pose_statistics else "metres",
        "frames": lifter.frames,
        "any_length": any_length,
        "predict": lifter.predict,
        "fps": lifter.fps,
        "flip": lifter.flip,
        "statistics": {kind: _lists(getattr(lifter, kind)) for kind in STATISTICS},
        "made": as_data(about.made),
    }


def parsed(text: str | bytes | None, path: Path) -> dict[str, Any]:
    """What a file says, checked to be of this kind and of a version that is known."""
    try:
        words = json.loads(text or "null")
    except (ValueError, RecursionError) as problem:
        raise CheckpointError(
            f'"{path}" should say in its metadata which lifter it holds, but that text is damaged '
            f"({problem}); export the lifter anew."
        ) from problem
    if not isinstance(words, dict) or words.get("format") != FORMAT:
        raise CheckpointError(
            f'"{path}" should hold a lifter of crosslift, but is an ONNX model of something else; '
            "name a file that crosslift export has made."
        )
    if not isinstance(words.get("version"), int) or words["version"] > VERSION:
        raise CheckpointError(
            f'"{path}" was written by a newer crosslift ({words.get("crosslift")}) than this one '
            f"({__version__}); update crosslift."
        )
    return words


def rebuilt(words: Mapping[str, Any], path: Path) -> tuple[Direct, About]:
    """The lifter around the network, with a fresh network in its place, and what is said of it."""
    try:
        settings = from_data(registry.settings_of("lifter", words["lifter"]), words["settings"])
        about = About(words["lifter"], settings, skeleton_of(words["skeleton"]), words["made"])
        lifter = about.build()
        statistics = {kind: _tensors(words["statistics"][kind]) for kind in STATISTICS}
        said = {key: words[key] for key in ("frames", "predict", "fps")}
    except (KeyError, TypeError, ValueError, AttributeError, CrossliftError) as problem:
        raise CheckpointError(
            f'"{path}" does not describe a lifter that this crosslift knows ({problem}); export '
            "the lifter anew."
        ) from problem
    if not isinstance(lifter, Direct) or any(getattr(lifter, key) != said[key] for key in said):
        raise CheckpointError(
            f'"{path}" says other things of its lifter than the settings of "{about.name}" do; '
            "export the lifter anew."
        )
    return replace(lifter, **statistics), about


def _lists(statistics: Statistics | None) -> dict[str, Any] | None:
    if statistics is None:
        return None
    return {name: each.tolist() for name, each in statistics._asdict().items()}


def _tensors(lists: Mapping[str, Any] | None) -> Statistics | None:
    if lists is None:
        return None
    return Statistics(torch.tensor(lists["mean"]), torch.tensor(lists["std"]))
