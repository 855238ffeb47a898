"""What readers of keypoint files share: people in frames to clips, and what files leave out."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import tyro
from jaxtyping import Float

from ..camera import Camera, pinhole, stacked
from ..clip import Clip
from ..errors import DataError, SettingsError
from ..skeleton import Skeleton
from .keypoint_names import natural
from .posed_clip import Take, posed_clip

USUAL_FPS = 30.0
"""Frames a second where neither the file nor the user says it."""
LARGEST = 1_000_000
"""Pixels along a side that no picture exceeds, nor a focal length by much."""
MOST_EMPTY = 4_000_000
"""Joints of nobody that a file may speak of: 33 of them for more than an hour."""
MOST_ABSENT = 60_000_000
"""The same, summed over all people."""

Points = Float[np.ndarray, "frames joints 3"]
Size = tuple[float, float]


@dataclass(frozen=True)
class Footage:
    """What a keypoints file does not say of its pictures; what is given here comes first."""

    size: tuple[int, int] | None = None
    """Width and height of the pictures in pixels."""
    focal: float | None = None
    """Focal length in pixels; the picture's diagonal is assumed unless it or `fov` is given."""
    fov: float | None = None
    """Horizontal field of view in degrees, instead of `focal`."""
    fps: float | None = None
    """Frames a second; 30 are assumed where the file does not say."""
    trim: bool = False
    """Cut each clip to the frames between a person's first and last; `times` then says when."""

    def camera(self, said: Size | None = None, reach: Size | None = None) -> Camera:
        """The camera for pictures whose size the file may have said.

        Args:
            reach: The largest x and y of the keypoints, to tell the user.
        """
        size = self.size or said
        if size is None:
            far = f" (its keypoints reach {reach[0]:.0f}, {reach[1]:.0f})" if reach else ""
            raise DataError(
                f"The size of the pictures is needed, but the file does not say it{far}; give it, "
                "as in --size 1920 1080."
            )
        width, height = (round(side) if math.isfinite(side) else 0 for side in size)
        if not (1 <= width <= LARGEST and 1 <= height <= LARGEST):
            raise DataError(
                f"A picture is some pixels wide and high, but its size is given as {size[0]:g} by "
                f"{size[1]:g}; give the true one, as in --size 1920 1080."
            )
        focal, given = self._focal(width, height)
        return pinhole(focal, (width, height), focal_from="given" if given else "assumed")

    def _focal(self, width: int, height: int) -> tuple[float, bool]:
        if self.focal is not None and self.fov is not None:
            raise SettingsError("A camera has one focal length; give `focal` or `fov`, not both.")
        if self.focal is not None:
            if not 0 < self.focal <= 100 * LARGEST:
                raise SettingsError(
                    f"A focal length is a positive number of pixels, but {self.focal:g} was given."
                )
            return self.focal, True
        if self.fov is not None:
            if not 0 < self.fov < 180:
                raise SettingsError(
                    f"A field of view is between 0 and 180 degrees, but {self.fov:g} was given."
                )
            return width / 2 / math.tan(math.radians(self.fov) / 2), True
        return math.hypot(width, height), False

    def rate(self, said: float | None = None) -> float:
        """Frames a second: what the user gave, else what the file says, else the usual number."""
        rate = next(rate for rate in (self.fps, said, USUAL_FPS) if rate is not None)
        if not 0 < rate < math.inf:
            raise DataError(
                f"There should be a positive number of frames a second, but {rate:g} was found; "
                "give the true one, as in --fps 30."
            )
        return float(rate)


NOTHING = Footage()
"""Nothing is known but what the file says."""
FootageOptions = Annotated[Footage, tyro.conf.OmitArgPrefixes]
"""The same as the options of a command, without a prefix."""


@dataclass(frozen=True)
class Film:
    """One recording, as a keypoints file speaks of it."""

    name: str
    skeleton: Skeleton
    provenance: Mapping[str, str] = field(default_factory=dict)
    sizes: Sequence[Size] = ()
    """Width and height of the pictures: one for all, or one a frame; empty where not said."""
    fps: float | None = None
    times: Float[np.ndarray, " frames"] | None = None
    """Seconds of each frame, where the frame rate varies."""


class Sighting(NamedTuple):
    """One person in one frame."""

    frame: int
    person: Any
    """An identity that the file keeps over time, or None."""
    points: Float[np.ndarray, "joints 3"]
    """x, y, score."""


class Track(NamedTuple):
    """One person over all frames of a recording."""

    person: str
    """Empty where nobody is named."""
    points: Points
    """x, y in pixels, and the score; NaN where the person is not seen."""


def clips_of(film: Film, tracks: Iterable[Track], footage: Footage) -> Iterator[Clip]:
    """A clip for each person, made when it is asked for.

    Where there are several, their names end in the person's: "openpose/walk/2".
    """
    rest = iter(tracks)
    ahead = list(islice(rest, 2))
    if not ahead:
        return
    camera = _camera(film.sizes, ahead[0].points, footage)
    for track in chain(ahead, rest):
        yield _clip(film, track, camera, footage, several=len(ahead) > 1)


def _camera(sizes: Sequence[Size], points: Points, footage: Footage) -> Camera:
    """One camera, or one a frame where the pictures differ in size."""
    different = sorted(set(sizes))
    if footage.size is None and len(different) > 1:
        cameras = stacked([footage.camera(size) for size in different])
        return cameras[torch.tensor([different.index(size) for size in sizes])]
    return footage.camera(different[0] if different else None, reach_of(points))


