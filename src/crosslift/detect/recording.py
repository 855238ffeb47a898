"""From a video to clips: every frame looked at, everybody followed, a clip for each person."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from ..camera import Camera
from ..clip import Clip
from ..data.posed_clip import Take, posed_clip
from ..errors import SettingsError
from ..focal import Focal, Lens, camera_for
from ..tracking import Track, Tracker, Tracking, chosen
from ..video import CAMERA, About, Frame, Timing, about, frames
from .finder import Finder

USUAL_FPS = 30.0
"""Frames a second where neither the file nor the user says it."""


@dataclass(frozen=True)
class Looking:
    """How a video is looked at, and at whom."""

    lens: Lens = field(default_factory=Lens)
    tracking: Tracking = field(default_factory=Tracking)
    person: str = "all"
    """Whose clips are made: "all", the "largest" person, or the number of one."""
    fps: float | None = None
    """Frames a second, if the file does not say it rightly."""
    seconds: float | None = None
    """Where to stop; a camera needs it."""

    def __post_init__(self) -> None:
        for name, value in (("fps", self.fps), ("seconds", self.seconds)):
            if value is not None and not 0 < value < math.inf:
                raise SettingsError(f"--{name} takes a positive number, but {value:g} was given.")


class Seen(NamedTuple):
    """What was found in a video."""

    clips: list[Clip]
    """One for each person, of all frames; none where nobody was found."""
    frames: int
    fps: float
    focal: Focal
    remarks: list[str]
    """Sentences about what is doubtful."""


@dataclass
class _Watched:
    """Frames that are counted and timed while they pass."""

    source: Path | str
    looking: Looking
    watch: Callable[[int], None]
    times: list[float] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Frame]:
        until = self.looking.seconds or math.inf
        passing = frames(self.source, say=self.remarks.append, fps=self.looking.fps)
        for frame in takewhile(lambda each: each.time < until, passing):
            self.times.append(frame.time)
            yield frame
            self.watch(len(self.times))


def people_in(
    source: Path | str,
    finder: Finder,
    looking: Looking = Looking(),
    *,
    name: str | None = None,
    watch: Callable[[int], None] = lambda done: None,
) -> Seen:
    """The clips of the people in a video, a picture, a folder of pictures or a camera's view.

    Args:
        name: Of the recording, in the clips' names; the file's unless given.
        watch: Told after each frame how many are done.
    """
    if str(source).startswith(CAMERA) and looking.seconds is None:
        raise SettingsError("A camera never ends; say when to stop, as in --seconds 10.")
    known = about(source)
    camera, focal = camera_for(known.size, looking.lens, known.focal)
    watched, tracker = _Watched(source, looking, watch), Tracker(looking.tracking)
    for frame in watched:
        found = finder.find(frame)
        tracker.add(found.keypoints, found.scores)
    timing = _timing(watched.times, looking, known)
    title = name or Path(source).stem
    people = chosen(tracker.tracks(len(finder.skeleton)), looking.person)
    told = {
        **finder.provenance,
        "video": Path(source).name,
        "focal": f"{focal.short}: {focal.reason}",
    }
    if looking.fps is None and known.fps is None:
        told["fps_from"] = "assumed"
    clips = [_clip(each, title, camera, finder, timing, told) for each in people]
    remarks = watched.remarks if clips else [*watched.remarks, "No person was found."]
    return Seen(clips, tracker.frames, timing.fps, focal, remarks)


def _timing(times: list[float], looking: Looking, known: About) -> Timing:
    """When the frames were taken; evenly, where the user says at which rate."""
    if looking.fps is not None:
        return Timing(looking.fps, None)
    return Timing.of(times, known.fps or USUAL_FPS)


def _clip(
    track: Track,
    title: str,
    camera: Camera,
    finder: Finder,
    timing: Timing,
    told: dict[str, str],
) -> Clip:
    take = Take(f"{title}/{track.person}", timing.fps, {"person": track.person}, told)
    return posed_clip(
        take,
        finder.skeleton,
        camera,
        keypoints=track.keypoints,
        scores=track.scores,
        person=track.person,
        times=timing.times,
    )
