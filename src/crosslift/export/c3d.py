"""C3D: markers over time in the binary format of motion capture laboratories."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from .. import registry
from ..data.motion_axes import Up, from_z_up, metres_in
from ..data.record import Recording
from ..errors import DataError, SettingsError
from ..files import whole
from .world import in_world, missing_sentence, plain_names, uneven

COUNTED = 65535
"""Frames that the format's first fields can count."""


@registry.writer("c3d")
@dataclass(frozen=True)
class C3d:
    """C3D: joints as points, for motion capture software. Needs the extra "c3d".

    The file states rate, unit and the upright axis (POINT:X_SCREEN, Y_SCREEN); a missing joint is
    a point with a negative residual.
    Units: millimetres, or metres if asked. Axes: z up, or y up if asked.
    """

    suffix: ClassVar[str] = ".c3d"

    unit: Literal["mm", "m"] = "mm"
    """Of lengths in the file."""
    up: Up = "z"
    """The axis that points upwards."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file."""
        try:
            import ezc3d
        except ImportError as problem:
            raise SettingsError(
                'C3D files are written by ezc3d, which is not installed; run pip install "crosslift'
                '[c3d]".'
            ) from problem
        motion = in_world(recording, self.hypothesis)
        frames, joints = len(motion), len(motion.skeleton)
        if not frames:
            raise DataError(
                f'A C3D file holds a frame at least, but "{motion.name}" has none; write another '
                "format."
            )
        places = from_z_up(motion.positions.double().cpu().numpy(), self.up) / metres_in(self.unit)
        known = motion.known.cpu().numpy()
        points = np.ones((4, joints, frames))
        points[:3] = np.where(known[..., None], places, np.nan).transpose(2, 1, 0)
        file = ezc3d.c3d()
        file["data"]["points"] = points
        file["data"]["meta_points"] = {
            "residuals": np.where(known, 0.0, -1.0).T[None],
            "camera_masks": np.zeros((7, joints, frames), dtype=bool),
        }
        names = plain_names(motion.skeleton.joints, r"[\x00-\x1f]+")
        stated = {
            "RATE": [motion.fps],
            "UNITS": [self.unit],
            "LABELS": list(names),
            "X_SCREEN": ["+X"],
            "Y_SCREEN": [f"+{self.up.upper()}"],
        }
        for name, values in stated.items():
            file.add_parameter("POINT", name, values)
        notes = missing_sentence(motion, "points with a negative residual") + uneven(recording)
        if frames > COUNTED:
            file.add_parameter("TRIAL", "ACTUAL_START_FIELD", [1, 0])
            file.add_parameter("TRIAL", "ACTUAL_END_FIELD", [frames % 65536, frames // 65536])
            notes.append(f"Some tools read only the first {COUNTED} of the {frames} frames.")
        with whole(path) as draft:
            file.write(str(draft))
        return tuple(notes)
