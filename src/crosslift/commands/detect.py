"""Find the people in videos, and follow their joints."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count, pairwise
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from .. import registry
from ..data.clip_file import SUFFIX, write_clip
from ..detect import Finder, Looking, Seen, people_in
from ..errors import CrossliftError, DataError, SettingsError, unknown_name
from ..files import write_json
from ..video import CAMERA, about
from .common import Common, Options, Outcome, choices

DEFAULT = "mediapipe"
"""The detector that needs no file of weights."""
RECORD = ".detect.json"
"""The ending of the file beside the clips of a video that says what was found."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that detects by the detector that the words name; its settings are options."""
    named = [word.partition("=")[2] for word in words if word.startswith("--detector=")]
    named += [after for word, after in pairwise(words) if word == "--detector"]
    return detection(named[0] if named else DEFAULT), words


def detection(name: str) -> Callable[..., Outcome]:
    """The command for one detector."""
    known = registry.parts("detector")
    if name not in known:
        raise SettingsError(unknown_name("detector", name, known))
    settings = registry.settings_of("detector", name)
    choice = choices(known)

    def detect(
        videos: Annotated[
            tuple[str, ...], tyro.conf.Positional, tyro.conf.arg(metavar="VIDEO [VIDEO ...]")
        ],
        *,
        output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
        detector: Annotated[str, tyro.conf.arg(help=choice)] = name,
        options: Annotated[settings, tyro.conf.OmitArgPrefixes] = settings(),  # noqa: B008  # pyright: ignore[reportInvalidTypeForm]
        looking: Annotated[Looking, tyro.conf.OmitArgPrefixes] = Looking(),  # noqa: B008
        strict: tyro.conf.FlagCreatePairsOff[bool] = False,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Find the people in videos and write a clip of keypoints for each of them.

        A VIDEO is a film of any kind, a picture, a folder of pictures, or a camera (camera:0).

        Args:
            videos: What to look at.
            output: The folder for the clips; made if it is not there.
            strict: Make the exit code 3 if nobody was found or a video is damaged.
            resume: Go on where an earlier run was stopped: videos that are done are skipped.
        """
        if not videos:
            raise SettingsError(
                "At least one video is needed; name it, as in crosslift detect a.mp4."
            )
        fates = titled(videos, output)
        check_new(fates, resume=resume)
        finder: Finder = options.build(common.device)
        console = Console(stderr=True, quiet=common.quiet or common.json)
        for fate in fates:
            attempt(fate, finder, looking, console, alone=len(fates) == 1)
        return outcome(fates, finder, strict=strict)

    return detect


@dataclass
class Fate:
    """What becomes of one video."""

    source: str
    title: str
    """The beginning of its files' names."""
    folder: Path
    seen: Seen | None = None
    made: list[Path] = field(default_factory=list)
    problem: str = ""
    """Why it could not be read."""

    @property
    def record(self) -> Path:
        """The file that says what was found; written last."""
        return self.folder / f"{self.title}{RECORD}"

    def clips_there(self) -> bool:
        """Whether a run that was stopped left clips of it."""
        clip = re.compile(rf"{re.escape(self.title)}-\d+{re.escape(SUFFIX)}")
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return any(clip.fullmatch(path.name) for path in there)

    @property
    def doubtful(self) -> bool:
        """Whether nobody was found, or something could not be read."""
        return self.seen is not None and bool(self.seen.remarks)

    @property
    def words(self) -> str:
        """What became of it."""
        if self.problem:
            return self.problem
        return "was there already" if self.seen is None else " ".join(self.seen.remarks) or "done"

    def data(self) -> dict[str, Any]:
        """The same as plain data."""
        told: dict[str, Any] = {"video": self.source, "result": self.words}
        if self.seen is not None:
            told |= {
                "frames": self.seen.frames,
                "fps": self.seen.fps,
                "focal": self.seen.focal._asdict(),
                "people": [path.name for path in self.made],
            }
        return told


def titled(videos: tuple[str, ...], folder: Path) -> list[Fate]:
    """The videos with a title each, by their names; the second of a name gets a number."""
    titles: dict[str, str] = {}
    for video in videos:
        stem = video.replace(":", "-") if video.startswith(CAMERA) else Path(video).stem or "video"
        others = (f"{stem}.{number}" for number in count(2))
        title = next(each for each in chain([stem], others) if each not in titles)
        titles[title] = video
    return [Fate(video, title, folder) for title, video in titles.items()]


def check_new(fates: list[Fate], *, resume: bool) -> None:
    """Refuse to write over what an earlier run found; when going on, note what is done."""
    for fate in fates:
        if not resume and (fate.record.exists() or fate.clips_there()):
            raise DataError(
                f'"{fate.folder}" should be a new folder, but has the people of "{fate.title}" '
                "already; name another folder, or add --continue to go on with it."
            )
        if fate.record.exists():
            names = json.loads(fate.record.read_text("utf-8")).get("people", [])
            fate.made = [fate.folder / str(name) for name in names]


def attempt(fate: Fate, finder: Finder, looking: Looking, console: Console, *, alone: bool) -> None:
    """Look at one video; if it is not the only one, a problem is noted and does not end the run."""
    if fate.record.exists():
        return
    try:
        with watching(fate.source, console) as watch:
            fate.seen = people_in(fate.source, finder, looking, name=fate.title, watch=watch)
        for clip in fate.seen.clips:
            path = fate.folder / f"{fate.title}-{clip.person}{SUFFIX}"
            write_clip(path, clip)
            fate.made.append(path)
        write_json(fate.record, fate.data())
    except CrossliftError as problem:
        if alone:
            raise
        fate.problem = str(problem)


class Rate(ProgressColumn):
    """Frames a second."""

    def render(self, task: Task) -> Text:
        """The rate, once there is one."""
        return Text(f"{task.speed:.1f} frames/s" if task.speed else "")


@contextmanager
def watching(source: str, console: Console) -> Iterator[Callable[[int], None]]:
    """Show how far a video is, how fast it goes and how long it takes yet."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(),
               TimeRemainingColumn(), TextColumn("left"))  # fmt: skip
    length = None if source.startswith(CAMERA) else about(source).length
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(escape(Path(source).name), total=length)
        yield lambda done: progress.update(task, completed=done)


def outcome(fates: list[Fate], finder: Finder, *, strict: bool) -> Outcome:
    """What became of each video, in words and as data."""
    broken = any(fate.problem for fate in fates)
    doubtful = strict and any(fate.doubtful for fate in fates)
    table = Table("video", "frames", "people", "focal length", "result")
    for fate in fates:
        seen = fate.seen
        frames, focal = (f"{seen.frames:,}", seen.focal.short) if seen else ("", "")
        row = (Path(fate.source).name, frames, str(len(fate.made)), focal, fate.words)
        table.add_row(*map(escape, row))
    reasons = dict.fromkeys(fate.seen.focal.words for fate in fates if fate.seen)
    used = dict(finder.provenance) if any(fate.seen for fate in fates) else {}
    words = [
        table,
        *map(escape, reasons),
        escape("; ".join(f"{key} {value}" for key, value in used.items())),
    ]
    files = [str(path) for fate in fates for path in fate.made]
    if files:
        words += ["Made:", *(f"  {escape(path)}" for path in files)]
    data = {"detector": used, "videos": [fate.data() for fate in fates], "files": files}
    return Outcome(tuple(filter(None, words)), data, code=2 if broken else 3 if doubtful else 0)
