"""A sequence of 3DPW in a pickle such as Python 2 writes: two people, a camera that moves."""

import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from crosslift.skeletons import SMPL_24

from .bodies import walker

NAME = "courtyard_sample_00"
FRAMES = 4
VALID = (1, 1, 0, 1)
K = ((1961.85, 0.0, 540.0), (0.0, 1969.23, 960.0), (0.0, 0.0, 1.0))


def world(person: int = 0) -> np.ndarray:
    """A body in metres, in a world with y up."""
    x, y, z = np.moveaxis(walker(SMPL_24, FRAMES, 1 + 0.05 * person), -1, 0)
    return np.stack([x, z, -y], axis=-1)


def camera_poses() -> np.ndarray:
    """World to camera: the camera looks along -z and moves to its right by a tenth a frame."""
    poses = np.repeat(np.diag([1.0, -1, -1, 1])[None], FRAMES, axis=0)
    poses[:, :3, 3] = [[-0.1 * frame, 1.0, 5.0] for frame in range(FRAMES)]
    poses[2] = 0  # not valid
    return poses


def content() -> dict[str, object]:
    """The dictionary of a sequence."""
    poses2d = np.full((FRAMES, 3, 18), 100.0)
    poses2d[:, 2] = 0.8
    poses2d[1] = 0
    return {
        "sequence": NAME,
        "genders": ["m", "f"],
        "betas": [np.zeros(10), np.zeros(10)],
        "poses": [np.zeros((FRAMES, 72))] * 2,
        "trans": [np.zeros((FRAMES, 3))] * 2,
        "jointPositions": [world(person).reshape(FRAMES, 72) for person in (0, 1)],
        "poses2d": [poses2d, poses2d + np.array([[0], [10], [0]])],
        "campose_valid": [np.array(VALID, bool)] * 2,
        "cam_poses": camera_poses(),
        "cam_intrinsics": np.array(K),
        "img_frame_ids": np.arange(FRAMES),
    }


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes alike as the strings of Python 2."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)

    def save_string(self, value: str | bytes) -> None:
        data = value.encode("latin1") if isinstance(value, str) else value
        short = len(data) < 256
        head = b"U" + bytes([len(data)]) if short else b"T" + len(data).to_bytes(4, "little")
        self.write(head + data)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_string


def write(folder: Path) -> Path:
    """The folder of the data set."""
    place = folder / "sequenceFiles" / "train"
    place.mkdir(parents=True)
    with (place / f"{NAME}.pkl").open("wb") as file:
        Python2Pickler(file, protocol=2).dump(content())
    return folder
