"""MOT: a motion in joint coordinates, for OpenSim."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..data.motion_axes import from_z_up
from ..data.record import Recording
from ..files import whole
from ..geometry.rotations import matrix_to_euler
from ..joint_angles import landmarks, pelvis_axes, rotation_inwards, trunk_axes
from ..motion import Motion
from .angles import angles_in_degrees
from .world import in_world, seconds

LIMBS = {
    "hip_flexion": ("hip_flexion", 1),
    "hip_adduction": ("hip_abduction", -1),
    "hip_rotation": ("hip_rotation", 1),
    "knee_angle": ("knee_flexion", 1),
    "ankle_angle": ("ankle_dorsiflexion", 1),
    "arm_flex": ("shoulder_flexion", 1),
    "arm_add": ("shoulder_abduction", -1),
    "elbow_flex": ("elbow_flexion", 1),
}
"""OpenSim's coordinates of the limbs: our angle, and 1 or -1 where it counts the other way."""

HEAD = """\
{name}
version=1
nRows={rows}
nColumns={columns}
inDegrees=yes

Angles are in degrees, lengths in metres, times in seconds; {fps:.10g} frames a second.
y points up; x is the x of the recording's world, z points against its y.
{words}
endheader
"""
WORDS = {
    "opensim": "Coordinates are called as in Rajagopal's full-body model; angles are those between "
    "lines through joints, 0 in a person who stands straight with hanging arms.",
    "ours": "Angles are called and counted as crosslift does: 0 in a person who stands straight "
    "with hanging arms, flexion positive.",
}


@registry.writer("mot")
@dataclass(frozen=True)
class Mot:
    """MOT: joint angles and the pelvis' place as OpenSim's coordinates.

    Coordinates have the names, signs and order of rotations of Rajagopal's full-body model
    (`pelvis_tilt`, `hip_flexion_r`, `knee_angle_r`, `arm_flex_l`, ...); a model whose knees count
    the other way needs the sign of `knee_angle` changed. OpenSim cannot pose a model without a
    number: where a pose does not tell an angle, it is interpolated from the frames around, which
    is said; a coordinate that is never told is left out. A model's own zero and its pelvis'
    origin differ from lines through joints by some degrees and centimetres.
    Units: degrees (`inDegrees=yes`), metres, seconds. Axes: y up; our x stays x.
    """

    suffix: ClassVar[str] = ".mot"

    coordinates: Literal["opensim", "ours"] = "opensim"
    """OpenSim's coordinates, which its models can play, or our angles under our names."""
    hypothesis: int = 0
    """Which of a clip's poses to measure."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the table."""
        motion = in_world(recording, self.hypothesis)
        measure = opensim_coordinates if self.coordinates == "opensim" else angles_in_degrees
        found = measure(motion)
        told = {
            name: each for name, each in found.items() if np.isfinite(each).any() or not len(each)
        }
        rows = np.stack([seconds(recording).cpu().numpy(), *map(_filled, told.values())], axis=-1)
        head = HEAD.format(
            name=re.sub(r"[=\s]+", " ", motion.name).strip() or "motion",
            rows=len(rows),
            columns=rows.shape[-1],
            fps=motion.fps,
            words=WORDS[self.coordinates],
        )
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(head + "\t".join(["time", *told]) + "\n")
            np.savetxt(file, rows, fmt="%.8f", delimiter="\t")
        never = ", ".join(name for name in found if name not in told)
        left_out = [f"Coordinates that no frame tells are left out: {never}."] if never else []
        return (*_untold(told), *left_out)


def opensim_coordinates(motion: Motion) -> dict[str, Float[np.ndarray, " frames"]]:
    """The coordinates of OpenSim's full-body model in degrees and metres, NaN where not told."""
    angles = angles_in_degrees(motion)
    points = landmarks(motion.positions.cpu().double(), motion.skeleton)
    found = _place(points)
    if "pelvis_tilt" in angles:
        found |= _turned("pelvis_tilt pelvis_list pelvis_rotation", pelvis_axes(points))
    for side in ("right", "left"):
        for theirs, (ours, sign) in LIMBS.items():
            if f"{side}_{ours}" in angles:
                found[f"{theirs}_{side[0]}"] = sign * angles[f"{side}_{ours}"]
        if f"{side}_shoulder_rotation" in angles:
            shoulder, elbow, wrist = (points[f"{side}_{j}"] for j in ("shoulder", "elbow", "wrist"))
            bones = elbow - shoulder, wrist - elbow
            turn = rotation_inwards(trunk_axes(points), *bones, side, bends=1)
            found[f"arm_rot_{side[0]}"] = turn.rad2deg().numpy()
    if {"pelvis_tilt", "trunk_twist"} <= angles.keys():
        turn = pelvis_axes(points).mT @ trunk_axes(points)
        found |= _turned("lumbar_extension lumbar_bending lumbar_rotation", turn)
    return found


def _turned(names: str, turn: Float[Tensor, "frames 3 3"]) -> dict[str, np.ndarray]:
    """A rotation about OpenSim's z (to the right), then x (forwards), then y (up), in degrees."""
    lean, bend, twist = matrix_to_euler(turn, "yxz").rad2deg().numpy().T  # our y is to the left
    return dict(zip(names.split(), (-lean, bend, twist), strict=True))


def _place(points: dict[str, Tensor]) -> dict[str, np.ndarray]:
    """Where the middle of the hips is."""
    if not {"left_hip", "right_hip"} <= points.keys():
        return {}
    middle = ((points["left_hip"] + points["right_hip"]) / 2).numpy()
    return dict(zip(("pelvis_tx", "pelvis_ty", "pelvis_tz"), from_z_up(middle, "y").T, strict=True))


def _filled(values: Float[np.ndarray, " frames"]) -> Float[np.ndarray, " frames"]:
    """Values without gaps and without jumps of whole turns."""
    known = np.isfinite(values)
    if not known.any():
        return values
    smooth = np.unwrap(values[known], period=360)
    return np.interp(np.arange(len(values)), known.nonzero()[0], smooth)


def _untold(coordinates: dict[str, np.ndarray]) -> list[str]:
    """A sentence where poses do not tell all coordinates."""
    lost = {name: int(np.isnan(each).sum()) for name, each in coordinates.items()}
    shown = ", ".join(f"{name} ({frames})" for name, frames in lost.items() if frames)
    if not shown:
        return []
    return [f"What some frames do not tell is interpolated there: {shown}."]
