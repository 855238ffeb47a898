"""What is done with each input that is to be lifted, from reading it to writing all files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .clip import Clip
from .data.any_file import Told, clips_in
from .data.clip_file import read_clip
from .data.store import MARKER, StoreWriter, names_in
from .errors import DataError
from .filmed import Detecting, filmed, is_live
from .find_lifter import Found
from .kept_parts import Keeping, clear_parts
from .lift_inputs import distinct, kind_of, title_of
from .lift_job import Lifted, Lifting, lift_recording
from .lifting import Going
from .video import about
from .view import Picture, Shown, facts_of, write_page

KEYPOINTS = "keypoints"
"""The folder, in that of the results, for what was found in videos."""
PAGE_CLIPS = 8
"""Recordings that one page shows at most."""

Tell = Callable[[str, int | None], Callable[[float], None]]
"""Given what begins and how many frames it has, takes how many of them are done."""


def untold(what: str, frames: int | None) -> Callable[[float], None]:
    """Tell nobody."""
    return lambda done: None


@dataclass(frozen=True, eq=False)
class Work:
    """What is done with each input."""

    folder: Path
    name: str
    found: Found
    lifting: Lifting
    writers: Mapping[str, Any]
    files: Told
    detecting: Detecting
    page: bool = True
    resume: bool = False
    seed: int = 0
    made_with: str = ""
    """What else the numbers follow from, such as the precision."""
    tell: Tell = untold


@dataclass
class Fate:
    """What becomes of one input."""

    path: Path
    title: str
    """What its results' names begin with."""
    recordings: int = 0
    frames: int = 0
    remarks: list[str] = field(default_factory=list)
    quality: dict[str, Any] = field(default_factory=dict)
    """What was measured of each recording."""
    made: list[Path] = field(default_factory=list)
    problem: str = ""
    earlier: Mapping[str, Any] = field(default_factory=dict)
    """What an earlier run, with which this one goes on, said of it."""

    def data(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "input": str(self.path),
            "recordings": self.recordings,
            "frames": self.frames,
            "made": [str(path) for path in self.made],
            "remarks": self.remarks,
            "quality": self.quality,
            "problem": self.problem,
        }

    def remark(self, sentences: Iterable[str]) -> None:
        """Keep sentences for the user, each of them once."""
        self.remarks += [each for each in dict.fromkeys(sentences) if each not in self.remarks]

    def was_there(self, clip: Clip) -> None:
        """Count a recording whose results an earlier run made."""
        self.recordings += 1
        self.frames += len(clip)
        self.remark(self.earlier.get("remarks", ()))
        quality = self.earlier.get("quality", {})
        self.quality |= {clip.name: quality[clip.name]} if clip.name in quality else {}


def carry_out(fate: Fate, work: Work) -> None:
    """Lift one input and write what was asked for."""
    kind = kind_of(fate.path, work.files)
    if kind == "store":
        to_store(fate, work)
    elif kind == "video":
        of_video(fate, work)
    else:
        to_files(fate, clips_in(fate.path, work.files), work)
    clear_parts(work.folder)


def to_store(fate: Fate, work: Work) -> None:
    """The results of a store, as a store of the same name."""
    folder = work.folder / fate.path.resolve().name
    if (folder / MARKER).exists() and not work.resume:
        raise DataError(
            f'"{folder}" should be a new store, but there is one; name another folder, or add '
            "--continue to go on with it."
        )
    there = set(names_in(folder))
    with StoreWriter(folder) as writer:
        for clip in clips_in(fate.path, work.files):
            if clip.name in there:
                fate.was_there(clip)
            else:
                writer.add(lifted(fate, clip, work).clip)
    fate.made.append(folder)


