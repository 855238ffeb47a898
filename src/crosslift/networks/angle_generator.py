"""DH-AUG's generator: noise in, the angles, the turn and the place of a body out.

Huang, Liang, Deng, "DH-AUG: DH forward kinematics model driven augmentation for 3D human pose
estimation", ECCV 2022. The network only says numbers; what they mean for a body is in `augment.dh`.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from .layers import check_input, check_sizes
from .rectified import Block, Entrance, reset

COLUMNS = 35
"""Numbers for each frame: 28 angles, three turns, one that means nothing, three of the place."""


@dataclass(frozen=True)
class AngleGeneratorSettings:
    """Sizes of the generator."""

    frames: int = 1
    """1 for poses; more for motion, of which all frames are said at once."""
    width: int = 256
    noise: int = 128
    """Numbers that chance gives for a pose, or for a whole clip."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        sizes = {"frames": self.frames, "width": self.width, "noise": self.noise}
        check_sizes("AngleGenerator", **sizes)


SINGLE = AngleGeneratorSettings()
"""Of the publication's command for single frames: 436,771 parameters."""

VIDEO_9 = AngleGeneratorSettings(frames=9, width=1000)
"""Of its command for video."""


class AngleGenerator(nn.Module):
    """A perceptron with skips; nothing in it knows a body."""

    def __init__(self, settings: AngleGeneratorSettings = SINGLE) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        self.preprocess = Entrance(settings.noise, width)
        self.block1 = Block(width)
        self.block2 = Block(width)
        self.block3 = Block(width)
        self.deconv_out = nn.Linear(width, settings.frames * COLUMNS)

    def reset(self) -> None:
        """Fresh numbers in every layer."""
        reset(self)

    def noise(self, clips: int, rng: Generator) -> Float[Tensor, "clips noise"]:
        """Noise for so many clips, on the device of the weights."""
        drawn = torch.randn(clips, self.settings.noise, generator=rng, device=rng.device)
        return drawn.to(self.deconv_out.weight)

    def forward(self, noise: Float[Tensor, "clips noise"]) -> Float[Tensor, "clips frames 35"]:
        """Numbers without bounds for each frame of clips."""
        check_input("AngleGenerator", noise, noise=self.settings.noise)
        x = self.block3(self.block2(self.block1(self.preprocess(noise))))
        return self.deconv_out(x).unflatten(1, (self.settings.frames, COLUMNS))
