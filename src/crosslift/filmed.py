"""The people in a video as clips of keypoints, found once and kept, with pictures for a page."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch

from .camera import pinhole
from .clip import Clip, clip_of
from .data.clip_file import SUFFIX, read_clip, write_clip
from .data.reading import reading
from .detect import Finder, Looking, People, Seen, people_in
from .errors import DataError, SettingsError
from .files import write_json
from .skeleton import Skeleton
from .video import CAMERA, Frame
from .view import Picture, pictures_of
from .view.pictures import small

RECORD = ".detect.json"
"""The ending of the file beside the clips of a video that says what was found; written last."""
PICTURES = 240
"""Frames of a video that are kept for a page, at most."""
WIDTH = 480
"""Pixels across such a picture, at most."""


@runtime_checkable
class Builds(Protocol):
    """The settings of a detector."""

    def build(self, device: str) -> Finder:
        """The detector, on a device."""
        ...


@dataclass(frozen=True, eq=False)
class Detecting:
    """By what and how people are found in videos."""

    settings: Builds
    looking: Looking
    device: str = "cpu"

    def finder(self, source: Path) -> Finder:
        """The detector; if it cannot be had, the sentence says what else can be given."""
        try:
            return self.settings.build(self.device)
        except SettingsError as problem:
            raise SettingsError(
                f'The people in "{source}" have to be found first, but cannot be: '
                f"{str(problem).rstrip('.')}; or give a file of keypoints instead of the video."
            ) from problem

    def key(self, source: Path) -> str:
        """The hash of what all that is found depends on; files go by their sizes and times."""
        told = [repr(self.settings), repr(self.looking), *map(stamp, paths_in(self.settings))]
        told.append("live" if is_live(source) else stamp(source))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


class Filmed(NamedTuple):
    """What a video showed."""

    clips: list[Clip]
    """One for each person; where there was nobody, one in which nothing is observed."""
    pictures: list[Picture]
    remarks: list[str]


@dataclass
class Photographed:
    """A detector that keeps small pictures of what it is shown; see `Finder`."""

    finder: Finder
    wanted: bool = True
    pictures: list[Picture] = field(default_factory=list)
    every: int = 1
    """One picture in so many is kept."""
    size: tuple[int, int] = (1, 1)
    """Width and height of the frames."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found."""
        return self.finder.skeleton

    @property
    def provenance(self) -> Mapping[str, str]:
        """That of the detector."""
        return self.finder.provenance

    def find(self, frame: Frame) -> People:
        """Everybody in the picture."""
        self.size = frame.image.shape[1], frame.image.shape[0]
        if self.wanted and frame.number % self.every == 0:
            self.pictures.append(small(frame, WIDTH))
        if len(self.pictures) > PICTURES:
            self.pictures, self.every = self.pictures[::2], 2 * self.every
        return self.finder.find(frame)


def filmed(
    source: Path,
    title: str,
    folder: Path,
    detecting: Detecting,
    *,
    pictures: bool = True,
    watch: Callable[[int], None] = lambda done: None,
) -> Filmed:
    """The people in a video, as an earlier run left them in the folder, or found now.

    Args:
        title: What the files' names begin with.
        folder: Where the keypoints are kept.
        pictures: Whether small pictures are wanted.
        watch: Told after each frame how many are done.
    """
    record = folder / f"{title}{RECORD}"
    key = detecting.key(source)
    if record.exists():
        return kept(source, record, key, pictures=pictures)
    finder = Photographed(detecting.finder(source), wanted=pictures)
    seen = people_in(str(source), finder, detecting.looking, name=title, watch=watch)
    clips = seen.clips or [nobody(title, seen, finder)]
    names = [f"{title}-{clip.person}{SUFFIX}" if clip.person else f"{title}{SUFFIX}"
             for clip in clips]  # fmt: skip
    for name, clip in zip(names, clips, strict=True):
        write_clip(folder / name, clip)
    told: dict[str, Any] = {"video": str(source), "key": key, "frames": seen.frames,
                            "fps": seen.fps, "focal": seen.focal._asdict(),
                            "remarks": seen.remarks, "people": names}  # fmt: skip
    write_json(record, told)
    return Filmed(clips, finder.pictures, seen.remarks)


def kept(source: Path, record: Path, key: str, *, pictures: bool) -> Filmed:
    """What an earlier run found; refused if that was another video or another way to look."""
    with reading("a record of what was found in a video", record):
        told = json.loads(record.read_text("utf-8"))
        names, remarks, found = list(told["people"]), list(told["remarks"]), str(told["key"])
    if found != key:
        raise DataError(
            f'"{record}" is of another video or of other settings than "{source}" now; name '
            "another folder for the results."
        )
    clips = [read_clip(record.parent / Path(str(name)).name) for name in names]
    people = [clip for clip in clips if isinstance(clip, Clip)]
    again = pictures and not is_live(source)
    images = pictures_of(source, width=WIDTH, most=PICTURES) if again else []
    return Filmed(people, images, [str(each) for each in remarks])


def nobody(title: str, seen: Seen, finder: Photographed) -> Clip:
    """A clip of all frames in which nothing was observed."""
    camera = pinhole(seen.focal.value, finder.size, focal_from=seen.focal.origin)
    blank = torch.full((seen.frames, len(finder.skeleton), 2), torch.nan)
    return clip_of(blank, camera, finder.skeleton, seen.fps, name=title)


def is_live(source: Path) -> bool:
    """Whether it is a camera, which never shows the same again."""
    return str(source).startswith(CAMERA)


def paths_in(settings: object) -> list[Path]:
    """The files that settings name."""
    return [value for value in vars(settings).values() if isinstance(value, Path)]


def stamp(path: Path) -> str:
    """What a file, or those of a folder, are told apart by without being read."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    about = [(each.name, each.stat()) for each in files if each.exists()]
    return repr([(name, found.st_size, found.st_mtime_ns) for name, found in about])
