"""Our npz: one person with everything, keypoints to poses and a camera."""

from pathlib import Path

import numpy as np

from .dots import dots


def arrays() -> dict[str, object]:
    """What the file holds; the first joint of the first frame is missing."""
    keypoints = dots(4, 17)
    keypoints[0, 0] = np.nan
    scores = np.full((4, 17), 0.75)
    scores[0, 0] = 0
    depth = np.full((4, 17, 1), 4.0)
    poses = np.concatenate([(dots(4, 17) - (320, 240)) * 4 / 800, depth], axis=-1)
    return {
        "keypoints": keypoints,
        "scores": scores,
        "poses": poses,
        "skeleton": "coco17",
        "fps": 25.0,
        "size": (640, 480),
        "focal": 800.0,
        "centre": (320.0, 240.0),
        "distortion": (0.01, 0.0, 0.0, 0.0, 0.0),
        "person": "anna",
    }


def write(folder: Path) -> Path:
    """The file."""
    np.savez_compressed(folder / "walk.npz", **arrays())  # type: ignore[arg-type]
    return folder / "walk.npz"
