"""What of a refinement is kept: parts in which the scores that need no truth are not worse."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..clip import Clip
from ..ground import Ground, estimated_ground, given_ground, is_placed
from ..quality import CHECKS, quality_of

SECONDS = 10.0
"""Of a part."""
FADE = 0.5
"""Seconds in which refined poses become unrefined ones."""
MOST = 0.25
"""The share of what is allowed by which one score may be worse, where others make up for it."""
SCORES = ("reprojection", "bone_change", "asymmetry", "beyond_limits", "skating", "trembling")
"""Of `quality`, those that follow from the poses."""

Figures = dict[str, float | None]


@dataclass(frozen=True, eq=False)
class Guarded:
    """The poses that are kept, and by which scores."""

    clip: Clip
    kept: int
    """Parts in which they are the refined ones."""
    parts: int
    before: Figures
    """Scores of the whole recording."""
    after: Figures
    worse: dict[str, int]
    """In how many parts each score became worse, of those where one did."""

    def words(self) -> str:
        """What was kept, and every score before and after."""
        kept = [] if self.kept == self.parts else [f"kept in {self.kept} of {self.parts} parts"]
        return "; ".join([*kept, ", ".join(self.changes())])

    def sentences(self) -> tuple[str, ...]:
        """What a user should read: that refining was for nothing."""
        if self.kept or not self.parts:
            return ()
        titles = " and ".join(f'"{CHECKS[name].title}"' for name in self.worse)
        return (
            f"Refining made the figures {titles} worse in every part of the recording, so the "
            "poses are as the lifter gave them; check the camera.",
        )

    def changes(self) -> list[str]:
        """Each score that there is, as people are told it."""
        return [
            f"{check.title} {check.scale * before:.1f} to {check.scale * after:.1f} {check.unit}"
            for name, check in CHECKS.items()
            if (before := self.before.get(name)) is not None
            and (after := self.after.get(name)) is not None
        ]


def guarded(before: Clip, after: Clip) -> Guarded:
    """The refined poses, and the unrefined ones in parts where a score says that they are better.

    A part is ten seconds. Where the two meet, one fades into the other.
    """
    ground = floor_of(before)
    size = max(round(SECONDS * before.fps), 1)
    bounds = [slice(first, min(first + size, len(before))) for first in range(0, len(before), size)]
    faults = [worse_in(part, before, after, ground) for part in bounds]
    counts = torch.zeros(len(before), dtype=torch.bool)
    for part, fault in zip(bounds, faults, strict=True):
        counts[part] = not fault
    clip = blended(before, after, counts)
    return Guarded(
        clip,
        kept=sum(not fault for fault in faults),
        parts=len(bounds),
        before=figures(before, ground),
        after=figures(clip, ground),
        worse={name: number for name in SCORES if (number := sum(name in each for each in faults))},
    )


def worse_in(part: slice, before: Clip, after: Clip, ground: Ground | None) -> tuple[str, ...]:
    """The scores by which some frames are worse after than before; none if they are not."""
    return worse(*(figures(stretch(clip, part), ground) for clip in (before, after)))


def worse(before: Figures, after: Figures) -> tuple[str, ...]:
    """The scores that rose, where all together did or one rose by too much.

    Each counts by what is allowed of it. One that cannot be told any more is as bad as can be.
    """
    rise = {
        name: math.inf if (now := after[name]) is None else (now - was) / CHECKS[name].most
        for name, was in before.items()
        if was is not None
    }
    if sum(rise.values()) <= 0 and max(rise.values(), default=0) <= MOST:
        return ()
    return tuple(name for name, by in rise.items() if by > 0)


def figures(clip: Clip, ground: Ground | None) -> Figures:
    """The scores of a clip."""
    quality = quality_of(clip, ground=ground)
    return {name: getattr(quality, name) for name in SCORES}


def floor_of(clip: Clip) -> Ground | None:
    """The floor by which feet slide before and after; each part finds its own where cameras move,
    for it is told before a part's first camera."""
    if clip.camera.focal.ndim > 1:
        return None
    return given_ground(clip.camera) if is_placed(clip.camera) else estimated_ground(clip)


def stretch(clip: Clip, frames: slice) -> Clip:
    """Some frames of a clip with their poses."""
    assert clip.poses is not None, "lifted"
    return replace(
        clip,
        camera=clip.camera[frames] if clip.camera.focal.ndim > 1 else clip.camera,
        keypoints=clip.keypoints[frames],
        scores=clip.scores[frames],
        observed=clip.observed[frames],
        poses=clip.poses[:, frames],
        spread=None,
        covariance=None,
        times=None if clip.times is None else clip.times[frames],
    )


def blended(before: Clip, after: Clip, refined: Bool[Tensor, " frames"]) -> Clip:
    """The refined poses in some frames and the others elsewhere, without leaps between them."""
    assert before.poses is not None and after.poses is not None, "lifted"
    if bool(refined.all()):
        return after
    if not bool(refined.any()):
        return before
    share = faded(refined, max(round(FADE * before.fps), 1)).to(after.poses)[:, None, None]
    return replace(after, poses=share * after.poses + (1 - share) * before.poses)


def faded(refined: Bool[Tensor, " frames"], width: int) -> Float[Tensor, " frames"]:
    """How much of each frame is refined: the mean over the frames around it."""
    around = torch.nn.functional.pad(
        refined.double()[None, None], (width // 2, (width - 1) // 2), mode="replicate"
    )
    return torch.nn.functional.avg_pool1d(around, width, stride=1)[0, 0]
