"""Whom and by what the grid of `benchmarks.adaptation` adapts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crosslift.adapt.gpa import Alignment
from crosslift.adapt.job import Method, until_over
from crosslift.adapt.likeness import Likeness
from crosslift.adapt.lpa import LocalAugmentation
from crosslift.adapt.poseda import AlignedAndAugmented
from crosslift.lifters.semgcn import SemGCNLifter
from crosslift.lifters.simple_baseline import GENERAL, SimpleBaselineLifter
from crosslift.lifters.stgcn import STGCNLifter
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.recipes.supervised import Optimizing


@dataclass(frozen=True)
class Student:
    """A lifter in a form that learns within minutes of one thread."""

    name: str
    settings: Any
    rate: float
    batch: int


STUDENTS = {
    "simple_baseline": Student(
        "simple_baseline", SimpleBaselineLifter(replace(GENERAL, width=512)), 1e-3, 512
    ),
    "semgcn": Student("semgcn", SemGCNLifter(), 3e-3, 64),
    "stgcn": Student("stgcn", STGCNLifter(), 1e-3, 64),
    "videopose": Student(
        "videopose",
        VideoPoseLifter(VideoPoseSettings(filter_widths=(3, 3), channels=256, dropout=0.05)),
        1e-3,
        256,
    ),
}

POSITION = Likeness(proportions=False, viewpoint=False)
TURNED = Likeness(proportions=False)
METHODS: Mapping[str, tuple[str, Method | None]] = {
    "source": ("source-only", None),
    "position": ("GPA alone, as published", Alignment(POSITION)),
    "turned": ("turn, tilt and GPA only", Alignment(TURNED)),
    "gpa": ("turn, tilt, proportions and GPA", Alignment()),
    "lpa": ("turn, tilt, proportions and local augmentation", LocalAugmentation()),
    "poseda_plain": ("GPA and local augmentation", AlignedAndAugmented(POSITION)),
    "poseda": ("all of it", AlignedAndAugmented()),
    "oracle": ("trained with the pair's labels", None),
}
"""What each is called in the table, and how it adapts, if it does."""


def method_of(student: Student, name: str, minutes: float) -> Method:
    """A method within its budget, learning as fast as suits the lifter."""
    method = METHODS[name][1]
    assert isinstance(method, Alignment | LocalAugmentation | AlignedAndAugmented), "it adapts"
    fitting = until_over(minutes=minutes, patience=None)
    learning = Optimizing(rate=student.rate / 2)
    if isinstance(method, Alignment):
        return replace(method, batch=student.batch, optimizer=learning, fitting=fitting)
    game = replace(method.game, batch=student.batch, lifter=learning)
    return replace(method, game=game, fitting=fitting)
