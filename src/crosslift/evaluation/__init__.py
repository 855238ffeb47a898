"""Estimates against truths: the figures that people compare, and the settings they are made by."""

from .compare import Evaluation, belongs, evaluate
from .plot import draw_report
from .protocols import PLAIN, PROTOCOLS, Protocol, protocol_named
from .report import Report
from .scores import Scores, score
from .selection import Selection
from .stamp import stamp
from .tally import Tally, tally

__all__ = [
    "PLAIN",
    "PROTOCOLS",
    "Evaluation",
    "Protocol",
    "Report",
    "Scores",
    "Selection",
    "Tally",
    "belongs",
    "draw_report",
    "evaluate",
    "protocol_named",
    "score",
    "stamp",
    "tally",
]
