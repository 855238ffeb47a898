"""MPI-INF-3DHP in its original layout: MATLAB files of training and of test sequences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..camera import Camera
from ..clip import Clip
from ..errors import DataError
from ..skeletons import MPI_INF_3DHP_17, MPI_INF_3DHP_28
from .calibration import camera_of, with_world
from .matlab import read_matlab
from .motion_axes import METRES
from .mpi_inf_3dhp_takes import (
    ACTIVITIES,
    TEST_FPS,
    Annotation,
    chosen_frames,
    clip_of_test,
    clip_of_training,
    kept,
    take_of,
)
from .posed_clip import items, plain, points
from .reading import reading

TRAINING, TEST = "annot.mat", "annot_data.mat"
PLACES = [
    f"{above}{place}"
    for place in (f"S*/Seq*/{TRAINING}", f"TS*/{TEST}", TRAINING, TEST)
    for above in ("", "*/")
]
"""Where the files are looked for; the folders also hold a million pictures."""


@registry.reader("mpi_inf_3dhp")
@dataclass(frozen=True)
class MpiInf3dhp:
    """MPI-INF-3DHP as published: training annot.mat, test annot_data.mat.

    Layout: `S1/Seq1/annot.mat` (cells `annot2`, `annot3`, `univ_annot3`, an entry a camera) with
    `camera.calibration` beside it, and `TS1/annot_data.mat`. `root` is a folder above them or one
    of the files. One clip a camera; of a training sequence the frames that have video. In frames
    of a test sequence that are not marked valid the poses are missing, the keypoints there.
    Units: pixels and millimetres; 25 or 50 frames a second in training. The rate of the test
    sequences is not stated; 25 is assumed.
    Axes: the camera's: x right, y down, z forward. The world of the calibration has y up.
    Joints: "mpi_inf_3dhp17", or "mpi_inf_3dhp28" with `all_joints` (training).
    Example: crosslift convert mpi_inf_3dhp mpi_inf_3dhp STORE --annotation annot3
    """

    annotation: Annotation = "annot3"
    """annot3: true size, lies on the keypoints; univ_annot3: all people in one size."""
    cameras: tuple[int, ...] = (0, 1, 2, 4, 5, 6, 7, 8)
    """Which of the 14 training cameras; those at the ceiling are usually left out."""
    all_joints: bool = False
    """All 28 joints of the training annotation."""
    valid_only: bool = False
    """Only the valid frames of the test sequences, the gaps between them closed."""
    by_activity: bool = False
    """A clip for each stretch of one activity of a test sequence."""

    def read(self, root: Path) -> Iterator[Clip]:
        """One sequence after the other, training before test."""
        found = [root]
        if not root.is_file():
            found = sorted({path for place in PLACES for path in root.glob(place)})
        training = [path for path in found if path.name == TRAINING]
        test = [path for path in found if path.name == TEST]
        if not training and not test:
            raise DataError(
                f'"{root}" should hold S1/Seq1/{TRAINING} or TS1/{TEST}, but holds neither; name '
                "the folder into which MPI-INF-3DHP was unpacked."
            )
        for path in training:
            with reading("a training annotation of MPI-INF-3DHP", path):
                yield from self._training(path)
        for path in test:
            with reading("a test annotation of MPI-INF-3DHP", path):
                yield from self._test(path)

    def _training(self, path: Path) -> Iterator[Clip]:
        subject, sequence = path.parts[-3:-1] if len(path.parts) > 2 else ("", "")
        frames, fps = kept(subject, sequence)
        held = read_matlab(path, "annot2", self.annotation)
        pixels, poses = (items(held[name], name) for name in ("annot2", self.annotation))
        cameras = _calibration(path.with_name("camera.calibration"))
        for camera in self.cameras:
            if not 0 <= camera < min(len(pixels), len(poses)):
                raise DataError(f"Camera {camera} was asked for, but {len(pixels)} are there.")
            take = take_of(
                f"{subject}/{sequence}/{camera}",
                fps,
                {
                    "subject": subject,
                    "recording": sequence,
                    "camera": str(camera),
                    "split": "train",
                },
                self.annotation,
                format="mpi_inf_3dhp",
                file=f"{subject}/{sequence}/{path.name}",
            )
            seen, truth = _joints(pixels[camera], 2, 1.0), _joints(poses[camera], 3, METRES["mm"])
            skeleton = MPI_INF_3DHP_28
            if not self.all_joints:
                chosen = skeleton.indices(*MPI_INF_3DHP_17.joints)
                skeleton, seen, truth = MPI_INF_3DHP_17, seen[:, chosen], truth[:, chosen]
            both = min(len(seen), len(truth), frames)
            yield clip_of_training(take, skeleton, seen[:both], truth[:both], cameras.get(camera))

    def _test(self, path: Path) -> Iterator[Clip]:
        sequence = path.parent.name
        fields = ["annot2", self.annotation, "valid_frame"]
        held = read_matlab(path, *fields, *(["activity_annotation"] if self.by_activity else []))
        take = take_of(
            sequence,
            TEST_FPS,
            {"subject": sequence, "split": "test"},
            self.annotation,
            format="mpi_inf_3dhp",
            file=f"{sequence}/{path.name}",
        )
        pixels, poses = (_frames_first(held[name], name) for name in fields[:2])
        clip = clip_of_test(take, pixels, poses, held["valid_frame"])
        counts = torch.from_numpy(plain(held["valid_frame"], "valid_frame").ravel() == 1)
        parts = [("", torch.ones_like(counts))]
        if self.by_activity:
            parts = _stretches(plain(held["activity_annotation"], "activity_annotation"), clip)
        for part, (action, stretch) in enumerate(parts):
            frames = stretch & counts if self.valid_only else stretch
            piece = clip if bool(frames.all()) else chosen_frames(clip, frames)
            if action:
                labels = {**clip.labels, "action": action}
                piece = replace(piece, name=f"{clip.name}/{part}", labels=labels)
            yield piece


def _joints(values: Any, axes: int, scale: float) -> Float[Tensor, "frames joints axes"]:
    """Rows of 28 joints as points."""
    rows = plain(values, "A camera's annotation")
    joints = len(MPI_INF_3DHP_28)
    if rows.ndim != 2 or rows.shape[1] != joints * axes:
        raise DataError(
            f"A camera's annotation should be rows of {joints * axes} numbers, but {rows.shape} "
            "was found."
        )
    return points(rows.reshape(-1, joints, axes), joints, axes, "A camera's annotation", scale)


def _frames_first(values: Any, what: str) -> np.ndarray:
    """MATLAB's (axes, joints, 1, frames) as (frames, joints, axes)."""
    array = plain(values, what)
    if array.ndim != 4 or array.shape[2] != 1:
        raise DataError(f"{what} should be (axes, 17, 1, frames), but {array.shape} was found.")
    return array[:, :, 0].transpose(2, 1, 0)


