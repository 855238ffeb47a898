"""Who is who over time: one track for each person, from everybody in every frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .errors import DataError, SettingsError

TOLERANCE = 0.1
"""How far joints are from where they were expected, as a share of the person's extent."""
DOUBT = 0.1
"""How much that grows with each frame in which the person was not seen."""
NEWCOMER = 2.0
"""How much larger it is for somebody seen once, of whom no velocity is known."""
LIKE = 0.25
"""How alike prediction and detection of one person are at least, 0 to 1."""
SAME = 0.9
"""Two detections of one frame that are so alike are of one person."""
HABIT = 0.3
"""The share of a new velocity that is believed at once."""
STRIDE = 0.1
"""How far somebody who was lost may have come in each frame, as a share of the body's diagonal."""
MISTAKEN = 3
"""How many of the last sightings may be wrong, since nobody is lost who is seen well."""
GROWTH = 1.6
"""How many times as large they may have become in the picture."""


@dataclass(frozen=True)
class Tracking:
    """How people are told apart over time."""

    births: int = 3
    """Frames in which somebody is seen before they count as a person."""
    gap: int = 30
    """Frames in a row for which a person may be lost and still be known again."""
    rejoin: int = 60
    """Frames after which somebody lost and somebody new are still one person, where neither could
    be anybody else."""

    def __post_init__(self) -> None:
        if self.births < 1 or self.gap < 0 or self.rejoin < 0:
            raise SettingsError(
                "A person is seen in at least 1 frame and lost for 0 or more, but births of "
                f"{self.births}, a gap of {self.gap} and {self.rejoin} frames to rejoin were asked "
                "for; give larger numbers."
            )


class Track(NamedTuple):
    """One person over all frames of a recording."""

    person: str
    """A number from 1, in the order of appearance."""
    keypoints: Float[Tensor, "frames joints 2"]
    """Pixels; NaN where the joint or the person was not found."""
    scores: Float[Tensor, "frames joints"]

    @property
    def seen(self) -> Bool[Tensor, " frames"]:
        """The frames in which the person was found."""
        return (self.scores > 0).any(dim=-1)

    @property
    def largeness(self) -> float:
        """The area that the person takes up, summed over the frames."""
        boxes = extents(self.keypoints[self.seen])
        return float((boxes[:, 2:] - boxes[:, :2]).prod(dim=-1).sum())


@dataclass(eq=False)
class _Person:
    """Somebody as last seen, and all that was seen of them."""

    last: int
    points: Float[Tensor, "joints 2"]
    """Each joint where it was last seen, moved along with the others since; NaN before."""
    velocity: Float[Tensor, " 2"]
    """Pixels a frame."""
    sightings: list[tuple[int, Tensor]] = field(default_factory=list)
    """Frame, and x, y and score of each joint: one small tensor each, since there are many."""

    def expected(self, frame: int) -> Float[Tensor, "joints 2"]:
        """Where the joints are if the person goes on as before."""
        return self.points + self.velocity * (frame - self.last)

    def doubt(self, frame: int) -> float:
        """How many times as unsure that is as for somebody seen in the frame before."""
        newcomer = NEWCOMER if len(self.sightings) == 1 else 0.0
        return 1 + DOUBT * (frame - self.last - 1) + newcomer

    def see(self, frame: int, keypoints: Tensor, scores: Tensor) -> None:
        """Take in a detection."""
        step = (keypoints - self.points).nanmedian(dim=0).values.nan_to_num(0)
        found = step / max(frame - self.last, 1)
        trust = 1.0 if len(self.sightings) == 1 else HABIT
        self.velocity = self.velocity + trust * (found - self.velocity)
        self.points = torch.where(keypoints.isfinite(), keypoints, self.points + step)
        self.last = frame
        self.note(frame, keypoints, scores)

    def note(self, frame: int, keypoints: Tensor, scores: Tensor) -> None:
        """Keep what was seen."""
        self.sightings.append((frame, torch.cat([keypoints, scores[:, None]], dim=-1).float()))

    @property
    def size(self) -> float:
        """The usual diagonal of the body's box, in pixels."""
        seen = torch.stack([points[:, :2] for _, points in self.sightings])
        return float(_diagonal(extents(seen)).median().clamp_min(1))

    def may_become(self, other: "_Person", within: int) -> bool:
        """Whether somebody seen later could be the same, by time, size and way."""
        first, there = other.sightings[0]
        sizes = self.size, other.size
        if not 0 < first - self.last <= within or max(sizes) > GROWTH * min(sizes):
            return False
        goal, reach = there[:, :2].nanmean(dim=0), STRIDE * max(sizes)
        ways = [
            float((points[:, :2].nanmean(dim=0) - goal).norm()) / (first - frame)
            for frame, points in self.sightings[-MISTAKEN - 1 :]
        ]
        return min(ways) <= reach


