"""Films: keypoints on their pictures beside the poses in space, as mp4 or gif."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import DataError, SettingsError
from ..files import whole
from .reel import Actor, Filming, Reel
from .shown import Shown, check_shown, comparable, palettes

MOST_IN_GIF = 1500
"""Frames of a gif, which is held in memory until it is written."""


def write_film(
    path: Path,
    clips: Sequence[Shown],
    filming: Filming = Filming(),  # noqa: B008  frozen
    *,
    overlay: bool | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write recordings as a film, whole or not at all; its name's end says whether mp4 or gif.

    Args:
        overlay: All bodies in one view, or one beside the other; the former where they are of the
            same moments, unless given.
        progress: Told after each frame how many are done, of how many.
    """
    writers = {".mp4": _write_mp4, ".gif": _write_gif}
    if path.suffix.lower() not in writers:
        raise SettingsError(
            f'A film\'s name should end in .mp4 or .gif, but "{path.name}" does not; name it so.'
        )
    check_shown(clips)
    reel = Reel(tuple(map(Actor.of, clips, palettes(clips))), filming,
                comparable(clips) if overlay is None else overlay)  # fmt: skip
    if not len(reel):
        raise DataError(f'"{clips[0].title}" has no frames, so there is nothing to film.')
    with whole(path) as draft:
        writers[path.suffix.lower()](draft, reel, watched(reel, progress))


def watched(reel: Reel, progress: Callable[[int, int], None] | None) -> Iterator[Image.Image]:
    """The pictures of a film, telling after each one how many are done."""
    for done, picture in enumerate(reel.pictures(), start=1):
        yield picture
        if progress is not None:
            progress(done, len(reel))


def _write_mp4(path: Path, reel: Reel, pictures: Iterator[Image.Image]) -> None:
    import av  # here, because pages and stills do without it

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_ratio(reel.fps), options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = *reel.filming.size, "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _write_gif(path: Path, reel: Reel, pictures: Iterator[Image.Image]) -> None:
    if len(reel) > MOST_IN_GIF:
        raise SettingsError(
            f"A gif holds up to {MOST_IN_GIF} frames, but this film has {len(reel)}; write an mp4, "
            "or ask for fewer frames a second."
        )
    small = (each.quantize(128, dither=Image.Dither.NONE) for each in pictures)
    first = next(small)
    first.save(path, "GIF", save_all=True, append_images=chain(small), loop=0,
               duration=round(1000 / reel.fps))  # fmt: skip


def _ratio(fps: float) -> Fraction:
    """The rate as a film says it; 29.97 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)
