"""The publications' tables as named settings with the figures to expect: PoseDA's and PoseAug's.

Each row begins with a lifter of a source-only row. What is trained on besides has to be had from
its owners; Human3.6M's 16 joints without the nose are meant everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..supervised import Optimizing
from .settings import GPA_ONLY, POSEAUG, POSEDA, PoseDA

SOURCE = "Human3.6M ground truth (h36m16)"
ONE = "Human3.6M's S1 (h36m16, --where subject=S1)"
TARGETS = {"3dhp": "MPI-INF-3DHP", "3dpw": "3DPW", "ski": "SKI-PosePTZ"}
RATES = {"semgcn": 1e-3, "simple_baseline": 1e-4, "stgcn": 1e-4, "videopose": 1e-4}
"""PoseAug's, of the lifters."""
NO_FIGURE = "no figure in our sources"


@dataclass(frozen=True)
class AdaptedRow:
    """One lifter of a table."""

    start: str
    """The row of source-only training with whose lifter it begins (`recipes.rows`)."""
    players: PoseDA
    data: str
    expected: Mapping[str, float] = field(default_factory=dict)
    """Figure to expect, by what it measures."""
    source: str = NO_FIGURE

    @property
    def has_target(self) -> bool:
        """Whether unlabelled keypoints of a target are learned from (PoseDA)."""
        return self.players.place == "aligned"


def learning(players: PoseDA, lifter: str) -> PoseDA:
    """The players with the rate of a lifter."""
    return replace(players, lifter=Optimizing(rate=RATES[lifter]))


def _aligned() -> dict[str, AdaptedRow]:
    page = "PoseDA's page, with global position alignment alone; rates are PoseAug's"
    figures = {
        "semgcn": (86.56, 83.85, 50.98),
        "simple_baseline": (69.19, 89.90, 58.50),
        "stgcn": (74.41, 88.58, 55.52),
        "videopose": (66.07, 90.87, 60.07),
    }
    return {
        f"gpa_{lifter}_3dhp": AdaptedRow(
            f"poseda_{lifter}",
            learning(GPA_ONLY, lifter),
            f"{SOURCE} to {TARGETS['3dhp']}",
            dict(zip(("mpjpe_mm", "pck", "auc"), row, strict=True)),
            page,
        )
        for lifter, row in figures.items()
    }


def _whole() -> dict[str, AdaptedRow]:
    page = (
        "PoseDA's page, the whole method; it does not name the lifter, and its rates and its 2D "
        "discriminator are not published"
    )
    cropped = (
        f"{NO_FIGURE}; the released protocol divides keypoints by their own size, after which "
        "nothing is left to align: keep them in pixels"
    )
    videopose = AdaptedRow("poseda_videopose", learning(POSEDA, "videopose"), "")
    to = {key: f"{SOURCE} to {name}" for key, name in TARGETS.items()}
    return {
        "poseda_videopose_3dhp": replace(
            videopose, data=to["3dhp"], expected={"mpjpe_mm": 61.3}, source=page
        ),
        "poseda_videopose_3dpw": replace(videopose, data=to["3dpw"]),
        "poseda_videopose_ski": replace(videopose, data=to["ski"], source=cropped),
        "poseda_videopose_s1": replace(videopose, data=f"{ONE} to S5, S6, S7, S8"),
    }


def _augmented() -> dict[str, AdaptedRow]:
    """One training for all data sets that are not seen in it."""
    figures = {
        "semgcn": (80.0, 41.0),
        "simple_baseline": (73.8, 38.4),
        "stgcn": (78.0, 36.4),
        "videopose": (72.4, 38.6),
    }
    rows = {
        f"poseaug_{lifter}": AdaptedRow(
            f"poseda_{lifter}",
            learning(POSEAUG, lifter),
            f"{SOURCE} to {TARGETS['3dhp']}, {TARGETS['3dpw']} or {TARGETS['ski']}",
            {"mpjpe_mm": other},
            f"PoseAug's notebook, true keypoints, on {TARGETS['3dhp']}, its epoch chosen on the "
            f"test set; {own:g} mm on Human3.6M itself; no figure for the others in our sources",
        )
        for lifter, (other, own) in figures.items()
    }
    few = AdaptedRow("poseda_videopose", learning(POSEAUG, "videopose"),
                     f"{ONE} to S5, S6, S7, S8")  # fmt: skip
    return {**rows, "poseaug_videopose_s1": few}


ROWS: Mapping[str, AdaptedRow] = {**_aligned(), **_whole(), **_augmented()}
