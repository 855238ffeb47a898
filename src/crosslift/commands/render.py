"""Make pictures of people who do not exist, with their keypoints and poses."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .. import synth
from ..clip import Clip
from ..data.images_crop import Framing
from ..data.images_store import PictureWriter
from ..data.store import Store, names_in
from ..errors import DataError, SettingsError
from ..motion import Motion
from ..observe import perfect
from ..render import Rendering, pictured_clip
from ..synth.presets import preset_named
from ..synth.recordings import seen
from ..training.examples import seeded
from .common import Common, Options, Outcome

ROOM = 1.5
"""How much larger the pictures are than the crops that are cut from them later."""


@dataclass(frozen=True)
class People:
    """Who is rendered."""

    people: int = 20
    """How many recordings of synthetic people are made."""
    views: int = 4
    """Cameras that see each."""
    seconds: float = 5.0
    """Length of a recording."""
    every: int = 10
    """One frame in so many gets a picture; recordings have 30 a second."""
    preset: str = "source"
    """Whose movements, bodies and cameras: source or target."""
    motion: Path | None = None
    """A store whose recordings are rendered, in the place of synthetic ones."""

    def __post_init__(self) -> None:
        preset_named(self.preset)
        if min(self.people, self.views, self.every) < 1:
            raise SettingsError(
                "--people, --views and --every take numbers from 1 upwards, but "
                f"{self.people}, {self.views} and {self.every} were given."
            )


def render(
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    *,
    people: Annotated[People, tyro.conf.arg(name="")] = People(),
    rendering: Annotated[Rendering, tyro.conf.arg(name="")] = Rendering(),  # noqa: B008  frozen
    resume: Annotated[bool, tyro.conf.arg(name="continue"), tyro.conf.FlagCreatePairsOff] = False,
    common: Options = Common(),
) -> Outcome:
    """Render people and add the pictures to a store.

    Args:
        output: The folder of the store; made if it is not there.
        people: Who is rendered.
        rendering: How; the size is that of crops, the pictures are half as large again.
        resume: Go on with a store that an earlier run began; what is there is skipped.
    """
    there = set(names_in(output))
    if there and not resume:
        raise DataError(
            f'"{output}" should be a new store, but holds {len(there)} recordings; name another '
            "folder, or add --continue to go on with it."
        )
    width, height = rendering.size
    room = (round(width * ROOM), round(height * ROOM))
    framing = Framing(room, Framing().margin * ROOM)
    larger = replace(rendering, size=room)
    console = Console(stderr=True, quiet=common.quiet or common.json)
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    added = pictures = 0
    with (
        Progress(*columns, console=console, transient=True) as bar,
        PictureWriter(output) as writer,
    ):
        task = bar.add_task("Rendering", total=total(people), completed=len(there))
        for number, clip in enumerate(clips_of(people, common)):
            if clip.name not in there:
                rng = seeded(common.seed, 1, number)
                found = pictured_clip(clip, people.every, rng, larger, framing)
                writer.add(*found)
                added, pictures = added + 1, pictures + len(found.shown)
                bar.advance(task)
    words = f"{pictures:,} pictures of {added:,} recordings are in {output}."
    skipped = f" {len(there):,} recordings were there already." if there else ""
    data = {"store": str(output), "added": added, "pictures": pictures, "skipped": len(there)}
    return Outcome((words + skipped,), data)


def total(people: People) -> int | None:
    """How many clips there will be, where that is known beforehand."""
    return people.people * people.views if people.motion is None else None


def clips_of(people: People, common: Common) -> Iterator[Clip]:
    """The recordings that are rendered, as each camera sees them."""
    if people.motion is None:
        frames = people.people * people.views * round(people.seconds * 30)
        yield from synth.recordings(
            synth.Settings(
                people.preset, frames, seconds=people.seconds, views=people.views, exact=True
            ),
            common.rng(),
        )
        return
    rigs = preset_named(people.preset).rigs
    for number, recording in enumerate(Store.open(people.motion)):
        if isinstance(recording, Clip):
            yield recording
        else:
            yield from _views(recording, people.views, rigs, number, common.seed)


def _views(
    motion: Motion, views: int, rigs: tuple[str, ...], number: int, seed: int
) -> Iterator[Clip]:
    """What cameras that are put up around a motion see of it."""
    rng = seeded(seed, 2, number)
    for view, rig in zip(range(views), itertools.cycle(rigs), strict=False):
        yield seen(motion, rig, f"{view}-{rig}", perfect, rng)