def _stretches(activities: np.ndarray, clip: Clip) -> list[tuple[str, Tensor]]:
    """The name of the activity and the frames of each stretch of one activity."""
    numbers = activities.ravel().astype(int)
    if len(numbers) != len(clip) or not set(numbers.tolist()) <= set(range(len(ACTIVITIES) + 1)):
        raise DataError(
            f"{len(clip)} frames need as many activities from 1 to {len(ACTIVITIES)}, but "
            f"{len(numbers)} were found, from {numbers.min(initial=0)} to {numbers.max(initial=0)}."
        )
    stretch = np.cumsum(np.diff(numbers, prepend=numbers[:1]) != 0)
    return [
        (
            ("unknown", *ACTIVITIES)[numbers[stretch == part][0]],
            torch.from_numpy(stretch == part),
        )
        for part in range(stretch[-1] + 1 if len(stretch) else 0)
    ]


def _calibration(path: Path) -> dict[int, Camera]:
    """The cameras of a calibration file; none where there is no such file."""
    if not path.is_file():
        return {}
    with reading("a camera.calibration of MPI-INF-3DHP", path):
        words = path.read_text("utf-8-sig", errors="replace").split()
        starts = [place for place, word in enumerate(words) if word == "name"]
        cameras = {}
        for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
            told = words[start:end]
            k = np.array(_after(told, "intrinsic", 16)).reshape(4, 4)
            place = np.array(_after(told, "extrinsic", 16)).reshape(4, 4)
            width, height = _after(told, "size", 2)
            move = place[:3, 3] * METRES["mm"]
            camera = camera_of(k[:3, :3], (width, height), place[:3, :3], move)
            cameras[int(told[1])] = with_world(camera, "y")
        return cameras


def _after(words: list[str], keyword: str, count: int) -> list[float]:
    """The numbers that follow a keyword."""
    start = words.index(keyword) + 1
    return [float(word) for word in words[start : start + count]]
