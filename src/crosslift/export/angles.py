"""Joint angles as a table, for spreadsheets and statistics."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from .. import registry
from ..data.record import Recording
from ..errors import SkeletonError
from ..files import whole
from ..joint_angles import joint_angles
from ..motion import Motion
from .world import in_world, missing_sentence, seconds

PREFACE = (
    "# {name}: joint angles in degrees (0 in a person who stands straight with hanging arms; "
    "pelvis_rotation from the world's x, counter-clockwise from above); seconds; "
    "{fps:g} frames a second"
)


@registry.writer("angles")
@dataclass(frozen=True)
class Angles:
    """Joint angles (csv): frame, time and the angles of knees, hips, arms, trunk and pelvis.

    The first line, which begins with "#", states name, rate and units; the second names the
    columns, such as `left_knee_flexion [deg]`. A cell is empty where a joint is missing or a pose
    does not tell an angle. The conventions are those of `crosslift.joint_angles`.
    Units: degrees, seconds. Axes: the body's own; the world's z is up, and a heading is measured
    from its x.
    """

    suffix: ClassVar[str] = ".angles.csv"

    hypothesis: int = 0
    """Which of a clip's poses to measure."""
    preface: bool = True
    """Begin with the line of units; some spreadsheets show it as a cell."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the table."""
        motion = in_world(recording, self.hypothesis)
        angles = angles_in_degrees(motion)
        table = np.stack(list(angles.values()), axis=-1)
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
            if self.preface:
                name = " ".join(motion.name.split())
                file.write(PREFACE.format(name=name, fps=motion.fps) + "\r\n")
            lines = csv.writer(file)
            lines.writerow(["frame", "time", *(f"{name} [deg]" for name in angles)])
            for frame, (time, row) in enumerate(zip(seconds(recording), table, strict=True)):
                cells = [f"{angle:.4f}" if np.isfinite(angle) else "" for angle in row]
                lines.writerow([frame, f"{time:.6f}", *cells])
        return tuple(missing_sentence(motion, "empty cells of their angles"))


def angles_in_degrees(motion: Motion) -> dict[str, Float[np.ndarray, " frames"]]:
    """The angles that the joints of a motion tell, by name, NaN where a pose does not."""
    angles = joint_angles(motion.positions.cpu().double(), motion.skeleton)
    if not angles:
        raise SkeletonError(
            f'The skeleton "{motion.skeleton.name}" of "{motion.name}" has none of the joints '
            'between which angles are measured (hips, knees, shoulders, ...); map it to "h36m17".'
        )
    return {name: np.rad2deg(angle.numpy()) for name, angle in angles.items()}
