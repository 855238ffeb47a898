"""The lifter's move: it learns from made pairs and from real ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Bool
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from ...augment.bone_swap import BoneSwap
from ...augment.dh_generator import Maker
from ...augment.flip import FlipSettings, chosen_of
from ...augment.lpa import fully_inside
from ...augment.named import augmenter_named
from ...camera import Camera, to_screen
from ...clip import Batch
from ...lifters.direct import Direct
from ...protocols import Augmenter
from ...training import Step, Terms
from ..poseda.moves import resting
from ..poseda.players import Clock
from ..poseda.shown import FAR_OFF, chosen
from ..supervised import Objective, loss_of
from .making import made_windows, source_of
from .settings import Game, Learning
from .watch import Watch

FEWEST = 2
"""Windows that a network with normalisation needs."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a lifter learns from."""

    lifter: Direct
    game: Game
    learning: Learning
    clock: Clock
    maker: Maker | None = None
    """Who makes bodies; None where there are only real ones."""
    swap: BoneSwap | None = None
    rests: int = 0
    """Epochs in which the lifter waits for a generator to be worth learning from."""
    watch: Watch | None = None
    """Is told how many made bodies are seen, where a generator plays."""
    seen_as: Sequence[Augmenter] = ()
    """What becomes of made and of real windows before they are learned from."""
    anywhere: bool = False
    """Whether made bodies count wherever they are in the picture, as they are put elsewhere."""

    def step(self) -> Step:
        """The move with its optimiser."""
        return Step("lifter", self.move, self.optimizer())

    def optimizer(self) -> Optimizer:
        """The lifter's, which clips gradients and falls for itself; other players do neither."""
        learning, parameters = self.learning, trained(self.lifter.network)
        made = learning.optimizer.build(parameters)

        def before(optimizer: Optimizer, *_: Any) -> None:
            nn.utils.clip_grad_norm_(parameters, learning.clip)
            if learning.falling is not None:
                factor = learning.falling(max(0, self.clock.epoch - self.rests))
                for group in optimizer.param_groups:  # fit sets the rate before every move
                    group["lr"] *= factor

        made.register_step_pre_hook(before)
        return made

    def move(self, batch: Batch, rng: Generator) -> Terms:
        """What the lifter minimises."""
        if self.watch is None:
            self.clock.tick()
        if self.clock.epoch < self.rests:
            return resting()
        loss, terms = self.loss, {}
        made = self.made(batch, rng)
        real = self.varied(self.put(batch, rng), rng)
        if made is not None and len(made) >= FEWEST:
            terms["made"] = self.learning.made * loss(made, rng)["position"]
        if len(real) >= FEWEST:
            terms["real"] = loss(real, rng)["position"]
        return terms or resting()

    @property
    def loss(self) -> Callable[[Batch, Generator], Terms]:
        """Squares for single frames, distances for windows, unless it is said otherwise."""
        squared = self.learning.squared
        squared = self.lifter.frames == 1 if squared is None else squared
        return loss_of(self.lifter, Objective("squared" if squared else "distance"))

    def made(self, batch: Batch, rng: Generator) -> Batch | None:
        """Made windows, of which the whole body is in the picture; None where nobody makes any."""
        if self.maker is None:
            return None
        source = source_of(batch, self.swap, rng)
        if len(source) < FEWEST:
            return None
        with torch.no_grad():
            found = made_windows(self.maker, source, self.game, rng)
        inside = fully_inside(found)
        if self.watch is not None:
            self.watch.note("seen", inside.float().mean())
        if not self.anywhere:
            found = chosen(found, inside)
        found = self.put(found, rng)
        found = chosen(found, has_image(found))
        return self.varied(self.noisy(found, rng), rng) if len(found) else None

    def put(self, batch: Batch, rng: Generator) -> Batch:
        """Windows as they are learned from."""
        with torch.no_grad():
            for augmenter in self.seen_as:
                batch = augmenter(batch, rng)
        return batch

    def noisy(self, batch: Batch, rng: Generator) -> Batch:
        """Made windows as a detector would see them, if that is asked for."""
        for words in self.learning.augment:
            batch = augmenter_named(words)(batch, rng)
        return batch

    def varied(self, batch: Batch, rng: Generator) -> Batch:
        """Half of the windows mirrored, and half running backwards, as the game has them."""
        if self.game.mirrors == "none" or not len(batch):
            return batch
        batch = FlipSettings().build()(batch, rng)
        windows = batch.keypoints.shape[1] > 1 and self.lifter.predict != "last"
        if self.game.backwards and windows:
            turned = torch.rand(len(batch), generator=rng).to(batch.keypoints.device) < 0.5
            batch = chosen_of(turned, backwards(batch), batch)
        return batch


def trained(network: nn.Module) -> list[nn.Parameter]:
    """The weights that learn."""
    return [each for each in network.parameters() if each.requires_grad]


def has_image(batch: Batch) -> Bool[Tensor, " windows"]:
    """Which windows have no keypoint far off the picture, as of a joint beside the camera."""
    near = (to_screen(batch.keypoints, batch.camera.size).abs() <= FAR_OFF).all(dim=-1)
    return (near | (batch.scores == 0)).flatten(1).all(dim=1)


def backwards(batch: Batch) -> Batch:
    """The windows with their last frame first."""

    def turned(each: Tensor | None) -> Tensor | None:
        return None if each is None else each.flip(1)

    camera: Camera = batch.camera
    if camera.focal.shape[1] > 1:
        camera = camera.map(lambda each: each.flip(1))
    fields = ("keypoints", "scores", "valid", "poses")
    found = {name: turned(getattr(batch, name)) for name in fields}
    return replace(batch, camera=camera, **found)
