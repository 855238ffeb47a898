"""SLEAP's analysis file: two tracks of three nodes over four frames."""

from pathlib import Path

import h5py
import numpy as np

from .dots import OPTIONS, dots

__all__ = ["OPTIONS", "write"]

NODES = ("chin", "palmL", "palmR")
EDGES = [(2, 0), (0, 1)]


def tracks() -> np.ndarray:
    """(tracks, frames, nodes, 2); the second track begins at frame 2."""
    points = np.stack([dots(4, 3, 0), dots(4, 3, 1)])
    points[1, :2] = np.nan
    points[0, 1, 2] = np.nan
    return points


def write(folder: Path) -> Path:
    """The file in SLEAP's own order of axes."""
    points = tracks()
    found = np.isfinite(points).all(axis=-1)
    scores = np.where(found, 0.75, np.nan).transpose(0, 2, 1)
    path = folder / "walk.analysis.h5"
    with h5py.File(path, "w") as file:
        packed = {"compression": "gzip", "compression_opts": 9}
        file.create_dataset("tracks", data=points.transpose(0, 3, 2, 1), **packed)
        file.create_dataset("point_scores", data=scores, **packed)
        file.create_dataset("track_occupancy", data=found.any(axis=2).T.astype(np.uint8), **packed)
        file.create_dataset("node_names", data=np.array(NODES, "S"))
        file.create_dataset("track_names", data=np.array(["anna", "ben"], "S"))
        file.create_dataset("edge_inds", data=np.array(EDGES))
    return path
