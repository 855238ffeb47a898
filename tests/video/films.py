"""Small videos and pictures that tests make themselves."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIDE = 8
"""Pixels along the white square in each picture."""


def picture(
    number: int = 0, size: tuple[int, int] = (64, 48), at: tuple[int, int] | None = None
) -> np.ndarray:
    """Black, with a white square that moves to the right by a square each frame."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    x, y = at or (SIDE * (number % (size[0] // SIDE)), 0)
    image[y : y + SIDE, x : x + SIDE] = 255
    return image


def film(
    path: Path,
    images: Iterable[np.ndarray],
    *,
    codec: str = "mpeg4",
    ticks: Sequence[int] | None = None,
    rate: int = 10,
    turn: tuple[int, bool] | None = None,
) -> Path:
    """A video of the pictures.

    Args:
        ticks: When each is shown, in parts of a second by the rate; one after the other otherwise.
        turn: Degrees counter-clockwise that players turn it by, and whether they mirror it then.
    """
    lossless = "bgr0" if codec == "ffv1" else "yuv420p"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.pix_fmt = lossless
        for number, image in enumerate(images):
            if number == 0:
                stream.height, stream.width = image.shape[:2]
                if turn is not None:
                    stream.set_display_rotation(turn[0], hflip=turn[1])
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = number if ticks is None else ticks[number]
            frame.time_base = Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def front_loaded(path: Path, film_path: Path) -> Path:
    """The same video with its table of contents first, as for the web."""
    options = {"movflags": "+faststart"}
    with av.open(str(film_path)) as given, av.open(str(path), "w", options=options) as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                made.mux(packet)
    return path
