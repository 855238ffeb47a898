"""Pose files: keyframes as JSON that people can read, which the page copies, saves and opens."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...data.reading import read_json, reading
from ...errors import DataError
from ...files import write_json
from ...kinematics import ANGLES, AVERAGE
from ...skeletons import H36M_16
from .keyframes import Keyframes

FORMAT, VERSION = "crosslift pose", 1
WORDS = (
    "Angles and turns in degrees, lengths and places in metres, times in seconds; the world's z is "
    "up; an angle that is not named is 0; the body is turned by the product of its turns about "
    "x, y and z."
)
BONE_NAMES = H36M_16.joints[1:]
"""The bones by the joint at their end, in the order of their lengths."""


def write_pose(path: Path, keyed: Keyframes) -> None:
    """Write keyframes as JSON, whole or not at all."""
    write_json(path, words_of(keyed))


def read_pose(path: Path) -> Keyframes:
    """The keyframes in a file that `write_pose` or the page wrote."""
    with reading("a pose file (json)", path):
        return keyframes_of(read_json(path))


def words_of(keyed: Keyframes) -> dict[str, Any]:
    """Keyframes as plain data."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "words": WORDS,
        "name": keyed.name,
        "fps": keyed.fps,
        "lengths": dict(zip(BONE_NAMES, keyed.lengths.tolist(), strict=True)),
        "keyframes": [
            {
                "time": float(keyed.times[key]),
                "angles": dict(zip(ANGLES, keyed.angles[key].rad2deg().tolist(), strict=True)),
                "turn": keyed.turn[key].rad2deg().tolist(),
                "root": keyed.root[key].tolist(),
            }
            for key in range(len(keyed))
        ],
    }


def keyframes_of(words: Any) -> Keyframes:
    """Keyframes from plain data, of which nothing is taken on trust."""
    if not isinstance(words, dict) or words.get("format") != FORMAT:
        raise DataError(
            f'A pose file should say "format": "{FORMAT}", but this one does not; make one with '
            "crosslift pose."
        )
    if words.get("version") != VERSION:
        raise DataError(
            f"A pose file of version {words.get('version')!r} was found, but this crosslift reads "
            f"version {VERSION}; update crosslift."
        )
    keys = words.get("keyframes")
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise DataError(
            f'"keyframes" should be a list of poses, but {_short(keys)} was found; mend the file.'
        )
    return Keyframes(
        name=str(words.get("name", "pose")),
        fps=_number(words.get("fps", 30), "fps"),
        lengths=torch.tensor(
            _named(words.get("lengths", {}), BONE_NAMES, AVERAGE.tolist(), "lengths"),
            dtype=torch.float64,
        ),
        times=_column([_number(key.get("time", 0), "time") for key in keys]),
        angles=_rows([_named(key.get("angles", {}), ANGLES, _REST, "angles") for key in keys], 33)
        * math.radians(1),
        turn=_rows([_three(key, "turn") for key in keys], 3) * math.radians(1),
        root=_rows([_three(key, "root") for key in keys], 3),
    )


_REST = [0.0] * len(ANGLES)


def _column(values: Sequence[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _rows(values: Sequence[Sequence[float]], width: int) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).reshape(len(values), width)


def _number(value: Any, what: str) -> float:
    """A finite number of a file."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not math.isfinite(value):
        raise DataError(f'"{what}" should be a number, but {_short(value)} was found; mend it.')
    return float(value)


def _three(key: Mapping[str, Any], what: str) -> list[float]:
    """x, y and z of a keyframe."""
    values = key.get(what, [0, 0, 0])
    if not isinstance(values, list) or len(values) != 3:
        raise DataError(
            f'"{what}" should be three numbers for x, y and z, but {_short(values)} was found; '
            "mend it."
        )
    return [_number(value, what) for value in values]


def _named(values: Any, names: Sequence[str], usual: Sequence[float], what: str) -> list[float]:
    """Numbers by name in the order of `names`; those that are not there have their usual value."""
    if not isinstance(values, dict):
        raise DataError(
            f'"{what}" should be numbers by their names, but {_short(values)} was found; mend it.'
        )
    strangers = sorted(set(values) - set(names))
    if strangers:
        raise DataError(
            f'"{what}" should name {names[0]}, {names[1]} and so on, but "{strangers[0][:60]}" was '
            "found; mend that name."
        )
    return [
        _number(values.get(name, value), name) for name, value in zip(names, usual, strict=True)
    ]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
