"""Videos of any container and codec that FFmpeg reads, through PyAV."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import torch

from ..errors import DataError
from .frame import About, Frame, Say
from .upright import Picture, upright

MISSING = 0.02
"""The share of the frames that a container counts which may be missing without a word: edit lists
leave some out."""
LOCAL = {"protocol_whitelist": "file"}
"""A video is one local file: playlists that lead elsewhere are not followed."""

PAUSE = 0.002
"""Seconds until a camera is asked again."""


def about(path: Path) -> About:
    """What is known of a video; its first frame is read for it."""
    with opened(path) as container:
        stream = container.streams.video[0]
        first = next(pictures(container), None)
        if first is None:
            raise DataError(f'"{path}" should be a video, but no frame of it could be read.')
        height, width = first[1].shape[:2]
        rate = stream.average_rate or stream.guessed_rate
        count = stream.frames or None
        if count is None and container.duration and rate:
            count = round(container.duration / 1e6 * float(rate))
        return About((width, height), float(rate) if rate else None, count)


def frames(path: Path, say: Say) -> Iterator[Frame]:
    """The frames of a video; whatever could not be read is left out and said."""
    with opened(path) as container:
        stream = container.streams.video[0]
        damaged: list[str] = []
        index, time, size, first = -1, 0.0, None, 0.0
        for index, (time, picture) in enumerate(pictures(container, damaged)):
            size = size or picture.shape
            first = time if index == 0 else first
            yield Frame(index, time - first, torch.from_numpy(_sized(picture, size)))
        if index < 0:
            raise DataError(f'"{path}" should be a video, but no frame of it could be read.')
        if damaged or _cut_off(container, index + 1, time - first):
            told = stream.frames
            of = f" of {told:,}" if told > index + 1 else ""
            say(f'"{path.name}" is damaged or cut off: {index + 1:,} frames{of} could be read.')


def _cut_off(container: Any, read: int, seconds: float) -> bool:
    """Whether clearly less was read than the container tells: frames, or else seconds."""
    told = container.streams.video[0].frames
    if told:
        return read < told * (1 - MISSING) - 1
    return seconds < 0.9 * (container.duration or 0) / 1e6 - 1


@contextmanager
def opened(source: Path, **options: Any) -> Iterator[Any]:
    """An open container that has a video in it."""
    import av
    from av.error import FFmpegError

    name = str(source if options else source.resolve())  # never taken for an address
    try:
        container = av.open(name, **(options or {"options": LOCAL}))
    except (FFmpegError, ValueError, OSError) as problem:
        raise DataError(
            f'"{source}" should be a video or a picture, but could not be opened '
            f"({_reason(problem)}); check that the file is whole and of a kind that FFmpeg reads."
        ) from problem
    with container:
        if not container.streams.video:
            raise DataError(f'"{source}" should be a video, but holds no pictures.')
        yield container


def pictures(container: Any, damaged: list[str] | None = None) -> Iterator[tuple[float, Picture]]:
    """Seconds and upright picture of each frame that can be read.

    Args:
        damaged: Takes a reason for each packet that could not be read wholly.
    """
    from av.error import FFmpegError

    stream = container.streams.video[0]
    rate = float(stream.average_rate or stream.guessed_rate or 30)
    packets = container.demux(stream)
    latest = -1 / rate
    while True:
        try:
            packet = next(packets)
            found = packet.decode()
        except StopIteration:
            return
        except BlockingIOError:  # a camera that has no new picture yet
            sleep(PAUSE)
            packets = container.demux(stream)
            continue
        except FFmpegError as problem:
            if damaged is not None:
                damaged.append(_reason(problem))
            if isinstance(problem, EOFError | OSError):
                return
            continue
        for frame in found:
            time = latest + 1 / rate if frame.time is None else float(frame.time)
            latest = time
            if frame.is_corrupt and damaged is not None:
                damaged.append("a frame of which a part was missing")
            yield time, _picture(frame, stream.sample_aspect_ratio)


def _picture(frame: Any, aspect: Any) -> Picture:
    """A frame with square pixels, red, green and blue, as it was held."""
    wide = round(frame.width * float(aspect)) if aspect else frame.width
    image = frame.reformat(width=wide, height=frame.height, format="rgb24").to_ndarray()
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return upright(image, None if matrix is None else np.frombuffer(matrix, np.int32))


def _sized(picture: Picture, size: tuple[int, ...]) -> Picture:
    """The picture in the size of the first one, should a stream change in between."""
    if picture.shape == size:
        return picture
    from PIL import Image

    return np.array(Image.fromarray(picture).resize((size[1], size[0])))


def _reason(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem)
