"""How far away a person is, without the trembling of an estimate that knows single frames.

A distance follows from how large the body looks. A small error of a pose is a large one of the
distance, and another one in every frame, so that people seem to tremble towards the camera and
away from it. But nobody can be moved that fast: where neighbouring frames contradict each other by
more than people accelerate, they are brought together along their rays, which hardly changes where
they are seen.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from scipy.linalg import solveh_banded
from torch import Tensor

from .clip import Clip

ACCELERATION = 1.0
"""Metres a second squared that a root usually has along the line of sight."""
FEWEST = 8
"""Frames in which trembling can be told from movement."""
SURELY = 0.002
"""Share of the distance below which an error needs no mending."""


def steadied(clip: Clip) -> Clip:
    """The clip with each pose moved along its root's ray to where its neighbours agree it is.

    Nothing changes where the distances agree already, are not known, or are too few.
    """
    if clip.poses is None or clip.poses.shape[1] < FEWEST:
        return clip
    root = clip.poses[:, :, clip.skeleton.root]
    moved = [moved_along(each, clip.fps) for each in root]
    if all(each is None for each in moved):
        return clip
    offset = torch.stack(
        [torch.zeros_like(old) if new is None else new - old
         for old, new in zip(root, moved, strict=True)]
    )  # fmt: skip
    told = {**clip.provenance, "distance": "brought together over neighbouring frames"}
    return replace(clip, poses=clip.poses + offset[..., None, :], provenance=told)


def moved_along(root: Float[Tensor, "frames 3"], fps: float) -> Float[Tensor, "frames 3"] | None:
    """The root's places with distances that change as people move; None where they do already."""
    depth = root[:, 2].double().cpu().numpy()
    if not np.isfinite(depth).all() or (depth <= 0).any():
        return None
    logs = np.log(depth)
    error = trembling(logs)
    if error < SURELY:
        return None
    usual = ACCELERATION / np.median(depth) / fps**2
    smooth = smoothest(logs, (error / usual) ** 2)
    return root * torch.from_numpy(np.exp(smooth - logs)).to(root)[:, None]


def trembling(values: np.ndarray) -> float:
    """The standard deviation of what changes from frame to frame without any memory.

    Third differences of a movement are next to nothing, and those of such noise are the root of 20
    times as large as it; the median keeps single leaps out.
    """
    return float(1.4826 * np.median(np.abs(np.diff(values, 3))) / np.sqrt(20))


def smoothest(values: np.ndarray, weight: float) -> np.ndarray:
    """The numbers near the given ones whose second differences, so weighted, are least."""
    count = len(values)
    second = np.zeros((3, count))  # the upper diagonals of the differences' products
    second[2] = 6.0
    second[2, [0, -1]], second[2, [1, -2]] = 1.0, 5.0
    second[1, 1:] = -4.0
    second[1, [1, -1]] = -2.0
    second[0, 2:] = 1.0
    bands = weight * second
    bands[2] += 1.0
    return solveh_banded(bands, values)
