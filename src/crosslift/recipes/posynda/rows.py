"""PoSynDA's table as named settings, with what figures there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .settings import POSYNDA, PoSynDA

SOURCE = "Human3.6M's five training subjects (CPN)"
START = "d3dp_243_h36m_cpn"
NONE = "no figure in our sources"


@dataclass(frozen=True)
class TaughtRow:
    """One lifter of the table."""

    data: str
    """From which data to which; what the target's is used for is said by its name."""
    start: str = START
    """The row of source-only training with whose lifter it begins (`recipes.rows`)."""
    course: PoSynDA = POSYNDA
    expected: Mapping[str, float] = field(default_factory=dict)
    """Figure to expect, by what it measures."""
    source: str = NONE


README = "PoSynDA's README has 58.2 mm beside 57.9 of a MixSTE that knows the target's labels"
FIGURES = {"mpjpe_mm": 58.2, "pck": 93.5, "auc": 59.6}

ROWS: Mapping[str, TaughtRow] = {
    "posynda_243_3dhp": TaughtRow(
        f"{SOURCE} to MPI-INF-3DHP, inductive: keypoints of its training videos, scored on its "
        "test sequences",
        source=f"{NONE}; the release learns from the test sequences",
    ),
    "posynda_243_3dhp_transductive": TaughtRow(
        f"{SOURCE} to MPI-INF-3DHP, transductive: keypoints of the test sequences themselves",
        expected=FIGURES,
        source=f"{README}, and does not say which data set it is of; PCK and AUC are recalled from "
        "the paper and not verified",
    ),
    "posynda_243_s1": TaughtRow(
        "Human3.6M's S1 (--where subject=S1) to S5, S6, S7, S8, transductive as published",
        source=f"{README}, which says Human3.6M; nothing else is published of this setting",
    ),
    **{
        f"posynda_243_s1_{name.lower()}": TaughtRow(
            f"Human3.6M's S1 (--where subject=S1) to {name} alone, transductive"
        )
        for name in ("S5", "S6", "S7", "S8")
    },
}
