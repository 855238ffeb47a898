"""Make labelled motion: any number of people, movements and cameras."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.progress import Progress
from torch import Generator

from ..augment.dh_generator import BodyGenerator, load_generator
from ..clip import Clip
from ..data.store import MARKER, Store, StoreWriter, names_in
from ..errors import DataError, SettingsError
from ..files import write_json
from ..recipes.dh_aug.recordings import generated, like_those_of, settings_for
from ..synth import Settings, recordings
from .common import Common, Options, Outcome

RECIPE = "synth.json"
"""The file in the store that says what it was made from."""


def synth(
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    *,
    settings: Annotated[Settings, tyro.conf.arg(name="")] = Settings(),  # noqa: B008  frozen
    generator: Path | None = None,
    kind: Annotated[Literal["people", "dh3dhp"], tyro.conf.arg(name="as")] = "people",
    like: Path | None = None,
    part: tuple[int, int] = (1, 1),
    resume: Annotated[bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff] = False,
    common: Options = Common(),
) -> Outcome:
    """Make synthetic recordings of people and add them to a store.

    Args:
        output: The folder of the store; made if it is not there.
        settings: What is to be made.
        generator: A trained generator (crosslift train dh_aug) whose poses or motion are recorded
            in the place of crosslift's own actors.
        kind: Whether bodies and cameras are drawn (people), or are those of a store, such as
            3DHP's, before whose cameras a generator's poses stand (dh3dhp).
        like: That store.
        part: Make only this part of so many, such as 2 4; other processes make the others.
        resume: Go on with a store that an earlier run began; what is there is skipped.
    """
    check_part(part)
    check_source(generator, kind, like, part)
    maker = None if generator is None else load_generator(generator)
    settings = settings if maker is None else settings_for(maker, settings)
    recipe = asdict(settings) | {"seed": common.seed}
    if generator is not None:
        recipe |= {"generator": digest(generator), "like": like and str(like)}
    check_recipe(output, recipe, resume=resume or part[1] > 1)
    there = set(names_in(output))
    clips = clips_asked(settings, maker, like, part, there, common.rng())
    console = Console(stderr=True, quiet=common.quiet or common.json)
    total = len(range(part[0] - 1, settings.recordings, part[1])) * settings.views
    made, frames = fill(output, clips, there, total, console)
    words = f"{made:,} recordings of {frames:,} frames are in {output}."
    skipped = f" {len(there):,} were there already." if there else ""
    data = {"store": str(output), "added": made, "frames": frames, "skipped": len(there)}
    return Outcome((words + skipped,), data)


def clips_asked(
    settings: Settings,
    maker: BodyGenerator | None,
    like: Path | None,
    part: tuple[int, int],
    there: set[str],
    rng: Generator,
) -> Iterator[Clip]:
    """The clips, made by crosslift's own actors or by a generator."""
    if maker is not None and like is not None:
        return like_those_of(maker, settings, Store.open(like), rng)
    done = {who for who, count in finished(there).items() if count >= settings.views}
    share = {"start": part[0] - 1, "every": part[1], "skip": done}
    if maker is not None:
        return generated(maker, settings, rng, **share)
    return recordings(settings, rng, **share)


def digest(path: Path) -> str:
    """What a generator's file is known by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def check_source(
    generator: Path | None, kind: str, like: Path | None, part: tuple[int, int]
) -> None:
    """Refuse a store to be like without a generator, and the other way round."""
    if (kind == "dh3dhp") != (like is not None) or (like is not None and generator is None):
        raise SettingsError(
            "A set of the kind of DH-3DHP takes a generator and 3DHP's bones and cameras; say "
            "--generator FILE --as dh3dhp --like STORE, all three or, of the last two, none."
        )
    if like is not None and part != (1, 1):
        raise SettingsError(
            "A set like a store's is made in one piece, but --part asks for one of "
            f"{part[1]}; leave it out."
        )


def check_part(part: tuple[int, int]) -> None:
    """Refuse a part that is none."""
    if not 1 <= part[0] <= part[1]:
        raise DataError(
            f"--part takes a number and how many parts there are, such as 2 4, but {part[0]} "
            f"{part[1]} was given."
        )


def check_recipe(store: Path, recipe: dict[str, Any], *, resume: bool) -> None:
    """Note what a new store is made from; refuse to go on with one that was made from else."""
    noted = json.loads(json.dumps(recipe))
    if not (store / MARKER).exists() and not (store / RECIPE).exists():
        write_json(store / RECIPE, noted)
        return
    if not resume:
        raise DataError(
            f'"{store}" should be a new store, but there is one; name another folder, or add '
            "--continue to go on with it."
        )
    begun = json.loads((store / RECIPE).read_text()) if (store / RECIPE).exists() else {}
    other = [key for key in noted if begun.get(key) != noted[key] and key != "frames"]
    if other:
        raise DataError(
            f'The store "{store}" was begun with another "{other[0]}" ({begun.get(other[0])}, not '
            f"{noted[other[0]]}); go on with the same, or name another folder."
        )


def finished(names: set[str]) -> Counter[str]:
    """How many cameras' clips of each subject are there."""
    return Counter(name.split("/")[1] for name in names)


def fill(
    store: Path, clips: Iterator[Clip], there: set[str], total: int, console: Console
) -> tuple[int, int]:
    """Write the clips that are not there yet; how many recordings and frames were written."""
    frames = 0
    with StoreWriter(store) as writer, Progress(console=console, transient=True) as bar:
        task = bar.add_task("Recording", total=total, completed=len(there))
        for clip in clips:
            if clip.name not in there:
                writer.add(clip)
                frames += len(clip)
                bar.advance(task)
    return writer.added, frames
