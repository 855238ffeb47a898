"""npz: all arrays of a recording, for NumPy."""

from collections.abc import Mapping
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
    """NumPy archive (npz): all arrays and words by name, without objects.

    A motion has `positions`, and `angles` with `angle_names`; a clip `keypoints`, `scores`,
    `observed`, the camera's `focal`, `centre`, `rotation`, `translation`, `size`, and what else it
    holds (`poses`, `spread`, `body`, `times`). All have `name`, `skeleton`, `joints`, `parents`,
    `fps` and `units`; `words` has labels and provenance as JSON. The reader "npz" reads the file.
    For those who only want numbers, a clip with poses also gets `positions`.
    Units: metres, pixels, radians. Axes: `positions` in the world, z up; `poses` along the
    camera's x right, y down, z forward.
    """

    suffix: ClassVar[str] = ".npz"

    hypothesis: int = 0
    """Which of a clip's poses become its `positions`."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file; nothing is left out."""
        arrays, words = taken_apart(recording)
        held = {name.removeprefix("camera."): array for name, array in arrays.items()}
        if isinstance(recording, Clip) and recording.poses is not None:
            held["positions"] = in_world(recording, self.hypothesis).positions.cpu().numpy()
        held |= {name: np.array(text) for name, text in _texts(recording).items() if text}
        held |= {
            "joints": np.array(recording.skeleton.joints),
            "parents": np.array(recording.skeleton.parents),
            "fps": np.array(recording.fps),
            "words": np.array(as_json({key: words[key] for key in ("labels", "provenance")})),
        }
        with whole(path) as draft, draft.open("wb") as file:
            np.savez_compressed(file, **held)  # type: ignore[arg-type]
        return ()


def _texts(recording: Recording) -> Mapping[str, str | tuple[str, ...] | None]:
    """The words of a recording that are entries of their own."""
    shared = {
        "name": recording.name,
        "skeleton": recording.skeleton.name,
        "units": as_json(UNITS),
    }
    if isinstance(recording, Clip):
        camera = recording.camera
        return shared | {
            "person": recording.person,
            "root_from": recording.root_from,
            "focal_from": camera.focal_from,
            "model": camera.model,
        }
    return shared | {"angle_names": recording.angle_names}
