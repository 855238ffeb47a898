"""MediaPipe's landmarks of three frames in an npz; nothing was found in the second."""

from pathlib import Path

import numpy as np

from .dots import dots

SIZE = (640, 480)


def landmarks() -> np.ndarray:
    """Fractions of the picture, z and visibility."""
    flat = np.zeros((3, 33, 4), np.float32)
    flat[..., :2] = dots(3, 33) / SIZE
    flat[..., 3] = 0.75
    flat[1] = np.nan
    return flat


def world() -> np.ndarray:
    """Metres around the middle of the hips: the same person 4 m away, focal length 800."""
    points = np.zeros((3, 33, 4), np.float32)
    points[..., :2] = (dots(3, 33) - (420, 260)) * 4 / 800
    points[..., 3] = 0.75
    points[1] = np.nan
    return points


def write(folder: Path) -> Path:
    """The file."""
    path = folder / "walk_blazepose.npz"
    width, height = SIZE
    np.savez_compressed(
        path,
        landmarks=landmarks(),
        world_landmarks=world(),
        width=np.int32(width),
        height=np.int32(height),
        fps=np.float32(30),
        model="pose full",
    )
    return path
