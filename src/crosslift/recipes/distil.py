"""Few-step distillation: a diffusion lifter that draws at once as its teacher does in eight steps.

In rounds, each of which halves the steps: one step of the student is to lead where two of its
predecessor's lead. The first predecessor is the teacher, the next ones are the student as it was
when the round before ended. Steps are without fresh noise, so that a noisy pose leads to one clean
pose. (Salimans and Ho, "Progressive distillation for fast sampling of diffusion models", ICLR
2022.)
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

from .. import registry
from ..clip import Batch
from ..diffusion import gaussian, noised, visited
from ..diffusion.process import DIRECTIONS
from ..diffusion.sampler import Direction
from ..errors import SettingsError
from ..geometry import mirror
from ..lifter_folder import About, load_lifter, read_about
from ..lifters.diffusion import Diffusion
from ..lifters.diffusion_settings import DiffusionSettings
from ..lifters.direct import mirrored
from ..lifters.inputs import Seen
from ..losses import position_error
from ..training import Fitting, Schedule, Step, Terms, fit
from .diffusion import of_answered
from .job import Job, Trained
from .supervised import (
    Optimizing,
    Supervised,
    domain_of,
    examples_for,
    held_out,
    relative_truth,
)

Poses = Float[Tensor, "batch answered joints 3"]
Share = Float[Tensor, "batch 1 1 1"]
Clean = Callable[[Poses, Int[Tensor, " batch"]], Poses]
"""The clean poses behind noisy ones, all scaled, of a time for each window."""
NOWHERE = Path()


@registry.recipe("distil")
@dataclass(frozen=True)
class DistilRecipe:
    """Teach a diffusion lifter to draw in one or two steps what its teacher draws in eight."""

    teacher: Path = NOWHERE
    """The folder of a trained d3dp or diff3dhpe; the student has its network, inputs and weights at
    first."""
    steps: int = 1
    """Calls of the network with which the student is to draw: 1 or 2."""
    halvings: int = 3
    """Rounds of training, each of which halves the steps; the teacher draws in as many as that
    makes: 8 for a student of one step."""
    truth: float = 1.0
    """Weight of the distance of its clean poses from the true ones, beside 1 for that from where
    its predecessor's lead: what one pass loses of many is made up by what it learns anew."""
    batch: int = 32
    """Windows in a batch."""
    stride: int | None = None
    """Frames from one window to the next; unless given, a third of the window, or 1 where only
    its middle frame is answered for."""
    flip: bool = True
    """Whether half of the windows are mirrored."""
    augment: tuple[str, ...] = ()
    """Augmenters by name, applied one after the other (see crosslift list augmenters)."""
    optimizer: Optimizing = Optimizing("adamw", 1e-4, decay=0.01)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(schedule=Schedule("linear"), clip=1.0)  # noqa: RUF009  frozen
    """Of all rounds together. The last weights are the result: the first rounds' are better judged
    by one step than they are."""

    def __post_init__(self) -> None:
        """Refuse what is no distillation, and an end that comes when the rounds are not over."""
        if self.steps not in (1, 2) or not 1 <= self.halvings <= 8:
            raise SettingsError(
                "A student draws in 1 or 2 steps, after 1 to 8 halvings of its teacher's, but "
                f"{self.steps} and {self.halvings} were asked for; choose 1 and 3."
            )
        if self.truth < 0:
            raise SettingsError(
                "True poses count for a student with a weight of 0 or more, but "
                f"{self.truth:g} was given; 0 leaves them out."
            )
        if self.fitting.minutes is not None or self.fitting.patience is not None:
            raise SettingsError(
                "A distillation ends when all its rounds are over, but fitting.minutes or "
                "fitting.patience could end it before; give fitting.epochs or fitting.steps."
            )

    def lifter(self) -> tuple[str, DiffusionSettings]:
        """The registered name and the settings of the student, which follow from the teacher."""
        about = self.about_teacher()
        network = replace(
            about.settings.network, drop_path=0.0
        )  # the teacher's answers do not tire
        return about.name, replace(about.settings, network=network, steps=self.steps)

    def about_teacher(self) -> About:
        """What the teacher's folder says of it."""
        if self.teacher == NOWHERE:
            raise SettingsError(
                "A student needs a teacher; name the folder of a trained d3dp or diff3dhpe with "
                "--teacher."
            )
        about = read_about(self.teacher)
        if not isinstance(about.settings, DiffusionSettings):
            raise SettingsError(
                f'A teacher draws poses from noise in many steps, but "{self.teacher}" is a '
                f'"{about.name}", which answers in one; name the folder of a d3dp or diff3dhpe.'
            )
        return about

    def train(self, job: Job) -> Trained:
        """A student that has learned from its teacher about the job's poses."""
        teacher, student = self.pair(job)
        plain = Supervised(self.batch, self.stride, flip=self.flip, augment=self.augment)
        examples = examples_for(student, job.train, plain, job.rng)
        validation = None
        if job.validation is not None:
            validation = held_out("validation", replace(student, hypotheses=1), job.validation)
        total = self.fitting.epochs * len(examples)
        rounds = Rounds(teacher, self, min(total, self.fitting.steps or total))
        optimizer = self.optimizer.build(list(student.network.parameters()))
        step = Step("lifter", loss_of(student, rounds), optimizer)
        fitted = fit(
            {"lifter": student.network, "before": rounds.before},
            [step],
            examples,
            replace(self.fitting, keep="last"),
            job.rng,
            run=job.run,
            validation=validation,
        )
        return Trained(student, fitted, domain_of(examples, student.skeleton, job.rng))

    def pair(self, job: Job) -> tuple[Diffusion, Diffusion]:
        """The teacher, as it draws, and the student, who begins with its weights."""
        about, (name, settings) = self.about_teacher(), self.lifter()
        asked = job.about
        settings = replace(settings, fps=getattr(asked.settings, "fps", None))
        if (asked.name, asked.settings, asked.skeleton) != (name, settings, about.skeleton):
            raise SettingsError(
                f'The student of "{self.teacher}" is a {about.name} for the skeleton '
                f'"{about.skeleton.name}" with its settings, but {asked.name} for '
                f'"{asked.skeleton.name}" was to be trained; leave the lifter to the recipe, '
                "and give stores of that skeleton."
            )
        student = job.lifter()
        teacher, _ = load_lifter(self.teacher)
        assert isinstance(teacher, Diffusion), "its settings are those of one"
        student = student.with_state(teacher.state()).to(job.device)
        assert isinstance(student, Diffusion), "it is built as the teacher is"
        student.network.train().requires_grad_(True)
        teacher.network.eval().requires_grad_(False)
        moved = teacher.to(job.device)
        assert isinstance(moved, Diffusion), "it is the same"
        return moved, student


