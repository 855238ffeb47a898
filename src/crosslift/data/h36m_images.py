"""Human3.6M with its pictures, as h36m-fetch unpacks them and L2D-Pose reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..camera import Camera
from ..clip import Clip
from ..errors import DataError, SettingsError
from ..importer import read_pickle
from ..skeletons import H36M_17, H36M_32
from .calibration import camera_of
from .h36m_takes import CAMERAS, FPS, SPLITS, canonical, left_out, take_of
from .images_convert import Pictured, pictured, some_frames
from .images_crop import box_of
from .motion_axes import METRES
from .posed_clip import entries, plain, points, posed_clip
from .reading import read_json, reading

ANNOTATIONS, CALIBRATION = "annot.pkl", "camera_parameters.json"
EVERY = {"train": 40, "test": 100}
"""One frame in so many, as published."""


@dataclass(frozen=True)
class H36MImages:
    """Human3.6M's pictures with their 2D and 3D annotations.

    Layout: `S*/<Action-take>/annot.pkl` (`frame`, `camera`, `pose/2d` (rows, 32, 2), `pose/3d`
    (rows, 32, 3)) beside `imageSequence/<camera>/img_%08d.jpg`, and `camera_parameters.json`
    (`intrinsics`, `extrinsics`). Without `camera` the rows are a quarter for each camera, in the
    order of their numbers. `root` is the folder of the subjects. A clip for each take and camera.
    Units: pixels; millimetres in the camera's frame, which come out in metres.
    Joints: "h36m17"; a joint is seen where it is inside the picture.
    Frames whose pelvis is outside the picture, or whose picture has no blue, are left out.
    """

    every: int | None = None
    """One frame in so many of each camera; 40 of training and 100 of test subjects unless given."""
    subjects: tuple[str, ...] = tuple(SPLITS)
    """Whose takes are read."""
    keep: bool = True
    """Keep the part of each picture about the person in the store; otherwise where its file is."""

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise SettingsError(
                f"--every takes a number from 1 upwards, but {self.every} was given."
            )

    def read(self, root: Path) -> Iterator[Pictured]:
        """One take after the other, and of each one camera after the other."""
        with reading("the cameras of Human3.6M (json)", root / CALIBRATION):
            told = entries(read_json(root / CALIBRATION), "The calibration")
        found = [
            path for who in self.subjects for path in sorted(root.glob(f"{who}/*/{ANNOTATIONS}"))
        ]
        if not found:
            raise DataError(
                f'"{root}" should hold S1/Walking-1/{ANNOTATIONS} and so on, but holds none; name '
                "the folder of the subjects."
            )
        for path in found:
            subject, recording = path.parts[-3], path.parts[-2].replace("-", " ")
            if not left_out(subject, canonical(recording)):
                with reading("annotations of Human3.6M (pkl)", path):
                    seen = list(self._take(path, subject, canonical(recording), told))
                for clip, files in seen:
                    boxes = box_of(clip.keypoints, clip.camera.size)
                    shown = pictured(clip, files, boxes, keep=self.keep)
                    if shown is not None:
                        yield shown

    def _take(
        self, path: Path, subject: str, recording: str, told: Any
    ) -> Iterator[tuple[Clip, list[Path]]]:
        """What each camera saw of a take, and the pictures' files."""
        with path.open("rb") as stream:
            held = entries(read_pickle(stream), "The annotations")
        for name in CAMERAS:
            rows = _rows(held, name)[:: self.every or EVERY[SPLITS.get(subject, "train")]]
            if len(rows) == 0:
                continue
            clip = _clip(held, rows, _camera(told, subject, name), subject, recording, name)
            numbers = plain(held["frame"], "The frames")[rows].astype(int)
            inside = clip.observed[:, H36M_17.root].nonzero()[:, 0].tolist()
            folder = path.parent / "imageSequence" / name
            if inside:
                yield some_frames(clip, inside), [_file(folder, int(numbers[i])) for i in inside]


def _rows(held: dict[Any, Any], camera: str) -> np.ndarray:
    """The rows of one camera: those that name it, or the camera's quarter of all."""
    count = len(plain(held["pose/2d"], "The keypoints"))
    if "camera" in held:
        named = [each.decode() if isinstance(each, bytes) else str(each) for each in held["camera"]]
        return np.array([row for row, name in enumerate(named) if name == camera], int)
    share = count // len(CAMERAS)
    first = CAMERAS.index(camera) * share
    return np.arange(first, first + share)


def _clip(
    held: dict[Any, Any], rows: np.ndarray, camera: Camera, subject: str, recording: str, name: str
) -> Clip:
    """The annotated frames of one camera."""
    joints = H36M_32.indices(*H36M_17.joints)
    keypoints = points(plain(held["pose/2d"], "The keypoints")[rows], 32, 2, "The keypoints")[
        :, joints
    ]
    metres = METRES["mm"]
    poses = points(plain(held["pose/3d"], "The poses")[rows], 32, 3, "The poses", metres)[:, joints]
    inside = ((keypoints >= 0) & (keypoints < camera.size)).all(dim=-1)
    take = take_of(subject, recording, name, format="h36m-images", keypoints_from="annotation")
    numbers = plain(held["frame"], "The frames")[rows].astype(float)
    times = torch.tensor((numbers - numbers[0]) / FPS, dtype=torch.float32)
    return posed_clip(
        take, H36M_17, camera, poses=poses, keypoints=keypoints, scores=inside.float(), times=times
    )


def _camera(told: Any, subject: str, name: str) -> Camera:
    """A camera in the subject's world."""
    lens = entries(told["intrinsics"][name], "A camera's intrinsics")
    place = entries(told["extrinsics"][subject][name], "A camera's extrinsics")
    move = np.asarray(place["t"], float).ravel() * METRES["mm"]
    size = (lens["width"], lens["height"])
    return camera_of(lens["K"], size, place["R"], move, lens.get("distCoef"))


def _file(folder: Path, number: int) -> Path:
    """The picture of a frame; its number has six or eight digits."""
    names = [f"img_{number:08d}.jpg", f"img_{number:06d}.jpg"]
    return next((folder / name for name in names if (folder / name).is_file()), folder / names[0])
