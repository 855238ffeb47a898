"""TRC: a table of markers over time, for OpenSim."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from .. import registry
from ..data.motion_axes import Up, from_z_up, metres_in
from ..data.record import Recording
from ..files import whole
from ..motion import Motion
from .world import in_world, missing_sentence, plain_names, seconds


@registry.writer("trc")
@dataclass(frozen=True)
class Trc:
    """TRC: joints as markers, as OpenSim and Sports2D have them.

    The file states rate and unit; missing joints are empty cells.
    Units: metres, or millimetres if asked. Axes: y up, OpenSim's habit, or z up if asked; our x
    stays x, and our y, which then points backwards along z, turns into minus z.
    """

    suffix: ClassVar[str] = ".trc"

    unit: Literal["m", "mm"] = "m"
    """Of lengths in the file."""
    up: Up = "y"
    """The axis that points upwards."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the table."""
        motion = in_world(recording, self.hypothesis)
        places = from_z_up(motion.positions.double().cpu().numpy(), self.up)
        places = places.reshape(len(motion), 3 * len(motion.skeleton)) / metres_in(self.unit)
        digits = 6 if self.unit == "m" else 3
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\r\n") as file:
            file.writelines(f"{line}\n" for line in _head(motion, path.name, self.unit))
            for frame, (time, row) in enumerate(zip(seconds(recording), places, strict=True)):
                cells = [f"{x:.{digits}f}" if np.isfinite(x) else "" for x in row]
                file.write("\t".join([str(frame + 1), f"{time:.6f}", *cells]) + "\n")
        return tuple(missing_sentence(motion, "empty cells"))


def _head(motion: Motion, name: str, unit: str) -> list[str]:
    """The lines above the table."""
    count = len(motion.skeleton)
    names = plain_names(motion.skeleton.joints, r"[\t\r\n]+")
    rate = f"{motion.fps:.10g}"
    axes = [f"{axis}{marker}" for marker in range(1, count + 1) for axis in "XYZ"]
    return [
        f"PathFileType\t4\t(X/Y/Z)\t{' '.join(name.split())}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        f"{rate}\t{rate}\t{len(motion)}\t{count}\t{unit}\t{rate}\t1\t{len(motion)}",
        "Frame#\tTime\t" + "\t".join(f"{marker}\t\t" for marker in names),
        "\t\t" + "\t".join(axes),
        "",
    ]
