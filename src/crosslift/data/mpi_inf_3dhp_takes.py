"""MPI-INF-3DHP's recordings, whatever file they come from: kinds, names, rates, clips, checks."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..camera import Camera, pinhole, project
from ..cameras_h36m import MPI_INF_3DHP_TEST, mpi_inf_3dhp_camera
from ..clip import Clip
from ..errors import DataError, unknown_name
from ..skeleton import Skeleton
from ..skeletons import MPI_INF_3DHP_17
from .calibration import around, fitted_camera
from .motion_axes import METRES
from .posed_clip import Take, plain, points, posed_clip

Annotation = Literal["annot3", "univ_annot3"]
"""Poses in true size, or scaled so that all people have one stature."""

LICENCE = "MPI-INF-3DHP: registration, research only, no redistribution"
KEPT = {
    "S1": ((6416, 25), (12430, 50)),
    "S2": ((6502, 25), (6081, 25)),
    "S3": ((12488, 50), (12283, 50)),
    "S4": ((6171, 25), (6675, 25)),
    "S5": ((12820, 50), (12312, 50)),
    "S6": ((6188, 25), (6145, 25)),
    "S7": ((6239, 25), (6320, 25)),
    "S8": ((6468, 25), (6054, 25)),
}
"""For each subject, of Seq1 and Seq2: how many frames have video, and the frames a second."""
TRAINING_SIZE = (2048, 2048)
TRAINING_FOCAL = 1497.0
"""Pixels, nearly, of all of the studio's cameras."""
TEST_FPS = 25.0
ACTIVITIES = ("Standing/Walking", "Exercising", "Sitting", "Reaching/Crouching", "On The Floor",
              "Sports", "Miscellaneous")  # fmt: skip
STUDIO_TESTS = ("TS1", "TS2", "TS3", "TS4")
OFF, EXACT = 5.0, 1.0
"""Pixels: poses further from their keypoints are not in true size, nearer ones are."""


def take_of(
    name: str, fps: float, labels: dict[str, str], annotation: str, **provenance: str
) -> Take:
    """What is said of a recording; `annotation` is kept by name."""
    return Take(
        f"mpi_inf_3dhp/{name}",
        fps,
        {**labels, "annotation": annotation},
        {
            **provenance,
            "annotation": annotation,
            "keypoints_from": "annot2",
            "licence": LICENCE,
        },
    )


def labels_of_training(subject: str, sequence: str, camera: str | int) -> dict[str, str]:
    """What a selection of training sequences goes by."""
    return {
        "subject": subject,
        "recording": sequence,
        "camera": str(camera),
        "split": "train",
    }


def kept(subject: str, sequence: str) -> tuple[int, float]:
    """How many frames of a training sequence are used, and their rate."""
    if subject not in KEPT or sequence not in ("Seq1", "Seq2"):
        raise DataError(
            unknown_name(
                "training sequence of MPI-INF-3DHP",
                f"{subject} {sequence}",
                [f"{known} Seq{number}" for known in KEPT for number in (1, 2)],
            )
        )
    frames, fps = KEPT[subject][["Seq1", "Seq2"].index(sequence)]
    return frames, float(fps)


def clip_of_test(
    take: Take,
    keypoints: Any,
    poses: Any,
    valid: Any,
    *,
    nominal: bool = False,
) -> Clip:
    """A test sequence of 17 joints; frames that are not valid have keypoints but no poses."""
    sequence = take.labels["subject"]
    if sequence not in MPI_INF_3DHP_TEST:
        raise DataError(unknown_name("test sequence of MPI-INF-3DHP", sequence, MPI_INF_3DHP_TEST))
    joints = len(MPI_INF_3DHP_17)
    pixels = points(keypoints, joints, 2, f"annot2 of {sequence}")
    truth = points(poses, joints, 3, f"The poses of {sequence}", METRES["mm"])
    counts = torch.from_numpy(plain(valid, "The marks of valid frames").ravel() == 1)
    if not len(pixels) == len(truth) == len(counts):
        raise DataError(
            f"{sequence} has {len(pixels)} frames of keypoints, {len(truth)} of poses and "
            f"{len(counts)} marks of valid ones; these numbers should agree."
        )
    return posed_clip(
        take,
        MPI_INF_3DHP_17,
        mpi_inf_3dhp_camera(sequence, nominal=nominal),
        poses=torch.where(counts[:, None, None], truth, torch.nan),
        keypoints=pixels,
    )


def chosen_frames(clip: Clip, frames: Bool[Tensor, " frames"]) -> Clip:
    """The clip with some of its frames, the gaps closed."""
    return replace(
        clip,
        keypoints=clip.keypoints[frames],
        scores=clip.scores[frames],
        observed=clip.observed[frames],
        poses=None if clip.poses is None else clip.poses[:, frames],
        times=None if clip.times is None else clip.times[frames],
    )


def clip_of_training(
    take: Take,
    skeleton: Skeleton,
    keypoints: Float[Tensor, "frames joints 2"],
    poses: Float[Tensor, "frames joints 3"],
    camera: Camera | None = None,
) -> Clip:
    """A training sequence; its camera is estimated from both unless given."""
    if camera is None:
        camera = fitted_camera(poses, keypoints, TRAINING_SIZE, around(TRAINING_FOCAL, 0.1))
    if camera is None:
        camera = pinhole(TRAINING_FOCAL, TRAINING_SIZE, focal_from="assumed")
    return posed_clip(take, skeleton, camera, poses=poses, keypoints=keypoints)


def reprojection_error(
    poses: Float[Tensor, "frames joints 3"],
    keypoints: Float[Tensor, "frames joints 2"],
    focal: float,
) -> float:
    """Median distance in pixels of keypoints from poses, as a camera of about that focal sees them.

    The focal length may be off by one in a hundred: more would let a rescaled body pass for a
    nearer one.
    """
    every = max(len(poses) // 500, 1)
    poses, keypoints = poses[::every], keypoints[::every]
    camera = fitted_camera(poses, keypoints, TRAINING_SIZE, around(focal, 0.01))
    if camera is None:
        return float("nan")
    return float((project(poses, camera) - keypoints).norm(dim=-1).nanmedian())


def check_kind(annotation: str, errors: Mapping[str, float], people: int) -> None:
    """Refuse a kind of annotation that the poses cannot be.

    Poses in true size lie where the keypoints are, poses of a universal size do not (unless a
    person happens to be of that size, which cannot hold for several).

    Args:
        errors: The reprojection error of each sequence.
        people: How many different people there are.
    """
    known = {name: error for name, error in errors.items() if math.isfinite(error)}
    if not known:
        return
    worst = max(known, key=lambda name: known[name])
    if annotation == "annot3" and known[worst] > OFF:
        raise DataError(
            f"Poses of the kind annot3 (true size) lie on their keypoints, but those of {worst} "
            f"are {known[worst]:.0f} pixels off, as poses of a universal size are; give "
            "--annotation univ_annot3, or --no-checked to take the file's word."
        )
    if annotation == "univ_annot3" and people > 1 and known[worst] < EXACT:
        raise DataError(
            "Poses of the kind univ_annot3 (one size for all) do not lie on their keypoints, but "
            f"all of these do, within {known[worst]:.1g} pixels; give --annotation annot3, or "
            "--no-checked to take the file's word."
        )
