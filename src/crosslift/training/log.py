"""What a training tells: a line of JSON at intervals, a progress bar, TensorBoard if asked."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jaxtyping import Float
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from torch import Tensor

from ..errors import SettingsError
from ..files import whole

NAME = "log.jsonl"


class Means:
    """Running means of losses, read off the device only when they are asked for."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, name: str, value: Float[Tensor, ""]) -> None:
        """One more value."""
        value = value.detach()
        self.sums[name] = self.sums[name] + value if name in self.sums else value
        self.counts[name] = self.counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        """The means since the last time."""
        found = {name: float(total) / self.counts[name] for name, total in self.sums.items()}
        self.sums, self.counts = {}, {}
        return found


def shortened(path: Path, step: int) -> None:
    """Take back the lines after a step, and what a kill left of a line."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text("utf-8").splitlines():
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line)
        except (ValueError, KeyError):
            break
    with whole(path) as draft:
        draft.write_text("".join(f"{line}\n" for line in kept), "utf-8")


Listener = Callable[[Mapping[str, Any]], None]


def to_file(path: Path) -> Listener:
    """Appends each line to a file."""

    def write(line: Mapping[str, Any]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_finite(line)) + "\n")

    return write


def to_tensorboard(folder: Path) -> Listener:
    """Writes each number for TensorBoard."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as problem:
        raise SettingsError(
            "Writing for TensorBoard needs the package tensorboard, which is not installed; "
            "pip install 'crosslift[tensorboard]', or leave fitting.tensorboard false."
        ) from problem
    writer = SummaryWriter(folder)

    def write(line: Mapping[str, Any]) -> None:
        for key, value in line.items():
            if isinstance(value, float | int) and key != "step":
                writer.add_scalar(key, value, line["step"])
        writer.flush()

    return write


class Rate(ProgressColumn):
    """How many batches are trained on in a second."""

    def render(self, task: Task) -> Text:
        """The newest figure, as soon as there is one."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.3g} batches/s")


class Display:
    """A progress bar with the rate, the losses and the remaining time."""

    def __init__(self, console: Console | None, total: int, done: int) -> None:
        columns = (TextColumn("Training"), BarColumn(),
                   TextColumn("{task.completed:.0f}/{task.total:.0f}"),
                   Rate(), TimeRemainingColumn(),
                   TextColumn("left  {task.description}"))  # fmt: skip
        console = console or Console(quiet=True)
        self.progress = Progress(*columns, console=console, transient=True)
        self.task: TaskID = self.progress.add_task("", total=total, completed=done)

    def __enter__(self) -> "Display":
        self.progress.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.progress.stop()

    def advance(self) -> None:
        """One batch more."""
        self.progress.advance(self.task)

    def say(self, figures: Mapping[str, Any]) -> None:
        """Show the newest figures beside the bar."""
        words = "  ".join(f"{key} {value:.4g}" for key, value in figures.items()
                          if isinstance(value, float))  # fmt: skip
        self.progress.update(self.task, description=words)


def _finite(line: Mapping[str, Any]) -> dict[str, Any]:
    """The line with null for what JSON cannot say."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in line.items()
    }
