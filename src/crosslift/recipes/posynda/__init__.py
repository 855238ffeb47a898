"""PoSynDA: Liu et al., "PoSynDA: multi-hypothesis pose synthesis domain adaptation", ACM MM 2023.

A lifter that draws its poses learns from labelled source windows that look like the target's, and
from the target's keypoints, for which a teacher chooses among its hypotheses by where they are
seen. Little moves (`networks.low_rank`). Here are what is minimised (`terms`), the moves (`moves`),
the teacher (`teacher`) and the whole (`adapting`).
"""

from .adapting import Adapted, adapt, check_draws
from .rows import ROWS, TaughtRow
from .settings import POSYNDA, PoSynDA, SourceTerms, TargetTerms
from .teacher import Teacher

__all__ = [
    "POSYNDA",
    "ROWS",
    "Adapted",
    "PoSynDA",
    "SourceTerms",
    "TargetTerms",
    "TaughtRow",
    "Teacher",
    "adapt",
    "check_draws",
]
