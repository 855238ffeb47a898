"""From a lifter that draws its poses, labelled windows and filmed ones to the adapted lifter."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

from torch import Generator, nn

from ...data.store import Store
from ...data.windows_of_store import StoreWindows
from ...errors import SettingsError
from ...lifters.diffusion import Diffusion
from ...lifters.direct import Direct
from ...networks.low_rank import inject
from ...training import UNKEPT, Examples, Fitted, Run, Validation, fit
from ...windows import Windowing
from .moves import Course
from .settings import PoSynDA
from .teacher import Teacher


@dataclass(frozen=True, eq=False)
class Adapted:
    """What became of an adaptation."""

    lifter: Diffusion
    """With low-rank additions in its network, if it was these that learned."""
    fitted: Fitted
    moved: int
    """Numbers that learned."""


def adapt(
    lifter: Direct,
    source: Examples,
    filmed: Store,
    settings: PoSynDA,
    rng: Generator,
    *,
    run: Run = UNKEPT,
    validation: Callable[[Direct], Validation] | None = None,
) -> Adapted:
    """The lifter adapted to recordings without labels; the given one stays as it was.

    Args:
        source: Batches of labelled windows that look like the target's.
        filmed: The target's recordings; poses in it are not read.
        validation: Of the lifter that is being adapted; never by the target's labels.
    """
    student = student_of(lifter, settings, rng)
    course = course_of(student, filmed, settings)
    judged = None if validation is None else judged_by(validation(student), course.teacher)
    fitted = fit(
        modules_of(course),
        course.steps(),
        source,
        settings.fitting,
        rng,
        run=run,
        validation=judged,
    )
    if course.teacher is not None:
        course.teacher.hand_over()
    return Adapted(student, fitted, sum(each.numel() for each in moving(student.network)))


def student_of(lifter: Direct, settings: PoSynDA, rng: Generator) -> Diffusion:
    """A lifter whose network is a copy, and moves where the settings say."""
    check_draws(lifter)
    network = deepcopy(lifter.network)
    if settings.moved == "low_rank":
        inject(network, settings.low_rank, rng)
    else:
        network.requires_grad_(True)
    student = replace(lifter, network=network)
    assert isinstance(student, Diffusion), "as the lifter is"
    return student


def course_of(student: Diffusion, filmed: Store, settings: PoSynDA) -> Course:
    """The student with its windows, its optimiser and its teacher."""
    windows = StoreWindows(filmed, Windowing(student.frames, step_of(student)), labelled=False)
    parameters = moving(student.network)
    optimizer = settings.optimizer.build(parameters)
    teacher = Teacher(parameters, settings.share) if settings.teacher else None
    if teacher is not None:
        teacher.follows(optimizer)
    return Course(student, windows, settings, optimizer, teacher)


def step_of(lifter: Diffusion) -> int:
    """Frames from one of the target's windows to the next."""
    return max(1, lifter.frames // 3) if lifter.predict == "all" else 1


def moving(network: nn.Module) -> list[nn.Parameter]:
    """The parameters that learn."""
    return [each for each in network.parameters() if each.requires_grad]


def modules_of(course: Course) -> dict[str, nn.Module]:
    """All that is trained and kept, by name."""
    kept: dict[str, nn.Module] = {"lifter": course.lifter.network}
    return kept if course.teacher is None else {**kept, "teacher": course.teacher}


def judged_by(validation: Validation, teacher: Teacher | None) -> Validation:
    """The same measurements of what will be the result."""
    if teacher is None:
        return validation

    def measure() -> dict[str, float]:
        with teacher.teaching():
            return dict(validation.measure())

    return replace(validation, measure=measure)


def check_draws(lifter: Direct) -> None:
    """Refuse a lifter that has one answer alone."""
    if not isinstance(lifter, Diffusion):
        raise SettingsError(
            "PoSynDA chooses among poses that a lifter draws, but this one "
            f"({type(lifter.network).__name__}) has one answer alone; take a lifter such as d3dp, "
            "or the method gpa+lora."
        )
