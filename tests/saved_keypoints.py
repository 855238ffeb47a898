"""What other tools write of somebody who walks, for the pages that tell how to lift it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from crosslift.clip import Clip, unlabelled
from crosslift.data.clip_file import write_clip
from crosslift.export.videopose3d import VideoPose3D
from crosslift.filling import filled_from_body
from crosslift.mapping import mapped

from .data.samples import h36m
from .people import seen_walker
from .stores import stored

SIZE = (1920, 1080)
LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
PARTS = ("nose", *(f"{side}_{limb}" for side in ("left", "right") for limb in LIMBS))
"""What somebody who labels by hand may choose."""


@cache
def walk(skeleton: str) -> Clip:
    """Somebody who walks, seen without error; joints that the made-up body lacks lie near by."""
    clip = mapped(unlabelled(seen_walker(0.6)), skeleton)
    return replace(
        clip,
        name="walk",
        keypoints=filled_from_body(clip.keypoints, clip.skeleton),
        scores=torch.full_like(clip.scores, 0.9),
        observed=torch.ones_like(clip.observed),
    )


def places(skeleton: str, joints: tuple[str, ...] = ()) -> np.ndarray:
    """x, y and score: frames, joints, 3."""
    clip = walk(skeleton)
    xy = clip.keypoints.numpy().astype(float)
    found = np.concatenate([xy, np.full((*xy.shape[:2], 1), 0.9)], axis=-1)
    return found[:, list(clip.skeleton.indices(*joints))] if joints else found


def openpose(folder: Path) -> None:
    """Folders of a file a frame, in pixels and in fractions of the picture."""
    for name, scale in (("output_json", 1.0), ("normalised", 1 / np.array([1919, 1079, 1]))):
        (folder / name).mkdir()
        for number, points in enumerate(places("body25") * scale):
            people = [{"person_id": [-1], "pose_keypoints_2d": points.ravel().tolist()}]
            dump(folder / name / f"walk_{number:012d}_keypoints.json", {"people": people})


def alphapose(folder: Path) -> None:
    """One list."""
    entries = [
        {"image_id": f"{number}.jpg", "category_id": 1, "keypoints": points.ravel().tolist(),
         "score": 2.7, "idx": 1}
        for number, points in enumerate(places("coco17"))
    ]  # fmt: skip
    dump(folder / "alphapose-results.json", entries)


def coco(folder: Path) -> None:
    """Annotations, and a detector's results."""
    people = [
        {"image_id": number, "category_id": 1, "keypoints": points.ravel().tolist(), "score": 0.9}
        for number, points in enumerate(places("coco17") * (1, 1, 2 / 0.9))
    ]
    images = [
        {"id": number, "file_name": f"{number:06d}.jpg", "width": SIZE[0], "height": SIZE[1]}
        for number in range(len(people))
    ]
    joints = {"id": 1, "name": "person", "keypoints": list(walk("coco17").skeleton.joints)}
    told = {"images": images, "annotations": people, "categories": [joints]}
    dump(folder / "person_keypoints.json", told)
    dump(folder / "results.json", people)


def mmpose(folder: Path) -> None:
    """A video's predictions."""
    (folder / "predictions").mkdir()
    frames = [
        {"frame_id": number, "instances": [{"keypoints": points[:, :2].tolist(),
                                            "keypoint_scores": points[:, 2].tolist()}]}
        for number, points in enumerate(places("coco17"))
    ]  # fmt: skip
    dump(folder / "predictions" / "walk.json", frames)


def deeplabcut(folder: Path) -> None:
    """Tables of a project with usual names, and of one with its own."""
    own = {"hip": "HJC", "shoulder": "SJC"}
    for name, table in (("walkDLC", {}), ("labDLC", own)):
        parts = [called(part, table, "{side}{word}") for part in PARTS]
        points = places("coco17", PARTS)
        columns = [(part, axis) for part in parts for axis in ("x", "y", "likelihood")]
        heads = [
            ["scorer", *("DLC" for _ in columns)],
            ["bodyparts", *(part for part, _ in columns)],
            ["coords", *(axis for _, axis in columns)],
        ]
        body = [[str(number), *map(str, row.ravel())] for number, row in enumerate(points)]
        lines = (",".join(row) for row in [*heads, *body])
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def sleap(folder: Path) -> None:
    """Analysis files of a project with usual names, and of one with its own."""
    for name, table in (("walk", {}), ("lab", {"hip": "troch"})):
        points = places("coco17", PARTS)[..., :2]
        nodes = [called(part, table, "{word}{side}") for part in PARTS]
        with h5py.File(folder / f"{name}.analysis.h5", "w") as file:
            file["tracks"] = points.transpose(2, 1, 0)[None]
            file["node_names"] = np.array(nodes, "S")
            file["track_names"] = np.array(["anna"], "S")


def called(part: str, table: Mapping[str, str], form: str) -> str:
    """What a project calls a body part: by a table in its own way, else as everybody does."""
    side, _, limb = part.partition("_")
    own = table.get(limb)
    return part if own is None else form.format(side=side[0].upper(), word=own)


def clip(folder: Path) -> None:
    """A file of ours, and a store."""
    write_clip(folder / "walk.clip.safetensors", walk("coco17"))
    stored(folder / "people", [walk("coco17")])


def videopose3d(folder: Path) -> None:
    """Human3.6M's pair, and the file of a video of one's own."""
    (folder / "data").mkdir()
    h36m.write(folder / "data")
    own = replace(walk("coco17"), labels={"subject": "walk.mp4", "action": "custom"})
    VideoPose3D(keypoints="walk").write(own, folder / "custom.npz")


def arrays() -> dict[str, Any]:
    """What is in somebody's Python when they save it."""
    points = places("coco17")
    fractions = places("mediapipe33") / (*SIZE, 1)
    return {
        "keypoints": points[..., :2],
        "scores": points[..., 2],
        "joints": walk("coco17").skeleton.joints,
        "landmarks": np.insert(fractions, 2, 0.0, axis=-1),
    }


def nothing(folder: Path) -> None:
    """No file: the page says how to write one."""


FILES: Mapping[str, Callable[[Path], None]] = {
    "alphapose": alphapose,
    "clip": clip,
    "coco": coco,
    "csv": nothing,
    "deeplabcut": deeplabcut,
    "mediapipe": nothing,
    "mmpose": mmpose,
    "npz": nothing,
    "openpose": openpose,
    "sleap": sleap,
    "videopose3d": videopose3d,
}
"""By page."""


def dump(path: Path, content: object) -> None:
    """Write json."""
    path.write_text(json.dumps(content), "utf-8")
