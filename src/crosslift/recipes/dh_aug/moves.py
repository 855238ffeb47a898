"""The moves of DH-AUG's players on one batch of labelled windows.

Critics learn to tell real bodies, pictures and movement from made ones; the generator learns to
make what they score higher; the lifter learns from what is made and from what is real. It gives no
feedback. Every move draws its own bodies, so that it follows from the weights, the batch and `rng`
alone.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from ...augment.bone_swap import BoneSwap
from ...augment.dh import own_lengths
from ...augment.dh_body import placed
from ...augment.dh_generator import BodyGenerator
from ...augment.pace import FRAMES, Pace
from ...camera import world_to_camera
from ...clip import Batch
from ...lifters.direct import Direct
from ...networks.critics import Critic, between, penalty
from ...training import Step, Terms
from ..poseda.moves import frozen, resting
from ..poseda.players import Clock
from .diagnosis import apart, at_limits
from .making import source_of, stood, swap_for
from .players import Players, players
from .settings import Game
from .shown import OF_MOTION, Shown, real_poses, shown, some_frames, varied
from .watch import Watch

FEWEST = 2
"""Windows that a move needs."""
LOOKED_AT = 64
"""Bodies by which the generator's variety is measured."""


@dataclass(frozen=True, eq=False)
class Contest:
    """All that takes part where a generator plays."""

    game: Game
    swap: BoneSwap | None
    """Gives real people other bones before they are shown."""
    players: Players
    clock: Clock
    watch: Watch
    optimizers: Mapping[str, Optimizer]
    say: Callable[[str], None]
    """Told of each new beginning."""
    fps: float | None = None
    """Of the motion that is made."""
    resting_critics: int = 0
    """Epochs in which critics of movement rest."""
    pace: Pace | None = None
    """Keeps made motion at people's pace, where the game has it so."""

    def modules(self) -> dict[str, nn.Module]:
        """All that is trained or remembered, by name."""
        found = {**self.players.modules(), "clock": self.clock, "watch": self.watch}
        return found if self.pace is None else {**found, "pace": self.pace}

    def steps(self) -> list[Step]:
        """The moves in their order."""
        every = self.game.playing.generator_every
        return [
            Step("critics", self.critics_move, self.optimizers["critics"]),
            Step("generator", self.generator_move, self.optimizers["generator"], every),
        ]

    @property
    def maker(self) -> BodyGenerator:
        """The generator with what its numbers mean."""
        return BodyGenerator(self.players.generator, self.game.meaning, self.fps, pace=self.pace)

    @property
    def asked(self) -> dict[str, Critic]:
        """The critics that play now."""
        resting_now = self.clock.epoch < self.resting_critics
        return {
            name: critic
            for name, critic in self.players.critics.items()
            if not (resting_now and name in OF_MOTION)
        }

    def critics_move(self, batch: Batch, rng: Generator) -> Terms:
        """What all critics together minimise."""
        number = self.clock.tick()
        self.look(number, rng)
        if number % self.game.playing.critics_every:
            return resting()
        source = self.source(batch, rng)
        if len(source) < FEWEST:
            return resting()
        with torch.no_grad():
            real = self.varied(self.real(source), rng)
            made = self.varied(self.made(source, rng), rng)
        if self.pace is not None:
            self.pace.follow(real.bodies, made.bodies)
        terms: dict[str, Float[Tensor, ""]] = {}
        for name, critic in self.asked.items():
            rows = self.rows(name, real, rng), self.rows(name, made, rng)
            terms |= self.judgement(name, critic, *rows, rng)
        return terms

    def judgement(
        self, name: str, critic: Critic, real: Tensor, made: Tensor, rng: Generator
    ) -> dict[str, Float[Tensor, ""]]:
        """What one critic minimises: its slope between real and made should be one."""
        scores = critic(torch.cat([real, made]))
        of_real, of_made = scores[: len(real)], scores[len(real) :]
        self.watch.judged(name, of_real, of_made)
        per_frame = name == "picture_motion" and self.game.released.penalty_per_frame
        shares = torch.rand(real.shape[: 2 if per_frame else 1], generator=rng).to(real)
        weight = self.game.playing.penalty
        bent = penalty(
            critic,
            between(real, made, shares),
            weight,
            per="frame" if per_frame else "row",
        )
        return {
            f"{name}_real": -of_real.mean(),
            f"{name}_made": of_made.mean(),
            f"{name}_penalty": bent,
        }

    def generator_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the generator minimises: the critics' scores, turned round and weighted."""
        source = self.source(batch, rng)
        if len(source) < FEWEST:
            return resting()
        plain = self.made(source, rng)
        with ExitStack() as still:
            for critic in self.asked.values():
                still.enter_context(frozen(critic, training=True))
            return {name: self.wish(name, critic, plain, rng)
                    for name, critic in self.asked.items()}  # fmt: skip

    def wish(self, name: str, critic: Critic, plain: Shown, rng: Generator) -> Float[Tensor, ""]:
        """What the generator wants of one critic."""
        weight = -getattr(self.game.says, name)
        if not self.game.released.detached_mirrors:
            return weight * critic(self.rows(name, self.varied(plain, rng), rng)).mean()
        turned = self.varied(plain.detach(), rng)
        scores = critic(turned.of(name))
        own = critic(plain.of(name))
        return weight * (scores.sum() - own.detach().sum() + own.sum()) / len(scores)

    def varied(self, seen: Shown, rng: Generator) -> Shown:
        """Windows with their mirror images, as the game has them."""
        return varied(seen, self.game.mirrors, rng, reverse=self.game.backwards)

    def rows(self, name: str, seen: Shown, rng: Generator) -> Tensor:
        """What a critic is shown."""
        if name not in OF_MOTION:
            seen = some_frames(seen, self.game.frames_judged, rng)
        return seen.of(name)

    def source(self, batch: Batch, rng: Generator) -> Batch:
        """The windows whose poses are known in full, by other people's bones."""
        return source_of(batch, self.swap, rng)

    def real(self, source: Batch) -> Shown:
        """The windows as critics see them."""
        return shown(real_poses(source)[0], source.camera, clamped=self.game.released.clamped)

    def made(self, source: Batch, rng: Generator) -> Shown:
        """As many made ones, before the same cameras, with gradients to the generator."""
        lengths = own_lengths(source, self.game.scaling, rng)
        made = stood(self.maker, source, self.game, rng)
        world = placed(made, lengths[:, None], self.game.meaning)
        poses = world_to_camera(world, source.camera)
        return shown(poses, source.camera, clamped=self.game.released.clamped)

    def look(self, number: int, rng: Generator) -> None:
        """Begin anew with fresh players where the game has been lost for too long."""
        if not number or number % self.game.watching.every:
            return
        if self.pace is not None:
            self.pace.as_the_first()
        with torch.no_grad():
            made = self.maker.made(LOOKED_AT, self.maker.frames, rng)
        reason = self.watch.complaint(apart(made), at_limits(made, self.game.meaning.table))
        if not self.watch.is_lost(reason):
            return
        why = reason or "another process found the game lost"
        self.players.begin_anew(self.watch.restart(why, number))
        if self.pace is not None:
            self.pace.begin_anew()
        for name in ("critics", "generator"):
            self.optimizers[name].state.clear()
        self.say(f"Generator and critics begin anew at batch {number}: {why}.")


def contest_of(
    game: Game,
    lifter: Direct,
    clock: Clock,
    rng: Generator,
    say: Callable[[str], None],
    *,
    resting_critics: int = 0,
) -> Contest:
    """Fresh players for windows such as a lifter sees."""
    device = next(lifter.network.parameters()).device
    found = players(game, lifter.frames, rng, device)
    watch = Watch(game.watching, int(torch.randint(2**31, (), generator=rng))).to(device)
    judges = [each for critic in found.critics.values() for each in critic.parameters()]
    optimizers = {
        "critics": game.playing.build(judges),
        "generator": game.playing.build(found.generator.parameters()),
    }
    fps = lifter.fps if lifter.frames > 1 else None
    pace = Pace().to(device) if game.paced and lifter.frames >= FRAMES else None
    swap = swap_for(game)
    return Contest(game, swap, found, clock, watch, optimizers, say, fps, resting_critics, pace)
