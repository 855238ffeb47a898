"""What is known of a recording's poses, and how much they contradict it."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..camera import Camera, camera_to_world, to_image_plane
from ..clip import Clip
from ..geometry import bone_directions, bone_vectors
from ..resampling import moments
from ..skeleton import Skeleton
from .bends import excess
from .settings import Trust

LEAST_SCORE = 0.02
"""Below which a keypoint is not more doubtful."""
SHORTEST = 1e-2
"""The share of a usual step in time that two frames are apart at least."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of each frame, where its joints were seen and where the lifter points its bones."""

    skeleton: Skeleton
    camera: Camera
    rays: Float[Tensor, "frames joints 2"]
    """Where keypoints are on the plane one metre before the camera; 0 where none was observed."""
    error: Float[Tensor, "frames joints"]
    """Metres beside its ray at which a joint usually is; infinite where none was observed."""
    directions: Float[Tensor, "hypotheses frames bones 3"]
    """Of bones, as the lifter says."""
    steps: Float[Tensor, " frames"]
    """Seconds since the frame before."""
    trust: Trust

    @classmethod
    def of(cls, clip: Clip, trust: Trust) -> "Evidence":
        """What the clip's keypoints and the lifter's poses say."""
        assert clip.poses is not None, "lifted"
        seen = clip.observed & (clip.scores > 0) & clip.keypoints.isfinite().all(dim=-1)
        middle = clip.camera.centre[..., None, :]
        rays = to_image_plane(torch.where(seen[..., None], clip.keypoints, middle), clip.camera)
        times = moments(clip)
        steps = times.diff(prepend=times[:1] - 1 / clip.fps).clamp_min(SHORTEST / clip.fps)
        distance = clip.poses[0, :, clip.skeleton.root, 2]
        return cls(
            clip.skeleton,
            clip.camera,
            torch.where(seen[..., None], rays, 0),
            errors(rays * distance[:, None, None], seen, clip.scores, trust),
            bone_directions(clip.poses, clip.skeleton),
            steps.to(clip.poses),
            trust,
        )

    def __getitem__(self, frames: slice) -> "Evidence":
        """What is known of some frames in a row."""
        return replace(
            self,
            camera=self.camera[frames] if self.camera.focal.ndim > 1 else self.camera,
            rays=self.rays[frames],
            error=self.error[frames],
            directions=self.directions[:, frames],
            steps=self.steps[frames],
        )

    def contradicted(
        self,
        poses: Float[Tensor, "hypotheses frames joints 3"],
        lengths: Float[Tensor, "hypotheses 1 bones"],
        bent: Bool[Tensor, "hypotheses frames"],
        *,
        known: int = 0,
    ) -> Float[Tensor, ""]:
        """How much poses contradict what is known: squares of errors by the usual ones, added up.

        Args:
            bent: Which of them may bend further than people do; others are not looked at.
            known: Frames at the beginning that only tell how the others move.
        """
        own = self[known:]
        there, bent = poses[:, known:], bent[:, known:]
        found = own.beside_rays(there) + own.unlike_bones(there, lengths) + self.leaping(poses)
        if bool(bent.any()):
            found = found + excess(there[bent], self.skeleton).sum() / self.trust.limits**2
        return found

    def beside_rays(self, poses: Float[Tensor, "hypotheses frames joints 3"]) -> Float[Tensor, ""]:
        """How far joints are beside the rays of their keypoints; outliers count for little."""
        beside = (poses[..., :2] - self.rays * poses[..., 2:]) / self.error[..., None]
        return robust(beside, self.trust.outlier)

    def unlike_bones(
        self,
        poses: Float[Tensor, "hypotheses frames joints 3"],
        lengths: Float[Tensor, "hypotheses 1 bones"],
    ) -> Float[Tensor, ""]:
        """How far bones are from one length each, and from where the lifter points them."""
        vectors = bone_vectors(poses, self.skeleton)
        longer = (torch.linalg.vector_norm(vectors, dim=-1) - lengths) / self.trust.bones
        turned = (vectors / lengths[..., None] - self.directions) / self.trust.directions
        return longer.square().sum() + turned.square().sum()

    def leaping(self, poses: Float[Tensor, "hypotheses frames joints 3"]) -> Float[Tensor, ""]:
        """How much joints accelerate in the world; real leaps count for little."""
        places = camera_to_world(poses, self.camera)
        steps = self.steps[1:, None, None]
        pace = places.diff(dim=1) / steps
        change = pace.diff(dim=1) / ((steps[1:] + steps[:-1]) / 2)
        return robust(change / self.trust.acceleration, self.trust.leap)


def robust(off: Float[Tensor, "*batch axes"], width: float) -> Float[Tensor, ""]:
    """Squares that grow ever more slowly beyond a width (Cauchy's), added up."""
    return width**2 * (off.square().sum(dim=-1) / width**2).log1p().sum()


def errors(
    places: Float[Tensor, "frames joints 2"],
    seen: Bool[Tensor, "frames joints"],
    scores: Float[Tensor, "frames joints"],
    trust: Trust,
) -> Float[Tensor, "frames joints"]:
    """Metres by which keypoints are usually off: by their scores, and by how much they tremble.

    Args:
        places: Of keypoints, in metres at the person's distance.
    """
    told = trust.surest - trust.doubt * scores.clamp_min(LEAST_SCORE).log()
    least = trust.trembling * trembling(places, seen)
    return torch.where(seen, torch.maximum(told, least), torch.inf)


def trembling(
    places: Float[Tensor, "frames joints 2"], seen: Bool[Tensor, "frames joints"]
) -> Float[Tensor, " joints"]:
    """The standard deviation of what changes from frame to frame without any memory.

    Of three places in a row that is the root of 20 times as large, see `steady.trembling`; 0 where
    too few places are seen.
    """
    if len(places) < 4:
        return places.new_zeros(places.shape[1])
    third = places.diff(n=3, dim=0).abs().mean(dim=-1)
    there = seen[3:] & seen[2:-1] & seen[1:-2] & seen[:-3]
    usual = torch.where(there, third, torch.nan).nanmedian(dim=0).values
    return (1.4826 * usual / 20**0.5).nan_to_num(0.0)
