"""The generator and those who judge it: modules, so that checkpoints hold all of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, nn

from ...networks.angle_generator import AngleGenerator, AngleGeneratorSettings
from ...networks.critics import (
    BodyCritic,
    Critic,
    MotionCritic,
    PictureCritic,
    PictureMotionCritic,
)
from .settings import Game


@dataclass(frozen=True, eq=False)
class Players:
    """A generator against its critics, by what they see."""

    generator: AngleGenerator
    critics: Mapping[str, Critic]

    def modules(self) -> dict[str, nn.Module]:
        """All of them by name."""
        judges = {f"critic_{name}": critic for name, critic in self.critics.items()}
        return {"generator": self.generator, **judges}

    def begin_anew(self, seed: int) -> None:
        """Give all of them fresh weights."""
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.generator.reset()
            for critic in self.critics.values():
                critic.reset()


def players(game: Game, frames: int, rng: Generator, device: torch.device) -> Players:
    """Fresh players for windows of so many frames; critics of movement where there is any."""
    of = game.widths
    branches = {"joints": game.motion_joints, "changes": game.motion_changes}
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=rng)))
        generator = AngleGenerator(AngleGeneratorSettings(frames, of.generator))
        critics: dict[str, Critic] = {
            "body": BodyCritic(of.body),
            "picture": PictureCritic(of.picture),
        }
        if frames > 1:
            critics["motion"] = MotionCritic(frames, of.motion, **branches)
            critics["picture_motion"] = PictureMotionCritic(frames, of.picture_motion)
    found = Players(generator, critics)
    for module in found.modules().values():
        module.to(device)
    return found
