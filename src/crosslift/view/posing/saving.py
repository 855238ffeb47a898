"""A posed body as files that other programs open."""

from collections.abc import Sequence
from pathlib import Path

from torch import Generator

from ... import registry
from ...camera import Camera
from ...data.clip_file import SUFFIX
from ...errors import SettingsError
from ...observe import observe, perfect
from .keyframes import Keyframes, motion_of
from .pose_file import write_pose

POSE = ".json"
WRITERS = {SUFFIX: "clip", ".bvh": "bvh", ".glb": "glb"}
"""The names of the writers by the ends of the files' names."""


def check_paths(paths: Sequence[Path]) -> None:
    """Refuse a file whose name does not say what it should be."""
    for path in paths:
        if ending_of(path) is None:
            raise SettingsError(
                f"A posed body is written as {', '.join([*WRITERS, POSE])}, but "
                f'"{path.name}" ends otherwise; name it so.'
            )


def ending_of(path: Path) -> str | None:
    """Which of the known ends a file's name has."""
    return next((end for end in (*WRITERS, POSE) if path.name.lower().endswith(end)), None)


def save(
    keyed: Keyframes, camera: Camera | None, paths: Sequence[Path], rng: Generator
) -> list[str]:
    """Write keyframes to files, each whole or not at all; what the files cannot say.

    A clip file holds the motion and what the camera sees of it; without a camera the motion alone.
    """
    check_paths(paths)
    motion = motion_of(keyed)
    notes: list[str] = []
    for path in paths:
        if (end := ending_of(path)) == POSE or end is None:
            write_pose(path, keyed)
            continue
        seen = motion if camera is None or end != SUFFIX else observe(motion, camera, perfect, rng)
        notes += registry.settings_of("writer", WRITERS[end])().write(seen, path)
    return notes
