"""JSON: a recording in plain words and numbers, for any language."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .. import registry
from ..clip import Clip
from ..data.motion_axes import Up, from_z_up
from ..data.record import Recording
from ..errors import SettingsError
from ..files import whole
from ..motion import Motion
from .world import in_world, seconds


@registry.writer("json")
@dataclass(frozen=True)
class Json:
    """JSON: names, rate, units and axes, then an object for each frame.

    A frame has `time`, `positions` (of a motion or a clip with poses), and of a clip `keypoints`
    and `scores`, of a motion `angles` where it has them. What is missing is null.
    Units: metres, pixels, seconds, radians. Axes: the world's z up, or y up if asked.
    """

    suffix: ClassVar[str] = ".json"

    up: Up = "z"
    """The axis that points upwards."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""
    digits: int = 6
    """After the decimal point of a position; a millionth of a metre unless said."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file; of several hypotheses one is written."""
        notes: list[str] = []
        if isinstance(recording, Clip) and recording.poses is not None and len(recording.poses) > 1:
            notes.append(
                f"Hypothesis {self.hypothesis} of {len(recording.poses)} is written; the clip file "
                "and npz hold all."
            )
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            for piece in self._pieces(recording):
                file.write(piece)
        return tuple(notes)

    def _pieces(self, recording: Recording) -> Iterator[str]:
        """The text: the words, then a line for each frame."""
        columns = self._columns(recording)
        words = json.dumps(_words(recording, self.up, list(columns)), allow_nan=False, indent=1)
        yield words.removesuffix("\n}") + ',\n "frames": ['
        for frame in range(len(recording)):
            held = {name: _plain(values[frame]) for name, values in columns.items()}
            text = json.dumps(held, allow_nan=False, separators=(",", ":"))
            yield f"{',' if frame else ''}\n  {text}"
        yield "\n ]\n}\n"

    def _columns(self, recording: Recording) -> dict[str, np.ndarray]:
        """The arrays that each frame has a row of, rounded."""
        if self.digits < 0:
            raise SettingsError(f"Digits are counted from 0 on, but {self.digits} was given.")
        columns = {"time": seconds(recording).numpy().round(9)}
        if isinstance(recording, Motion) or recording.poses is not None:
            world = in_world(recording, self.hypothesis).positions.double().cpu().numpy()
            columns["positions"] = from_z_up(world, self.up).round(self.digits)
        if isinstance(recording, Clip):
            columns["keypoints"] = recording.keypoints.double().cpu().numpy().round(4)
            columns["scores"] = recording.scores.double().cpu().numpy().round(4)
        elif recording.angles is not None:
            columns["angles"] = recording.angles.double().cpu().numpy().round(8)
        return columns


def _words(recording: Recording, up: str, columns: list[str]) -> dict[str, Any]:
    """What holds for all frames."""
    words: dict[str, Any] = {
        "format": "crosslift recording",
        "name": recording.name,
        "fps": recording.fps,
        "units": {
            "time": "seconds",
            "positions": f"metres in the world, {up} up",
            "keypoints": "pixels from the top left corner",
            "angles": "radians",
        },
        "skeleton": recording.skeleton.name,
        "joints": list(recording.skeleton.joints),
        "parents": list(recording.skeleton.parents),
        "labels": dict(recording.labels),
        "provenance": dict(recording.provenance),
        "columns": columns,
    }
    if isinstance(recording, Motion):
        return words | {"angle_names": list(recording.angle_names)}
    return words | {"person": recording.person, "root_from": recording.root_from}


def _plain(value: Any) -> Any:
    """A row as nested lists, with null for what is no number."""
    if isinstance(value, np.ndarray):
        return [_plain(part) for part in value]
    return float(value) if np.isfinite(value) else None
