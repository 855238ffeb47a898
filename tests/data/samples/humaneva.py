"""VideoPose3D's npz pair of HumanEva: a chunk with motion capture and a recording without."""

from pathlib import Path

import numpy as np
import torch

from crosslift.camera import Camera, looking_at, pinhole, project, world_to_camera
from crosslift.data.humaneva import HUMANEVA_15, SIZE

from .bodies import walker

FOCAL = 700.0
POSITIONS = {"C1": (4.0, 1.0, 1.5), "C2": (1.0, -4.5, 1.2), "C3": (-3.0, 3.5, 1.8)}
SYMMETRY = [[2, 3, 4, 8, 9, 10], [5, 6, 7, 11, 12, 13]]


def camera(name: str) -> Camera:
    """A camera of S1, at a place of our own."""
    position, aim = torch.tensor(POSITIONS[name]), torch.tensor([0.2, 0.1, 0.8])
    return looking_at(pinhole(FOCAL, SIZE), position, aim)


def world() -> np.ndarray:
    """The chunk's positions in metres."""
    return walker(HUMANEVA_15, 5).astype(np.float32)


def before(name: str) -> np.ndarray:
    """The chunk in the frame of a camera of S1."""
    return world_to_camera(torch.from_numpy(world()), camera(name)).numpy()


def seen(name: str) -> np.ndarray:
    """Where that camera sees the chunk."""
    return project(torch.from_numpy(before(name)), camera(name)).numpy()


def write(folder: Path) -> Path:
    """The folder of the pair."""
    views = [seen(name) for name in POSITIONS]
    positions = {"Train/S1": {"Walking 1 chunk0": world()}}
    pixels = {
        "Train/S1": {"Walking 1 chunk0": views},
        "Unlabeled/S4": {"Jog 1": [views[0], None, views[2]]},
    }
    metadata = {"layout_name": "humaneva15", "num_joints": 15, "keypoints_symmetry": SYMMETRY}
    np.savez_compressed(folder / "data_3d_humaneva15.npz", positions_3d=positions)
    np.savez_compressed(
        folder / "data_2d_humaneva15_gt.npz", positions_2d=pixels, metadata=metadata
    )
    return folder
