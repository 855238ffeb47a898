"""SPIN's mpi_inf_3dhp_valid.npz: three pictures of TS1, two of TS6."""

from pathlib import Path

import numpy as np

from crosslift.cameras_h36m import mpi_inf_3dhp_camera
from crosslift.skeletons import SPIN_24

from . import mpi_inf_3dhp as original

NAMES = ["TS1", "TS1", "TS1", "TS6", "TS6"]
NUMBERS = [7, 8, 10, 1, 2]
UNKNOWN = [12, 15, 19, 20, 21, 22, 23]
"""Joints of the 24 that 3DHP does not have."""


def write(folder: Path) -> Path:
    """The file."""
    poses = original.before(SPIN_24, len(NAMES)) / 1000
    part, truth = np.ones((5, 24, 3)), np.ones((5, 24, 4))
    for row, sequence in enumerate(NAMES):
        camera = mpi_inf_3dhp_camera(sequence)
        plane = poses[row, :, :2] / poses[row, :, 2:]
        part[row, :, :2] = plane * camera.focal.numpy() + camera.centre.numpy()
    truth[..., :3] = poses - poses[:, SPIN_24.root, None]
    for known in (part, truth):
        known[:, UNKNOWN] = 0
    pictures = [
        f"mpi_inf_3dhp_test_set/{name}/imageSequence/img_{number:06d}.jpg"
        for name, number in zip(NAMES, NUMBERS, strict=True)
    ]
    path = folder / "mpi_inf_3dhp_valid.npz"
    extent = np.full(5, 3.0)
    np.savez_compressed(
        path, imgname=pictures, part=part, S=truth, center=part[:, 14, :2], scale=extent
    )
    return path
