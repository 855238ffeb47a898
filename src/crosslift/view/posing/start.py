"""What the page begins with: a pose file, frames of a recording, or the body standing."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ...body import Body
from ...camera import Camera
from ...clip import Clip
from ...data.record import Recording
from ...errors import DataError
from ...export.world import seconds
from ...geometry.rotations import matrix_to_euler
from ...kinematics import (
    ANGLES,
    NARROW,
    WIDE,
    Fitted,
    Fitting,
    angle_index,
    forward,
    inverse,
    measured_lengths,
)
from ...mapping import mapped
from ...skeletons import H36M_16, H36M_17
from ...synth.bodies import NOSE_DETOUR
from ..upright import upright
from .keyframes import Keyframes

DEGREES: dict[str, dict[str, float]] = {
    "Standing": {},
    "T-pose": {"right_shoulder_abduction": -90, "left_shoulder_abduction": 90},
    "Arms up": {"right_shoulder_flexion": 175, "left_shoulder_flexion": 175},
    "Sitting": {
        "right_hip_flexion": 90, "left_hip_flexion": 90,
        "right_knee_flexion": -90, "left_knee_flexion": -90,
        "right_shoulder_flexion": 25, "left_shoulder_flexion": 25,
        "right_elbow_flexion": 60, "left_elbow_flexion": 60,
    },
    "Squat": {
        "right_hip_flexion": 110, "left_hip_flexion": 110,
        "right_knee_flexion": -125, "left_knee_flexion": -125,
        "right_hip_abduction": -12, "left_hip_abduction": 12, "pelvis_flexion": 35,
        "right_shoulder_flexion": 110, "left_shoulder_flexion": 110,
    },
    "Walking step": {
        "right_hip_flexion": 28, "right_knee_flexion": -8,
        "left_hip_flexion": -20, "left_knee_flexion": -25,
        "right_shoulder_flexion": -20, "left_shoulder_flexion": 25,
        "right_elbow_flexion": 15, "left_elbow_flexion": 30,
        "pelvis_flexion": 3, "spine_twist": 6, "thorax_twist": 6,
    },
    "Lunge": {
        "right_hip_flexion": 85, "right_knee_flexion": -88,
        "left_hip_flexion": -22, "left_knee_flexion": -50, "pelvis_flexion": 8,
    },
}  # fmt: skip
"""Poses by name: the angles that are not zero; all within what a person can do."""


PRICE_OF_LIMITS = 0.005
"""Metres by which the body may miss a pose, on average over its joints, to be within limits."""


class Start(NamedTuple):
    """The keyframes that the page opens with, and what lies behind them."""

    keyed: Keyframes
    camera: Camera | None = None
    """Of the recording, where there is one; the first frame's if it moves."""
    keypoints: Float[Tensor, "joints 2"] | None = None
    """What the camera saw in the first of the frames, NaN where it saw nothing."""
    error: float | None = None
    """Metres by which the body misses the recording's joints, on average."""


def presets(lengths: Float[Tensor, "15"]) -> dict[str, Keyframes]:
    """Some poses by name, each on the floor."""
    return {name: on_the_floor(name, lengths, degrees) for name, degrees in DEGREES.items()}


def on_the_floor(
    name: str, lengths: Float[Tensor, "15"], degrees: Mapping[str, float] = MappingProxyType({})
) -> Keyframes:
    """One pose whose lowest joint is at height 0; at rest but for the angles that are named."""
    angles = torch.zeros(1, len(ANGLES), dtype=torch.float64)
    for angle, value in degrees.items():
        angles[0, angle_index(angle)] = math.radians(value)
    root = torch.zeros(1, 3, dtype=torch.float64)
    root[0, 2] = -forward(angles, lengths.double())[..., 2].min()
    return Keyframes(
        name,
        fps=30.0,
        lengths=lengths.double(),
        times=torch.zeros(1, dtype=torch.float64),
        angles=angles,
        turn=torch.zeros_like(root),
        root=root,
    )


