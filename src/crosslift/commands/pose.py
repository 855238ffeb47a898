"""Pose a body by hand in the browser: drag it, set its angles, write pose or motion."""

import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import torch
import tyro
from rich.console import Console

from ..body import read_body
from ..camera import Camera
from ..data.record import Recording
from ..errors import DataError, SettingsError
from ..evaluation.matching import opened
from ..kinematics import AVERAGE
from ..view.posing import (
    Offered,
    PoseServer,
    Saving,
    Start,
    check_paths,
    from_recording,
    keyframes_of,
    lengths_of,
    offered,
    on_the_floor,
    page_text,
    read_pose,
    save,
    write_pose_page,
)
from .common import Common, Options, Outcome


@dataclass(frozen=True)
class Beginning:
    """What the page opens with."""

    frames: Annotated[tuple[int, ...], tyro.conf.arg(name="frame")] = (0,)
    """Frames of the CLIP, counted from 0; several become keyframes."""
    only: str = "*"
    """Where CLIP holds several recordings, the one whose name fits this pattern."""
    body: Path | None = None
    """The person's bone lengths, a file of crosslift body."""


@dataclass(frozen=True)
class Serving:
    """How the page is shown."""

    page: Path | None = None
    """Write the page to this file instead, for use without crosslift; it copies and downloads
    poses, and writes no other files."""
    port: int = 0
    """Of this machine; any that is free unless given."""
    show: Annotated[bool, tyro.conf.arg(name="open")] = True
    """Open the page in the browser."""


def pose(
    clip: Annotated[Path | None, tyro.conf.Positional, tyro.conf.arg(metavar="[CLIP]")] = None,
    *,
    output: Annotated[tuple[Path, ...], tyro.conf.arg(aliases=["-o"])] = (),
    beginning: Annotated[Beginning, tyro.conf.OmitArgPrefixes] = Beginning(),
    serving: Annotated[Serving, tyro.conf.OmitArgPrefixes] = Serving(),
    common: Options = Common(),
) -> Outcome:
    """Pose a body in the browser by its joints and angles, and write it as a file.

    The page is served to this machine alone, until Ctrl+C ends it.

    Args:
        clip: A clip file, a store or a pose file (json) to begin with; the body standing unless
            given.
        output: The files that the page's Save button writes, such as a.clip.safetensors, a.bvh,
            a.glb and a.json; they are written over.
    """
    check_paths(output)
    if serving.page and output:
        raise SettingsError(
            "A page by itself writes no other files, but --page and -o were both given; leave out "
            "one of them."
        )
    start = beginning_of(clip, beginning)
    cameras = offered(start, common.rng())
    if serving.page:
        write_pose_page(serving.page, start, cameras)
        return Outcome((*about(start), f"Made: {serving.page}"), {"files": [str(serving.page)]})
    return serve(start, cameras, output, serving, common)


def beginning_of(clip: Path | None, wanted: Beginning) -> Start:
    """The pose or the keyframes that the page opens with."""
    lengths = None if wanted.body is None else lengths_of(read_body(wanted.body))
    if clip is None:
        average = torch.from_numpy(AVERAGE.copy())
        return Start(on_the_floor("pose", average if lengths is None else lengths))
    if clip.suffix.lower() == ".json":
        if lengths is not None:
            raise SettingsError(
                f'The pose file "{clip}" has bone lengths of its own; leave out --body.'
            )
        return Start(read_pose(clip))
    return from_recording(recording_in(clip, wanted.only), wanted.frames, lengths)


def recording_in(path: Path, only: str) -> Recording:
    """The one recording at a path whose name fits."""
    shelf = opened(path)
    names = [name for name in shelf.places if fnmatch(name, only)]
    if len(names) != 1:
        example = next(iter(names or shelf.places), "")
        raise DataError(
            f'One recording is posed at a time, but {len(names)} of those in "{path}" fit '
            f'"{only}"; name one, as in --only "{example}".'
        )
    return shelf.read(shelf.places[names[0]])


def about(start: Start) -> tuple[str, ...]:
    """How well the body met a recording."""
    if start.error is None:
        return ()
    count = len(start.keyed)
    poses = "the pose" if count == 1 else f"{count} poses"
    return (f"The body meets {poses} to {1000 * start.error:.0f} mm on average.",)


def serve(
    start: Start,
    cameras: list[Offered],
    output: tuple[Path, ...],
    serving: Serving,
    common: Common,
) -> Outcome:
    """Serve the page until Ctrl+C, and say what was saved."""
    console = Console(stderr=True, quiet=common.quiet, soft_wrap=True, highlight=False)
    saved: dict[str, int] = {}

    def take(words: Any) -> dict[str, Any]:
        keyed = keyframes_of(words.get("pose") if isinstance(words, dict) else None)
        notes = save(keyed, chosen(words, cameras), output, common.rng())
        for path in output:
            saved[str(path)] = saved.get(str(path), 0) + 1
            console.print(f"Written: {path}")
        return {"files": [path.name for path in output], "notes": notes}

    with PoseServer(take, serving.port) as server:
        server.page = page_text(
            start, cameras, Saving(output, server.token) if output else None
        ).encode()
        for line in (*about(start), f"Open {server.address} and press Ctrl+C here when done."):
            console.print(line)
        if serving.show:
            # Beside the server, as some browsers keep the caller until they are closed.
            Thread(target=webbrowser.open, args=[server.address], daemon=True).start()
        with suppress(KeyboardInterrupt):  # that is how it ends
            server.serve_forever()
    words = [f"{path} was written." for path in saved] or ["Nothing was written."]
    return Outcome(tuple(words), {"files": list(saved), "saves": max(saved.values(), default=0)})


def chosen(words: Any, cameras: list[Offered]) -> Camera | None:
    """The camera that the page shows the body through."""
    number = words.get("camera")
    if number is None:
        return None
    if not isinstance(number, int) or not 0 <= number < len(cameras):
        raise DataError(
            f"The page has the cameras 0 to {len(cameras) - 1}, but {number!r} was sent; load the "
            "page again."
        )
    return cameras[number].camera
