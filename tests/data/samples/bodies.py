"""A moving body for the samples, so that each format holds something like a person."""

import numpy as np

from crosslift.skeleton import Skeleton

MIDDLE = {
    "pelvis": (0, 0.93), "spine_base": (0, 0.93), "lower_spine": (0, 1.03), "spine": (0.02, 1.16),
    "middle_spine": (0.02, 1.16), "spine2": (0.02, 1.22), "spine3": (0.02, 1.3),
    "upper_spine": (0.02, 1.3), "spine4": (0.02, 1.36), "thorax": (0, 1.41), "neck": (0, 1.43),
    "upper_neck": (0.02, 1.49), "nose": (0.1, 1.55), "jaw": (0.07, 1.5), "head_base": (0.02, 1.5),
    "head_centre": (0.03, 1.56), "head": (0.04, 1.6), "head_top": (0.02, 1.7),
}  # fmt: skip
"""Forward and up, in metres."""
SIDE = {
    "neck_base": (0.01, 0, 1.41), "clavicle": (0.05, 0, 1.4), "collar": (0.05, 0, 1.38),
    "shoulder": (0.16, 0, 1.36), "elbow": (0.2, 0, 1.1), "wrist": (0.22, 0.05, 0.86),
    "thumb_base": (0.22, 0.05, 0.86), "thumb_end": (0.2, 0.1, 0.82), "hand": (0.22, 0.06, 0.78),
    "hand_end": (0.22, 0.06, 0.78), "finger_end": (0.22, 0.06, 0.74), "hip": (0.13, 0, 0.93),
    "knee": (0.14, 0.02, 0.5), "ankle": (0.14, 0, 0.09), "foot": (0.15, 0.12, 0.03),
    "toe": (0.15, 0.18, 0.02), "eye": (0.03, 0.09, 1.58), "ear": (0.07, 0.02, 1.57),
}  # fmt: skip
"""Outwards, forward and up."""


def walker(skeleton: Skeleton, frames: int = 6, tall: float = 1.0) -> np.ndarray:
    """Positions (frames, joints, 3) in metres, z up, of a body that walks along x and swings."""
    rest = np.array([_place(joint) for joint in skeleton.joints]) * tall
    time = np.arange(frames)[:, None] / 25
    swing = 0.1 * np.sin(3 * time) * np.sign(rest[:, 1]) * (1.2 - rest[:, 2])
    moved = np.repeat(rest[None], frames, axis=0)
    moved[..., 0] += 1.2 * time + swing
    moved[..., 1] += 0.1 * np.cos(5 * time)
    return moved


def _place(joint: str) -> tuple[float, float, float]:
    side, _, name = joint.partition("_")
    if side in ("left", "right") and name in SIDE:
        out, forward, up = SIDE[name]
        return forward, out if side == "left" else -out, up
    forward, up = MIDDLE[joint]
    return forward, 0.0, up