def of_video(fate: Fate, work: Work) -> None:
    """The results of a film, of pictures or of a camera's view, for each person in it."""
    check_new(fate, work)
    length = None if is_live(fate.path) else about(fate.path).length
    watch = work.tell(f"Looking at {fate.title}", length)
    seen = filmed(fate.path, fate.title, work.folder / KEYPOINTS, work.detecting,
                  pictures=work.page, watch=watch)  # fmt: skip
    fate.remark(seen.remarks)
    to_files(fate, iter(seen.clips), work, seen.pictures[:: min(len(seen.clips), PAGE_CLIPS)])


def check_new(fate: Fate, work: Work) -> None:
    """Refuse to find people whose results could not be written because there are some."""
    for writer in work.writers.values():
        there = [*work.folder.glob(f"{fate.title}{writer.suffix}"),
                 *work.folder.glob(f"{fate.title}-*{writer.suffix}")]  # fmt: skip
        if there and not work.resume:
            raise there_already(there[0])


def there_already(path: Path) -> DataError:
    """The error about a result that would have to be written over."""
    return DataError(
        f'"{path}" is there already; name another folder, or add --continue to keep what is there.'
    )


def to_files(
    fate: Fate, clips: Iterator[Clip], work: Work, pictures: Iterable[Picture] = ()
) -> None:
    """The results of a file: a file of each format for each recording, and a page."""
    shown: list[Shown] = []
    titles: list[str] = []
    page = work.folder / f"{fate.title}.html"
    for clip in clips:
        titles.append(distinct(title_of(clip, fate.title), titles))
        paths = paths_of(titles[-1], work)
        result = written(fate, clip, paths, work, anew=work.page and not page.exists())
        fate.made += [path for path in paths.values() if path.exists()]
        if result is not None and len(shown) < PAGE_CLIPS:
            shown.append(Shown(result, pictures=tuple(pictures)))
    if work.page and shown:
        write_page(page, shown, title=fate.title, facts=facts_of(shown), warnings=fate.remarks)
    if work.page and page.exists():
        fate.made.append(page)


def paths_of(title: str, work: Work) -> dict[str, Path]:
    """The file of each format; the second one of an ending has its format in its name."""
    paths: dict[str, Path] = {}
    for key, writer in work.writers.items():
        path = work.folder / f"{title}{writer.suffix}"
        taken = path in paths.values()
        paths[key] = work.folder / f"{title}.{key}{writer.suffix}" if taken else path
    return paths


def written(
    fate: Fate, clip: Clip, paths: Mapping[str, Path], work: Work, *, anew: bool
) -> Clip | None:
    """One recording's result, once its files are there; None if all were and nothing is to show.

    Args:
        anew: Whether a page wants it although its files are there.
    """
    there = [path for path in paths.values() if path.exists()]
    if there and not work.resume:
        raise there_already(there[0])
    if len(there) == len(paths):
        if not anew:
            fate.was_there(clip)
            return None
        if "clip" in paths and isinstance(kept := read_clip(paths["clip"]), Clip):
            fate.was_there(clip)
            return kept
    result = lifted(fate, clip, work)
    for key, path in paths.items():
        if path not in there:
            fate.remark(said_of(result.clip, work.writers[key], path))
    return result.clip


def said_of(clip: Clip, writer: Any, path: Path) -> tuple[str, ...]:
    """What a writer says; also that its format cannot hold a recording without frames."""
    try:
        return writer.write(clip, path)
    except DataError as problem:
        if len(clip):
            raise
        return (str(problem),)


def lifted(fate: Fate, clip: Clip, work: Work) -> Lifted:
    """One recording's result, counted."""
    watch = work.tell(f"Lifting {clip.name}", len(clip))
    keeping = Keeping(work.folder, (work.found.hash, work.made_with))
    going = Going(keeping=keeping, watch=lambda share: watch(share * len(clip)))
    rng = torch.Generator().manual_seed(work.seed)
    result = lift_recording(clip, work.found, work.lifting, rng, name=work.name, going=going)
    fate.recordings += 1
    fate.frames += len(clip)
    fate.quality[clip.name] = result.quality.data()
    if result.refined is not None:
        fate.quality[clip.name]["refined"] = result.refined.data()
    fate.remark(result.remarks)
    return result
