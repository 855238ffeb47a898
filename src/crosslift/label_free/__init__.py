"""What keypoints alone tell of a lifter: to stop a training, and to choose, without labels.

A target's true poses are not there, or must not be looked at. `SCORES` are what is left: whether
answers are seen where the keypoints are, are one body that bends as people do, and agree with each
other when the same is seen otherwise. `docs/label_free_scores.md` says which of them go with the
true error, and which do not.
"""

from .combined import TERMS, combined
from .movement import usual_acceleration
from .question import Question, windowing_for
from .table import SCORES, Score, measured
from .validation import unlabelled

__all__ = [
    "SCORES",
    "TERMS",
    "Question",
    "Score",
    "combined",
    "measured",
    "unlabelled",
    "usual_acceleration",
    "windowing_for",
]