def reach_of(points: Float[np.ndarray, "*any axes"]) -> Size | None:
    """The largest x and y of keypoints; None where there is none."""
    finite = points[np.isfinite(points).all(axis=-1)]
    return (float(finite[:, 0].max()), float(finite[:, 1].max())) if len(finite) else None


def _clip(film: Film, track: Track, camera: Camera, footage: Footage, *, several: bool) -> Clip:
    told = film.fps if footage.fps is None else footage.fps
    assumed = {} if told is not None else {"fps_from": "assumed"}
    take = Take(
        name=f"{film.name}/{track.person}" if several else film.name,
        fps=footage.rate(film.fps),
        labels={"person": track.person} if track.person else {},
        provenance={**film.provenance, **assumed},
    )
    with np.errstate(over="ignore", invalid="ignore"):
        points = torch.from_numpy(track.points.astype(np.float32))
    clip = posed_clip(
        take,
        film.skeleton,
        camera,
        keypoints=points[..., :2],
        scores=points[..., 2],
        person=track.person or None,
        times=None if film.times is None else torch.from_numpy(film.times.astype(np.float32)),
    )
    return trimmed(clip) if footage.trim else clip


def trimmed(clip: Clip) -> Clip:
    """The clip between the first and the last frame in which anything was observed."""
    seen = clip.observed.any(dim=-1).nonzero()[:, 0]
    if len(seen) == 0:
        return clip
    part = slice(int(seen[0]), int(seen[-1]) + 1)
    times = torch.arange(len(clip)) / clip.fps if clip.times is None else clip.times
    moving = clip.camera.size.ndim > 1
    return replace(
        clip,
        camera=clip.camera[part] if moving else clip.camera,
        keypoints=clip.keypoints[part],
        scores=clip.scores[part],
        observed=clip.observed[part],
        poses=None if clip.poses is None else clip.poses[:, part],
        times=times[part],
    )


def tracks_of(sightings: Sequence[Sighting], frames: int, joints: int) -> Iterator[Track]:
    """Each person over all frames.

    People go by the file's identities where every sighting has one and none is twice in a frame.
    Otherwise person 0 is whoever comes first in each frame, and so on: nobody is tracked here.
    """
    check_length(frames, len(sightings), joints)
    people = _people(sightings)
    if frames * len(people) * joints > MOST_ABSENT + 20 * len(sightings) * joints:
        raise DataError(
            f"{len(people):,} people in {frames:,} frames are too many to keep whole, since they "
            f"are seen {len(sightings):,} times altogether; split the recording."
        )
    for person in sorted(people, key=natural):
        points = np.full((frames, joints, 3), np.nan, dtype=np.float32)
        for frame, seen in people[person]:
            with np.errstate(over="ignore", invalid="ignore"):
                points[frame] = seen[:joints]
        yield Track(person, points)


def _people(sightings: Sequence[Sighting]) -> dict[str, list[tuple[int, np.ndarray]]]:
    """Frames and points of each person."""
    named = {(one.frame, one.person) for one in sightings if one.person is not None}
    people: dict[str, list[tuple[int, np.ndarray]]] = defaultdict(list)
    count: dict[int, int] = defaultdict(int)
    for one in sightings:
        person = one.person if len(named) == len(sightings) else count[one.frame]
        count[one.frame] += 1
        people[str(person)].append((one.frame, one.points))
    return people


def check_length(frames: int, sightings: int, joints: int) -> None:
    """Refuse frame numbers that run far beyond what the file holds."""
    if frames * joints > MOST_EMPTY + 10 * sightings * joints:
        raise DataError(
            f"The numbers of its frames run over {frames:,}, but it holds {sightings:,} poses; "
            "check the numbers of the frames."
        )


def identity(value: Any) -> str | int | None:
    """A person's identity as files write it: 3, 3.0, "3", [3]; None where it says nothing."""
    for _ in range(2):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or value in (-1, ""):
        return None
    return value


def numbers(value: Any, what: str) -> np.ndarray:
    """Numbers of a json file, null counting as NaN."""
    array = np.asarray(value)
    if array.dtype.kind == "O":
        array = np.array(value, dtype=np.float64)
    if array.dtype.kind not in "iuf" and array.size:
        raise DataError(f"{what} should be numbers, but {array.dtype.kind!r} was found there.")
    return array.astype(np.float64)


def triples(value: Any, what: str) -> Float[np.ndarray, "joints 3"]:
    """Keypoints of a json file: x, y, score, x, y, score, ... or a list of such threes."""
    flat = numbers(value, what).ravel()
    if flat.size == 0 or flat.size % 3:
        raise DataError(
            f"{what} should be x, y and score of each joint, but {flat.size} numbers were found."
        )
    return flat.reshape(-1, 3)


def check_alike(sightings: Sequence[Sighting]) -> int:
    """How many joints all sightings have, once it is known that they agree."""
    counts = sorted({len(one.points) for one in sightings})
    if len(counts) != 1:
        raise DataError(
            f"All people should have equally many keypoints, but {counts[0]} and {counts[-1]} were "
            "found; keep one detector's results in a file."
        )
    return counts[0]


def provenance(reader: str, path: Path, **more: str) -> dict[str, str]:
    """Format and file of a recording, and what else is known of its source."""
    return {"format": reader, "file": path.name, **more}


def check_scores(scores: np.ndarray) -> None:
    """Refuse confidences of our own formats that are not between 0 and 1; NaN counts as 0."""
    finite = scores[np.isfinite(scores)]
    if finite.size and not 0 <= finite.min() <= finite.max() <= 1:
        raise DataError(
            f"Scores should lie between 0 and 1, but {finite.min():g} to {finite.max():g} was "
            "found; rescale them."
        )
