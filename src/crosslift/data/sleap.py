"""SLEAP's analysis files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import registry
from ..clip import Clip
from ..errors import DataError
from .hdf5 import read_h5
from .hdf5_tables import has, read_texts
from .keypoint_names import arranged, named
from .keypoints import (
    NOTHING,
    Film,
    FootageOptions,
    Track,
    check_length,
    clips_of,
    provenance,
)
from .motion_text import check_count_of_joints, files_below, recording_name
from .reading import reading

Edges = list[tuple[int, int]]


@registry.reader("sleap")
@dataclass(frozen=True)
class Sleap:
    """SLEAP's analysis files (h5).

    Layout: what SLEAP exports as analysis HDF5: `tracks` (tracks, 2, nodes, frames), `node_names`,
    and, if there, `track_names`, `point_scores` (tracks, nodes, frames) and `edge_inds`; the
    other order of axes (frames, tracks, nodes, 2), which sleap-io can write, is known by its
    shape. `root` is one file, or a folder with .h5 files at any depth. A clip for each track.
    Units: pixels of the picture, whose size SLEAP does not write there; NaN is a missing node. A
    node that is placed but has no score, as in labels made by hand, counts as certain.
    Axes: x to the right, y down, from the top left corner.
    Joints: by their names, whichever a project chose, and by what `joints` says; a known skeleton
    where these are its joints in any order, else the file's tree of edges.
    Example: crosslift convert sleap walk.analysis.h5 STORE --size 1920 1080
    """

    footage: FootageOptions = NOTHING
    joints: tuple[str, ...] = ()
    """What joints are called in the file, as in "left_knee=kneeL"."""

    def read(self, root: Path) -> Iterator[Clip]:
        """The tracks of one file after the other."""
        for path in files_below(root, ".h5", "a SLEAP analysis file"):
            with reading("a SLEAP analysis file (h5)", path):
                yield from self._clips(recording_name("sleap", path, root), path)

    def _clips(self, name: str, path: Path) -> Iterator[Clip]:
        """The tracks of one file."""
        nodes = read_texts(path, "node_names")
        check_count_of_joints(len(nodes))
        found = arranged(named(nodes, self.joints), "sleap", _edges(path))
        points = _points(path, len(nodes))
        frames = points.shape[1]
        check_length(frames, int(np.isfinite(points).any(axis=(0, 2, 3)).sum()), points[:, 0].size)
        titles = _titles(path, len(points))
        tracks = (
            Track(title, own[:, found.order]) for title, own in zip(titles, points, strict=True)
        )
        film = Film(name, found.skeleton, provenance("sleap", path, keypoints_from="sleap"))
        yield from clips_of(film, tracks, self.footage)


def _points(path: Path, nodes: int) -> np.ndarray:
    """x, y and score of each node: tracks, frames, nodes, 3."""
    tracks = read_h5(path, "tracks")["tracks"]
    standard = tracks.ndim == 4 and tracks.shape[2:] == (nodes, 2)
    if tracks.ndim != 4 or not (standard or tracks.shape[1:3] == (2, nodes)):
        raise DataError(
            f'"tracks" should have the shape (tracks, 2, {nodes}, frames), but {tracks.shape} was '
            "found; export the analysis anew."
        )
    axes = "frame track node xy" if standard else "track xy node frame"
    with np.errstate(over="ignore", invalid="ignore"):
        tracks = tracks.astype(np.float32)
    places = _turned(tracks, axes, "track frame node xy")
    found = np.isfinite(places).all(axis=-1)
    scores = np.asarray(found, dtype=np.float32)
    if has(path, "point_scores"):
        given = read_h5(path, "point_scores")["point_scores"]
        inner = "frame track node" if standard else "track node frame"
        given = _turned(given, inner, "track frame node") if given.ndim == 3 else given
        if given.shape != scores.shape:
            raise DataError(f'"point_scores" of the shape {given.shape} do not fit "tracks".')
        scores = np.asarray(np.where(np.isfinite(given), given, scores), dtype=np.float32)
    return np.concatenate([places, scores[..., None]], axis=-1)


def _turned(array: np.ndarray, axes: str, wanted: str) -> np.ndarray:
    """The array with its named axes in another order."""
    return array.transpose([axes.split().index(axis) for axis in wanted.split()])


def _edges(path: Path) -> Edges:
    """Which nodes the skeleton connects."""
    if not has(path, "edge_inds"):
        return []
    edges = read_h5(path, "edge_inds")["edge_inds"]
    if edges.size and (edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype.kind not in "iu"):
        raise DataError(f'"edge_inds" should be pairs of nodes, but has the shape {edges.shape}.')
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _titles(path: Path, count: int) -> list[str]:
    """The names of the tracks; numbers where they are not all named."""
    titles = read_texts(path, "track_names") if has(path, "track_names") else []
    if len(titles) == count == len(set(titles)):
        return titles
    return [str(place) for place in range(count)]
