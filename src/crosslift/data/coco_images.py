"""COCO's pictures of people with 2D keypoints, for a detector's first stage."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import pinhole
from ..clip import Clip
from ..errors import DataError, SettingsError
from ..mapping import mapped
from ..skeletons import COCO_17
from .coco import HIDDEN
from .images_convert import Pictured, pictured
from .keypoints import triples
from .posed_clip import Take, entries, items, posed_clip
from .reading import read_json, reading


@dataclass(frozen=True)
class CocoImages:
    """COCO's pictures with the keypoints and boxes of their people.

    Layout: `annotations/person_keypoints_<split>.json` and the pictures in `<split>/`. `root` is
    the folder that holds both. A clip of one frame for each person with enough keypoints.
    Units: pixels. There is no 3D pose, and the camera's focal length is assumed.
    Joints: "coco17", or Human3.6M's made of them with `--to h36m17`; a joint that is not there has
    score 0, a hidden one 0.5, one that is seen 1.
    """

    split: str = "val2017"
    """Which annotations and pictures."""
    fewest: int = 1
    """Joints that a person must have."""
    to: str | None = None
    """Map all joints to this skeleton, such as h36m17."""
    keep: bool = True
    """Keep the part of each picture about the person in the store; otherwise where its file is."""

    def __post_init__(self) -> None:
        if not 1 <= self.fewest <= len(COCO_17):
            raise SettingsError(
                f"--fewest takes 1 to {len(COCO_17)} joints, but {self.fewest} was given."
            )

    def read(self, root: Path) -> Iterator[Pictured]:
        """One person after the other."""
        path = root / "annotations" / f"person_keypoints_{self.split}.json"
        with reading("COCO's annotations (json)", path):
            content = entries(read_json(path), "The annotations")
            images = {each["id"]: each for each in items(content.get("images"), "The images")}
            people = items(content.get("annotations"), "The annotations")
        for held in people:
            with reading("COCO's annotations (json)", path):
                found = self._person(entries(held, "A person"), images)
            if found is not None:
                clip, file, box = found
                shown = pictured(clip, [root / self.split / file], box[None], keep=self.keep)
                if shown is not None:
                    yield shown

    def _person(
        self, held: dict[Any, Any], images: dict[Any, Any]
    ) -> tuple[Clip, str, Float[Tensor, " 4"]] | None:
        """A person with the name of the picture and the box in it; None if there is too little."""
        if held.get("iscrowd") or not held.get("keypoints"):
            return None
        found = torch.from_numpy(triples(held["keypoints"], "A person's keypoints")).float()
        if int((found[:, 2] > 0).sum()) < self.fewest:
            return None
        if held.get("image_id") not in images:
            raise DataError(
                f"Person {held.get('id')} should be in one of the {len(images)} pictures that are "
                f"listed, but is in {held.get('image_id')!r}; take the whole file."
            )
        image = entries(images[held["image_id"]], "An image")
        size = (int(image["width"]), int(image["height"]))
        box = sane_box(held.get("bbox"), size)
        if box is None:
            return None
        scores = torch.tensor([0.0, HIDDEN, 1.0])[found[:, 2].long().clamp(0, 2)]
        take = Take(
            f"coco/{self.split}/{held['id']}", 1.0,
            {"subject": str(held["id"]), "split": "train" if "train" in self.split else "test"},
            {"format": "coco-images", "keypoints_from": "annotation"},
        )  # fmt: skip
        camera = pinhole(float(max(size)), size, focal_from="assumed")
        clip = posed_clip(take, COCO_17, camera, keypoints=found[None, :, :2], scores=scores[None])
        return (mapped(clip, self.to) if self.to else clip), str(image["file_name"]), box


def sane_box(told: Any, size: tuple[int, int]) -> Float[Tensor, " 4"] | None:
    """Left, top, right and bottom of COCO's x, y, width, height in the picture; None if empty."""
    x, y, width, height = map(float, items(told, 'The "bbox"'))
    left, top = max(0.0, x), max(0.0, y)
    right = min(size[0] - 1.0, left + max(0.0, width - 1))
    bottom = min(size[1] - 1.0, top + max(0.0, height - 1))
    return torch.tensor([left, top, right, bottom]) if right > left and bottom > top else None
