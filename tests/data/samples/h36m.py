"""VideoPose3D's npz pair: S9, S11 with its corrupt take, and S2, who has no motion capture."""

from pathlib import Path

import numpy as np
import torch

from crosslift.camera import project, world_to_camera
from crosslift.cameras_h36m import H36M_INTRINSICS, h36m_camera
from crosslift.skeletons import H36M_17, H36M_32

from .bodies import walker

SYMMETRY = [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]


def world() -> np.ndarray:
    """The positions of every take, (5, 32, 3) metres."""
    return walker(H36M_32, 5).astype(np.float32)


def seen(subject: str) -> list[np.ndarray]:
    """The 17 joints as the four cameras see them, in pixels."""
    positions = torch.from_numpy(world()[:, H36M_32.indices(*H36M_17.joints)])
    cameras = [h36m_camera(subject, name) for name in H36M_INTRINSICS]
    return [project(world_to_camera(positions, camera), camera).numpy() for camera in cameras]


def write(folder: Path) -> Path:
    """The folder of the pair."""
    takes = {"S9": ["Photo 1"], "S11": ["Directions", "Directions 1"]}
    positions = {subject: {name: world() for name in takes[subject]} for subject in takes}
    pixels = {subject: {name: seen(subject) for name in takes[subject]} for subject in takes}
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=positions)
    metadata = {"num_joints": 17, "keypoints_symmetry": SYMMETRY, "layout_name": "h36m"}
    np.savez_compressed(folder / "data_2d_h36m_gt.npz", positions_2d=pixels, metadata=metadata)
    longer = [np.concatenate([part, part[-1:]]) for part in seen("S9")]
    found = {"S9": {"Photo 1": longer}, "S2": {"Eating": longer}}
    np.savez_compressed(
        folder / "data_2d_h36m_cpn_ft_h36m_dbb.npz", positions_2d=found, metadata=metadata
    )
    return folder
