"""The points of a recording that are judged, and how big the body in them is."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from torch import Tensor

Points = Float[Array, "frames joints axes"]
"""NaN where a joint is missing."""

MOST_FRAMES = 300
"""So many frames, evenly taken, stand for a longer recording."""


def points_of(values: Float[Tensor, "all joints axes"]) -> Points:
    """The frames in which anybody is seen, or enough of them; NaN where a joint is missing."""
    points = values.detach().double().cpu().numpy()
    points = np.where(np.isfinite(points).all(axis=-1, keepdims=True), points, np.nan)
    points = points[np.isfinite(points).any(axis=(1, 2))]
    return points[:: -(-len(points) // MOST_FRAMES) or 1]


def size_of(points: Points) -> float:
    """Root mean square distance of joints from their middle in the median frame, 0 without any."""
    if not len(points):
        return 0.0
    off = points - np.nanmean(points, axis=1, keepdims=True)
    return float(np.nanmedian(np.nanmean((off**2).sum(axis=-1), axis=1)) ** 0.5)
