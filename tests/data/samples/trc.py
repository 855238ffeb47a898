"""A small TRC file as Pose2Sim writes it: 22 markers, three frames, a gap."""

from pathlib import Path

MARKERS = (
    *("Hip", "RHip", "RKnee", "RAnkle", "RBigToe", "RSmallToe", "RHeel", "LHip", "LKnee"),
    *("LAnkle", "LBigToe", "LSmallToe", "LHeel", "Neck", "Head", "Nose", "RShoulder", "RElbow"),
    *("RWrist", "LShoulder", "LElbow", "LWrist"),
)
GAP = (1, 2)
"""The frame and marker that is missing: the right knee."""


def place(frame: int, marker: int) -> tuple[float, float, float]:
    """Where a marker is in the file's axes, of which y points up."""
    return 0.1 * frame, 0.05 * marker, -0.02 * marker


def row(frame: int) -> str:
    """The line of a frame."""
    cells = [
        "\t\t" if (frame, marker) == GAP else "\t".join(f"{x:.3f}" for x in place(frame, marker))
        for marker in range(len(MARKERS))
    ]
    return "\t".join([str(frame + 1), f"{frame / 60:.6f}", *cells])


TEXT = "\n".join(
    [
        "PathFileType\t4\t(X/Y/Z)\ttrial.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        "60\t60\t3\t22\tm\t60\t1\t3",
        "Frame#\tTime\t" + "\t\t\t".join(MARKERS) + "\t\t",
        "\t\t" + "\t".join(f"{axis}{marker}" for marker in range(1, 23) for axis in "XYZ"),
        "",
        *(row(frame) for frame in range(3)),
        "",
    ]
)


def write(folder: Path) -> Path:
    """Write the sample; the file is what is read."""
    path = folder / "trial.trc"
    path.write_text(TEXT, "utf-8")
    return path
