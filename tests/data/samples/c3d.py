"""A small C3D file, written by ezc3d: three markers in millimetres, four frames, a gap."""

from pathlib import Path

import numpy as np
import pytest

MARKERS = ("LKNE", "LKNM", "C7")
POINTS = 100.0 * np.arange(36, dtype=np.float64).reshape(4, 3, 3)
"""Frames, markers, xyz in millimetres; the file has z up."""
GAP = (1, 2)
"""The frame and marker that is invalid."""


def write(
    folder: Path,
    stated: dict[str, list[str]] | None = None,
    points: np.ndarray = POINTS,
    markers: tuple[str, ...] = MARKERS,
    samples: int = 2,
) -> Path:
    """Write the sample; the file is what is read.

    Args:
        stated: Parameters of the group POINT, in the place of millimetres alone.
        samples: Of another instrument for each frame.
    """
    ezc3d = pytest.importorskip("ezc3d")
    file = ezc3d.c3d()
    data = np.ones((4, points.shape[1], len(points)))
    data[:3] = points.transpose(2, 1, 0)
    residuals = np.zeros((1, points.shape[1], len(points)))
    if points is POINTS:
        residuals[0, GAP[1], GAP[0]] = -1
    file["data"]["points"] = data
    masks = np.zeros((7, points.shape[1], len(points)), dtype=bool)
    file["data"]["meta_points"] = {"residuals": residuals, "camera_masks": masks}
    for name, values in {"UNITS": ["mm"], **(stated or {})}.items():
        file.add_parameter("POINT", name, values)
    file.add_parameter("POINT", "RATE", [120.0])
    file.add_parameter("POINT", "LABELS", list(markers))
    if samples:
        file["data"]["analogs"] = np.ones((1, 1, samples * len(points)))
        file.add_parameter("ANALOG", "RATE", [120.0 * samples])
        file.add_parameter("ANALOG", "LABELS", ["force"])
    path = folder / "trial.c3d"
    file.write(str(path))
    return path
