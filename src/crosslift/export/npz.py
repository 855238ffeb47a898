"""npz: all arrays of a recording, for NumPy."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from .. import registry
from ..clip import Clip
from ..data.record import UNITS, Recording, as_json, taken_apart
from ..files import whole
from .world import in_world


@registry.writer("npz")
@dataclass(frozen=True)
class Npz:
    """NumPy archive (npz): all arrays by name, without objects.

    Holds what the clip file holds: the arrays (`positions` of a motion; `keypoints`, `scores`,
    `observed`, `poses`, `camera.focal` and so on of a clip), and in `crosslift` all words as JSON.
    For those who only want numbers, a clip with poses also gets `positions`, and every file
    `joints`, `parents`, `fps` and `units` as arrays of their own.
    Units: metres, pixels, radians. Axes: `positions` in the world, z up; `poses` along the
    camera's x right, y down, z forward.
    """

    suffix: ClassVar[str] = ".npz"

    hypothesis: int = 0
    """Which of a clip's poses become its `positions`."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file; nothing is left out."""
        arrays, words = taken_apart(recording)
        if isinstance(recording, Clip) and recording.poses is not None:
            arrays["positions"] = in_world(recording, self.hypothesis).positions.cpu().numpy()
        held = arrays | {
            "joints": np.array(recording.skeleton.joints),
            "parents": np.array(recording.skeleton.parents),
            "fps": np.array(recording.fps),
            "units": np.array(as_json(UNITS)),
            "crosslift": np.array(as_json(words)),
        }
        with whole(path) as draft, draft.open("wb") as file:
            np.savez_compressed(file, **held)  # type: ignore[arg-type]
        return ()
