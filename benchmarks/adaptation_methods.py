"""Whom and by what the grid of `benchmarks.adaptation` adapts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crosslift.adapt.dh import QUICK as PLAYED
from crosslift.adapt.dh import MadeBodies, PlacedBodies
from crosslift.adapt.gpa import Alignment
from crosslift.adapt.job import Method, until_over
from crosslift.adapt.likeness import Likeness
from crosslift.adapt.low_rank import LowRankAlignment
from crosslift.adapt.lpa import LocalAugmentation
from crosslift.adapt.poseda import AlignedAndAugmented
from crosslift.adapt.posynda import QUICK, TeacherAndStudent
from crosslift.augment.dh import RandomBodies
from crosslift.augment.dh_generator import Maker
from crosslift.find_lifter import shipped
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.diffusion_settings import DiffusionSettings
from crosslift.lifters.direct import Direct
from crosslift.lifters.inputs import Inputs
from crosslift.lifters.semgcn import SemGCNLifter
from crosslift.lifters.simple_baseline import GENERAL, SimpleBaselineLifter
from crosslift.lifters.stgcn import STGCNLifter
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.recipes.dh_aug.moves import Contest
from crosslift.recipes.dh_aug.settings import Game
from crosslift.recipes.diffusion import DiffusionRecipe
from crosslift.recipes.job import Recipe
from crosslift.recipes.supervised import Optimizing, Supervised
from crosslift.training import Fitting


@dataclass(frozen=True)
class Student:
    """A lifter in a form that learns within minutes of one thread."""

    name: str
    settings: Any
    rate: float
    batch: int
    """Frames or windows that are answered for in a batch."""
    answered: int = 1
    """Frames for which a window is answered at once."""
    augment: tuple[str, ...] = ()
    """Augmenters that it keeps learning with when it is adapted by alignment."""

    @property
    def windows(self) -> int:
        """In a batch of methods that let each answer for itself."""
        return min(self.batch, 256)

    def recipe(self, fitting: Fitting) -> Recipe:
        """By which it is trained with labels."""
        learning = Optimizing(rate=self.rate)
        if isinstance(self.settings, DiffusionSettings):
            return DiffusionRecipe(batch=self.batch, optimizer=learning, fitting=fitting)
        return Supervised(
            batch=self.batch // self.answered,
            answered=self.answered,
            optimizer=learning,
            fitting=fitting,
        )


STUDENTS = {
    "simple_baseline": Student(
        "simple_baseline", SimpleBaselineLifter(replace(GENERAL, width=512)), 2e-3, 256
    ),
    "semgcn": Student("semgcn", SemGCNLifter(), 2e-2, 32),
    "stgcn": Student("stgcn", STGCNLifter(inputs=Inputs("facing")), 3e-3, 16),
    "videopose": Student(
        "videopose",
        VideoPoseLifter(VideoPoseSettings(filter_widths=(3, 3), channels=256, dropout=0.05)),
        3e-3,
        504,
        answered=9,
    ),
    "d3dp": Student(
        "d3dp",
        D3DPLifter(
            MixSTESettings(frames=27, width=64, depth=3, heads=4, drop_path=0.0),
            inputs=Inputs("screen"),
        ),
        2e-3,
        8,
    ),
    **{name: Student(name, None, 1e-3, 512, augment=("detector",)) for name in shipped()},
}
"""Those that come with the package are not trained anew, and so have no oracle."""

CLOCK = "processor"
"""What the budget is of: other work on the machine changes nothing but the wait."""
BEFORE = Path("generator.safetensors")
"""In the work folder: what `crosslift train dh_aug` left."""
POSITION = Likeness(proportions=False, stature=False, viewpoint=False)
TURNED = Likeness(proportions=False)
BARE = Likeness(proportions=False, stature=False, viewpoint=False, position=False)


@dataclass(frozen=True)
class TornBodies(MadeBodies):
    """A random body for each frame by itself, so that nothing moves as people do."""

    game: Game = replace(PLAYED, data="random")  # noqa: RUF009  frozen

    def maker(self, lifter: Direct, contest: Contest | None) -> Maker:
        """Chance, frame by frame."""
        return RandomBodies(torn=True)


METHODS: Mapping[str, tuple[str, Method | None]] = {
    "source": ("source-only", None),
    "position": ("GPA alone, as published", Alignment(POSITION)),
    "turned": ("turn, tilt, stature and GPA only", Alignment(TURNED)),
    "gpa": ("turn, tilt, proportions and GPA", Alignment()),
    "lpa": ("turn, tilt, proportions and local augmentation", LocalAugmentation()),
    "poseda_plain": ("GPA and local augmentation", AlignedAndAugmented(POSITION)),
    "poseda": ("all of it", AlignedAndAugmented()),
    "dh": ("turn, tilt, proportions and made bodies (DH-AUG)", MadeBodies()),
    "dh_plain": ("made bodies of the source's proportions", MadeBodies(BARE)),
    "dh_torn": ("random bodies, another in every frame", TornBodies()),
    "dh_before": ("bodies of a generator that was trained before", MadeBodies(generator=BEFORE)),
    "gpa+dh": ("made bodies, aligned", PlacedBodies()),
    "gpa+dh_before": ("the same bodies, aligned", PlacedBodies(generator=BEFORE)),
    "gpa+dh_plain": ("made bodies of the source's proportions, aligned", PlacedBodies(POSITION)),
    "gpa+lora": ("turn, tilt, proportions and GPA, low rank", LowRankAlignment()),
    "posynda": ("teacher and student, low rank (PoSynDA)", TeacherAndStudent()),
    "posynda_plain": ("PoSynDA without augmentation", TeacherAndStudent(BARE)),
    "posynda_no_teacher": (
        "PoSynDA without a teacher",
        TeacherAndStudent(course=replace(QUICK, teacher=False)),
    ),
    "posynda_full": (
        "PoSynDA without low rank: all weights move",
        TeacherAndStudent(course=replace(QUICK, moved="all", optimizer=Optimizing(rate=1e-3))),
    ),
    "posynda_one": (
        "PoSynDA with one hypothesis",
        TeacherAndStudent(course=replace(QUICK, hypotheses=1)),
    ),
    "oracle": ("trained with the pair's labels", None),
}
"""What each is called in the table, and how it adapts, if it does."""


def within(minutes: float) -> Fitting:
    """A training of so many minutes of this process; products in bfloat16 buy it more batches."""
    return until_over(minutes=minutes, patience=None, clock=CLOCK, precision="bfloat16")


def method_of(student: Student, name: str, minutes: float, work: Path) -> Method:
    """A method within its budget, learning as fast as suits the lifter."""
    method = METHODS[name][1]
    assert method is not None, "it adapts"
    fitting = within(minutes)
    learning = Optimizing(rate=student.rate / 2)
    if isinstance(method, Alignment):
        return replace(
            method,
            batch=student.batch,
            answered=student.answered if student.answered > 1 else None,
            augment=student.augment,
            optimizer=learning,
            fitting=fitting,
        )
    if isinstance(method, TeacherAndStudent):
        course = replace(method.course, batch=student.batch)
        return replace(method, course=course, fitting=fitting)
    if isinstance(method, MadeBodies):
        lesson = replace(method.learning, optimizer=learning)
        made = replace(method, batch=student.windows, learning=lesson, fitting=fitting)
        return made if made.generator is None else replace(made, generator=work / made.generator)
    assert isinstance(method, LocalAugmentation | AlignedAndAugmented), "it has players"
    game = replace(method.game, batch=student.windows, lifter=learning)
    return replace(method, game=game, fitting=fitting)
