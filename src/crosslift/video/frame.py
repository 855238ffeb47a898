"""What a video is made of, and what is known of it before it is read."""

from collections.abc import Callable
from typing import NamedTuple

from jaxtyping import UInt8
from torch import Tensor

Say = Callable[[str], None]
"""Takes a sentence about something that a person should know, though it is no error."""


class Frame(NamedTuple):
    """One picture of a video."""

    number: int
    """Counted from 0 over the pictures that could be read."""
    time: float
    """Seconds from the first picture."""
    image: UInt8[Tensor, "height width 3"]
    """Red, green, blue; upright."""


class About(NamedTuple):
    """A video before it is read."""

    size: tuple[int, int]
    """Width and height in pixels, upright."""
    fps: float | None
    """Frames a second; None where nothing says it."""
    length: int | None
    """Frames, as the container counts them; None where it does not."""
    focal: float | None = None
    """Focal length in pixels, where the camera noted it in the picture."""


def silence(sentence: str) -> None:
    """Say nothing."""
