"""CMU Panoptic: body joints of several people in a dome of cameras."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..camera import Camera
from ..clip import Clip
from ..errors import DataError, SettingsError
from ..motion import Motion
from ..skeletons import PANOPTIC_19
from .calibration import camera_of, with_world
from .motion_axes import METRES, to_z_up
from .posed_clip import Take, entries, items, motion_of, points, views
from .reading import read_json, reading

BODIES = "hdPose3d_stage1_coco19"
FRAME = re.compile(r"body3DScene_(\d{1,9})\.json$")
UP = "-y"
SEEN = 0.1
"""Joints with a lower score are not seen."""
FARTHEST = 1e6
"""Centimetres; what lies further away is no joint."""
LICENCE = "CMU Panoptic: research only, non-commercial"


@registry.reader("panoptic")
@dataclass(frozen=True)
class Panoptic:
    """CMU Panoptic: 19 body joints of each person, seen by the cameras of the dome.

    Layout: sequence folders with `calibration_<sequence>.json` and
    `hdPose3d_stage1_coco19/body3DScene_%08d.json`. `root` is one of them or the folder above. A
    clip for each camera and person, named by the body's id; a person who comes and goes is one
    clip with missing frames between.
    Units: centimetres; 29.97 frames a second.
    Axes: the file's world has y down; ours has z up.
    Joints: "panoptic19"; a joint with a score below 0.1 is missing. Keypoints are projected.
    Example: crosslift convert panoptic 171204_pose1 STORE --cameras 00_00 00_12 --every 3
    """

    cameras: tuple[str, ...] = ()
    """Names such as 00_12 (panel and node); all HD cameras unless given."""
    motions: bool = False
    """Motions in the world instead: one for each person."""
    every: int = 1
    """One frame in so many."""
    fps: float = 29.97
    """Frames a second of the files, before `every`."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One sequence after the other, and of each one person after the other."""
        if self.every < 1 or self.fps <= 0:
            raise SettingsError(
                "--every and --fps take numbers above 0; leave them out for 1, 29.97."
            )
        folders = [root, *sorted(path for path in root.glob("*") if path.is_dir())]
        found = [folder for folder in folders if (folder / BODIES).is_dir()]
        if not found:
            raise DataError(
                f'"{root}" should be a sequence with the folder {BODIES}, or hold such sequences, '
                "but does not; unpack hdPose3d_stage1_coco19.tar first."
            )
        for folder in found:
            with reading("a sequence of CMU Panoptic", folder):
                yield from self._sequence(folder)

    def _sequence(self, folder: Path) -> Iterator[Clip | Motion]:
        name = folder.resolve().name
        cameras = {} if self.motions else self._cameras(folder / f"calibration_{name}.json")
        frames = _frames(folder / BODIES)[:: self.every]
        for person, body in _people([path for _, path in frames]).items():
            take = Take(
                f"panoptic/{name}/{person}",
                self.fps / self.every,
                {"subject": f"{name}/{person}", "action": _action(name), "recording": name},
                {"format": "panoptic", "file": name, "licence": LICENCE},
            )
            motion = motion_of(take, PANOPTIC_19, body.positions)
            if self.motions:
                yield motion
                continue
            numbers = [number for number, _ in frames[body.first : body.first + len(motion)]]
            times = _times(numbers, self.every, self.fps)
            for clip in views(motion, cameras):
                yield replace(clip, person=person, times=times)

    def _cameras(self, path: Path) -> dict[str, Camera]:
        """The chosen cameras, in our world."""
        found = {}
        for held in items(entries(read_json(path), "A calibration")["cameras"], "The cameras"):
            told = entries(held, "A camera")
            name, wanted = str(told["name"]), self.cameras or None
            if name in wanted if wanted else told.get("type") == "hd":
                width, height = told["resolution"]
                move = np.asarray(told["t"], float).ravel() * METRES["cm"]
                found[name] = with_world(
                    camera_of(told["K"], (width, height), told["R"], move, told.get("distCoef")), UP
                )
        for name in self.cameras:
            if name not in found:
                there = ", ".join(found) or "none of those asked for"
                raise DataError(f'"{path.name}" lists no camera "{name}", only {there}.')
        return found


class Body(NamedTuple):
    """Where a person was."""

    first: int
    """The frame of the first row."""
    positions: Float[Tensor, "frames joints 3"]
    """Metres, z up."""


def _action(sequence: str) -> str:
    """The kind of movement in a sequence's name: "haggling" of "170407_haggling_a1"."""
    return sequence.partition("_")[2].partition("_")[0].rstrip("0123456789") or sequence


def _frames(folder: Path) -> list[tuple[int, Path]]:
    """The files of a sequence in the order of their numbers."""
    numbered = ((FRAME.search(path.name), path) for path in folder.rglob("body3DScene_*.json"))
    found = sorted((int(match[1]), path) for match, path in numbered if match is not None)
    if not found:
        raise DataError(
            f'"{folder}" should hold body3DScene_00000000.json and so on, but does not.'
        )
    return found


def _people(files: Sequence[Path]) -> dict[str, Body]:
    """The positions of each person from the first to the last frame in which it is."""
    rows: dict[str, dict[int, np.ndarray]] = {}
    for frame, path in enumerate(files):
        with reading("a frame of CMU Panoptic (json)", path):
            for held in items(entries(read_json(path), "A frame")["bodies"], "The bodies"):
                body = entries(held, "A body")
                rows.setdefault(str(body["id"]), {})[frame] = _joints(body["joints19"])
    people = {}
    for person, there in sorted(rows.items()):
        first, last = min(there), max(there)
        positions = np.full((last - first + 1, len(PANOPTIC_19), 3), np.nan)
        for frame, joints in there.items():
            positions[frame - first] = joints
        what = f'The joints of person "{person}"'
        people[person] = Body(first, points(positions, len(PANOPTIC_19), 3, what))
    return people


def _joints(numbers: Any) -> np.ndarray:
    """The joints of one body in metres, z up; NaN where they are not seen."""
    flat = np.asarray(numbers, float)
    if flat.shape != (len(PANOPTIC_19) * 4,):
        raise DataError(f"A body should have 19 times 4 numbers, but {flat.shape} was found.")
    table = flat.reshape(-1, 4)
    seen = (table[:, 3:] >= SEEN) & (np.abs(table[:, :3]) < FARTHEST)
    return to_z_up(np.where(seen, table[:, :3] * METRES["cm"], np.nan), UP)


def _times(numbers: Sequence[int], every: int, fps: float) -> Float[Tensor, " frames"] | None:
    """Seconds of each frame where files are missing between; None where none is."""
    if numbers[-1] - numbers[0] == every * (len(numbers) - 1):
        return None
    return torch.tensor([(number - numbers[0]) / fps for number in numbers])
