"""Poses and clips of no meaning that tests of mappings share."""

from dataclasses import replace

import torch

from crosslift.camera import pinhole
from crosslift.clip import Clip, clip_of
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, SKELETONS

NAMES = sorted(SKELETONS)


def random_poses(skeleton: Skeleton, seed: int = 0, frames: int = 3) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(2, frames, len(skeleton), 3, generator=rng, dtype=torch.float64)


def random_clip(skeleton: Skeleton = COCO_17, **changes: object) -> Clip:
    rng = torch.Generator().manual_seed(0)
    keypoints = 500 + 100 * torch.randn(4, len(skeleton), 2, generator=rng)
    scores = 0.1 + 0.9 * torch.rand(4, len(skeleton), generator=rng)
    clip = clip_of(keypoints, pinhole(1000, (1000, 1000)), skeleton, 30, scores=scores)
    return replace(clip, **changes)
