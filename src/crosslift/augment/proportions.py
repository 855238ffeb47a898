"""The bodies of a target's people: source movement by bones of their lengths."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..clip import Batch
from ..errors import DataError, SettingsError
from ..geometry import with_lengths
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
        if not target.people:
            raise DataError(
                "Source people get the bones of the target's, but no body of the target is known; "
                "estimate one from its keypoints with crosslift body."
            )
        for person in target.people:
            check_same_skeleton(person.skeleton, target.skeleton)
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
