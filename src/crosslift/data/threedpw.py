"""3DPW: people out of doors before a camera that is carried around."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .. import registry
from ..camera import Camera, world_to_camera
from ..clip import Clip
from ..errors import DataError
from ..importer import read_pickle
from ..skeletons import OPENPOSE_18, SMPL_24
from .calibration import camera_of, camera_path, with_world
from .posed_clip import Take, entries, items, plain, points, posed_clip
from .reading import reading

FPS = 30.0
SPLITS = ("train", "validation", "test")
LICENCE = "3DPW: non-commercial, no redistribution"
Axis = Literal["x", "-x", "y", "-y", "z", "-z"]


@registry.reader("threedpw")
@dataclass(frozen=True)
class ThreeDPW:
    """3DPW's sequence files: SMPL's joints and a moving camera.

    Layout: `sequenceFiles/{train,validation,test}/<sequence>.pkl`, pickles of Python 2 with, for
    each person, `jointPositions` (frames, 72), `poses2d` (frames, 3, 18), `campose_valid`, and for
    all `cam_poses` (frames, 4, 4) and `cam_intrinsics`. `root` is a folder above them or one file.
    One clip a person; in frames whose camera is not valid nothing is known.
    Units: metres and pixels; 30 frames a second. The pictures are 1920 by 1080 or 1080 by 1920,
    which the principal point tells.
    Axes: `cam_poses` take the world to the camera; the camera is one for each frame.
    Joints: "smpl24" with projected keypoints, or "openpose18" of `poses2d`, without poses. The 14
    joints of published figures need the SMPL body model and are not here.
    Example: crosslift convert threedpw 3DPW STORE
    """

    keypoints: Literal["projected", "poses2d"] = "projected"
    """Where SMPL's joints are seen, with their poses; or the detections, as they are."""
    up: Axis | None = None
    """What points upwards in the world of the files; the axis along which people stand if not
    given."""

    def read(self, root: Path) -> Iterator[Clip]:
        """One sequence after the other, and of each one person after the other."""
        paths = [root] if root.is_file() else sorted(root.rglob("*.pkl"))
        if not paths:
            raise DataError(
                f'"{root}" should hold sequenceFiles/train/*.pkl and so on, but holds no pkl; name '
                "the folder of 3DPW."
            )
        for path in paths:
            with reading("a sequence file of 3DPW (pkl)", path):
                with path.open("rb") as file:
                    held = entries(read_pickle(file), "A sequence")
                yield from self._people(held, path)

    def _people(self, held: dict[Any, Any], path: Path) -> Iterator[Clip]:
        for person, joints in enumerate(items(held["jointPositions"], "jointPositions")):
            rows = plain(joints, "jointPositions")
            world = points(rows.reshape(len(rows), -1, 3), 24, 3, "jointPositions")
            valid = _valid(items(held["campose_valid"], "campose_valid")[person], len(world))
            camera = _cameras(held, valid)
            up = self.up or _upwards(world)
            take = _take(str(held.get("sequence", path.stem)), person, path, self.keypoints)
            if self.keypoints == "poses2d":
                detections = held["poses2d"] if "poses2d" in held else held["poses2D"]
                rows = plain(items(detections, "poses2d")[person], "poses2d")
                seen = points(rows.swapaxes(-1, -2), 18, 3, "poses2d")
                yield posed_clip(
                    take,
                    OPENPOSE_18,
                    with_world(camera, up),
                    keypoints=seen[..., :2].contiguous(),
                    scores=seen[..., 2].contiguous(),
                    person=str(person),
                )
                continue
            poses = torch.where(valid[:, None, None], world_to_camera(world, camera), torch.nan)
            yield posed_clip(take, SMPL_24, with_world(camera, up), poses=poses, person=str(person))


def _take(sequence: str, person: int, path: Path, keypoints: str) -> Take:
    labels = {
        "subject": f"{sequence}/{person}",
        "recording": sequence,
        "action": sequence.partition("_")[2].rstrip("_0123456789") or sequence,
    }
    if path.parent.name in SPLITS:
        labels["split"] = path.parent.name
    provenance = {
        "format": "threedpw",
        "file": path.name,
        "keypoints_from": {"projected": "projection"}.get(keypoints, "openpose"),
        "licence": LICENCE,
    }
    return Take(f"3dpw/{sequence}/{person}", FPS, labels, provenance)


def _valid(values: Any, frames: int) -> Bool[Tensor, " frames"]:
    marks = plain(values, "campose_valid").ravel() != 0
    if len(marks) != frames:
        raise DataError(f"{frames} frames have {len(marks)} marks in campose_valid.")
    return torch.from_numpy(marks)


def _cameras(held: dict[Any, Any], valid: Bool[Tensor, " frames"]) -> Camera:
    """The camera of each frame; one at the origin where it is not valid."""
    placed = plain(held["cam_poses"], "cam_poses").astype(float)
    if placed.shape != (len(valid), 4, 4) or not len(valid):
        raise DataError(f"{len(valid)} frames have cam_poses of the shape {placed.shape}.")
    placed = np.where(valid.numpy()[:, None, None], placed, np.eye(4))
    k = plain(held["cam_intrinsics"], "cam_intrinsics").astype(float)
    wide = k.shape == (3, 3) and k[0, 2] >= k[1, 2]
    lens = camera_of(k, (1920, 1080) if wide else (1080, 1920))
    return camera_path(lens, placed[:, :3, :3], placed[:, :3, 3])


def _upwards(world: Float[Tensor, "frames 24 3"]) -> str:
    """The axis of the world along which people stand."""
    ankles = world[:, SMPL_24.indices("left_ankle", "right_ankle")].mean(dim=1)
    along = (world[:, SMPL_24.index("head_base")] - ankles).nanmean(dim=0).nan_to_num()
    axis = int(along.abs().argmax()) if bool(along.any()) else 2
    return ("-" if along[axis] < 0 else "") + "xyz"[axis]
