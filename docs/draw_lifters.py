"""Draws how each lifter computes, one picture each: `python -m docs.draw_lifters`."""

from collections.abc import Callable
from pathlib import Path

from docs.drawing import of_bodies, of_frames, of_noise, of_windows
from docs.drawing.sheet import Sheet

FOLDER = Path(__file__).parent / "pictures" / "lifters"

PICTURES: dict[str, Callable[[], Sheet]] = {
    "simple_baseline": of_frames.simple_baseline,
    "semgcn": of_frames.semgcn,
    "stgcn": of_frames.stgcn,
    "iganet": of_frames.iganet,
    "videopose": of_windows.videopose,
    "poseformer": of_windows.poseformer,
    "mixste": of_windows.mixste,
    "pstmo": of_windows.pstmo,
    "bodywise": of_bodies.bodywise,
    "d3dp": of_noise.d3dp,
    "diff3dhpe": of_noise.diff3dhpe,
}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        draw().save(FOLDER / f"{name}.svg")
