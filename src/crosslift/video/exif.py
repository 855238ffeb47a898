"""The focal length that a camera noted in a picture (EXIF 2.32)."""

import math
from collections.abc import Mapping
from typing import Any

EXIF = 0x8769
"""Where the tags of the exposure are kept."""
FOCAL_LENGTH, FOCAL_LENGTH_35MM = 0x920A, 0xA405
STORED_WIDTH = 0xA002
PLANE_RESOLUTION, PLANE_UNIT = 0xA20E, 0xA210
UNITS = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
"""Millimetres of each unit of the sensor's resolution."""
FILM_DIAGONAL = math.hypot(36, 24)
"""Millimetres across the film to whose diagonal equivalent focal lengths refer."""


def focal_in_pixels(exif: Any, size: tuple[int, int]) -> float | None:
    """The focal length in pixels of a picture of that size; None where the tags do not tell it.

    The equivalent for 35 mm film comes first: it knows of digital zoom. Else the focal length is
    set against the sensor's resolution, of the size in which the camera stored the picture.
    """
    tags = {**dict(exif), **dict(exif.get_ifd(EXIF))}
    equivalent = _number(tags, FOCAL_LENGTH_35MM)
    if equivalent:
        return equivalent / FILM_DIAGONAL * math.hypot(*size)
    focal, resolution = _number(tags, FOCAL_LENGTH), _number(tags, PLANE_RESOLUTION)
    if not focal or not resolution:
        return None
    unit = UNITS.get(int(_number(tags, PLANE_UNIT) or 2), 25.4)
    stored = _number(tags, STORED_WIDTH) or max(size)
    return focal * resolution / unit * size[0] / stored


def _number(tags: Mapping[int, Any], tag: int) -> float | None:
    """A tag's number; None where it is missing, 0 or no number."""
    try:
        value = float(tags[tag])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) and value > 0 else None
