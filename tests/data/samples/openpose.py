"""OpenPose's folder: two people in frames 0 and 2, nobody in frame 1; body and hands."""

import json
from pathlib import Path

import numpy as np

from .dots import OPTIONS, dots, triples

__all__ = ["OPTIONS", "write"]


def write(folder: Path) -> Path:
    """The folder of three frames."""
    for frame in range(3):
        people = [person(frame, 0), person(frame, 1)] if frame != 1 else []
        text = json.dumps({"version": 1.3, "people": people})
        (folder / f"walk_{frame:012d}_keypoints.json").write_text(text, "utf-8")
    return folder


def person(frame: int, number: int, joints: int = 25) -> dict[str, object]:
    """One person; the right wrist (joint 4) is not found."""
    points = dots(frame + 1, joints, number)[frame]
    points[4] = np.nan
    return {
        "person_id": [-1],
        "pose_keypoints_2d": triples(points),
        "face_keypoints_2d": [],
        "hand_left_keypoints_2d": triples(points[:21]),
        "hand_right_keypoints_2d": [],
        "pose_keypoints_3d": [],
    }
