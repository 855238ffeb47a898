"""The motion corpus that the benchmarks use, and anything else in its layout."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import registry
from ..camera import Camera
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeletons import H36M_17
from .calibration import camera_of
from .posed_clip import Take, entries, items, motion_of, plain, points, views
from .reading import read_json, read_npz, reading

LABELS = ("subject", "body", "action", "style", "split", "domain")


@registry.reader("mocap")
@dataclass(frozen=True)
class Mocap:
    """The benchmark corpus: npz files of 17 joints with an index, and camera rigs.

    Layout: a folder with `index.json` (and any other `index*.json`), whose entries name the npz
    file of each clip; an npz holds `xyz` (frames, 17, 3), `unit_m`, `clip_start`, `clip_id`, `fps`.
    `root` is the folder or one npz file in it.
    Units: `xyz` counts `unit_m` metres (0.0005); 30 frames a second.
    Axes: a right-handed world, z up; the rig's cameras are x right, y down, z forward.
    Joints: "h36m17", all of them there; neck, nose and head are estimates.
    Example: crosslift convert mocap data/mocap STORE --rig data/mocap/rig_target.json
    """

    rig: Path | None = None
    """Cameras, as a rig json file: a clip for each; without it, motions in the world."""
    file: tuple[str, ...] = ()
    """Only these npz files, such as "source_val.npz"."""
    split: tuple[str, ...] = ()
    """Only these splits: train, val."""
    domain: tuple[str, ...] = ()
    """Only these domains: source, target."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """The clips of one npz file after the other."""
        cameras, name = None, ""
        if self.rig is not None:
            with reading("a rig of cameras (json)", self.rig):
                name, cameras = read_rig(self.rig)
        for path, chosen in self.selected(root).items():
            with reading("an npz file of the corpus", path):
                for motion in _motions(path, chosen):
                    if cameras is None:
                        yield motion
                    else:
                        told = {**motion.provenance, "rig": name}
                        yield from views(replace(motion, provenance=told), cameras)

    def selected(self, root: Path) -> dict[Path, list[dict[str, Any]]]:
        """The entries of the index that were asked for, by their file."""
        folder, only = (root.parent, {root.name}) if root.is_file() else (root, set(self.file))
        indices = sorted(folder.glob("index*.json"))
        if not indices:
            raise DataError(
                f'"{folder}" should hold the index.json of the corpus, but does not; name the '
                "folder with the npz files and their index."
            )
        wanted = {"file": only, "split": set(self.split), "domain": set(self.domain)}
        found: dict[Path, list[dict[str, Any]]] = {}
        for index in indices:
            with reading("an index of the corpus (json)", index):
                for entry in items(entries(read_json(index), "The index")["clips"], "The clips"):
                    clip = entries(entry, "A clip of the index")
                    if all(clip[key] in some for key, some in wanted.items() if some):
                        found.setdefault(_beside(folder, clip["file"]), []).append(clip)
        if not found:
            choice = ", ".join(f"{key} {', '.join(sorted(v))}" for key, v in wanted.items() if v)
            raise DataError(
                f'The index in "{folder}" lists no clip of {choice or "any kind"}; see '
                "`crosslift info` for what it lists."
            )
        return found


def _beside(folder: Path, name: Any) -> Path:
    if not isinstance(name, str) or Path(name).name != name:
        raise DataError(f"A clip's file should be a name in the same folder, but is {name!r}.")
    return folder / name


def _motions(path: Path, chosen: list[dict[str, Any]]) -> Iterator[Motion]:
    """The chosen clips of a file."""
    held = read_npz(path)
    where = {str(name): place for place, name in enumerate(held["clip_id"].tolist())}
    starts = plain(held["clip_start"], "clip_start").astype(int)
    unit, fps = float(held["unit_m"]), float(held["fps"])
    xyz = plain(held["xyz"], "xyz")
    if len(starts) != len(where) + 1 or (np.diff(starts, prepend=0) < 0).any():
        raise DataError(f"{len(where)} clips need {len(where) + 1} rising limits in clip_start.")
    if starts[-1] > len(xyz):
        raise DataError(f"clip_start ends at {starts[-1]}, but xyz has {len(xyz)} frames.")
    for clip in chosen:
        if str(clip["id"]) not in where:
            raise DataError(f'The index lists the clip "{clip["id"]}", which the file lacks.')
        place = where[str(clip["id"])]
        part = xyz[starts[place] : starts[place + 1]]
        positions = points(part, len(H36M_17), 3, f'The clip "{clip["id"]}"', unit)
        yield motion_of(_take(clip, path, fps), H36M_17, positions)


def _take(clip: Mapping[str, Any], path: Path, fps: float) -> Take:
    labels = {key: str(clip[key]) for key in LABELS if key in clip}
    provenance = {
        "format": "mocap",
        "file": path.name,
        "source": str(clip.get("source", "")),
        "licence": str(clip.get("licence", "")),
    }
    return Take(
        f"mocap/{clip['id']}", fps, {**labels, "recording": str(clip.get("clip", ""))}, provenance
    )


def read_rig(path: Path) -> tuple[str, dict[str, Camera]]:
    """The name of a rig, and its cameras by name."""
    rig = entries(read_json(path), "A rig")
    cameras = {}
    for camera in items(rig["cameras"], "The cameras of a rig"):
        told = entries(camera, "A camera of a rig")
        (fx, fy), (cx, cy) = told["focal"], told["centre"]
        k1, k2, k3 = told.get("radial", (0, 0, 0))
        cameras[str(told["id"])] = camera_of(
            [[fx, 0, cx], [0, fy, cy], [0, 0, 1]],
            (told["width"], told["height"]),
            told["R"],
            told["t"],
            (k1, k2, *told.get("tangential", (0, 0)), k3),
        )
    return str(rig.get("name", path.stem)), cameras
