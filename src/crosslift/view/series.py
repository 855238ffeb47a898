"""Numbers over time that a page plots: angles and heights of poses, scores, spread."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..data.record import Recording
from ..skeleton import Skeleton
from .upright import upright

Side = Literal["left", "right", ""]


@dataclass(frozen=True, eq=False)
class Series:
    """One number for each frame."""

    title: str
    """Series of one title and unit lie in one plot."""
    unit: str
    values: Float[Tensor, " frames"]
    """NaN where it is not known."""
    side: Side = ""
    """Of the body; it decides the colour."""


BENDS = {
    "Knee bend": ("hip", "knee", "ankle"),
    "Hip bend": ("shoulder", "hip", "knee"),
    "Elbow bend": ("shoulder", "elbow", "wrist"),
}
"""Angles at the middle one of three joints of a side, 0 where they lie in a line."""
HEIGHTS = {"Height of the ankles": "ankle", "Height of the wrists": "wrist"}
"""Of a joint of each side above the floor."""


def usual_series(recording: Recording) -> list[Series]:
    """Bending angles and heights of the first hypothesis; scores and spread where there are any."""
    poses = upright(recording).poses[:1]
    found = [each for one in poses for each in (*bends(one, recording.skeleton),
                                                *heights(one, recording.skeleton))]  # fmt: skip
    return found + (certainty(recording) if isinstance(recording, Clip) else [])


def bends(poses: Float[Tensor, "frames joints 3"], skeleton: Skeleton) -> list[Series]:
    """How far knees, hips and elbows are bent, in degrees, where the skeleton has the joints."""
    found = []
    for title, joints in BENDS.items():
        for side in ("left", "right"):
            names = [f"{side}_{joint}" for joint in joints]
            if all(name in skeleton for name in names):
                above, here, below = (poses[:, skeleton.index(name)] for name in names)
                found.append(Series(title, "°", bend(above, here, below), side))
    return found


def bend(
    above: Float[Tensor, "frames 3"],
    here: Float[Tensor, "frames 3"],
    below: Float[Tensor, "frames 3"],
) -> Float[Tensor, " frames"]:
    """The angle in degrees by which the way from `above` over `here` to `below` turns."""
    before, after = here - above, below - here
    across = torch.linalg.cross(before, after).norm(dim=-1)
    return torch.rad2deg(torch.atan2(across, (before * after).sum(dim=-1)))


def heights(poses: Float[Tensor, "frames joints 3"], skeleton: Skeleton) -> list[Series]:
    """How far ankles and wrists are above the floor, in millimetres."""
    return [
        Series(title, "mm", 1000 * poses[:, skeleton.index(f"{side}_{joint}"), 2], side)
        for title, joint in HEIGHTS.items()
        for side in ("left", "right")
        if f"{side}_{joint}" in skeleton
    ]


def certainty(clip: Clip) -> list[Series]:
    """The mean score of the keypoints and, where it is known, the mean spread of the poses."""
    found = [Series("Score of the keypoints", "", clip.scores.mean(dim=-1))]
    if clip.spread is not None:
        found.append(Series("Spread of the poses", "mm", 1000 * clip.spread.nanmean(dim=-1)))
    return found


def distance(estimate: Recording, truth: Recording) -> Series | None:
    """How far the joints are from the truth on average, seen from the roots, if comparable."""
    if len(estimate) != len(truth) or estimate.skeleton != truth.skeleton:
        return None
    found, true = upright(estimate).poses[:1], upright(truth).poses[:1]
    if not (len(found) and len(true)):
        return None
    root = estimate.skeleton.root
    off = (found - found[..., [root], :]) - (true - true[..., [root], :])
    return Series("Distance to the truth", "mm", 1000 * off[0].norm(dim=-1).nanmean(dim=-1))
