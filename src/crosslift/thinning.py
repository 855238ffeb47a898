"""Fewer frames: those in which something has moved."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

ROUNDING = 4
"""Units in the last place by which the length of a vector may be off."""

AHEAD = 64
"""Frames that are compared at once."""


def moved_frames(
    poses: Float[Tensor, "frames joints axes"], threshold: float = 0.2
) -> Int[Tensor, " kept"]:
    """The first frame, and each in which a joint is at least `threshold` from the last kept one.

    In metres for poses, pixels for keypoints. A joint that is NaN in one of two frames has not
    moved between them.
    """
    least = threshold * (1 - ROUNDING * torch.finfo(poses.dtype).eps)
    kept, at = [0][: len(poses)], 1
    while at < len(poses):
        ahead = poses[at : at + AHEAD] - poses[kept[-1]]
        far = (torch.linalg.vector_norm(ahead, dim=-1) >= least).any(dim=-1).nonzero()
        at += int(far[0]) if len(far) else len(ahead)
        if len(far):
            kept.append(at)
            at += 1
    return torch.tensor(kept, dtype=torch.int64, device=poses.device)
