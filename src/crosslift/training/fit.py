"""The one optimisation loop: players that move in turn on one stream of batches."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor, nn

from ..errors import SettingsError, TrainingError
from . import checkpoint as kept
from . import log
from .average import Average, put, weights
from .checkpoint import Standing
from .examples import Examples, ahead, seeded
from .plan import UNKEPT, Fitting, Run
from .precision import lowered
from .processes import Team, all_agree, as_the_first, average_gradients, settle, team
from .step import Step, Validation
from .stopping import between_batches

MOST_SKIPPED = 50
"""Batches in a row whose loss is no number after which a training gives up."""


@dataclass(frozen=True)
class Fitted:
    """What became of a training."""

    steps: int
    epochs: float
    seconds: float
    skipped: int
    """Batches whose loss or gradient was no number, and which changed nothing."""
    best: float | None
    best_step: int
    history: Sequence[Mapping[str, Any]] = field(default=())
    """Every validation."""
    why: str = "all epochs were trained"


def fit(
    modules: Mapping[str, nn.Module],
    steps: Sequence[Step],
    examples: Examples,
    settings: Fitting,
    rng: torch.Generator,
    *,
    run: Run = UNKEPT,
    validation: Validation | None = None,
    every_epoch: Callable[[int], None] | None = None,
) -> Fitted:
    """Train the modules in place; at the end they have the kept weights and are in eval mode.

    Whatever is drawn follows from `rng` and the batch's number, so that a training that was
    stopped anywhere and continued ends with the same weights on the same kind of machine.

    Args:
        modules: All that is trained and kept, by name.
        every_epoch: Called with the epoch's number before it begins, or is gone on with.
    """
    if not len(examples):
        raise TrainingError("A training needs at least one batch, but the data gives none.")
    seed = int(torch.randint(2**62, (), generator=rng))
    standing = Standing(seed, examples.hash, dict(run.about))
    loop = _Loop(modules, steps, examples, settings, standing, run.folder, validation)
    loop.every_epoch = every_epoch
    loop.begin(resume=run.resume)
    return loop.train(run.console)


class _Loop:
    """One training while it lasts."""

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        steps: Sequence[Step],
        examples: Examples,
        settings: Fitting,
        standing: Standing,
        folder: Path | None,
        validation: Validation | None,
    ) -> None:
        self.modules, self.steps, self.examples, self.settings = modules, steps, examples, settings
        self.standing, self.folder, self.validation = standing, folder, validation
        self.every_epoch: Callable[[int], None] | None = None
        self.device = next(each.device for each in weights(modules).values())
        self.team: Team = team(self.device)
        self.average = Average(modules, settings.average) if settings.average else None
        self.best: dict[str, Tensor] | None = None
        self.rates = [[group["lr"] for group in step.optimizer.param_groups] for step in steps]
        self.listeners: list[log.Listener] = []
        self.means = log.Means()
        self.in_a_row = Counter[str]()
        self.midway = False
        """Whether some players have made their move on a batch, and others not yet."""
        self.total = settings.epochs * len(examples)
        if settings.steps is not None:
            self.total = min(self.total, settings.steps)

    def begin(self, *, resume: bool) -> None:
        """Take up an earlier run, or start the log of a new one."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / kept.NAME
        if path.exists():
            if not resume:
                raise SettingsError(
                    f'"{self.folder}" holds a training already; name another folder, or add '
                    "--continue to go on with it."
                )
            self.restore(path)
        if self.team.leads:
            log.shortened(self.folder / log.NAME, self.standing.step)
            self.listeners.append(log.to_file(self.folder / log.NAME))
            if self.settings.tensorboard:
                self.listeners.append(log.to_tensorboard(self.folder / "tensorboard"))

    def restore(self, path: Path) -> None:
        """Everything as it was when the checkpoint was written."""
        standing, tensors = kept.load_checkpoint(path)
        kept.check_same(standing, self.standing, path)
        self.standing = standing
        put(self.modules, _below("module.", tensors))
        kept.restore_optimizers([step.optimizer for step in self.steps], tensors)
        self.best = _below("best.", tensors) or None
        if self.average is not None:
            self.average.values = {
                name: each.to(self.device) for name, each in _below("average.", tensors).items()
            }
            self.average.count = standing.averaged

    def save(self) -> None:
        """Write the checkpoint, if there is a folder for it."""
        if self.folder is None or not self.team.leads:
            return
        tensors = {f"module.{name}": each for name, each in weights(self.modules).items()}
        tensors |= kept.optimizer_tensors([step.optimizer for step in self.steps])
        tensors |= {f"best.{name}": each for name, each in (self.best or {}).items()}
        if self.average is not None:
            tensors |= {f"average.{name}": each for name, each in self.average.values.items()}
            self.standing.averaged = self.average.count
        kept.save_checkpoint(self.folder / kept.NAME, self.standing, tensors)

    def train(self, console: Console | None) -> Fitted:
        """The loop."""
        standing, size = self.standing, len(self.examples)
        now, saved = self.settings.now, time.monotonic()
        before, start = standing.seconds, now()
        why = self.reason_to_end()
        display = log.Display(console if self.team.leads else None, self.total, standing.step)
        forked = torch.random.fork_rng(self.cuda())
        with forked, display, between_batches() as asked_to_stop:
            try:
                stream = ahead(self.examples, standing.step, self.total, self.settings.workers)
                if standing.step % size:
                    self.enter(standing.step // size)
                while why is None:
                    if asked_to_stop():
                        raise KeyboardInterrupt
                    self.one(next(stream), display)
                    elapsed = before + now() - start
                    if self.settings.minutes is not None:
                        elapsed = as_the_first(elapsed, self.team, self.device)
                    standing.seconds = elapsed
                    if standing.step % size == 0 or standing.step == self.total:
                        self.validate(display)
                    why = self.reason_to_end()
                    due = time.monotonic() - saved > 60 * self.settings.checkpoint_minutes
                    if due or standing.step % size == 0:
                        self.save()
                        saved = time.monotonic()
            except KeyboardInterrupt:
                if not self.midway:  # half a batch is not kept; the last checkpoint stands
                    self.save()
                raise
        self.save()
        return self.finished(why)

    def one(self, batch: Any, display: log.Display) -> None:
        """All players' moves on one batch."""
        standing, size = self.standing, len(self.examples)
        number, epoch = standing.step, standing.step // size
        if number % size == 0:
            self.enter(epoch)
        part = self.examples.part(batch, self.team.which, self.team.of)
        part = part.to(self.device) if hasattr(part, "to") else part
        for module in self.modules.values():
            module.train()
        torch.manual_seed(standing.seed ^ (number * self.team.of + self.team.which + 1))  # dropout
        factor = self.settings.schedule(number, epoch, self.progress())
        for place, step in enumerate(self.steps):
            if number % step.every == 0:
                for group, rate in zip(step.optimizer.param_groups, self.rates[place], strict=True):
                    group["lr"] = rate * factor
                self.move(step, part, seeded(standing.seed, number, place, self.team.which))
                self.midway = True
        if self.average is not None:
            self.average.update()
        standing.step += 1
        self.midway = False
        display.advance()
        if standing.step % self.settings.log_every == 0:
            self.tell(display, {"rate": self.rates[0][0] * factor} | self.means.take())

    def enter(self, epoch: int) -> None:
        """Do what is to be done when an epoch begins, or is gone on with."""
        if self.every_epoch is not None:
            self.every_epoch(epoch)

    def move(self, step: Step, part: Any, rng: torch.Generator) -> None:
        """One player's move; none if a number of it is not finite."""
        with lowered(self.modules.values(), self.device, self.settings.precision):
            terms = step.loss(part, rng)
        total = torch.stack([each.float() for each in terms.values()]).sum()
        step.optimizer.zero_grad(set_to_none=True)
        total.backward()
        parameters = [each for group in step.optimizer.param_groups for each in group["params"]]
        average_gradients(parameters, self.team)
        norm = nn.utils.clip_grad_norm_(parameters, self.settings.clip or math.inf)
        fine = bool(total.isfinite()) and bool(norm.isfinite())
        if not all_agree(fine, self.team, self.device):
            self.skip(step)
            return
        self.in_a_row[step.name] = 0
        step.optimizer.step()
        for name, value in terms.items():
            self.means.add(f"{step.name}.{name}", value)

    def skip(self, step: Step) -> None:
        """Count a move that was none; too many in a row end the training."""
        step.optimizer.zero_grad(set_to_none=True)
        self.standing.skipped += 1
        self.in_a_row[step.name] += 1
        times = self.in_a_row[step.name]
        if times > MOST_SKIPPED:
            raise TrainingError(
                f'The loss of "{step.name}" was no number {times} times in a row, up to batch '
                f"{self.standing.step}; lower the learning rate, or clip the gradient."
            )

    def validate(self, display: log.Display) -> None:
        """Measure, note, and keep the weights if they are the best so far."""
        if self.validation is None:
            return
        for module in self.modules.values():
            module.eval()
        with self.average.in_place() if self.average is not None else nullcontext():
            figures = dict(self.validation.measure())
            value = figures[self.validation.by]
            standing = self.standing
            if standing.best is None or value < standing.best:
                standing.best, standing.best_step, standing.waited = value, standing.step, 0
                self.best = {k: v.detach().clone() for k, v in weights(self.modules).items()}
            else:
                standing.waited += 1
        named = {f"{self.validation.name}.{key}": float(each) for key, each in figures.items()}
        standing.history.append({"step": standing.step, **named})
        self.tell(display, named)

    def tell(self, display: log.Display, figures: Mapping[str, Any]) -> None:
        """One line for the log and the display."""
        standing = self.standing
        line = {"step": standing.step, "epoch": standing.step / len(self.examples)}
        line |= {"seconds": round(standing.seconds, 3)} | dict(figures)
        for listener in self.listeners:
            listener(line)
        display.say(figures)

    def progress(self) -> float:
        """From 0 at the start to 1 at the end, by batches or by the clock."""
        done = self.standing.step / self.total
        if self.settings.minutes is None:
            return done
        return max(done, self.standing.seconds / (60 * self.settings.minutes))

    def reason_to_end(self) -> str | None:
        """Why training is over, if it is."""
        settings, standing = self.settings, self.standing
        if standing.step >= self.total:
            return "all epochs were trained"
        if settings.minutes is not None and standing.seconds >= 60 * settings.minutes:
            return f"{settings.minutes:g} minutes were over"
        if settings.patience is not None and standing.waited >= settings.patience:
            return f"{standing.waited} epochs brought nothing better"
        return None

    def finished(self, why: str | None) -> Fitted:
        """Put the kept weights in their place, and sum up."""
        settle(self.team)
        standing = self.standing
        if standing.step % len(self.examples) and standing.step < self.total:
            self.validate(log.Display(None, 1, 0))  # it ended between two validations
        if self.settings.keep == "best" and self.best is not None:
            put(self.modules, {name: each.to(self.device) for name, each in self.best.items()})
        elif self.average is not None:
            put(self.modules, self.average.values)
        for module in self.modules.values():
            module.eval()
        return Fitted(
            standing.step,
            standing.step / len(self.examples),
            standing.seconds,
            standing.skipped,
            standing.best,
            standing.best_step,
            tuple(standing.history),
            why or "",
        )

    def cuda(self) -> list[int]:
        """The device whose own random numbers are put back afterwards."""
        return [self.device.index or 0] if self.device.type == "cuda" else []


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The entries whose names begin with a prefix, without it."""
    return {
        name.removeprefix(prefix): each for name, each in tensors.items() if name.startswith(prefix)
    }
