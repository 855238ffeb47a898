"""Where pictures come from: a video file, a picture, a folder of pictures, a camera."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import DataError
from . import container, folder, webcam
from .frame import About, Frame, Say, silence

CAMERA = "camera:"
"""What the name of a camera begins with."""


def about(source: Path | str) -> About:
    """Size, rate and number of the frames, as far as they are known beforehand."""
    if which := _camera(source):
        return webcam.about(which)
    path = _there(source)
    return folder.about(path) if _of_pictures(path) else container.about(path)


def frames(source: Path | str, *, say: Say = silence, fps: float | None = None) -> Iterator[Frame]:
    """The frames one after the other; no more than one is kept.

    Args:
        source: A file, a folder of pictures, or "camera:0".
        say: Told of frames that could not be read.
        fps: Of a folder of pictures; 30 unless given.
    """
    if which := _camera(source):
        return webcam.frames(which)
    path = _there(source)
    return folder.frames(path, fps) if _of_pictures(path) else container.frames(path, say)


def _camera(source: Path | str) -> str:
    """Which camera is meant; empty if none is."""
    words = str(source)
    return words.removeprefix(CAMERA) if words.startswith(CAMERA) else ""


def _of_pictures(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in folder.SUFFIXES


def _there(source: Path | str) -> Path:
    path = Path(source)
    if not path.exists():
        raise DataError(
            f'"{path}" does not exist, but should be a video, a picture or a folder of pictures; '
            "check the path."
        )
    return path
