"""Bone lengths that are found together with the poses: left and right alike, of one stature."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..errors import SkeletonError
from ..geometry import at_bones, at_joints, body_lengths, stature
from ..rigid import medians
from ..skeleton import Skeleton

SHORTEST = 0.01
"""Metres that a bone has at least, so that it has a direction."""


@dataclass(frozen=True, eq=False)
class Bones:
    """Lengths that were told, and by how much they are now believed to differ."""

    skeleton: Skeleton
    usual: Float[Tensor, "hypotheses joints"]
    """Metres to the parent, as they were told or as the poses have them."""
    logs: Float[Tensor, "hypotheses pairs"]
    """Logarithm of the factor of each bone, one for both sides; before the stature is held."""
    pair: Int[Tensor, " joints"]
    """Which of these is each joint's."""

    @classmethod
    def of(
        cls,
        poses: Float[Tensor, "hypotheses frames joints 3"],
        skeleton: Skeleton,
        told: Float[Tensor, " joints"] | None,
    ) -> "Bones":
        """The bones that were told, or else the poses' own medians, left and right alike."""
        own = medians(body_lengths(poses, skeleton))
        own = (own + own[:, list(skeleton.mirror)]) / 2
        if told is not None:
            known = (told.isfinite() & (told > 0)).to(poses.device)
            own = torch.where(known, told.to(poses), own)
        first = [min(pair) for pair in enumerate(skeleton.mirror)]
        known_pairs = sorted(set(first))
        pair = torch.tensor([known_pairs.index(each) for each in first], device=poses.device)
        return cls(skeleton, own, own.new_zeros(len(own), len(known_pairs)), pair)

    @property
    def lengths(self) -> Float[Tensor, "hypotheses joints"]:
        """Metres to the parent; the person is as tall as before."""
        found = self.usual * self.logs[:, self.pair].exp()
        return found * (tall(self.usual, self.skeleton) / tall(found, self.skeleton))[:, None]

    @property
    def of_bones(self) -> Float[Tensor, "hypotheses 1 bones"]:
        """The same for each bone, the same in all frames."""
        return at_bones(self.lengths, self.skeleton).clamp_min(SHORTEST)[:, None]


def tall(
    body: Float[Tensor, "hypotheses joints"], skeleton: Skeleton
) -> Float[Tensor, " hypotheses"]:
    """The stature; the sum of all bones where the skeleton does not tell one."""
    try:
        return stature(body, skeleton)
    except SkeletonError:
        return at_joints(at_bones(body, skeleton), skeleton).sum(dim=-1)
