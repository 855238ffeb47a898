"""DH-AUG's tables as named settings, with the figures to expect from whoever has the data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ...lifters.inputs import Inputs
from ...lifters.poseformer import PoseFormerLifter
from ...lifters.semgcn import SemGCNLifter
from ...lifters.simple_baseline import SimpleBaselineLifter
from ...lifters.videopose import VideoPoseLifter
from ...networks import poseformer, semgcn, simple_baseline, videopose
from ..dh_training import BASELINE, SINGLE, VIDEO, VIDEO_BASELINE, DHAug

KEYPOINTS = ("det", "cpn", "hr", "gt")
"""The order of the table's columns: Detectron, CPN, HRNet (EvoSkeleton's), true keypoints."""
NAMES = {
    "det": "Detectron's keypoints",
    "cpn": "CPN's keypoints",
    "hr": "HRNet's keypoints (EvoSkeleton)",
    "gt": "true keypoints",
}
SCREEN = Inputs(unit="screen")
Figures = tuple[float, float, float, float]


class Published(NamedTuple):
    """A row as `recipes.rows` has it."""

    lifter: str
    settings: Any
    recipe: DHAug
    data: str
    expected: Mapping[str, float]
    source: str


class Entry(NamedTuple):
    """A line of the publication's tables."""

    lifter: str
    settings: Any
    plain_3dhp: Figures
    plain_h36m: Figures
    made_3dhp: Figures
    made_h36m: Figures
    threedpw: tuple[float, float] | None = None
    """Plain and with made poses, true keypoints alone."""


def _of_frames(widths: tuple[int, ...]) -> videopose.VideoPoseSettings:
    return replace(videopose.VIDEOPOSE_27, filter_widths=widths)


_ENTRIES = {
    "semgcn": Entry(
        "semgcn", SemGCNLifter(semgcn.SEMGCN, SCREEN),
        (101.90, 98.70, 95.60, 97.40), (67.50, 64.70, 57.50, 44.40),
        (79.68, 76.67, 72.99, 71.31), (63.16, 56.93, 54.04, 40.00), (102.00, 79.07),
    ),
    "simple_baseline": Entry(
        "simple_baseline", SimpleBaselineLifter(simple_baseline.POSEAUG_MLP, SCREEN),
        (91.10, 88.80, 86.40, 85.30), (60.50, 55.60, 53.00, 43.30),
        (77.99, 75.87, 72.97, 72.28), (57.86, 53.13, 50.06, 38.89), (89.40, 80.52),
    ),
    "videopose_1": Entry(
        "videopose", VideoPoseLifter(videopose.POSEAUG_VIDEOPOSE, SCREEN),
        (92.60, 89.80, 85.60, 86.60), (60.00, 55.20, 52.70, 41.80),
        (76.70, 74.82, 71.07, 71.17), (57.66, 52.52, 49.81, 37.01), (94.60, 79.28),
    ),
    "videopose_9": Entry(
        "videopose", VideoPoseLifter(_of_frames((3, 3)), SCREEN),
        (97.56, 94.26, 90.83, 90.70), (61.47, 55.74, 53.79, 42.14),
        (84.23, 84.76, 82.57, 80.39), (60.81, 55.66, 53.04, 41.21),
    ),
    "videopose_27": Entry(
        "videopose", VideoPoseLifter(_of_frames((3, 3, 3)), SCREEN),
        (101.99, 97.33, 94.62, 91.76), (61.84, 56.57, 52.89, 42.18),
        (86.34, 88.38, 84.37, 80.85), (61.19, 56.07, 52.57, 41.52),
    ),
    "poseformer_9": Entry(
        "poseformer", PoseFormerLifter(poseformer.POSEFORMER_9, SCREEN),
        (95.09, 88.01, 82.38, 85.28), (63.28, 56.47, 54.24, 42.02),
        (81.99, 81.13, 76.07, 76.25), (63.13, 55.73, 53.32, 39.29),
    ),
    "poseformer_27": Entry(
        "poseformer", PoseFormerLifter(replace(poseformer.POSEFORMER_9, frames=27), SCREEN),
        (92.71, 86.38, 83.16, 84.67), (62.26, 55.00, 53.34, 39.63),
        (81.04, 77.13, 72.18, 75.36), (62.26, 54.95, 52.46, 37.92),
    ),
}  # fmt: skip

POSTER = "the publication's tables, of weights chosen on the test set"


def published() -> dict[str, Published]:
    """All rows: a lifter, its keypoints, and whether made poses are learned from."""
    found = {}
    for name, entry in _ENTRIES.items():
        video = name not in ("semgcn", "simple_baseline", "videopose_1")
        for place, keypoints in enumerate(KEYPOINTS):
            for made in (False, True):
                row = f"dh_{'aug' if made else 'baseline'}_{name}_{keypoints}"
                found[row] = _row(entry, place, video=video, made=made)
    return found | _few_subjects()


def _row(entry: Entry, place: int, *, video: bool, made: bool) -> Published:
    keypoints = KEYPOINTS[place]
    h36m, other = (
        (entry.made_h36m, entry.made_3dhp) if made else (entry.plain_h36m, entry.plain_3dhp)
    )
    elsewhere = f"{other[place]} mm on MPI-INF-3DHP"
    if keypoints == "gt" and entry.threedpw is not None:
        elsewhere += f", {entry.threedpw[made]} mm on 3DPW (perhaps after alignment)"
    recipe = (VIDEO if made else VIDEO_BASELINE) if video else (SINGLE if made else BASELINE)
    every = ", every 10th frame" if video else ""
    data = f"Human3.6M S1, S5 to S8 (h36m16{every}), {NAMES[keypoints]}; tested on S9 and S11"
    return Published(
        entry.lifter,
        entry.settings,
        recipe,
        data,
        {"mpjpe_mm": h36m[place]},
        f"{POSTER}; {elsewhere}",
    )


def _few_subjects() -> dict[str, Published]:
    """Learning from one or two people; the figures are second-hand, and of other people."""
    entry = _ENTRIES["videopose_1"]
    said = "second-hand, not in the publication's own tables; say --where subject="
    few = {"s1": ("S1", "S5 to S8", 52.2), "s1_s5": ("S1,S5", "S6 to S8", 47.0)}
    return {
        f"dh_aug_videopose_1_gt_{name}": Published(
            entry.lifter,
            entry.settings,
            SINGLE,
            f"Human3.6M {those} alone (h36m16), true keypoints; tested on {tested}",
            {"mpjpe_mm": figure},
            said + those,
        )
        for name, (those, tested, figure) in few.items()
    }
