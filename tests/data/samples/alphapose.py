"""AlphaPose's results: tracked people 4 and 7; person 7 is not seen in frame 1."""

import json
from pathlib import Path

from .dots import OPTIONS, dots, triples

__all__ = ["OPTIONS", "write"]


def write(folder: Path) -> Path:
    """The file."""
    path = folder / "alphapose-results.json"
    path.write_text(json.dumps(results()), "utf-8")
    return path


def results(joints: int = 17) -> list[dict[str, object]]:
    """One entry for each person in each frame."""
    return [
        {
            "image_id": f"{frame}.jpg",
            "category_id": 1,
            "keypoints": triples(dots(frame + 1, joints, person)[frame], score=1.02 - frame / 10),
            "score": 2.9,
            "box": [90.0, 40.0, 200.0, 300.0],
            "idx": [identity],
        }
        for frame in range(3)
        for person, identity in enumerate((4, 7))
        if (frame, identity) != (1, 7)
    ]
