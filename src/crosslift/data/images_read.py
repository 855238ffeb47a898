"""Picture files of any usual kind as red, green and blue of eight bits, and small files of them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from ..errors import DataError
from .reading import reading

Pixels = UInt8[np.ndarray, "height width 3"]

QUALITY = 93
"""Of the JPEG files in which pictures are kept."""
SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def read_picture(path: Path, *, upright: bool = False) -> Pixels:
    """The picture in a file: colour, grey, with a palette, of 16 bits, or of printing inks.

    Args:
        upright: Turn it as the camera noted that it was held. Annotations of data sets are of the
            picture as it is stored.
    """
    from PIL import Image, ImageOps

    with reading("a picture", path), Image.open(path) as stored:
        return as_colours(ImageOps.exif_transpose(stored) if upright else stored)


def as_colours(picture: Any) -> Pixels:
    """The red, green and blue of one of Pillow's pictures, whatever it holds.

    Sixteen bits keep their upper eight: Pillow's own conversion would make all but the darkest
    pixels white. Numbers with a point have no known white and are refused.
    """
    if picture.mode in SIXTEEN_BITS:
        grey = np.asarray(picture).astype(np.int64)
        if grey.min(initial=0) < 0 or grey.max(initial=0) > 0xFFFF:
            raise DataError(
                "A grey picture should have up to 16 bits, but this one's values reach from "
                f"{grey.min()} to {grey.max()}; save it with 8 or 16 bits."
            )
        return np.repeat((grey >> 8).astype(np.uint8)[..., None], 3, axis=-1)
    if picture.mode == "F":
        raise DataError(
            "A picture should hold whole numbers, but this one holds numbers with a point, whose "
            "white nobody knows; save it with 8 or 16 bits."
        )
    return np.array(picture.convert("RGB"))


def packed_picture(pixels: Pixels) -> bytes:
    """A picture as the bytes of a JPEG file, with full resolution of its colours."""
    from PIL import Image

    held = BytesIO()
    Image.fromarray(pixels).save(held, "JPEG", quality=QUALITY, subsampling=0)
    return held.getvalue()


def unpacked_picture(held: bytes, where: Path) -> Pixels:
    """The picture in the bytes of a file; `where` they come from is for the message."""
    from PIL import Image

    with reading("a store's pictures", where), Image.open(BytesIO(held)) as stored:
        return as_colours(stored)


def is_blank(pixels: Pixels) -> bool:
    """Whether a picture has no blue at all, as frames that a recording lost have none."""
    return not pixels[..., 2].any()