class Tracker:
    """Follows people from frame to frame; memory grows with what was seen and nothing else.

    Everybody known is expected where their last velocity takes them; expectations and detections
    are paired so that they are most alike altogether (the Hungarian method), by the overlap of
    their boxes and the distances of their joints. The order of the detections does not matter.
    """

    def __init__(self, tracking: Tracking = Tracking()) -> None:
        self.tracking = tracking
        self.frames = 0
        self._known: list[_Person] = []
        self._gone: list[_Person] = []

    def add(
        self, keypoints: Float[Tensor, "people joints 2"], scores: Float[Tensor, "people joints"]
    ) -> None:
        """Take in everybody in the next frame."""
        frame, self.frames = self.frames, self.frames + 1
        order = [row for row in _ordered(keypoints) if bool((scores[row] > 0).any())]
        keypoints, scores = keypoints[order].double(), scores[order]
        seen: set[int] = set()
        for person, row in self._pairs(keypoints, frame):
            person.see(frame, keypoints[row], scores[row])
            seen.add(row)
        for row in range(len(keypoints)):
            if row not in seen and not self._again(keypoints[row], keypoints[list(seen)]):
                new = _Person(frame, keypoints[row], torch.zeros(2, dtype=torch.float64))
                new.note(frame, keypoints[row], scores[row])
                self._known.append(new)
                seen.add(row)
        self._part(frame)

    def tracks(self, joints: int) -> list[Track]:
        """Everybody who was seen often enough, in the order of appearance.

        Args:
            joints: Of a person, for a recording without people.
        """
        enough = min(self.tracking.births, max(self.frames, 1))
        people = [each for each in self._gone + self._known if len(each.sightings) >= enough]
        people = rejoined(people, self.tracking.rejoin)
        people.sort(key=lambda each: (each.sightings[0][0], _place(each.sightings[0][1][:, :2])))
        return [self._track(str(number), person, joints) for number, person in enumerate(people, 1)]

    def _pairs(self, keypoints: Tensor, frame: int) -> list[tuple[_Person, int]]:
        """Who is who: people who are known, and rows of the detections."""
        if not self._known or not len(keypoints):
            return []
        expected = torch.stack([person.expected(frame) for person in self._known])
        doubt = torch.tensor([person.doubt(frame) for person in self._known])
        alike = likeness(expected, keypoints, TOLERANCE * doubt)
        worth = torch.where(alike >= LIKE, alike / doubt[:, None], 0)
        pairs = zip(*linear_sum_assignment(worth.numpy(), maximize=True), strict=True)
        return [(self._known[known], int(row)) for known, row in pairs if worth[known, row] > 0]

    def _again(self, person: Tensor, others: Tensor) -> bool:
        """Whether somebody is one of the others, detected twice."""
        alike = likeness(person[None], others, torch.tensor([TOLERANCE / 4]))
        return bool((alike > SAME).any())

    def _part(self, frame: int) -> None:
        """Let go of those who were lost for too long."""
        for person in list(self._known):
            settled = len(person.sightings) >= self.tracking.births
            patience = self.tracking.gap if settled else min(self.tracking.gap, 1)
            if frame - person.last > patience:
                self._known.remove(person)
                self._gone += [person] if settled else []

    def _track(self, name: str, person: _Person, joints: int) -> Track:
        keypoints = torch.full((self.frames, joints, 2), torch.nan)
        scores = torch.zeros(self.frames, joints)
        for frame, points in person.sightings:
            keypoints[frame], scores[frame] = points[:, :2], points[:, 2]
        return Track(name, keypoints, scores)


