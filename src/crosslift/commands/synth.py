"""Make labelled motion: any number of people, movements and cameras."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.console import Console
from rich.progress import Progress

from ..clip import Clip
from ..data.store import MARKER, StoreWriter, names_in
from ..errors import DataError
from ..files import write_json
from ..synth import Settings, recordings
from .common import Common, Options, Outcome

RECIPE = "synth.json"
"""The file in the store that says what it was made from."""


def synth(
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    *,
    settings: Annotated[Settings, tyro.conf.arg(name="")] = Settings(),  # noqa: B008  frozen
    part: tuple[int, int] = (1, 1),
    resume: Annotated[bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff] = False,
    common: Options = Common(),
) -> Outcome:
    """Make synthetic recordings of people and add them to a store.

    Args:
        output: The folder of the store; made if it is not there.
        settings: What is to be made.
        part: Make only this part of so many, such as 2 4; other processes make the others.
        resume: Go on with a store that an earlier run began; what is there is skipped.
    """
    check_part(part)
    check_recipe(output, asdict(settings) | {"seed": common.seed}, resume=resume or part[1] > 1)
    there = set(names_in(output))
    clips = recordings(
        settings,
        common.rng(),
        start=part[0] - 1,
        every=part[1],
        skip={who for who, count in finished(there).items() if count >= settings.views},
    )
    console = Console(stderr=True, quiet=common.quiet or common.json)
    total = len(range(part[0] - 1, settings.recordings, part[1])) * settings.views
    made, frames = fill(output, clips, there, total, console)
    words = f"{made:,} recordings of {frames:,} frames are in {output}."
    skipped = f" {len(there):,} were there already." if there else ""
    data = {"store": str(output), "added": made, "frames": frames, "skipped": len(there)}
    return Outcome((words + skipped,), data)


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
