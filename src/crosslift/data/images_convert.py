"""What all readers of pictures share: clips with the pictures of their frames."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..errors import DataError
from .images_read import Pixels, is_blank, read_picture
from .images_store import Kept, Shown

SURROUNDINGS = 1.7
"""How much larger than a box's longer side the part is that is kept, so that crops can turn."""


class Pictured(NamedTuple):
    """A clip, and what shows each of its frames."""

    clip: Clip
    shown: list[Shown]


class PictureReader(Protocol):
    """Reads the pictures and the annotations of a data set."""

    def read(self, root: Path) -> Iterator[Pictured]:
        """The clips below `root`, one after the other, with their pictures."""
        ...


def pictured(
    clip: Clip, paths: Sequence[Path], boxes: Float[Tensor, "frames 4"], *, keep: bool
) -> Pictured | None:
    """A clip with its pictures; None if none is left.

    Left out are frames whose pictures are blank, and those whose box is empty.

    Args:
        keep: Keep the part about each person; otherwise only where the file is, unread.
    """
    found = [_shown(path, box, keep=keep) for path, box in zip(paths, boxes, strict=True)]
    there = [number for number, each in enumerate(found) if each is not None]
    if not there:
        return None
    return Pictured(some_frames(clip, there), [each for each in found if each is not None])


def some_frames(clip: Clip, frames: Sequence[int]) -> Clip:
    """The clip at some of its frames."""
    index = torch.as_tensor(list(frames))
    return replace(
        clip,
        keypoints=clip.keypoints[index],
        scores=clip.scores[index],
        observed=clip.observed[index],
        poses=None if clip.poses is None else clip.poses[:, index],
        spread=None if clip.spread is None else clip.spread[index],
        times=None if clip.times is None else clip.times[index],
        camera=clip.camera[index] if clip.camera.focal.ndim > 1 else clip.camera,
    )


def _shown(path: Path, box: Float[Tensor, " 4"], *, keep: bool) -> Shown | None:
    if not bool((box[2:] > box[:2]).all()):
        return None
    if not keep:
        if not path.is_file():
            raise DataError(f'"{path}" should be a picture, but does not exist; check the folder.')
        return Shown(path.resolve(), box)
    pixels = read_picture(path)
    return None if is_blank(pixels) else Shown(about(pixels, box), box)


def about(pixels: Pixels, box: Float[Tensor, " 4"]) -> Kept:
    """The part of a picture about a box that crops of it may need."""
    height, width = pixels.shape[:2]
    middle = (box[:2] + box[2:]) / 2
    half = float((box[2:] - box[:2]).max()) * SURROUNDINGS / 2
    left, top = (max(int(float(at) - half), 0) for at in middle)
    right, bottom = (int(float(at) + half) + 2 for at in middle)
    part = pixels[min(top, height - 1) : bottom, min(left, width - 1) : right]
    return Kept(part.copy(), (min(left, width - 1), min(top, height - 1)))
