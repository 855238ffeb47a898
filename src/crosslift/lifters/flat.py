"""The depth-free baseline: the whole body lies in one plane before the camera."""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..camera import Camera, to_image_plane
from ..geometry import at_bones, bone_lengths
from ..skeleton import Skeleton
from ..typical import typical_body
from ..windows import Predict


@registry.lifter("flat")
@dataclass(frozen=True)
class FlatSettings:
    """Every joint at the depth that fits the body's size; a baseline without a parameter."""

    rank: int = 3
    """The bone that counts as seen at full length, from the one that appears longest downwards."""

    def build(self, skeleton: Skeleton) -> "Flat":
        """The lifter; it has nothing to learn."""
        return Flat(skeleton, self.rank)


@dataclass(frozen=True)
class Flat:
    """Scales the image of the body to metres, and gives no depth to any joint."""

    skeleton: Skeleton
    rank: int
    frames: int = 1
    predict: Predict = "all"
    fps: float | None = None

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses frames joints 3"]:
        """Poses in the plane through the root; see `Lifter`."""
        plane = to_image_plane(keypoints, camera)
        if body is None:
            body = typical_body(self.skeleton).to(plane).expand(len(plane), -1)
        apparent = bone_lengths(plane, self.skeleton) / at_bones(body, self.skeleton)[:, None]
        ranked = apparent.nan_to_num(-1).sort(dim=-1, descending=True).values
        size = ranked[..., min(self.rank, ranked.shape[-1]) - 1].clamp_min(1e-6)
        spread = (plane - self.middle(plane)) / size[..., None, None]
        poses = torch.nn.functional.pad(self.filled(spread), (0, 1))
        return rearrange(poses, "batch frames joints xyz -> batch 1 frames joints xyz")

    def middle(
        self, plane: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames 1 2"]:
        """The root; where it is missing, the mean of the joints that are there."""
        root = plane[..., [self.skeleton.root], :]
        return torch.where(root.isfinite(), root, plane.nanmean(dim=-2, keepdim=True)).nan_to_num()

    def filled(
        self, points: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames joints 2"]:
        """Points with missing joints at their parents' places, and a missing root at zero."""
        found = list(points.unbind(dim=-2))
        for joint in self.skeleton.outwards:
            above = self.skeleton.parents[joint]
            instead = torch.zeros_like(found[joint]) if above < 0 else found[above]
            found[joint] = torch.where(found[joint].isfinite(), found[joint], instead)
        return torch.stack(found, dim=-2)
