"""MPI-INF-3DHP as P-STMO, D3DP and those after them pack it: npz files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..skeletons import MPI_INF_3DHP_17
from .motion_axes import METRES
from .mpi_inf_3dhp_takes import (
    STUDIO_TESTS,
    TEST_FPS,
    TRAINING_FOCAL,
    Annotation,
    check_kind,
    clip_of_test,
    clip_of_training,
    labels_of_training,
    reprojection_error,
    take_of,
)
from .posed_clip import entries, items, points
from .reading import read_npz, reading

NAMES = ("data_train_3dhp", "data_test_3dhp")


@registry.reader("mpi_inf_3dhp_npz")
@dataclass(frozen=True)
class MpiInf3dhpNpz:
    """MPI-INF-3DHP in the npz files of P-STMO and of D3DP.

    Layout: `data_train_3dhp.npz` (`data`: "S1 Seq1" to [cameras, frames a second], each camera
    `data_2d` and `data_3d`) and `data_test_3dhp.npz` (`data`: "TS1" to `data_2d`, `data_3d`,
    `valid`); the same with `_ori` in their names. `root` is one of them or their folder. One clip a
    camera; the poses of frames that are not valid are missing.
    Units: pixels and millimetres; 25 or 50 frames a second in training, 25 assumed in test.
    Axes: the camera's: x right, y down, z forward. Training cameras are estimated from the data.
    Joints: "mpi_inf_3dhp17".
    Kind: P-STMO's files hold univ_annot3, D3DP's, under the same names or with `_ori`, annot3; so
    it has to be said, unless the name ends in `_ori`, and is compared with what the poses can be.
    Example: crosslift convert mpi_inf_3dhp_npz data_test_3dhp_ori.npz STORE --annotation annot3
    """

    annotation: Annotation | None = None
    """annot3: true size; univ_annot3: one size for all; by the file's name unless given."""
    checked: bool = True
    """Refuse a kind that the reprojection of the poses speaks against."""

    def read(self, root: Path) -> Iterator[Clip]:
        """One sequence after the other, and of each one camera after the other."""
        found = [root]
        if not root.is_file():
            found = sorted(path for name in NAMES for path in root.glob(f"{name}*.npz"))
        if not found:
            raise DataError(
                f'"{root}" should hold data_train_3dhp.npz or data_test_3dhp.npz, but holds '
                "neither; name one of these files."
            )
        for path in found:
            with reading("an npz file of MPI-INF-3DHP", path):
                data = entries(read_npz(path, objects=True)["data"], '"data"')
                kind = self._kind(path)
                if self.checked:
                    _check(data, kind)
                for name, held in data.items():
                    read = _test if str(name).startswith("TS") else _training
                    yield from read(str(name), held, kind, path)

    def _kind(self, path: Path) -> str:
        """The kind of annotation, as asked for or as the name tells."""
        if self.annotation is not None:
            return self.annotation
        if path.stem.endswith("_ori"):
            return "annot3"
        raise DataError(
            "Nothing in it tells whether its poses are annot3 (true size; D3DP) or univ_annot3 "
            "(one size for all; P-STMO); give --annotation."
        )


def _cameras(name: str, held: Any) -> tuple[dict[Any, Any], float]:
    """The cameras of a training sequence and its frame rate."""
    parts = items(held, name)
    if not parts:
        raise DataError(f"{name} should hold its cameras and its frame rate, but is empty.")
    return entries(parts[0], f"The cameras of {name}"), float(parts[1]) if len(parts) > 1 else 25.0


def _arrays(held: Any, name: str) -> tuple[Any, Any]:
    camera = entries(held, name)
    return camera["data_2d"], camera["data_3d"]


def _training(name: str, held: Any, kind: str, path: Path) -> Iterator[Clip]:
    subject, _, sequence = name.partition(" ")
    cameras, fps = _cameras(name, held)
    for camera, arrays in cameras.items():
        keypoints, poses = _points(*_arrays(arrays, name), name)
        take = take_of(
            f"{subject}/{sequence}/{camera}",
            fps,
            labels_of_training(subject, sequence, camera),
            kind,
            format="mpi_inf_3dhp_npz",
            file=path.name,
        )
        yield clip_of_training(take, MPI_INF_3DHP_17, keypoints, poses)


def _test(name: str, held: Any, kind: str, path: Path) -> Iterator[Clip]:
    take = take_of(
        name,
        TEST_FPS,
        {"subject": name, "split": "test"},
        kind,
        format="mpi_inf_3dhp_npz",
        file=path.name,
    )
    keypoints, poses = _arrays(held, name)
    yield clip_of_test(take, keypoints, poses, held["valid"])


def _points(keypoints: Any, poses: Any, name: str) -> tuple[Any, Any]:
    joints = len(MPI_INF_3DHP_17)
    return (
        points(keypoints, joints, 2, f"data_2d of {name}"),
        points(poses, joints, 3, f"data_3d of {name}", METRES["mm"]),
    )


def _check(data: dict[Any, Any], kind: str) -> None:
    """Compare the kind with the reprojection of each sequence that an ideal lens saw."""
    errors, people = {}, set()
    for name, held in data.items():
        if str(name) in STUDIO_TESTS:
            errors[name] = _error(held, str(name))
            people.add(name)
        elif not str(name).startswith("TS"):
            cameras, _ = _cameras(str(name), held)
            people.add(str(name).partition(" ")[0])
            for arrays in list(cameras.values())[:1]:
                errors[name] = _error(arrays, str(name))
    check_kind(kind, errors, len(people))


def _error(held: Any, name: str) -> float:
    keypoints, poses = _points(*_arrays(held, name), name)
    return reprojection_error(poses, keypoints, TRAINING_FOCAL)
