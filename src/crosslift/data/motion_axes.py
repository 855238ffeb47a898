"""Lengths and upright axes of other tools, to ours (metres, z up) and back."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from ..errors import DataError, SettingsError, unknown_name

Up = Literal["y", "z"]
Unit = Literal["m", "cm", "mm", "in", "cmu"]
Points = Float[np.ndarray, "*batch 3"]

METRES: dict[str, float] = {
    "m": 1.0,
    "cm": 0.01,
    "mm": 0.001,
    "in": 0.0254,
    "cmu": 0.0254 / 0.45,
}
"""Metres in each unit; "cmu" is the length unit of the CMU database and its conversions."""

ALSO = {"meters": "m", "metres": "m", "meter": "m", "metre": "m", "inches": "in", "inch": "in"}
"""Other spellings that files use."""

UPRIGHT: dict[str, tuple[tuple[int, int, int], ...]] = {
    "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "x": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "-z": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    "-y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-x": ((0, 0, 1), (0, 1, 0), (-1, 0, 0)),
}
"""The rotation that turns the named axis of a file upwards; x stays x where it can."""


def upright(up: str) -> Float[np.ndarray, "3 3"]:
    """The rotation from axes where `up` points upwards to ours."""
    if up not in UPRIGHT:
        raise SettingsError(unknown_name("upright axis", up, UPRIGHT))
    return np.array(UPRIGHT[up], dtype=np.float64)


def to_z_up(points: Points, up: str) -> Points:
    """Points of a file in which `up` points upwards, along our axes."""
    return points @ upright(up).T


def from_z_up(points: Points, up: str) -> Points:
    """Points along our axes, as a file holds them in which `up` points upwards."""
    return points @ upright(up)


def metres_in(unit: str) -> float:
    """Metres in the unit that a file or a person names."""
    name = unit.strip().lower()
    name = ALSO.get(name, name)
    if name not in METRES:
        raise DataError(unknown_name("unit of length", unit.strip(), METRES))
    return METRES[name]
