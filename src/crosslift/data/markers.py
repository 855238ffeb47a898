"""What the readers of marker files share: motions of markers, or of joints that a user makes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from ..motion import Motion
from ..skeleton import Skeleton
from ..skeletons import skeleton_named
from .keypoint_names import arranged
from .motion_names import assignments, check_known, shared_names
from .motion_text import labels_of, metres, provenance_of, recording_name


class Markers(NamedTuple):
    """What a file holds, in metres with z up."""

    format: str
    fps: float
    names: tuple[str, ...]
    points: Float[np.ndarray, "frames markers 3"]
    are_joints: bool = False
    """Whether markers with the names of a family of tools are joints."""


@runtime_checkable
class Wanted(Protocol):
    """What a user says of a file: the options of its reader."""

    @property
    def fps(self) -> float | None:
        """Frames a second; as the file says unless given."""
        ...

    @property
    def joints(self) -> tuple[str, ...]:
        """As in "left_knee=LKNE+LKNM": the mean of its markers, missing where one of them is."""
        ...

    @property
    def skeleton(self) -> str | None:
        """A known skeleton in whose order and tree the joints are wanted."""
        ...

    @property
    def licence(self) -> str:
        """Under which the recording may be used."""
        ...


def motion_of(markers: Markers, wanted: Wanted, path: Path, root: Path) -> Motion:
    """The recording in a marker file."""
    names, points = _joints(markers, wanted.joints)
    skeleton, points = _in_skeleton(names, points, wanted.skeleton, markers.format)
    return Motion(
        recording_name(markers.format, path, root),
        skeleton,
        wanted.fps or markers.fps,
        metres(points),
        labels=labels_of(path),
        provenance=provenance_of(markers.format, path, wanted.licence),
    )


def _joints(
    markers: Markers, joints: Sequence[str]
) -> tuple[tuple[str, ...], Float[np.ndarray, "frames joints 3"]]:
    """The names and places of the markers, or of the joints that a user makes of them."""
    names, points = markers.names, markers.points
    if not joints:
        return (shared_names(names) if markers.are_joints else names), points
    wanted = assignments(joints)
    check_known((name for theirs in wanted.values() for name in theirs), names)
    places = {name: place for place, name in enumerate(names)}
    made = [points[:, [places[name] for name in theirs]].mean(axis=1) for theirs in wanted.values()]
    return tuple(wanted), np.stack(made, axis=1)


def _in_skeleton(
    joints: tuple[str, ...],
    points: Float[np.ndarray, "frames joints 3"],
    skeleton: str | None,
    title: str,
) -> tuple[Skeleton, Float[np.ndarray, "frames arranged 3"]]:
    """The skeleton of joints and their places in it.

    Args:
        skeleton: A known one, in which joints that are not given are missing; see `arranged` for
            what is done unless it is named.
        title: The name of the skeleton, if it is none that we know.
    """
    if skeleton is None:
        found = arranged(joints, title)
        return found.skeleton, points[:, found.order]
    tree = skeleton_named(skeleton)
    places = np.full((len(points), len(tree), 3), np.nan)
    for joint, place in zip(tree.indices(*joints), range(len(joints)), strict=True):
        places[:, joint] = points[:, place]
    return tree, places
