"""What a generator makes, shown at intervals: a picture, and a table of figures beside it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor

from ...augment.dh import own_lengths
from ...augment.dh_body import Made, placed
from ...clip import Batch
from ...data.windows_of_store import StoreWindows
from ...files import write_json
from ...skeletons import H36M_16
from ...training.examples import seeded
from ...view.still import draw_pose, save
from ..supervised import evenly
from .diagnosis import figures, smooth
from .making import source_of, stood
from .moves import Contest
from .settings import Showing

FOLDER = "generated"
"""In the folder of a run."""
ACROSS = 8
"""Bodies in a row of the picture."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """Writes what the generator of a contest makes for the same windows, again and again."""

    contest: Contest
    windows: StoreWindows
    showing: Showing
    folder: Path
    seed: int

    def before(self, epoch: int) -> None:
        """Show what is made before an epoch, if it is its turn and nobody did."""
        if self.showing.every and epoch % self.showing.every == 0:
            self.show(f"epoch-{epoch:04d}")

    def show(self, name: str) -> None:
        """Write a picture and its figures, unless they are there."""
        picture = self.folder / f"{name}.png"
        if picture.exists():
            return
        source = self.source()
        generator = self.contest.players.generator
        was_training = generator.training
        generator.eval()
        with torch.no_grad():
            made, clips = self.made(source)
        generator.train(was_training)
        write_json(picture.with_suffix(".json"), self.figures(source, made, clips))
        save(sheet(clips[: self.showing.poses, clips.shape[1] // 2].cpu()), picture)

    def source(self) -> Batch:
        """The real windows beside which made ones are looked at."""
        device = next(self.contest.players.generator.parameters()).device
        batch = self.windows.take(evenly(len(self.windows), self.showing.measured)).to(device)
        return source_of(batch, self.contest.swap, seeded(self.seed, 0))

    def made(self, source: Batch) -> tuple[Made, Float[Tensor, "clips frames 16 3"]]:
        """Made bodies for these windows, and their joints in the world."""
        contest, rng = self.contest, seeded(self.seed, 1)
        lengths = own_lengths(source, contest.game.scaling, rng)
        made = stood(contest.maker, source, contest.game, rng)
        return made, placed(made, lengths[:, None], contest.game.meaning)

    def figures(self, source: Batch, made: Made, clips: Tensor) -> dict[str, float]:
        """The table: critics' balance, and what `diagnosis` measures of the middle frames."""
        real = self.contest.real(source).bodies
        middle = clips.shape[1] // 2
        about = (clips - clips[:, :, :1])[:, middle]
        table = self.contest.game.meaning.table
        found = self.contest.watch.readings()
        found |= figures(real[:, middle], about, made, table)
        found |= {"smooth": smooth(real, clips)}
        return {name: round(value, 5) for name, value in found.items() if math.isfinite(value)}


def sheet(poses: Float[Tensor, "poses 16 3"]) -> Figure:
    """Bodies beside each other, seen level, the world's x to the right."""
    rows = -(-len(poses) // ACROSS)
    figure = Figure(figsize=(1.5 * ACROSS, 1.6 * rows), layout="constrained")
    panels = list(figure.subplots(rows, ACROSS, squeeze=False).flat)
    for axes, pose in zip(panels, poses, strict=False):
        draw_pose(axes, (pose - pose[:1])[:, [0, 2]], H36M_16)
    for axes in panels[len(poses) :]:
        axes.set_axis_off()
    return figure


def looking(gallery: Gallery | None) -> Callable[[int], None] | None:
    """What `fit` is to call before every epoch."""
    return None if gallery is None else gallery.before