class Before(nn.Module):
    """The network that a round's student learns from, and how many batches it has taught."""

    batches: Tensor

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = deepcopy(network).requires_grad_(False)
        self.register_buffer("batches", torch.zeros((), dtype=torch.long))

    def train(self, mode: bool = True) -> "Before":
        """Stays as it is: whoever teaches leaves nothing out."""
        return super().train(False)


class Rounds:
    """Who teaches, and how many steps the student is to take, batch after batch."""

    def __init__(self, teacher: Diffusion, recipe: DistilRecipe, batches: int) -> None:
        self.before, self.recipe = Before(teacher.network).eval(), recipe
        self.lifter = replace(teacher, network=self.before.network)
        self.each = max(1, -(-batches // recipe.halvings))

    def next(self, student: Diffusion) -> int:
        """The student's steps with the next batch.

        When a round begins, who teaches changes. All that is remembered lies in `before`, so that a
        training that was stopped goes on.
        """
        done = int(self.before.batches)
        self.before.batches += 1
        if done and done % self.each == 0:
            self.before.network.load_state_dict(student.network.state_dict())
        return self.recipe.steps * 2 ** (self.recipe.halvings - 1 - done // self.each)


def loss_of(student: Diffusion, rounds: Rounds) -> Callable[[Batch, Generator], Terms]:
    """How far a step of the student leads from where two of its predecessor's lead."""
    process = student.process
    signal = process.noise().signal

    def loss(batch: Batch, rng: Generator) -> Terms:
        steps = rounds.next(student)
        truth, known = of_answered(student, *relative_truth(batch))
        clean = process.scale * student.in_network_units(torch.where(known[..., None], truth, 0))
        place = torch.randint(steps, (len(batch),), generator=rng, device=rng.device).cpu()
        road = torch.tensor([*visited(2 * steps, process.times), -1])
        at, midway, end = (road[2 * place + number] for number in range(3))
        noisy = noised(clean, gaussian(clean, rng), signal[at].to(clean))
        seen = Seen(batch.keypoints, batch.camera, batch.scores, batch.body)
        with torch.no_grad():
            goal = goal_of(rounds.lifter, seen, noisy, (at, midway, end))
        found = answering(student, seen, turned=False)(noisy, at.to(clean.device))
        terms = {"position": position_error(found, goal, known) / process.scale}
        if rounds.recipe.truth > 0:
            off = position_error(found, clean, known) / process.scale
            terms["truth"] = rounds.recipe.truth * off
        return terms

    return loss


def goal_of(
    lifter: Diffusion, seen: Seen, noisy: Poses, times: tuple[Tensor, Tensor, Tensor]
) -> Poses:
    """The clean poses by which one step leads where a lifter's two steps lead.

    Args:
        times: Of the noisy poses, between the steps, and after them; -1 where all noise is gone.
    """
    process, (at, midway, end) = lifter.process, times
    signal = process.noise().signal
    now, half, then = (signal[each.clamp_min(0)].to(noisy)[:, None, None, None] for each in times)
    clean = answering(lifter, seen, turned=averages_at_each_step(lifter))
    first = process.limited(clean(noisy, at.to(noisy.device)))
    direction = DIRECTIONS[process.direction]
    between = half.sqrt() * first + (1 - half).sqrt() * direction(noisy, first, now)
    second = process.limited(clean(between, midway.to(noisy.device)))
    after = then.sqrt() * second + (1 - then).sqrt() * direction(between, second, half)
    whole = clean_of_step(noisy, after, now, then, direction)
    last = (end < 0).to(noisy.device)[:, None, None, None]
    return process.limited(torch.where(last, second, whole))


def clean_of_step(
    noisy: Poses, after: Poses, now: Share, then: Share, direction: Direction
) -> Poses:
    """The clean poses with which one step without fresh noise leads from noisy poses to others.

    The direction is linear in both of its poses, so that the step can be solved for the clean ones.
    """
    kept, zero = (1 - then).sqrt(), torch.zeros_like(noisy)
    of_clean = then.sqrt() + kept * direction(zero, torch.ones_like(noisy), now)
    return (after - kept * direction(noisy, zero, now)) / of_clean


def answering(lifter: Diffusion, seen: Seen, *, turned: bool) -> Clean:
    """What a lifter says of noisy poses about some keypoints, each window at a time of its own.

    Beyond the process's limit too: an answer that were held back could not be told to return.

    Args:
        turned: Whether the mean with its answer about the mirror image is taken.
    """
    process, told = lifter.process, lifter.numbers(seen)
    image = lifter.numbers(mirrored(seen, lifter.skeleton)) if turned else None

    def clean(noisy: Poses, times: Int[Tensor, " batch"]) -> Poses:
        given = process.entering(noisy)[:, None].to(told)
        answer = lifter.network(told, given, times)
        if image is not None:
            other = lifter.network(image, mirror(given, lifter.skeleton), times)
            answer = (answer + mirror(other, lifter.skeleton)) / 2
        return process.scale * answer[:, 0].to(noisy)

    return clean


def averages_at_each_step(lifter: Diffusion) -> bool:
    """Whether the mirror image is a part of every step, and not a drawing of its own."""
    return lifter.flip and lifter.flips == "each_step"
