"""Training: the one optimisation loop, and what a method hands to it."""

from .examples import Examples
from .fit import Fitted, fit
from .plan import UNKEPT, Fitting, Run, Schedule
from .step import Step, Terms, Validation

__all__ = [
    "UNKEPT",
    "Examples",
    "Fitted",
    "Fitting",
    "Run",
    "Schedule",
    "Step",
    "Terms",
    "Validation",
    "fit",
]
