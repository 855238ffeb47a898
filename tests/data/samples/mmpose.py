"""MMPose's video predictions, as the inferencer writes them: one person, then two."""

import json
from pathlib import Path

from .dots import OPTIONS, dots

__all__ = ["OPTIONS", "write"]


def write(folder: Path) -> Path:
    """The file."""
    frames = [
        {"frame_id": frame, "instances": [instance(frame, person) for person in range(frame + 1)]}
        for frame in range(2)
    ]
    path = folder / "walk.json"
    path.write_text(json.dumps(frames, indent="  "), "utf-8")
    return path


def instance(frame: int, person: int = 0, joints: int = 17) -> dict[str, object]:
    """One person in one frame."""
    points = dots(frame + 1, joints, person)[frame]
    return {
        "keypoints": points.tolist(),
        "keypoint_scores": [0.75] * (joints - 1) + [1.25],
        "bbox": [[90.0, 40.0, 300.0, 400.0]],
        "bbox_score": 0.9,
    }
