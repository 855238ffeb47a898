"""Recordings in a file or folder of whatever format, found out by trying."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Annotated

import tyro

from .. import registry
from ..clip import Clip
from ..errors import CrossliftError, DataError, SettingsError, unknown_name
from ..protocols import Reader
from .keypoints import Footage
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


@dataclass(frozen=True)
class Told:
    """What is told of files that do not say it themselves."""

    format: Annotated[str | None, tyro.conf.arg(name="from")] = None
    """The files' format, if it cannot be found out (see crosslift list readers)."""
    size: tuple[int, int] | None = None
    """Width and height of the pictures in pixels."""
    fps: float | None = None
    """Frames a second."""

    def reader(self, name: str) -> Reader:
        """The reader of a format, told what it takes of this."""
        settings = registry.settings_of("reader", name)
        if "footage" not in {field.name for field in fields(settings)}:
            return settings()
        return settings(footage=Footage(size=self.size, fps=self.fps))


NOTHING = Told()
ANY_SIZE = (4096, 4096)
"""Of pictures, for finding out a format that does not say it."""


def clips_in(path: Path, told: Told = NOTHING) -> Iterator[Clip]:
    """The recordings with keypoints at a path."""
    if not path.exists():
        raise DataError(f'"{path}" does not exist; check the path.')
    found = Store.open(path) if (path / MARKER).is_file() else read(path, told)
    clips = (each for each in found if isinstance(each, Clip))
    first = next(clips, None)
    if first is None:
        raise DataError(
            f'"{path}" should hold keypoints, but holds motions without a camera alone; let a '
            "camera look at them first."
        )
    yield from chain([first], clips)


def read(path: Path, told: Told) -> Iterator[Recording]:
    """The recordings of a format, or of the only one that the files can be."""
    known = registry.parts("reader")
    if told.format is not None and told.format not in known:
        raise SettingsError(unknown_name("format", told.format, known))
    return told.reader(told.format or guessed(path)).read(path)


def guessed(path: Path) -> str:
    """The name of the one format as which the files can be read."""
    there = endings_in(path)
    fitting, reasons = [], {}
    for name, endings in ENDINGS.items():
        if not there.intersection(endings):
            continue
        try:
            first = next(Told(size=ANY_SIZE, fps=30.0).reader(name).read(path), None)
        except CrossliftError as problem:
            reasons[name] = str(problem)
            continue
        if isinstance(first, Clip):
            fitting.append(name)
        else:
            reasons[name] = "it holds motions without a camera alone."
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
