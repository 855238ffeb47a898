"""Bone lengths as they are known in life: estimated with an error, or not at all."""

from dataclasses import dataclass, replace

import torch
from torch import Generator

from .. import registry
from ..clip import Batch
from ..typical import typical_body


@registry.augmenter("body_doubt")
@dataclass(frozen=True)
class BodyDoubtSettings:
    """Make the told bone lengths wrong by as much as estimates are, or typical for some windows."""

    bones: float = 0.08
    """Largest standard deviation of a bone's length as a share of it; each window draws its own."""
    size: float = 0.05
    """Standard deviation of the whole body's size."""
    unknown: float = 0.1
    """Share of the windows to which the typical person's lengths are told."""

    def build(self) -> "BodyDoubt":
        """The augmenter."""
        return BodyDoubt(self)


@dataclass(frozen=True)
class BodyDoubt:
    """Errs alike on both sides of the body; poses and keypoints stay."""

    settings: BodyDoubtSettings

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with doubtful lengths; see `Augmenter`."""
        if batch.body is None:
            return batch
        of, (count, joints) = self.settings, batch.body.shape
        own = [min(joint, batch.skeleton.mirror[joint]) for joint in range(joints)]
        wide = of.bones * torch.rand(count, 1, generator=rng)
        off = wide * torch.randn(count, joints, generator=rng)[:, own]
        off = off + of.size * torch.randn(count, 1, generator=rng)
        unknown = torch.rand(count, 1, generator=rng) < of.unknown
        typical = typical_body(batch.skeleton).to(batch.body).nan_to_num(0)
        told = batch.body * off.exp().to(batch.body)
        return replace(batch, body=torch.where(unknown.to(told.device), typical, told))
