"""MPI-INF-3DHP as published: a training sequence with calibration, and two test sequences."""

from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

from crosslift.cameras_h36m import mpi_inf_3dhp_camera
from crosslift.skeleton import Skeleton
from crosslift.skeletons import MPI_INF_3DHP_17, MPI_INF_3DHP_28

from .bodies import walker

K = ((1497.693, 0, 1024.704), (0, 1497.103, 1051.394), (0, 0, 1))
EXTRINSIC = (
    (0.9650164, 0.00488022, 0.262144, -562.8666),
    (-0.004488356, -0.9993728, 0.0351275, 1398.138),
    (0.262151, -0.03507521, -0.9643893, 3852.623),
)
"""World to camera of S1, Seq1, camera 0, in millimetres."""
CAMERAS = 9
VALID = (1, 1, 0, 1, 1, 1)
ACTIVITY = (1, 1, 1, 2, 2, 2)
UNIVERSAL = 1.2


def before(skeleton: Skeleton, frames: int = 6) -> np.ndarray:
    """A body four metres before a camera, in millimetres along the camera's axes."""
    body = walker(skeleton, frames)
    return np.stack([body[..., 1], 1.0 - body[..., 2], 4.0 + body[..., 0]], axis=-1) * 1000


def universal(poses: np.ndarray, root: int) -> np.ndarray:
    """The same, of another size about its pelvis."""
    pelvis = poses[:, root, None]
    return pelvis + UNIVERSAL * (poses - pelvis)


def seen(poses: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Pixels of an ideal lens."""
    flat = poses @ k.T
    return flat[..., :2] / flat[..., 2:]


def write_training(folder: Path, *, compressed: bool = True) -> None:
    """S1/Seq1 with its cameras, all of which see the same."""
    place = folder / "S1" / "Seq1"
    place.mkdir(parents=True)
    poses = before(MPI_INF_3DHP_28)
    fields = {
        "annot2": seen(poses, np.array(K)),
        "annot3": poses,
        "univ_annot3": universal(poses, MPI_INF_3DHP_28.root),
    }
    cells = {name: np.empty((CAMERAS, 1), object) for name in fields}
    for name, array in fields.items():
        for camera in range(CAMERAS):
            cells[name][camera, 0] = array.reshape(len(array), -1).round(3).astype(np.float32)
    cameras = np.arange(CAMERAS, dtype=np.uint8)[None]
    content = {**cells, "cameras": cameras}
    savemat(place / "annot.mat", content, do_compression=compressed)
    undated(place / "annot.mat")
    lines = ["Skeleton calibration V0.1"]
    for camera in range(CAMERAS):
        intrinsic = np.eye(4)
        intrinsic[:3, :3] = K
        extrinsic = np.vstack([EXTRINSIC, [0, 0, 0, 1]])
        lines += [
            f"name          {camera}",
            "  sensor      10 10",
            "  size        2048 2048",
            "  animated    0",
            f"  intrinsic   {' '.join(f'{value:.9g}' for value in intrinsic.ravel())} ",
            f"  extrinsic   {' '.join(f'{value:.6e}' for value in extrinsic.ravel())} ",
            "  radial      0",
        ]
    (place / "camera.calibration").write_text("\r\n".join(lines))


def undated(path: Path) -> None:
    """Put blanks in the place of the moment that SciPy writes into a MATLAB file's header."""
    content = path.read_bytes()
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(116) + content[116:])


def arrays_of_test(sequence: str) -> dict[str, np.ndarray]:
    """The arrays of a test sequence, frames first."""
    camera = mpi_inf_3dhp_camera(sequence)
    (fx, fy), (cx, cy) = camera.focal.tolist(), camera.centre.tolist()
    poses = before(MPI_INF_3DHP_17)
    return {
        "annot2": seen(poses, np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])),
        "annot3": poses,
        "univ_annot3": universal(poses, MPI_INF_3DHP_17.root),
    }


def write_test_sequence(folder: Path, sequence: str) -> None:
    """A test sequence, in HDF5 as MATLAB 7.3 has it."""
    place = folder / "mpi_inf_3dhp_test_set" / sequence
    place.mkdir(parents=True)
    with h5py.File(place / "annot_data.mat", "w") as file:
        for name, array in arrays_of_test(sequence).items():
            file[name] = array[:, None].astype(np.float32)
        file["valid_frame"] = np.array(VALID, float)[:, None]
        file["activity_annotation"] = np.array(ACTIVITY, float)[:, None]


def write(folder: Path) -> Path:
    """The folder of all sequences."""
    write_training(folder)
    write_test_sequence(folder, "TS1")
    write_test_sequence(folder, "TS6")
    return folder
