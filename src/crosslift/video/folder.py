"""Pictures in files: one, or a folder of them in natural order, through Pillow."""

from collections.abc import Iterator
from pathlib import Path

import torch

from ..data.images_read import as_colours
from ..data.keypoint_names import natural
from ..data.reading import reading
from ..errors import DataError
from .exif import focal_in_pixels
from .frame import About, Frame
from .upright import Picture

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"}
"""Of files that are single pictures."""
USUAL_FPS = 30.0
"""Pictures a second where nobody says it."""


def pictures_in(path: Path) -> list[Path]:
    """The pictures that are meant: the file itself, or those in a folder, 2 before 10."""
    if path.is_file():
        return [path]
    hidden = (".", "_")  # what systems and tools put beside pictures
    found = [
        each
        for each in path.iterdir()
        if each.suffix.lower() in SUFFIXES and not each.name.startswith(hidden)
    ]
    if not found:
        raise DataError(
            f'The folder "{path}" should hold pictures ({", ".join(sorted(SUFFIXES))}), but holds '
            "none; name the folder that has them, or a video."
        )
    return sorted(found, key=lambda each: natural(each.name))


def about(path: Path) -> About:
    """What is known of the pictures; the first one is read for it."""
    found = pictures_in(path)
    image, focal = _read(found[0])
    return About((image.shape[1], image.shape[0]), None, len(found), focal)


def frames(path: Path, fps: float | None = None) -> Iterator[Frame]:
    """The pictures, one after the other; all of one size."""
    first: Picture | None = None
    for index, each in enumerate(pictures_in(path)):
        image, _ = _read(each)
        first = image if first is None else first
        if image.shape != first.shape:
            raise DataError(
                f'The pictures of "{path}" should have one size, but "{each.name}" has '
                f"{image.shape[1]} x {image.shape[0]} pixels and the first one "
                f"{first.shape[1]} x {first.shape[0]}; put them into folders of their own."
            )
        yield Frame(index, index / (fps or USUAL_FPS), torch.from_numpy(image))


def _read(path: Path) -> tuple[Picture, float | None]:
    """A picture as it was held, and its focal length in pixels where the camera noted it."""
    from PIL import Image, ImageOps

    with reading("a picture", path), Image.open(path) as stored:
        focal = focal_in_pixels(stored.getexif(), stored.size)
        return as_colours(ImageOps.exif_transpose(stored)), focal
