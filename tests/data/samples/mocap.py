"""Two clips of a corpus in one npz file, their index, and a rig of one camera beside them."""

import json
from pathlib import Path

import numpy as np

from crosslift.skeletons import H36M_17

from .bodies import walker

UNIT = 0.0005
LENGTHS = (4, 3)
CAMERA = {
    "id": "s0", "width": 1000, "height": 1002, "focal": [1145.2, 1144.1],
    "centre": [512.3, 514.9], "radial": [-0.2, 0.2, -0.003], "tangential": [-0.001, -0.0014],
    "R": [[0, 1, 0], [0, 0, -1], [-1, 0, 0]], "t": [0, 1, 5], "position": [5, 0, 1],
}  # fmt: skip


def write(folder: Path) -> Path:
    """The folder of the corpus."""
    xyz = np.concatenate([walker(H36M_17, frames) for frames in LENGTHS])
    np.savez_compressed(
        folder / "source_val.npz",
        xyz=np.round(xyz / UNIT).astype(np.int16),
        unit_m=np.float64(UNIT),
        clip_start=np.array([0, 4, 7], np.int32),
        clip_id=np.array(["walk-1#00", "walk-1#01"]),
        fps=np.int64(30),
    )
    clips = [_entry(f"walk-1#0{part}", frames) for part, frames in enumerate(LENGTHS)]
    index = {"version": 1, "unit": "0.0005 m per count", "up": "z", "clips": clips}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "rig_small.json").write_text(json.dumps({"name": "small", "cameras": [CAMERA]}))
    return folder


def _entry(name: str, frames: int) -> dict[str, object]:
    return {
        "id": name, "clip": "walk-1", "start": 0, "source": "ours", "subject": "us-01",
        "body": "01", "action": "walk", "style": "none", "frames": frames, "fps": 30,
        "licence": "MIT", "domain": "source", "split": "val", "file": "source_val.npz",
    }  # fmt: skip
