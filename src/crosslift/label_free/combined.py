"""One figure of several unlabelled scores, with weights that were fitted once and stay."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import DataError

FLOOR = 0.05
"""The share of what is usual below which a score is no better: a lifter may not buy much with one
perfect figure."""


class Term(NamedTuple):
    """A score's part in the combination."""

    weight: float
    """All weights add up to 1."""
    usual: float
    """The median over the lifters to which the weights were fitted, in people's units."""


TERMS: dict[str, Term] = {
    "reprojection": Term(0.642, 8.24),
    "body": Term(0.202, 18.1),
    "camera_change": Term(0.111, 69.5),
    "bone_change": Term(0.045, 10.9),
}
"""Fitted by `benchmarks/label_free_scores.py` to the errors of small lifters in domains that are
both made of the synthetic preset "source"; nothing of "target" is in it."""


def combined(figures: Mapping[str, float]) -> float:
    """The weighted geometric mean of the scores by what is usual: 1 is usual, less is better.

    Scores that are missing or NaN are left out, and the others weigh more.

    Args:
        figures: Scores by name, in people's units; others than those of `TERMS` do not count.
    """
    known = {
        name: term for name, term in TERMS.items() if not math.isnan(figures.get(name, math.nan))
    }
    if not known:
        raise DataError(
            f"The combined score is made of {', '.join(TERMS)}, but none of them could be told; "
            "give windows in which keypoints are seen."
        )
    total = sum(term.weight for term in known.values())
    logs = sum(
        term.weight * math.log(max(figures[name] / term.usual, FLOOR))
        for name, term in known.items()
    )
    return math.exp(logs / total)
