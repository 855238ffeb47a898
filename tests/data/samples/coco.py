"""COCO's annotations: three pictures, of which the second has two people and the third none."""

import json
from pathlib import Path

from crosslift.skeletons import COCO_17

from .dots import dots

EDGES = [[16, 14], [14, 12], [17, 15], [15, 13], [12, 13], [6, 12], [7, 13], [6, 7]]


def write(folder: Path) -> Path:
    """The file."""
    path = folder / "person_keypoints.json"
    path.write_text(json.dumps(content()), "utf-8")
    return path


def content() -> dict[str, object]:
    """The annotations; frame 10 comes after frame 9 although it is listed before."""
    names = {7: "000010.jpg", 3: "000009.jpg", 9: "000011.jpg"}
    return {
        "info": {"description": "sample"},
        "images": [
            {"id": key, "file_name": name, "width": 640, "height": 480}
            for key, name in names.items()
        ],
        "annotations": [person(1, 3, 0, 0), person(2, 7, 1, 0), person(3, 7, 1, 1), nobody(4, 9)],
        "categories": [
            {"id": 1, "name": "person", "keypoints": list(COCO_17.joints), "skeleton": EDGES}
        ],
    }


def person(key: int, image: int, frame: int, number: int) -> dict[str, object]:
    """One person: the nose is not there, the left eye hidden."""
    points = dots(frame + 1, 17, number)[frame].astype(int).tolist()
    seen = [[x, y, 2] for x, y in points]
    seen[0], seen[1][2] = [0, 0, 0], 1
    return {
        "id": key,
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "num_keypoints": 16,
        "keypoints": [number for three in seen for number in three],
        "bbox": [100, 100, 160, 80],
        "area": 9000,
    }


def nobody(key: int, image: int) -> dict[str, object]:
    """Someone too small to be given keypoints."""
    return {"id": key, "image_id": image, "category_id": 1, "keypoints": [0] * 51, "iscrowd": 0}
