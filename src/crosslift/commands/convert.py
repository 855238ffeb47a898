"""Bring public data sets and other tools' files into one store."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .. import registry
from ..data.images_convert import Pictured
from ..data.images_formats import FORMATS as WITH_PICTURES
from ..data.images_store import PictureWriter
from ..data.record import Recording
from ..data.store import StoreWriter, names_in
from ..errors import DataError, SettingsError, unknown_name
from ..joint_order import check_order
from ..mapping import mapped
from .common import Common, Options, Outcome

USAGE = """usage: crosslift convert FORMAT ROOT STORE [OPTIONS]

Read the recordings below ROOT and add them to the folder STORE. The formats:

{formats}

crosslift convert FORMAT --help tells what a format takes."""


def choose(words: list[str]) -> tuple[Callable[..., Outcome], list[str]]:
    """The function that converts the format named by the first word, and the other words."""
    if not words or words[0] in ("-h", "--help"):
        return formats, words[1:]
    make = picture_converter if words[0] in WITH_PICTURES else converter
    return make(words[0]), words[1:]


def formats(*, common: Options = Common()) -> Outcome:
    """List the formats that can be converted."""
    known = {name: part.help for name, part in registry.parts("reader").items()}
    for name, reader in WITH_PICTURES.items():
        known[name] = str(reader.__doc__).partition("\n")[0]
    width = max(map(len, known))
    lines = "\n".join(f"  {name:{width}}  {line}" for name, line in sorted(known.items()))
    return Outcome((USAGE.format(formats=lines),), known)


def converter(name: str) -> Callable[..., Outcome]:
    """The command for one format; its options are the reader's settings."""
    known = registry.parts("reader")
    if name not in known:
        raise SettingsError(unknown_name("format", name, {*known, *WITH_PICTURES}))
    settings = registry.settings_of("reader", name)

    def convert(
        root: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="ROOT")],
        store: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="STORE")],
        *,
        format: Annotated[settings, tyro.conf.OmitArgPrefixes] = settings(),  # noqa: A002, B008  # pyright: ignore[reportInvalidTypeForm]
        to: str | None = None,
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Read recordings and add them to a store.

        Args:
            root: The file or folder to read.
            store: The folder of the store; made if it is not there.
            to: Map all recordings to this skeleton, such as h36m17; joints that the format
                lacks are synthesised and marked.
            resume: Go on with a store that an earlier run began; what is there is skipped.
        """
        there = known_names(store, resume=resume)
        found = (each for each in format.read(root) if each.name not in there)
        found = (mapped(each, to) if to else each for each in found)
        return fill(
            store, found, Console(stderr=True, quiet=common.quiet or common.json), len(there)
        )

    return convert


def picture_converter(name: str) -> Callable[..., Outcome]:
    """The command for one data set with pictures; its options are the reader's settings."""
    settings = WITH_PICTURES[name]

    def convert(
        root: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="ROOT")],
        store: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="STORE")],
        *,
        format: Annotated[settings, tyro.conf.OmitArgPrefixes] = settings(),  # noqa: A002, B008  # pyright: ignore[reportInvalidTypeForm]
        resume: Annotated[
            bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff
        ] = False,
        common: Options = Common(),
    ) -> Outcome:
        """Read pictures with their annotations and add them to a store.

        Args:
            root: The folder of the data set.
            store: The folder of the store; made if it is not there.
            resume: Go on with a store that an earlier run began; what is there is skipped.
        """
        there = known_names(store, resume=resume)
        found = (each for each in format.read(root) if each.clip.name not in there)
        console = Console(stderr=True, quiet=common.quiet or common.json)
        return fill_with_pictures(store, found, console, len(there))

    return convert


def fill_with_pictures(
    store: Path, found: Iterator[Pictured], console: Console, skipped: int
) -> Outcome:
    """Add recordings with their pictures to the store."""
    recordings = pictures = 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(),
               TextColumn("pictures"), TimeElapsedColumn())  # fmt: skip
    with (
        PictureWriter(store) as writer,
        Progress(*columns, console=console, transient=True) as bar,
    ):
        task = bar.add_task("Converting", total=None)
        for each in found:
            writer.add(*each)
            recordings, pictures = recordings + 1, pictures + len(each.shown)
            bar.advance(task, len(each.shown))
        if not recordings and not skipped:
            raise DataError("The files hold no picture of anybody; check the path and the format.")
    words = [f"{pictures:,} pictures of {recordings:,} recordings are in {store}."]
    if skipped:
        words.append(f"{skipped:,} recordings were there already.")
    data = {"store": str(store), "added": recordings, "pictures": pictures, "skipped": skipped}
    return Outcome(tuple(words), data)


def known_names(store: Path, *, resume: bool) -> set[str]:
    """The names of the recordings in the store; refused if there should be none yet."""
    there = names_in(store)
    if there and not resume:
        raise DataError(
            f'"{store}" should be a new store, but holds {len(there)} recordings; name another '
            "folder, or add --continue to go on with it."
        )
    return set(there)


def fill(store: Path, found: Iterator[Recording], console: Console, skipped: int) -> Outcome:
    """Add recordings to the store, watching for joints in a wrong order."""
    suspects: Counter[str] = Counter()
    frames = 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(),
               TextColumn("recordings"), TimeElapsedColumn())  # fmt: skip
    with StoreWriter(store) as writer, Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Converting", total=None)
        for recording in found:
            writer.add(recording)
            frames += len(recording)
            verdict = check_order(recording)
            if not verdict.ok:
                suspects[verdict.guess] += 1
            bar.advance(task)
        if not (writer.waiting or writer.added or skipped):
            raise DataError("The files hold no recording; check the path and the format.")
    return said(store, writer.added, frames, skipped, suspects)


def said(store: Path, added: int, frames: int, skipped: int, suspects: Counter[str]) -> Outcome:
    """What became of the recordings."""
    words = [f"{added:,} recordings of {frames:,} frames are in {store}."]
    if skipped:
        words.append(f"{skipped:,} were there already.")
    for guess, count in suspects.most_common(5):
        words.append(
            f"Warning: in {count:,} of them the joints seem to be in a wrong order. {guess}"
        )
    data = {"store": str(store), "added": added, "frames": frames, "skipped": skipped}
    return Outcome(tuple(words), data | {"suspected_joint_orders": dict(suspects)})
