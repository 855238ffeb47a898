"""Keypoints that are easily worked out by hand, for the samples of keypoint files."""

import numpy as np

from crosslift.data.keypoints import Footage

FOOTAGE = Footage(size=(640, 480), fps=25.0)
"""What the files do not say."""
OPTIONS = {"footage": FOOTAGE}


def dots(frames: int, joints: int, person: int = 0) -> np.ndarray:
    """Pixels (frames, joints, 2): x is 100 + 10 joint + frame + 200 person, y half of 100 + x."""
    frame, joint = np.mgrid[:frames, :joints].astype(float)
    x = 100 + 10 * joint + frame + 200 * person
    return np.stack([x, (100 + x) / 2], axis=-1)


def triples(points: np.ndarray, score: float = 0.75) -> list[float]:
    """x, y, score, x, y, score, ... of one person in one frame; (0, 0, 0) for NaN."""
    scored = np.concatenate([points, np.full((len(points), 1), score)], axis=-1)
    scored[~np.isfinite(points).all(axis=-1)] = 0
    return scored.ravel().tolist()
