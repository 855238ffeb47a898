"""The npz pair that VideoPose3D and its line pack data sets in: dictionaries of arrays."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DataError, unknown_name
from ..skeleton import Skeleton
from ..skeletons import skeleton_named
from .posed_clip import entries, items
from .reading import read_npz, reading

Key = tuple[str, str]
"""Subject and recording."""


class Keypoints(NamedTuple):
    """What a 2D file holds."""

    skeleton: Skeleton
    cameras: dict[Key, list[Any]]
    """An array for each camera; None where a camera has none."""


def read_3d(path: Path) -> dict[Key, Any]:
    """The positions of each recording in a 3D file."""
    with reading(f"a 3D file ({path.name})", path):
        held = read_npz(path, objects=True)
        return _flat(_member(held, "positions_3d"), "positions_3d")


def read_2d(path: Path, layouts: Sequence[Skeleton], layout: str | None) -> Keypoints:
    """The keypoints of each recording in a 2D file, and their skeleton.

    Args:
        layouts: The skeletons that the file may be in.
        layout: One of them by name; as the file's metadata tells unless given.
    """
    with reading(f"a 2D file ({path.name})", path):
        held = read_npz(path, objects=True)
        skeleton = (
            _layout(held.get("metadata"), layouts) if layout is None else skeleton_named(layout)
        )
        cameras = {
            key: items(values, f"The cameras of {' '.join(key)}")
            for key, values in _flat(_member(held, "positions_2d"), "positions_2d").items()
        }
        return Keypoints(skeleton, cameras)


def asked_file(root: Path, prefix: str, kind: str) -> tuple[Path, str]:
    """The folder and the kind of keypoints of a path that may be a folder or one of its files."""
    if root.is_file() and root.name.startswith(prefix):
        return root.parent, root.stem.removeprefix(prefix)
    return (root.parent if root.is_file() else root), kind


def file_of(folder: Path, prefix: str, kind: str, others: Sequence[str]) -> Path:
    """The 2D file of a kind, refused with the nearest kind that there is if it is missing."""
    path = folder / f"{prefix}{kind}.npz"
    if not path.is_file():
        there = [found.stem.removeprefix(prefix) for found in folder.glob(f"{prefix}*.npz")]
        what = f'2D file "{path}"; "{folder}" holds no keypoints called'
        raise DataError(unknown_name(what, kind, [*there, *others]))
    return path


def by_camera(names: Sequence[str], held: Sequence[Any], key: Key) -> list[tuple[str, Any]]:
    """The keypoints of each camera that has some, with its name."""
    if len(held) != len(names):
        raise DataError(
            f"{' '.join(key)} should have keypoints of the {len(names)} cameras "
            f"{', '.join(names)}, but of {len(held)} were found; check that the file is whole."
        )
    return [pair for pair in zip(names, held, strict=True) if pair[1] is not None]


def _member(held: dict[str, Any], name: str) -> Any:
    if name not in held:
        there = ", ".join(f'"{key}"' for key in list(held)[:8]) or "nothing"
        raise DataError(f'The entry "{name}" was expected, but the file holds {there}.')
    return held[name]


def _flat(subjects: Any, what: str) -> dict[Key, Any]:
    """The recordings of all subjects in one dictionary."""
    return {
        (str(subject), str(recording)): values
        for subject, recordings in entries(subjects, what).items()
        for recording, values in entries(recordings, f"{what} of {subject}").items()
    }


def _layout(metadata: Any, layouts: Sequence[Skeleton]) -> Skeleton:
    """The skeleton with the number of joints and the left side that the metadata tells."""
    told = entries({} if metadata is None else metadata, "The metadata")
    count = told.get("num_joints")
    left = next(iter(told.get("keypoints_symmetry") or []), ())
    for skeleton in layouts:
        if len(skeleton) == count and set(skeleton.left) == set(left):
            return skeleton
    known = ", ".join(skeleton.name for skeleton in layouts)
    raise DataError(
        f"The file's metadata should tell one of the layouts {known}, but says {count} joints "
        f"with {list(left)} on the left; name the skeleton with --layout."
    )
