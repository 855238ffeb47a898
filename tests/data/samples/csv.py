"""Our csv in its wide layout: five joints, a missing cell, a frame left out."""

from pathlib import Path

from .dots import OPTIONS, dots

__all__ = ["OPTIONS", "write"]

JOINTS = ("nose", "left_hip", "right_hip", "left_knee", "right_knee")


def write(folder: Path) -> Path:
    """The file; frame 12 is missing, and so is the nose in frame 11."""
    columns = [f"{joint}_{what}" for joint in JOINTS for what in ("x", "y", "score")]
    lines = [",".join(["frame", "time", *columns])]
    for place, frame in enumerate((10, 11, 13)):
        cells = [f"{x:g},{y:g},0.5" for x, y in dots(4, 5)[frame - 10]]
        if frame == 11:
            cells[0] = ",,"
        lines.append(",".join([str(frame), f"{0.04 * frame:.2f}", *cells]))
        assert place < 3
    path = folder / "walk.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
