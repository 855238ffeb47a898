"""Where and how large target people are in their pictures: what alignment wants of a source."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from ..errors import DataError
from ..geometry import extent
from .target import Target

FEWEST = 0.5
"""The share of the joints that must be seen, the root among them."""
SMALLEST = 0.01
"""The least width plus height of a body's box, as a share of the picture's: smaller ones are
points, or keypoints that all lie in one corner."""


@dataclass(frozen=True, eq=False)
class Footprints:
    """Bodies in pictures, of which the lens was taken out."""

    ray: Float[Tensor, "*batch 2"]
    """Where the root is, on the image plane."""
    size: Float[Tensor, "*batch"]
    """Width plus height of the box around the joints that are seen, in pixels."""
    seen: Bool[Tensor, "*batch joints"]
    """Those joints."""
    focal: Float[Tensor, "*batch 2"]
    """Of the camera, in pixels."""

    def at(self, rows: Tensor, like: Tensor) -> "Footprints":
        """Some of them, on another tensor's device and in its precision."""
        ray, size, focal = (part[rows].to(like) for part in (self.ray, self.size, self.focal))
        return Footprints(ray, size, self.seen[rows].to(like.device), focal)


class Pool(NamedTuple):
    """All bodies of a target that can be aligned with."""

    footprints: Footprints
    seen_by: Int[Tensor, " bodies"]
    """The camera of each, among the target's."""
    first: Int[Tensor, " bodies"]
    """Where the run of frames without a gap begins in which each body is."""
    last: Int[Tensor, " bodies"]
    """Where that run ends."""

    @classmethod
    def of(cls, target: Target) -> "Pool":
        """The usable bodies of a target, in the order of its frames."""
        frames = usable(target).nonzero()[:, 0]
        if not len(frames):
            raise DataError(
                "A target should show the pelvis and half of the joints in some frame, but none of "
                f"its {len(target)} frames does; detect the keypoints anew."
            )
        at = target.seen_by[frames]
        footprints = Footprints(
            target.plane[frames, target.skeleton.root],
            sizes(target)[frames],
            target.seen[frames],
            target.cameras.focal[at],
        )
        return cls(footprints, at, *runs(frames, target.clip[frames]))

    def draw(self, count: int, frames: int, rng: Generator) -> Int[Tensor, "count frames"]:
        """Bodies in a row of frames that follow each other; the last one stays where too few do."""
        body = torch.randint(len(self.first), (count,), generator=rng)
        first, last = self.first[body], self.last[body]
        starts = (last - first + 2 - frames).clamp_min(1)  # from which a row of frames can go on
        start = first + (body - first) * starts // (last - first + 1)
        return torch.minimum(start[:, None] + torch.arange(frames), last[:, None])


def usable(target: Target) -> Bool[Tensor, " frames"]:
    """Which frames show the root and enough else, in more than a point."""
    enough = target.seen.float().mean(dim=-1) >= FEWEST
    picture = target.cameras.size.sum(dim=-1)[target.seen_by]
    return enough & target.seen[:, target.skeleton.root] & (sizes(target) > SMALLEST * picture)


def sizes(target: Target) -> Float[Tensor, " frames"]:
    """Width plus height of the boxes, in pixels without the lens."""
    return (target.cameras.focal[target.seen_by] * extent(target.plane, target.seen)).sum(dim=-1)


def runs(frames: Tensor, clip: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the last place of the run without a gap to which each frame belongs."""
    begins = torch.ones_like(frames, dtype=torch.bool)
    begins[1:] = (frames[1:] != frames[:-1] + 1) | (clip[1:] != clip[:-1])
    run = begins.cumsum(dim=0) - 1
    first = begins.nonzero()[:, 0]
    last = torch.cat([first[1:], first.new_tensor([len(frames)])]) - 1
    return first[run], last[run]
