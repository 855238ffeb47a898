"""Frames of a video, small enough to be kept in a page."""

import io
from pathlib import Path

from PIL import Image

from ..video import Frame, frames
from .shown import Picture

WIDTH = 640
"""Pixels of the pictures at most; more would make a page slow to load."""
MOST = 600
"""Pictures of a longer video are taken at even intervals."""
QUALITY = 72


def pictures_of(video: Path, *, width: int = WIDTH, most: int = MOST) -> list[Picture]:
    """Frames of a video as JPEG files, with their times from the first on.

    Args:
        width: In pixels, at most.
        most: How many pictures there are at most; of a longer video one in two is kept, in four ...
    """
    kept: list[Picture] = []
    every = 1
    for frame in frames(video):
        if frame.number % every == 0:
            kept.append(small(frame, width))
        if len(kept) > most:
            kept, every = kept[::2], 2 * every
    return kept


def small(frame: Frame, width: int) -> Picture:
    """One frame as JPEG, no wider than asked."""
    image = Image.fromarray(frame.image.numpy())
    if image.width > width:
        image = image.resize((width, round(width * image.height / image.width)), reducing_gap=2.0)
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=QUALITY)
    return Picture(frame.time, jpeg.getvalue())
