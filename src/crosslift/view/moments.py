"""The publications' figure: moments below each other, each as the picture, the poses, the truth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import DataError, SettingsError
from ..files import whole
from .reel import Actor, Filming, Reel
from .shown import Shown, check_shown, palettes

MOST_MOMENTS = 24
"""Rows of a figure."""


def write_figure(
    path: Path,
    clips: Sequence[Shown],
    filming: Filming = Filming(size=(1280, 400)),  # noqa: B008  frozen
    *,
    moments: int = 4,
) -> None:
    """Write some moments of recordings as one picture (PNG or JPEG), whole or not at all.

    A row has what the camera saw with the keypoints, and beside it each recording's pose in space.

    Args:
        moments: How many rows there are, evenly spread over the recording.
    """
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise SettingsError(
            f'A figure\'s name should end in .png or .jpg, but "{path.name}" does not; name it so.'
        )
    check_shown(clips)
    if not 1 <= moments <= MOST_MOMENTS:
        raise SettingsError(
            f"A figure shows 1 to {MOST_MOMENTS} moments, but {moments} were asked for; give such "
            "a number."
        )
    reel = Reel(tuple(map(Actor.of, clips, palettes(clips))), filming, overlay=False)
    if not len(reel):
        raise DataError(f'"{clips[0].title}" has no frames, so there is nothing to draw.')
    with whole(path) as draft:
        rows(reel, moments).save(draft, "PNG" if path.suffix.lower() == ".png" else "JPEG")


def rows(reel: Reel, moments: int) -> Image.Image:
    """Evenly spread moments of a film below each other."""
    frames = different(reel)
    chosen = np.linspace(0, len(frames) - 1, min(moments, len(frames))).round().astype(int)
    pictures = [reel.picture(float(reel.main.times[frames[place]])) for place in chosen]
    width, height = pictures[0].size
    figure = Image.new("RGB", (width, height * len(pictures)))
    for row, picture in enumerate(pictures):
        figure.paste(picture, (0, row * height))
    return figure


def different(reel: Reel) -> list[int]:
    """The frames of a film, those of one caption once."""
    captions = reel.main.shown.captions
    if not captions:
        return list(range(len(reel.main.times)))
    return sorted({caption: frame for frame, caption in enumerate(captions)}.values())
