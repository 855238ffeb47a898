"""A body posed at some moments, and the motion between them."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from ...errors import DataError
from ...geometry.rotations import euler_to_matrix, matrix_to_quaternion, quaternion_to_matrix
from ...kinematics import ANGLES, WIDE, forward_with_nose
from ...motion import Motion, check_fps
from ...skeletons import H36M_17

MOST_FRAMES = 100_000
"""Of a motion that keyframes are made into."""
MOST_KEYS = 1000
FULL_CIRCLE = tuple(
    most - least >= 2 * np.pi - 1e-5 for least, most in zip(WIDE.lower, WIDE.upper, strict=True)
)
"""Which angles may go on turning; between two poses they take the shorter way."""


@dataclass(frozen=True, eq=False)
class Keyframes:
    """One body, its pose at each of some moments; a single one is a pose that stands still."""

    name: str
    fps: float
    """Of the motion that is made of it."""
    lengths: Float[Tensor, "15"]
    """Of the bones in metres, as the kinematic body takes them."""
    times: Float[Tensor, " keys"]
    """Seconds, each later than the one before."""
    angles: Float[Tensor, "keys 33"]
    """Radians."""
    turn: Float[Tensor, "keys 3"]
    """Of the whole body about x, y and z, in radians: the rotation is their product."""
    root: Float[Tensor, "keys 3"]
    """The pelvis in the world, in metres."""

    def __post_init__(self) -> None:
        check_keyframes(self)

    def __len__(self) -> int:
        return len(self.times)

    @property
    def frames(self) -> int:
        """How many frames the motion has, from the first keyframe to the last."""
        return 1 + round(float(self.times[-1] - self.times[0]) * self.fps)


def check_keyframes(keyed: Keyframes) -> None:
    """Refuse what no body can do: no pose, numbers that are none, moments out of order."""
    check_fps(keyed.name, keyed.fps)
    if not 1 <= len(keyed) <= MOST_KEYS:
        raise DataError(
            f'"{keyed.name}" should have 1 to {MOST_KEYS} keyframes, but has {len(keyed)}; set '
            "one, or leave some out."
        )
    numbers = (keyed.lengths, keyed.times, keyed.angles, keyed.turn, keyed.root)
    if not all(bool(part.isfinite().all()) for part in numbers):
        raise DataError(
            f'The keyframes of "{keyed.name}" should be finite numbers, but some are not; set '
            "those anew."
        )
    if not bool((keyed.lengths > 0).all()):
        raise DataError(
            f'The bones of "{keyed.name}" should be longer than nothing, but the shortest is '
            f"{1000 * float(keyed.lengths.min()):g} mm; give lengths above 0."
        )
    if not bool((keyed.times.diff() > 0).all()):
        raise DataError(
            f'Each keyframe of "{keyed.name}" should be later than the one before, but '
            f"{keyed.times.tolist()} s were found; put them in order, one a moment."
        )
    if keyed.frames > MOST_FRAMES:
        raise DataError(
            f'"{keyed.name}" should have up to {MOST_FRAMES:,} frames, but would have '
            f"{keyed.frames:,}; lower its frame rate or bring the keyframes nearer together."
        )


def motion_of(keyed: Keyframes) -> Motion:
    """The motion through all keyframes at the frame rate, with its joint angles.

    Angles and place follow monotone cubics, which never go beyond what the keyframes say and so
    stay within limits that these keep.
    """
    moments = keyed.times[0] + torch.arange(keyed.frames, dtype=torch.float64) / keyed.fps
    angles, rotation, root = at(keyed, moments)
    joints = forward_with_nose(angles, keyed.lengths.double(), rotation, root)
    return Motion(
        keyed.name,
        H36M_17,
        keyed.fps,
        joints.float(),
        angles=angles.float(),
        angle_names=ANGLES,
        provenance={"made": "posed by hand with crosslift pose"},
    )


def at(
    keyed: Keyframes, moments: Float[Tensor, " moments"]
) -> tuple[Float[Tensor, "moments 33"], Float[Tensor, "moments 3 3"], Float[Tensor, "moments 3"]]:
    """Angles, rotation and root at any moments; the first and the last pose last for ever.

    The rotation follows a quaternion each of whose numbers is a monotone cubic.
    """
    angles = keyed.angles.double().numpy().copy()
    circle = list(FULL_CIRCLE)
    angles[:, circle] = np.unwrap(angles[:, circle], axis=0)
    turns = _on_one_side(matrix_to_quaternion(euler_to_matrix(keyed.turn.double(), "xyz")))
    rows = np.concatenate([angles, turns.numpy(), keyed.root.double().numpy()], axis=1)
    times = keyed.times.double().numpy()
    if len(times) > 1:
        rows = PchipInterpolator(times, rows)(moments.double().clamp(times[0], times[-1]).numpy())
    else:
        rows = np.repeat(rows, len(moments), axis=0)
    found, quaternions, root = torch.from_numpy(rows).split([len(ANGLES), 4, 3], dim=-1)
    unit = torch.nn.functional.normalize(quaternions, dim=-1)
    return found, quaternion_to_matrix(unit), root


def _on_one_side(quaternions: Float[Tensor, "keys 4"]) -> Float[Tensor, "keys 4"]:
    """The same rotations, each as near to the one before as its sign allows."""
    same = (quaternions[1:] * quaternions[:-1]).sum(dim=-1) >= 0
    signs = torch.where(same, 1.0, -1.0).cumprod(dim=0).to(quaternions)
    return torch.cat([quaternions[:1], signs[:, None] * quaternions[1:]])
