"""What a camera sees of a motion, and what a detector makes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Generator

from .camera import Camera, project, world_to_camera
from .clip import Clip
from .geometry import body_lengths
from .motion import Motion

DetectorModel = Callable[[Clip, Generator], Clip]
"""Turns a clip of true keypoints into what a detector would have given."""


def perfect(clip: Clip, rng: Generator) -> Clip:
    """The clip as it is: every joint before the camera found, where it truly is."""
    return clip


@dataclass(frozen=True)
class Jitter:
    """A detector that finds every joint, each off by a normal error of its own."""

    pixels: float = 2.0
    """Standard deviation along x and along y."""

    def __call__(self, clip: Clip, rng: Generator) -> Clip:
        """The clip with displaced keypoints."""
        off = torch.randn(clip.keypoints.shape, generator=rng, device=rng.device)
        return replace(clip, keypoints=clip.keypoints + self.pixels * off.to(clip.keypoints))


def observe(motion: Motion, camera: Camera, detector: DetectorModel, rng: Generator) -> Clip:
    """The motion as the camera sees it and the detector finds it, with the true poses.

    Joints behind the camera or without a position are missing; joints outside the picture are
    not, since what is lost at its border depends on the detector.
    """
    poses = world_to_camera(motion.positions, camera)
    keypoints = project(poses, camera)
    seen = keypoints.isfinite().all(dim=-1)
    clip = Clip(
        name=motion.name,
        skeleton=motion.skeleton,
        camera=camera,
        fps=motion.fps,
        keypoints=keypoints,
        scores=seen.to(keypoints.dtype),
        observed=seen,
        poses=poses[None],
        body=body_lengths(poses, motion.skeleton).nanmean(dim=0),
        labels=motion.labels,
        provenance=motion.provenance,
    )
    return detector(clip, rng)
