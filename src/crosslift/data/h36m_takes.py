"""Human3.6M's takes, whatever file they come from: names, labels, cameras, clips."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from ..camera import Camera
from ..cameras_h36m import H36M_EXTRINSICS, H36M_INTRINSICS, h36m_camera, unpacked
from ..clip import Clip
from ..errors import DataError, unknown_name
from ..motion import Motion
from ..skeletons import H36M_16, H36M_17, H36M_32
from .posed_clip import Seen, Take, detected_clip, motion_of, points, views

FPS = 50.0
LICENCE = "Human3.6M: registration, academic use only, no redistribution"
CAMERAS = tuple(H36M_INTRINSICS)
SPLITS = {"S1": "train", "S5": "train", "S6": "train", "S7": "train", "S8": "train",
          "S9": "test", "S11": "test"}  # fmt: skip
TARGETS = {"h36m16": H36M_16, "mpii16": H36M_16}
"""The joints of clips whose keypoints are in these skeletons, if not the 17."""
RENAMED = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}


def canonical(recording: str) -> str:
    """A recording's published name, "Photo 1", of the originals' "TakingPhoto_1"."""
    action, *number = recording.replace("_", " ").split(" ")
    return " ".join([RENAMED.get(action, action), *number])


def left_out(subject: str, recording: str) -> bool:
    """Whether published work leaves a recording out: one video of S11's first take is corrupt."""
    return (subject, recording) == ("S11", "Directions")


def take_of(subject: str, recording: str, camera: str | None = None, **provenance: str) -> Take:
    """What is said of a recording, seen by a camera or in the world."""
    labels = {"subject": subject, "action": recording.partition(" ")[0], "recording": recording}
    if subject in SPLITS:
        labels["split"] = SPLITS[subject]
    name = f"h36m/{subject}/{recording}"
    if camera is not None:
        name, labels = f"{name}/{camera}", {**labels, "camera": camera}
    return Take(name, FPS, labels, {**provenance, "licence": LICENCE})


def motion_of_32(take: Take, values: Any, scale: float = 1.0) -> Motion:
    """The 32 joints in the world; `scale` is metres of the file's unit."""
    positions = points(values, len(H36M_32), 3, f'The positions of "{take.name}"', scale)
    return motion_of(take, H36M_32, positions)


def motion_or_views(motion: Motion, keypoints: str) -> Iterator[Motion | Clip]:
    """A recording's 32 joints in the world, or 17 of them as each of the four cameras sees them.

    Args:
        keypoints: "none" for the world, "projected" for the cameras.
    """
    if keypoints == "none":
        yield motion
        return
    cameras = {name: camera_of(motion.labels["subject"], name) for name in CAMERAS}
    chosen = motion.positions[:, H36M_32.indices(*H36M_17.joints)]
    yield from views(replace(motion, skeleton=H36M_17, positions=chosen), cameras)


def camera_of(subject: str, camera: str) -> Camera:
    """A subject's camera; at the origin for S2, S3 and S4, where its place is not published."""
    if camera not in CAMERAS:
        raise DataError(unknown_name("camera of Human3.6M", camera, CAMERAS))
    if subject in H36M_EXTRINSICS:
        return h36m_camera(subject, camera)
    lens = H36M_INTRINSICS[camera]
    numbers = (*lens.focal, *lens.centre, *lens.radial, *lens.tangential)
    return unpacked(torch.tensor(numbers), lens.size)


def detection(take: Take, seen: Seen, motion: Motion | None) -> Clip:
    """What a detector found of a recording, with its poses in Human3.6M's 17 or 16 joints."""
    camera = camera_of(take.labels["subject"], take.labels["camera"])
    return detected_clip(take, camera, seen, motion, TARGETS.get(seen.skeleton.name, H36M_17))