def rejoined(people: Sequence[_Person], within: int) -> list[_Person]:
    """The people, with those as one whom only a longer absence divides.

    Two are one if the second could be the first and nobody else, and the first become the second
    and nobody else.
    """
    follows = [[earlier.may_become(later, within) for later in people] for earlier in people]
    joined, whole = {}, list(people)
    for row, earlier in enumerate(people):
        heirs = [column for column, may in enumerate(follows[row]) if may]
        if len(heirs) == 1 and sum(line[heirs[0]] for line in follows) == 1:
            joined[id(earlier)] = people[heirs[0]]
            whole.remove(people[heirs[0]])
    return [_with_heirs(person, joined) for person in whole]


def _with_heirs(person: _Person, heirs: Mapping[int, _Person]) -> _Person:
    """A person with all sightings of those who turned out to be the same."""
    sightings, each = list(person.sightings), person
    while (each := heirs.get(id(each))) is not None:
        sightings += each.sightings
    return replace(person, sightings=sightings)


def likeness(
    some: Float[Tensor, "some joints 2"],
    others: Float[Tensor, "others joints 2"],
    tolerance: Float[Tensor, " some"],
) -> Float[Tensor, "some others"]:
    """How alike people are, 0 to 1: the mean of their boxes' overlap and their joints' nearness.

    Nearness is COCO's object keypoint similarity with one tolerance for all joints: the mean over
    the joints that both have of a bell curve over the distance.

    Args:
        tolerance: The width of the bell, as a share of the diagonal of the larger box.
    """
    boxes, beside = extents(some), extents(others)
    diagonal = torch.maximum(_diagonal(boxes)[:, None], _diagonal(beside)[None, :]).clamp_min(1)
    squared = (some[:, None] - others[None, :]).square().sum(dim=-1)
    bell = torch.exp(-squared / (2 * (tolerance[:, None] * diagonal).square()[..., None]))
    near = bell.nanmean(dim=-1).nan_to_num(0)
    low = torch.maximum(boxes[:, None, :2], beside[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], beside[None, :, 2:])
    shared = (high - low).clamp_min(0).prod(dim=-1)
    union = _area(boxes)[:, None] + _area(beside)[None, :] - shared
    return (near + shared / union.clamp_min(1e-9)) / 2


def extents(keypoints: Float[Tensor, "*any joints 2"]) -> Float[Tensor, "*any 4"]:
    """Left, top, right, bottom of the joints that were found; zeros if there is none."""
    found = keypoints.isfinite().all(dim=-1, keepdim=True)
    low = torch.where(found, keypoints, torch.inf).amin(dim=-2)
    high = torch.where(found, keypoints, -torch.inf).amax(dim=-2)
    return torch.where(found.any(dim=-2), torch.cat([low, high], dim=-1), 0)


def chosen(tracks: Sequence[Track], person: str) -> list[Track]:
    """The tracks of those who are meant: "all", the "largest", or a number.

    The largest is whoever takes up the most of the picture, summed over the frames.
    """
    if person == "all" or not tracks:
        return list(tracks)
    if person == "largest":
        return [max(tracks, key=lambda track: track.largeness)]
    found = [track for track in tracks if track.person == person]
    if not found:
        raise DataError(
            f'There should be a person "{person}", but those found are '
            f'{", ".join(track.person for track in tracks)}; name one of them, "largest" or "all".'
        )
    return found


def _ordered(keypoints: Float[Tensor, "people joints 2"]) -> list[int]:
    """The rows in an order that does not depend on the one in which they came."""
    return sorted(range(len(keypoints)), key=lambda row: _place(keypoints[row]))


def _place(points: Float[Tensor, "joints 2"]) -> tuple[float, ...]:
    """From left to right, and then by all that tells two people apart."""
    middle = points.nanmean(dim=0).nan_to_num(-1)
    return (*middle.tolist(), *points.nan_to_num(-1).flatten().tolist())


def _diagonal(boxes: Float[Tensor, "*any 4"]) -> Float[Tensor, "*any"]:
    return (boxes[..., 2:] - boxes[..., :2]).norm(dim=-1)


def _area(boxes: Float[Tensor, "*any 4"]) -> Float[Tensor, "*any"]:
    return (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(dim=-1)