def from_recording(
    recording: Recording,
    frames: Sequence[int],
    lengths: Float[Tensor, "15"] | None = None,
) -> Start:
    """The body fitted to frames of a recording, a keyframe for each.

    Args:
        frames: Counted from 0; their moments are seen from the earliest.
        lengths: Of the bones; the mean of what the frames show unless given.
    """
    chosen = sorted(set(frames))
    check_frames(recording, chosen)
    known = in_17(recording)
    placed = upright(known)
    poses = placed.poses[0, chosen].double()
    check_known(recording, chosen, poses)
    bones = measured_lengths(poses).mean(dim=0) if lengths is None else lengths.double()
    fitted = fitted_to(poses, bones)
    times = seconds(recording)[chosen].double()
    keyed = Keyframes(
        name=recording.name,
        fps=recording.fps,
        lengths=bones,
        times=times - times[0],
        angles=fitted.angles,
        turn=matrix_to_euler(fitted.rotation, "xyz"),
        root=fitted.root,
    )
    return Start(
        keyed,
        camera=None if placed.camera is None else camera_at(placed.camera, chosen[0]),
        keypoints=keypoints_at(known, chosen[0]),
        error=float(fitted.error.nanmean()),
    )


def fitted_to(poses: Float[Tensor, "frames 17 3"], lengths: Float[Tensor, "15"]) -> Fitted:
    """The body brought to poses: within a person's limits, unless these keep it away from them."""
    wide, narrow = (inverse(poses, lengths, Fitting(limits)) for limits in (WIDE, NARROW))
    missed = (narrow.error - wide.error).nanmean(dim=-1) > PRICE_OF_LIMITS
    return Fitted(
        *(
            torch.where(missed.reshape(-1, *(1 for _ in one.shape[1:])), one, other)
            for one, other in zip(wide, narrow, strict=True)
        )
    )


def check_frames(recording: Recording, frames: Sequence[int]) -> None:
    """Refuse frames that the recording does not have, and one without poses."""
    if isinstance(recording, Clip) and recording.poses is None:
        raise DataError(
            f'"{recording.name}" should have poses to begin with, but has keypoints alone; lift it '
            "first."
        )
    wrong = [frame for frame in frames if not 0 <= frame < len(recording)]
    if wrong or not frames:
        raise DataError(
            f'"{recording.name}" has the frames 0 to {len(recording) - 1}, but '
            f"{wrong[0] if wrong else 'none'} was asked for; name one of them with --frame."
        )


def check_known(
    recording: Recording, frames: Sequence[int], poses: Float[Tensor, "frames 17 3"]
) -> None:
    """Refuse a frame in which no joint is known."""
    known = poses.isfinite().all(dim=-1).any(dim=-1).tolist()
    empty = [frame for frame, there in zip(frames, known, strict=True) if not there]
    if empty:
        raise DataError(
            f'Frame {empty[0]} of "{recording.name}" should show a body, but no joint is known in '
            "it; name another one with --frame."
        )


def in_17(recording: Recording) -> Recording:
    """The recording in the reference skeleton."""
    if isinstance(recording, Clip):
        return mapped(recording, H36M_17)
    return mapped(recording, H36M_17)  # apart, as a type checker maps kind to kind


def camera_at(camera: Camera, frame: int) -> Camera:
    """One camera: that of a frame if it moves."""
    return camera[frame if len(camera.focal) > 1 else 0] if camera.focal.dim() > 1 else camera


def keypoints_at(recording: Recording, frame: int) -> Float[Tensor, "joints 2"] | None:
    """What a clip's camera saw at a frame."""
    if not isinstance(recording, Clip):
        return None
    seen = recording.observed[frame, :, None]
    return torch.where(seen, recording.keypoints[frame], torch.nan)


def lengths_of(body: Body) -> Float[Tensor, "15"]:
    """A person's bone lengths as the kinematic body takes them.

    Where the skeleton has a nose, the head hangs from it; the way over the nose is longer than the
    neck by a share that the kinematic body fixes.
    """
    if body.skeleton not in (H36M_16, H36M_17):
        raise DataError(
            'A body for posing should be of the skeleton "h36m17" or "h36m16", but this one is of '
            f'"{body.skeleton.name}"; estimate it with crosslift body.'
        )
    bone = dict(zip(body.skeleton.joints, body.lengths.double().tolist(), strict=True))
    if "nose" in bone:
        bone["head"] = (bone.pop("nose") + bone["head"]) / NOSE_DETOUR
    return torch.tensor([bone[joint] for joint in H36M_16.joints[1:]], dtype=torch.float64)
