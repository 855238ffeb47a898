"""HumanEva as VideoPose3D packs it: a pair of npz files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .. import registry
from ..camera import Camera
from ..clip import Clip
from ..motion import Motion
from ..skeleton import Skeleton
from ..skeletons import COCO_17
from .calibration import resected_camera
from .keypoints import NOTHING
from .posed_clip import Seen, Take, detected_clip, motion_of, points, seen_of
from .reading import reading
from .videopose_npz import Key, asked_file, by_camera, file_of, read_2d, read_3d

HUMANEVA_15 = Skeleton(
    "humaneva15",
    ("pelvis", "thorax", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder",
     "right_elbow", "right_wrist", "left_hip", "left_knee", "left_ankle", "right_hip",
     "right_knee", "right_ankle", "head"),
    (-1, 0, 1, 2, 3, 1, 5, 6, 0, 8, 9, 0, 11, 12, 1),
)  # fmt: skip
"""The tree is that of public code; that joint 14 is the middle of the head is from memory."""

POSES = "data_3d_humaneva15.npz"
PREFIX = "data_2d_humaneva15_"
FPS = 60.0
SIZE = (640, 480)
LICENCE = "HumanEva: registration, research only"
CAMERAS = ("C1", "C2", "C3")


@registry.reader("humaneva")
@dataclass(frozen=True)
class HumanEva:
    """HumanEva as VideoPose3D's npz pair: ground truth or detected keypoints.

    Layout: a folder with `data_3d_humaneva15.npz` (`positions_3d`: "Train/S1", "Walking 1 chunk0",
    then (frames, 15, 3)) and `data_2d_humaneva15_<keypoints>.npz` (`positions_2d` with three
    cameras each; `metadata`). `root` is the folder or one 2D file in it. "Train", "Validate",
    "Unlabeled" in a subject's name are its split; a chunk is a stretch without gaps in the motion
    capture. Recordings without motion capture are keypoints alone.
    Units: metres and pixels of 640 by 480; 60 frames a second, as public code has it.
    Axes: world z up; poses come out in the camera's frame. The files do not tell the cameras, so
    each subject's are found from its poses in the world and its keypoints: focal length, rotation
    and place of a camera with square pixels, the principal point in the middle of the picture and a
    straight lens (a true principal point 15 pixels beside it turns the camera by about 1.3
    degrees). A camera that cannot be found, without motion capture or because keypoints do not
    agree with it, gives keypoints alone; it is put at the world's origin, along its axes, with a
    focal length of 800 pixels, the picture's diagonal: a field of view of 44 degrees across. The
    provenance says `camera_from` "resection" or "assumed".
    Joints: "humaneva15", or "coco17" of detectors, mapped to it where there are poses and marked.
    Example: crosslift convert humaneva data STORE --keypoints gt
    """

    keypoints: str = "gt"
    """Which 2D file: gt, detectron_pt_coco; "none" gives motions in the world."""
    layout: str | None = None
    """The skeleton of the 2D file, where its metadata does not tell."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One recording and camera after the other."""
        folder, kind = asked_file(root, PREFIX, self.keypoints)
        if kind == "none":
            with reading("the 3D file of HumanEva", folder / POSES):
                for key, values in read_3d(folder / POSES).items():
                    yield _motion(key, values, folder / POSES)
            return
        path = file_of(folder, PREFIX, kind, ("none",))
        world = {key: _motion(key, values, path) for key, values in read_3d(folder / POSES).items()}
        found = read_2d(path, (HUMANEVA_15, COCO_17), self.layout)
        with reading("a 2D file of HumanEva", path):
            seen = {
                (key, camera): seen_of(values, found.skeleton, " ".join((*key, camera)))
                for key, views in found.cameras.items()
                for camera, values in by_camera(CAMERAS, views, key)
            }
            cameras = _cameras(world, seen)
            for (key, name), what in seen.items():
                camera = cameras[_subject(key), name]
                take = _take(key, name, path, kind, "assumed" if camera is None else "resection")
                if camera is None:
                    yield detected_clip(take, NOTHING.camera(SIZE), what, None, HUMANEVA_15)
                else:
                    yield detected_clip(take, camera, what, world.get(key), HUMANEVA_15)


def _motion(key: Key, values: Any, path: Path) -> Motion:
    take = _take(key, None, path)
    return motion_of(take, HUMANEVA_15, points(values, 15, 3, f'The positions of "{take.name}"'))


def _subject(key: Key) -> str:
    return key[0].rpartition("/")[2]


def _take(key: Key, camera: str | None, path: Path, kind: str = "", found: str = "") -> Take:
    """What is said of a recording.

    Args:
        kind: Whose keypoints these are.
        found: How the camera is known.
    """
    split, _, subject = key[0].rpartition("/")
    recording = key[1]
    labels = {
        "subject": subject,
        "action": recording.partition(" ")[0],
        "recording": recording,
        "split": split.lower() or "unlabeled",
    }
    provenance = {"format": "humaneva", "file": path.name, "licence": LICENCE}
    name = f"humaneva/{key[0]}/{recording}"
    if camera is None:
        return Take(name, FPS, labels, provenance)
    provenance |= {"keypoints_from": kind, "camera_from": found}
    return Take(f"{name}/{camera}", FPS, {**labels, "camera": camera}, provenance)


def _cameras(
    world: Mapping[Key, Motion], seen: Mapping[tuple[Key, str], Seen]
) -> dict[tuple[str, str], Camera | None]:
    """The camera of each subject and name, from what it saw of known poses; None if not found."""
    pairs: dict[tuple[str, str], list[tuple[Tensor, Tensor]]] = {}
    for (key, name), what in seen.items():
        met = pairs.setdefault((_subject(key), name), [])
        if key in world:
            met.append(_pair(world[key], what))
    return {which: _camera(met) for which, met in pairs.items()}


def _camera(pairs: Sequence[tuple[Tensor, Tensor]]) -> Camera | None:
    if not pairs:
        return None
    poses, keypoints = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    return resected_camera(poses, keypoints, SIZE)


def _pair(motion: Motion, seen: Seen) -> tuple[Tensor, Tensor]:
    """Positions in the world and keypoints of the joints that both have."""
    frames = min(len(motion), len(seen.keypoints))
    shared = [joint for joint in HUMANEVA_15.joints if joint in seen.skeleton]
    positions = motion.positions[:frames, HUMANEVA_15.indices(*shared)]
    joints = seen.skeleton.indices(*shared)
    keypoints = seen.keypoints[:frames, joints]
    if seen.scores is not None:
        counts = seen.scores[:frames, joints, None] > 0
        keypoints = torch.where(counts, keypoints, torch.nan)
    return positions.flatten(0, 1), keypoints.flatten(0, 1)
