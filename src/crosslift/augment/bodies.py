"""Other people: the same movement by bodies of other proportions and sizes."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..camera import project
from ..clip import Batch
from ..errors import DataError
from ..geometry import at_bones, body_lengths, with_bones_scaled
from ..skeleton import Skeleton


@registry.augmenter("bodies")
@dataclass(frozen=True)
class BodiesSettings:
    """Give each window a body of other proportions; both sides alike."""

    bones: float = 0.3
    """By what share a bone is longer or shorter, either way."""
    size: float = 0.1
    """The same of the whole body."""

    def build(self) -> "Bodies":
        """The augmenter."""
        return Bodies(self.bones, self.size)


@dataclass(frozen=True)
class Bodies:
    """Scales bones in their directions; the root stays where it was."""

    bones: float
    size: float

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with other bodies; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Bodies are changed in poses, but the batch has keypoints alone.")
        factors = self.factors(len(batch), batch.skeleton, rng).to(batch.poses)
        poses = with_bones_scaled(batch.poses, factors[:, None], batch.skeleton)
        return seen_anew(replace(batch, poses=poses))

    def factors(
        self, count: int, skeleton: Skeleton, rng: Generator
    ) -> Float[Tensor, "windows bones"]:
        """By how much each bone grows; partners on the two sides grow alike."""
        joints = len(skeleton)
        drawn = 1 + self.bones * (2 * torch.rand(count, joints, generator=rng) - 1)
        own = [min(joint, skeleton.mirror[joint]) for joint in range(joints)]
        whole = 1 + self.size * (2 * torch.rand(count, 1, generator=rng) - 1)
        return at_bones(drawn[:, own] * whole, skeleton)


def seen_anew(batch: Batch) -> Batch:
    """The batch with the keypoints and bone lengths that follow from its poses and cameras.

    A keypoint that was missing stays missing.
    """
    assert batch.poses is not None, "the caller has poses"
    keypoints = project(batch.poses, batch.camera)
    seen = (batch.scores > 0) & keypoints.isfinite().all(dim=-1)
    return replace(
        batch,
        keypoints=torch.where(seen[..., None], keypoints, torch.nan),
        scores=torch.where(seen, batch.scores, 0),
        body=body_lengths(batch.poses, batch.skeleton).nanmean(dim=1),
    )
