"""What a person gives to be lifted: which kind of thing it is, and what its results are called."""

import re
from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Literal

from .clip import Clip
from .data.any_file import ENDINGS, Told, endings_in
from .data.store import MARKER
from .video import CAMERA
from .video.folder import SUFFIXES as PICTURES

Kind = Literal["store", "video", "keypoints"]

FILMS = {
    ".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4",
    ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".webm", ".wmv",
}  # fmt: skip
"""How the names of videos end."""


def kind_of(path: Path, told: Told) -> Kind:
    """Whether people have to be found first, in a film, in pictures or before a camera.

    A folder that holds files of keypoints beside pictures is one of keypoints, as is everything of
    which the user says the format.
    """
    if (path / MARKER).is_file():
        return "store"
    if told.format is not None:
        return "keypoints"
    if str(path).startswith(CAMERA):
        return "video"
    if not path.is_dir():
        return "video" if path.suffix.lower() in FILMS | PICTURES else "keypoints"
    there, known = endings_in(path), {ending for endings in ENDINGS.values() for ending in endings}
    return "video" if there & PICTURES and not there & known else "keypoints"


def titles_of(paths: Sequence[Path]) -> list[str]:
    """What the results of each input are called, by the inputs' names; no two alike."""
    titles: list[str] = []
    for path in paths:
        titles.append(distinct(stem_of(path), titles))
    return titles


def distinct(title: str, taken: Iterable[str]) -> str:
    """The title, with a number if it is taken already."""
    known = set(taken)
    numbered = (f"{title}.{number}" for number in count(2))
    return title if title not in known else next(each for each in numbered if each not in known)


def stem_of(path: Path) -> str:
    """A file's name without all that follows its first dot."""
    return path.name.replace(":", "-").split(".")[0] or "clip"


def title_of(clip: Clip, stem: str) -> str:
    """What one recording's files are called: the input's title and what distinguishes it there."""
    own = re.sub(r"[^\w.-]+", "_", clip.name.rpartition("/")[2]).strip("._")
    return own if own.startswith(stem) else f"{stem}-{own}" if own else stem
