"""Cameras at this machine: `camera:0` is the first."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ..errors import DataError
from .container import opened, pictures
from .frame import About, Frame


class Device(NamedTuple):
    """How FFmpeg is told which camera is meant."""

    name: str
    format: str


def device(which: str) -> Device:
    """The camera of a number, or of a name as the system calls it."""
    if sys.platform == "darwin":
        return Device(which, "avfoundation")
    if sys.platform == "win32":
        return Device(f"video={which}", "dshow")
    return Device(f"/dev/video{which}" if which.isdecimal() else which, "v4l2")


def about(which: str) -> About:
    """What a camera gives: size and rate, without an end."""
    with _camera(which) as container:
        stream = container.streams.video[0]
        first = next(pictures(container), None)
        if first is None:
            raise DataError(f'The camera "{which}" gives no pictures; check that it is free.')
        height, width = first[1].shape[:2]
        rate = stream.average_rate or stream.guessed_rate
        return About((width, height), float(rate) if rate else None, None)


def frames(which: str) -> Iterator[Frame]:
    """What a camera sees from now on."""
    with _camera(which) as container:
        first = None
        for index, (time, picture) in enumerate(pictures(container)):
            first = time if first is None else first
            yield Frame(index, time - first, torch.from_numpy(picture))


def _camera(which: str) -> Any:
    found = device(which)
    if found.format == "v4l2" and not Path(found.name).exists():
        there = sorted(path.name.removeprefix("video") for path in Path("/dev").glob("video*"))
        named = ", ".join(f"camera:{number}" for number in there) or "none"
        raise DataError(f'This machine has no camera "{which}"; those that it has: {named}.')
    return opened(Path(found.name), format=found.format)
