"""Recordings in a file or folder of whatever format, found out by trying."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from .. import registry
from ..clip import Clip
from ..errors import CrossliftError, DataError, SettingsError, unknown_name
from .record import Recording
from .store import MARKER, Store

ENDINGS = {
    "clip": (".safetensors",),
    "alphapose": (".json",),
    "coco": (".json",),
    "csv": (".csv", ".tsv"),
    "deeplabcut": (".csv", ".h5"),
    "mediapipe": (".npz", ".json", ".csv"),
    "mmpose": (".json",),
    "npz": (".npz",),
    "openpose": (".json",),
    "sleap": (".h5",),
}
"""Formats that detectors write, and how their files end."""


def clips_in(path: Path, format: str | None = None) -> Iterator[Clip]:  # noqa: A002
    """The recordings with keypoints at a path.

    Args:
        format: The reader's name; found out unless given.
    """
    if not path.exists():
        raise DataError(f'"{path}" does not exist; check the path.')
    found = Store.open(path) if (path / MARKER).is_file() else read(path, format)
    clips = (each for each in found if isinstance(each, Clip))
    first = next(clips, None)
    if first is None:
        raise DataError(
            f'"{path}" should hold keypoints, but holds motions without a camera alone; let a '
            "camera look at them first."
        )
    yield from chain([first], clips)


def read(path: Path, format: str | None) -> Iterator[Recording]:  # noqa: A002
    """The recordings of a format, or of the only one that the files can be."""
    if format is not None:
        known = registry.parts("reader")
        if format not in known:
            raise SettingsError(unknown_name("format", format, known))
        return registry.settings_of("reader", format)().read(path)
    return registry.settings_of("reader", guessed(path))().read(path)


def guessed(path: Path) -> str:
    """The name of the one format as which the files can be read."""
    there = endings_in(path)
    fitting, reasons = [], {}
    for name, endings in ENDINGS.items():
        if not there.intersection(endings):
            continue
        try:
            if isinstance(next(registry.settings_of("reader", name)().read(path), None), Clip):
                fitting.append(name)
        except CrossliftError as problem:
            reasons[name] = str(problem)
    # Plain tables take what other formats leave open, so they are the last choice.
    special = [name for name in fitting if name not in ("csv", "npz")] or fitting
    if len(special) == 1:
        return special[0]
    if special:
        raise SettingsError(
            f'"{path}" can be read as {" and as ".join(special)}; say which it is with --from.'
        )
    told = " ".join(f"As {name}: {reason}" for name, reason in list(reasons.items())[:2])
    raise DataError(
        f'"{path}" should hold keypoints in a known format, but is none of '
        f"{', '.join(ENDINGS)}; name another with --from (see crosslift list readers). {told}"
    )


def endings_in(path: Path) -> set[str]:
    """How the files at a path end."""
    files = path.iterdir() if path.is_dir() else [path]
    return {file.suffix.lower() for file in files}
