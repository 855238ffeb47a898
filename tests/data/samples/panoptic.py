"""A sequence of CMU Panoptic: two people, of whom one comes late and is missing in a frame."""

import json
from pathlib import Path

import numpy as np

from crosslift.skeletons import PANOPTIC_19

from .bodies import walker

NAME = "171204_pose1"
FIRST = 110
HERE = {0: (0, 1, 2, 3), 3: (1, 3)}
"""The frames in which each person is."""
K = [[1633.3, 0, 943.5], [0, 1628.8, 557.3], [0, 0, 1]]
TURN = [[-1, 0, 0], [0, 1, 0], [0, 0, -1]]


def in_file(frames: int = 4) -> np.ndarray:
    """A body in centimetres, y down."""
    x, y, z = np.moveaxis(walker(PANOPTIC_19, frames), -1, 0)
    return np.stack([x, -z, y], axis=-1) * 100


def write(folder: Path) -> Path:
    """The folder of the sequence."""
    root = folder / NAME
    bodies = root / "hdPose3d_stage1_coco19"
    bodies.mkdir(parents=True)
    positions = in_file()
    for frame in range(4):
        there = [person for person, frames in HERE.items() if frame in frames]
        scores = np.full((19, 1), 0.6)
        scores[17] = -1.0
        content = {
            "version": 0.7,
            "univTime": 53541.542,
            "fpsType": "hd_29_97",
            "bodies": [
                {"id": person, "joints19": _flat(positions[frame] + 50 * person, scores)}
                for person in there
            ],
        }
        path = bodies / f"body3DScene_{FIRST + frame:08d}.json"
        path.write_text(json.dumps(content))
    cameras = [_camera("00_00", "hd"), _camera("00_12", "hd"), _camera("01_01", "vga")]
    calibration = {"calibDataSource": "sample", "cameras": cameras}
    (root / f"calibration_{NAME}.json").write_text(json.dumps(calibration))
    return root


def _flat(joints: np.ndarray, scores: np.ndarray) -> list[float]:
    return np.concatenate([joints, scores], axis=1).round(3).ravel().tolist()


def _camera(name: str, kind: str) -> dict[str, object]:
    panel, node = map(int, name.split("_"))
    size = [1920, 1080] if kind == "hd" else [640, 480]
    return {
        "name": name, "type": kind, "resolution": size, "panel": panel, "node": node, "K": K,
        "distCoef": [-0.2, 0.18, 0.0006, 0.0001, 0.04], "R": TURN,
        "t": [[0.0], [100.0], [400.0]],
    }  # fmt: skip
