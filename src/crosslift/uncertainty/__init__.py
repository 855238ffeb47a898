"""How sure poses are: covariances of hypotheses, regions that hold what they say, and a report."""

from .calibration import LEVELS, OUTSIDE, Calibration, fit_calibration, with_uncertainty
from .covariance import covariance_about
from .file import CALIBRATION, read_calibration, write_calibration
from .measuring import Measured, measure, measured
from .report import Report, Row, checked_by_halves, report_of
from .words import cells, doubt, markdown, verdict

__all__ = [
    "CALIBRATION",
    "LEVELS",
    "OUTSIDE",
    "Calibration",
    "Measured",
    "Report",
    "Row",
    "cells",
    "checked_by_halves",
    "covariance_about",
    "doubt",
    "fit_calibration",
    "markdown",
    "measure",
    "measured",
    "read_calibration",
    "report_of",
    "verdict",
    "with_uncertainty",
    "write_calibration",
]
