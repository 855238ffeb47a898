"""CMU Panoptic with its pictures, the frames and cameras that L2D-Pose takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera, project, world_to_camera
from ..clip import Clip
from ..errors import DataError, SettingsError
from ..skeletons import PANOPTIC_15, PANOPTIC_19
from .calibration import camera_of, with_world
from .images_convert import Pictured, pictured
from .images_crop import box_of
from .motion_axes import METRES, to_z_up
from .panoptic import BODIES, FARTHEST, FRAME, LICENCE, SEEN, UP
from .posed_clip import Take, entries, items, points, posed_clip
from .reading import read_json, reading

FPS = 29.97
CAMERAS = ("00_03", "00_06", "00_12", "00_13", "00_23")
SPLITS = {
    **dict.fromkeys(
        ("171204_pose1", "171204_pose2", "171204_pose3", "171026_pose1", "171026_pose2",
         "171026_cello3", "161029_piano3", "161029_piano4", "170407_office2"), "train"
    ),
    **dict.fromkeys(("171026_pose3", "161029_piano2", "170915_office1"), "test"),
}  # fmt: skip
"""The sequences of the publication."""


@dataclass(frozen=True)
class PanopticImages:
    """CMU Panoptic's pictures of single people with their joints.

    Layout: `<sequence>/hdPose3d_stage1_coco19/body3DScene_%08d.json`,
    `<sequence>/calibration_<sequence>.json`, `<sequence>/hdImgs/PP_NN/PP_NN_%08d.jpg`. `root` is a
    sequence or the folder above. A clip for each sequence and camera.
    Units: centimetres, y down; metres come out in the camera's frame.
    Joints: "panoptic15"; a joint is seen where its score is above 0.1 and it is in the picture.
    Only frames with exactly one body whose pelvis is seen and in the picture.
    """

    cameras: tuple[str, ...] = CAMERAS
    """Panel and node of each camera."""
    every: int = 15
    """One frame in so many."""
    keep: bool = True
    """Keep the part of each picture about the person in the store; otherwise where its file is."""

    def __post_init__(self) -> None:
        if self.every < 1:
            raise SettingsError(
                f"--every takes a number from 1 upwards, but {self.every} was given."
            )

    def read(self, root: Path) -> Iterator[Pictured]:
        """One sequence after the other, and of each one camera after the other."""
        folders = [root, *sorted(path for path in root.glob("*") if path.is_dir())]
        found = [folder for folder in folders if (folder / BODIES).is_dir()]
        if not found:
            raise DataError(
                f'"{root}" should be a sequence with the folder {BODIES}, or hold such sequences, '
                "but does not; unpack hdPose3d_stage1_coco19.tar first."
            )
        for folder in found:
            with reading("a sequence of CMU Panoptic", folder):
                seen = list(self._sequence(folder))
            for clip, files in seen:
                boxes = box_of(clip.keypoints, clip.camera.size)
                shown = pictured(clip, files, boxes, keep=self.keep)
                if shown is not None:
                    yield shown

    def _sequence(self, folder: Path) -> Iterator[tuple[Clip, list[Path]]]:
        """What each camera saw of a sequence, and the pictures' files."""
        name = folder.resolve().name
        told = entries(read_json(folder / f"calibration_{name}.json"), "A calibration")
        cameras = {str(each["name"]): each for each in items(told["cameras"], "The cameras")}
        alone = _alone(folder / BODIES, self.every)
        for camera in self.cameras:
            if camera not in cameras:
                raise DataError(f'The calibration of {name} lists no camera "{camera}".')
            if alone.numbers:
                clip, numbers = _seen(name, camera, _camera(cameras[camera]), alone)
                folder_of = folder / "hdImgs" / camera
                if numbers:
                    yield clip, [folder_of / f"{camera}_{number:08d}.jpg" for number in numbers]


def _seen(sequence: str, name: str, camera: Camera, alone: "_Alone") -> tuple[Clip, list[int]]:
    """The frames whose pelvis is in the picture of a camera, and their numbers."""
    poses = world_to_camera(alone.positions, camera)
    keypoints = project(poses, camera)
    inside = ((keypoints >= 0) & (keypoints < camera.size)).all(dim=-1)
    there = inside[:, PANOPTIC_15.root].nonzero()[:, 0]
    numbers = [alone.numbers[row] for row in there.tolist()]
    labels = {"subject": sequence, "recording": sequence, "camera": name}
    if sequence in SPLITS:
        labels["split"] = SPLITS[sequence]
    told = {"format": "panoptic-images", "licence": LICENCE, "keypoints_from": "projection"}
    take = Take(f"panoptic/{sequence}/{name}", FPS / alone.every, labels, told)
    clip = posed_clip(
        take, PANOPTIC_15, camera, poses=poses[there], keypoints=keypoints[there],
        scores=inside[there].float(),
        times=torch.tensor([(number - numbers[0]) / FPS for number in numbers]),
    )  # fmt: skip
    return clip, numbers


class _Alone(NamedTuple):
    """Frames in which exactly one person is."""

    every: int
    """One frame in so many was looked at."""
    numbers: list[int]
    positions: Float[Tensor, "frames 15 3"]
    """Metres, z up; NaN where a joint is not seen."""


def _alone(folder: Path, every: int) -> _Alone:
    """One frame in so many, if it has one body with a pelvis."""
    numbered = ((FRAME.search(path.name), path) for path in folder.rglob("body3DScene_*.json"))
    files = sorted((int(match[1]), path) for match, path in numbered if match is not None)
    numbers, rows = [], []
    for number, path in files[::every]:
        with reading("a frame of CMU Panoptic (json)", path):
            bodies = items(entries(read_json(path), "A frame")["bodies"], "The bodies")
            joints = _joints(bodies[0]) if len(bodies) == 1 else None
        if joints is not None and np.isfinite(joints[PANOPTIC_15.root]).all():
            numbers.append(number)
            rows.append(joints)
    table = np.array(rows).reshape(-1, len(PANOPTIC_15), 3)
    return _Alone(every, numbers, points(table, len(PANOPTIC_15), 3, "The joints"))


def _joints(held: Any) -> np.ndarray:
    """The 15 joints of a body in metres, z up; NaN where they are not seen."""
    flat = np.asarray(entries(held, "A body")["joints19"], float)
    if flat.shape != (len(PANOPTIC_19) * 4,):
        raise DataError(f"A body should have 19 times 4 numbers, but {flat.shape} was found.")
    table = flat.reshape(-1, 4)[: len(PANOPTIC_15)]
    seen = (table[:, 3:] > SEEN) & (np.abs(table[:, :3]) < FARTHEST)
    return to_z_up(np.where(seen, table[:, :3] * METRES["cm"], np.nan), UP)


def _camera(told: Any) -> Camera:
    """A camera of the calibration, in our world."""
    held = entries(told, "A camera")
    width, height = held["resolution"]
    move = np.asarray(held["t"], float).ravel() * METRES["cm"]
    return with_world(
        camera_of(held["K"], (width, height), held["R"], move, held.get("distCoef")), UP
    )
