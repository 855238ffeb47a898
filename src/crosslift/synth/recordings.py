"""Any number of recordings: people, movements, cameras and detections, the same for a seed."""

import itertools
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Generator

from ..clip import Clip
from ..errors import SettingsError
from ..motion import Motion
from ..observe import DetectorModel as Detector
from ..observe import observe, perfect
from .bodies import draw_body
from .curves import pick
from .detector import DetectorModel
from .kinds import kind_named
from .presets import child_seed, preset_named
from .recording import Take, check_take, motion_of, played
from .rigs import placed, rig_named


@dataclass(frozen=True)
class Settings:
    """What is to be made."""

    preset: str = "source"
    """Whose bodies, seeds, and where nothing else is said kinds and cameras: source or target."""
    frames: int = 100_000
    """Frames of single cameras in all; the last recording may go beyond."""
    kinds: tuple[str, ...] = ()
    """Kinds of movement; the preset's unless given."""
    cameras: tuple[str, ...] = ()
    """Camera rigs; the preset's unless given."""
    fps: float = 30.0
    """Frames a second."""
    seconds: float = 10.0
    """Length of a recording."""
    views: int = 4
    """Cameras that see each recording."""
    detector: DetectorModel = field(default_factory=DetectorModel)
    """How keypoints are detected."""
    exact: bool = False
    """Give the true keypoints instead."""

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def recordings(self) -> int:
        """How many movements have to be recorded."""
        each = max(round(self.seconds * self.fps), 1) * self.views
        return math.ceil(self.frames / each)


def check_settings(settings: Settings) -> None:
    """Refuse names that do not exist and numbers that cannot be."""
    preset_named(settings.preset)
    for name in settings.kinds:
        kind_named(name)
    for name in settings.cameras:
        rig_named(name)
    check_take(Take("walk", settings.fps, settings.seconds))
    if settings.frames < 1 or settings.views < 1:
        raise SettingsError(
            f"At least one frame of one camera has to be asked for, but {settings.frames} frames "
            f"of {settings.views} cameras were; give both from 1 upwards."
        )


def recordings(
    settings: Settings,
    rng: Generator,
    *,
    start: int = 0,
    every: int = 1,
    skip: Collection[str] = (),
) -> Iterator[Clip]:
    """The clips of all recordings, one for each camera of each.

    Args:
        start: The recording to begin with, to continue where another run stopped.
        every: Make only one recording in so many, to share the work among processes that begin
            at 0, 1 and so on.
        skip: Subjects whose recordings are there already.
    """
    base = int(torch.randint(2**48, (), generator=rng, device=rng.device))
    for number in range(start, settings.recordings, every):
        if subject(settings, number) not in skip:
            yield from recording(settings, base, number)


def subject(settings: Settings, number: int) -> str:
    """What the person of a recording is called."""
    return f"{settings.preset}-{number}"


def recording(settings: Settings, base: int, number: int) -> Iterator[Clip]:
    """One movement of one person as each of its cameras sees it."""
    preset = preset_named(settings.preset)
    seed = child_seed(base, number, preset.stream)
    rng = Generator().manual_seed(seed)
    kinds, rigs = settings.kinds or preset.kinds, settings.cameras or preset.rigs
    take = Take(kinds[number % len(kinds)], settings.fps, settings.seconds)
    body = draw_body(rng, preset.bodies)
    motion = motion_of(played(take, body, rng), take, subject(settings, number))
    motion = replace(motion, provenance={**motion.provenance, "seed": str(seed)})
    detector = perfect if settings.exact else settings.detector
    first = pick(rng, len(rigs))
    for view, rig in zip(
        range(settings.views), itertools.cycle(rigs[first:] + rigs[:first]), strict=False
    ):
        yield seen(motion, rig, f"{view}-{rig}", detector, rng)


def seen(motion: Motion, rig: str, camera: str, detector: Detector, rng: Generator) -> Clip:
    """A motion as one camera of a rig sees it and a detector finds it."""
    view = placed(rig_named(rig), motion.positions, motion.fps, rng)
    named = replace(
        motion,
        name=f"{motion.name}/{camera}",
        labels={**motion.labels, "camera": rig},
    )
    return observe(named, view, detector, rng)
