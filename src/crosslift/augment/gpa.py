"""Global position alignment: source people stand where target people are seen (PoseDA, 2023).

Where in the picture a body is and how large it looks goes with the cameras of a domain. Each
source window is therefore put, along the ray of a target person's root, to the depth at which it
looks as large, and is seen by that person's camera. Nothing is learned, and nothing of the target
is needed but keypoints and the intrinsics of its cameras. The pose itself, as the camera sees it,
stays: other heights of the camera are `viewpoint`'s, other bodies `proportions`'s.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from ..camera import Camera, project
from ..clip import Batch
from ..errors import DataError, SettingsError
from .depths import exact_depth, weak_depth
from .footprints import Pool
from .target import Target, check_same_skeleton

CURVE = 2
"""The degree of the curves along which a body follows a target's track."""


@dataclass(frozen=True)
class GPASettings:
    """Put each window where a target person is seen, before that person's camera."""

    depth: Literal["weak", "exact"] = "weak"
    """Whether the box around the body is as large as the target's to first order, as if bodies were
    flat (PoseDA), or really."""
    per: Literal["window", "track", "frame"] = "window"
    """What follows a target: the window's middle frame, and the others keep their own way from it;
    all frames, along the curve of a target's track; or each frame another target, so that
    movement is torn (PoSynDA)."""
    nearest: float = 0.3
    """Metres that every joint is before the camera at least."""
    farthest: float = 30.0
    """Metres to the root at most."""
    outside: float = 0.1
    """The largest share of a window's joints that may lie outside the picture."""
    tries: int = 4
    """Targets that are drawn for a window until that holds; the last one stays."""

    def __post_init__(self) -> None:
        check_settings(self)

    def build(self, target: Target) -> "GPA":
        """The augmenter towards a target."""
        return GPA(self, target, Pool.of(target))


def check_settings(settings: GPASettings) -> None:
    """Refuse distances that no body can have, and no try at all."""
    if not 0 < settings.nearest < settings.farthest:
        raise SettingsError(
            "The nearest distance should be above 0 and below the farthest, but "
            f"{settings.nearest:g} and {settings.farthest:g} metres were found; change one."
        )
    if settings.tries < 1:
        raise SettingsError(
            f"A target is drawn at least once for a window, but {settings.tries} tries were asked "
            "for; give 1 or more."
        )


@dataclass(frozen=True, eq=False)
class GPA:
    """Draws a target person for each window."""

    settings: GPASettings
    target: Target
    pool: Pool

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch at other places, before other cameras; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Poses are aligned with a target, but the batch has keypoints alone.")
        check_same_skeleton(batch.skeleton, self.target.skeleton)
        count, frames = batch.poses.shape[:2]
        drawn = self.drawn(count, frames, rng)
        camera = self.cameras(drawn, batch.poses)
        poses, keypoints = self.placed(batch.poses, drawn, camera)
        for _ in range(self.settings.tries - 1):
            again = (~self.inside(keypoints, camera)).nonzero()[:, 0]
            if not len(again):
                break
            other = self.drawn(len(again), frames, rng)
            seen_by = self.cameras(other, poses)
            poses[again], keypoints[again] = self.placed(batch.poses[again], other, seen_by)
            drawn[again.cpu()] = other
            camera = self.cameras(drawn, poses)
        seen = (batch.scores > 0) & keypoints.isfinite().all(dim=-1)
        return replace(
            batch,
            camera=camera,
            keypoints=torch.where(seen[..., None], keypoints, torch.nan),
            scores=torch.where(seen, batch.scores, 0),
            poses=poses,
        )

    def drawn(self, count: int, frames: int, rng: Generator) -> Int[Tensor, "windows targets"]:
        """Targets for windows: one for each, or one for each frame."""
        if self.settings.per == "frame":
            return self.pool.draw(count * frames, 1, rng).view(count, frames)
        return self.pool.draw(count, frames if self.settings.per == "track" else 1, rng)

    def cameras(self, drawn: Int[Tensor, "windows targets"], like: Tensor) -> Camera:
        """The cameras of drawn targets."""
        rows = self.pool.seen_by[drawn]
        return self.target.cameras.map(lambda each: each[rows].to(like))

    def placed(
        self,
        poses: Float[Tensor, "windows frames joints 3"],
        drawn: Int[Tensor, "windows targets"],
        camera: Camera,
    ) -> tuple[Float[Tensor, "windows frames joints 3"], Float[Tensor, "windows frames joints 2"]]:
        """The poses where drawn targets are, and how these targets' cameras see them."""
        root = poses[:, :, [self.target.skeleton.root]]
        if self.settings.per == "window":
            root = root[:, [poses.shape[1] // 2]]
        about = poses - root
        moved = about + self.places(about, drawn)[:, :, None]
        return moved, project(moved, camera)

    def places(
        self,
        about: Float[Tensor, "windows frames joints 3"],
        drawn: Int[Tensor, "windows targets"],
    ) -> Float[Tensor, "windows targets 3"]:
        """Where the root must be for bodies to look as large as the targets, at the same place."""
        wanted = self.pool.footprints.at(drawn, about)
        nearest = self.settings.nearest - about[..., 2].nan_to_num(0).amin(dim=2)
        if self.settings.per == "window":
            nearest = nearest.amax(dim=1, keepdim=True)
            about = about[:, [about.shape[1] // 2]]
        if self.settings.depth == "exact":
            depth = exact_depth(about, wanted, nearest)
        else:
            depth = torch.maximum(weak_depth(about, wanted), nearest)
        ray, depth = wanted.ray, depth[..., None]
        if self.settings.per == "track":
            ray, depth = along_curve(ray), along_curve(depth.log()).exp()
        depth = torch.maximum(depth, nearest[..., None]).clamp_max(self.settings.farthest)
        return torch.cat([ray * depth, depth], dim=-1)

    def inside(
        self, keypoints: Float[Tensor, "windows frames joints 2"], camera: Camera
    ) -> Bool[Tensor, " windows"]:
        """Which windows show enough joints within the picture; joints that nobody knows are in."""
        out = ((keypoints < 0) | (keypoints > camera.size[:, :, None])).any(dim=-1)
        return out.float().mean(dim=(1, 2)) <= self.settings.outside


def along_curve(
    values: Float[Tensor, "windows frames axes"],
) -> Float[Tensor, "windows frames axes"]:
    """The polynomial over time that is nearest to the values, so that nothing jerks."""
    frames = values.shape[1]
    time = torch.linspace(-1, 1, frames, dtype=values.dtype, device=values.device)
    basis, _ = torch.linalg.qr(torch.stack([time**power for power in range(CURVE + 1)], dim=-1))
    return basis @ (basis.mT @ values) if frames > CURVE else values
