"""The bodies of a target's people: source movement by bones of their lengths, or of their size."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..clip import Batch
from ..errors import DataError, SettingsError
from ..geometry import body_lengths, stature, with_bones_scaled, with_lengths
from ..skeleton import Skeleton
from .bodies import seen_anew
from .target import Target, check_same_skeleton


@dataclass(frozen=True)
class ProportionsSettings:
    """Give each window the bones of one of the target's people."""

    spread: float = 1.0
    """By how many of their standard deviations lengths are off; 0 for exactly the estimated."""

    def __post_init__(self) -> None:
        check_settings(self)

    def build(self, target: Target) -> "Proportions":
        """The augmenter towards a target whose people were estimated."""
        check_people(target)
        return Proportions(
            target.skeleton,
            torch.stack([person.lengths for person in target.people]),
            torch.stack([person.spread for person in target.people]) * self.spread,
        )


def check_settings(settings: ProportionsSettings) -> None:
    """Refuse a spread below none."""
    if settings.spread < 0:
        raise SettingsError(
            f"Lengths are off by 0 or more standard deviations, but {settings.spread:g} was given."
        )


def check_people(target: Target) -> None:
    """Refuse a target of whose people no body was estimated, or those of other joints."""
    if not target.people:
        raise DataError(
            "Source people get the bones of the target's, but no body of the target is known; "
            "estimate one from its keypoints with crosslift body."
        )
    for person in target.people:
        check_same_skeleton(person.skeleton, target.skeleton)


LEAST = 0.1
"""The share of an estimated length that a drawn one has at least."""


@dataclass(frozen=True, eq=False)
class Proportions:
    """Draws a person for each window; bones keep their directions and the root its place."""

    skeleton: Skeleton
    lengths: Float[Tensor, "people joints"]
    spread: Float[Tensor, "people joints"]

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with the target's bodies; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Bodies are changed in poses, but the batch has keypoints alone.")
        check_same_skeleton(batch.skeleton, self.skeleton)
        body = self.drawn(len(batch), rng).to(batch.poses)
        poses = with_lengths(batch.poses, body[:, None], batch.skeleton)
        return seen_anew(replace(batch, poses=poses))

    def drawn(self, count: int, rng: Generator) -> Float[Tensor, "count joints"]:
        """Bone lengths for windows, off alike on both sides."""
        joints = len(self.skeleton)
        person = torch.randint(len(self.lengths), (count,), generator=rng)
        own = [min(joint, self.skeleton.mirror[joint]) for joint in range(joints)]
        off = torch.randn(count, joints, dtype=self.lengths.dtype, generator=rng)[:, own]
        lengths = self.lengths[person]
        return torch.maximum(lengths + off * self.spread[person], LEAST * lengths)


@dataclass(frozen=True)
class StatureSettings:
    """Make each window's person as tall as one of the target's, in their own proportions."""

    def build(self, target: Target) -> "Stature":
        """The augmenter towards a target whose people were estimated."""
        check_people(target)
        lengths = torch.stack([person.lengths for person in target.people])
        return Stature(target.skeleton, stature(lengths, target.skeleton))


@dataclass(frozen=True, eq=False)
class Stature:
    """Draws a person for each window; bones keep their directions and the root its place."""

    skeleton: Skeleton
    statures: Float[Tensor, " people"]

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with people of the target's size; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Bodies are changed in poses, but the batch has keypoints alone.")
        check_same_skeleton(batch.skeleton, self.skeleton)
        person = torch.randint(len(self.statures), (len(batch),), generator=rng)
        own = stature(body_lengths(batch.poses, batch.skeleton).nanmean(dim=1), batch.skeleton)
        factor = self.statures[person].to(own) / own
        bones = factor[:, None, None].expand(-1, 1, len(batch.skeleton.bones))
        known = bones.isfinite() & (
            bones > 0
        )  # else too little of a body is there to tell its size
        scaled = with_bones_scaled(batch.poses, torch.where(known, bones, 1), batch.skeleton)
        return seen_anew(replace(batch, poses=scaled))
