"""Perceptrons for each frame, between which every channel looks along time for itself.

Nearly all of the arithmetic is in the perceptrons, which see one frame at a time. Looking along
time costs next to nothing, because a channel is convolved with a few numbers of its own and not
mixed with the others. So a network of a second's view is as fast as one of single frames.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import DataError
from .layers import check_input
from .overlapping import part_by_part

Features = Float[Tensor, "batch frames width"]
Fewer = Float[Tensor, "batch places width"]


@dataclass(frozen=True)
class TimeMixerSettings:
    """The size of a `TimeMixer`."""

    joints: int = 17
    """Of the skeleton, in and out."""
    coordinates: int = 2
    """Numbers that are given for each joint."""
    width: int = 512
    """Channels of a frame."""
    hidden: int = 1024
    """Channels inside a block's perceptron."""
    depth: int = 5
    """Blocks."""
    reach: int = 7
    """Frames that a block looks at."""
    causal: bool = False
    """Whether a pose is made of its own and earlier frames only."""

    @property
    def receptive_field(self) -> int:
        """The frames that one pose is made of."""
        return self.depth * (self.reach - 1) + 1


class TimeMixerBlock(nn.Module):
    """A look along time and a perceptron, added to what was there."""

    def __init__(self, settings: TimeMixerSettings) -> None:
        super().__init__()
        width, reach = settings.width, settings.reach
        self.own = reach - 1 if settings.causal else reach // 2
        self.along = nn.Conv1d(width, width, reach, groups=width)
        self.norm = nn.LayerNorm(width)
        self.widen = nn.Linear(width, settings.hidden)
        self.narrow = nn.Linear(settings.hidden, width)

    def forward(self, x: Features) -> Fewer:
        """Fewer frames come out: those around which, or before which, enough were given."""
        bias = self.along.get_parameter("bias")
        seen = look_along(x, self.along.weight[:, 0], bias)
        y = self.narrow(F.gelu(self.widen(self.norm(seen)), approximate="tanh"))
        return x[:, self.own : self.own + y.shape[1]] + y


def look_along(
    x: Features, weights: Float[Tensor, "width reach"], bias: Float[Tensor, " width"]
) -> Fewer:
    """Each channel convolved over time with its own few weights.

    Added up frame by frame: the channels stay side by side in memory, as the products want them.
    """
    reach = weights.shape[1]
    frames = x.shape[1] - reach + 1
    found = x[:, :frames] * weights[:, 0] + bias
    for step in range(1, reach):
        found = torch.addcmul(found, x[:, step : step + frames], weights[:, step])
    return found


class TimeMixer(nn.Module):
    """A linear layer, the blocks, a norm and a linear layer."""

    def __init__(self, settings: TimeMixerSettings = TimeMixerSettings()) -> None:
        super().__init__()
        self.settings = settings
        self.embed = nn.Linear(settings.joints * settings.coordinates, settings.width)
        self.blocks = nn.ModuleList(TimeMixerBlock(settings) for _ in range(settings.depth))
        self.norm = nn.LayerNorm(settings.width)
        self.pose = nn.Linear(settings.width, settings.joints * 3)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints coordinates"]
    ) -> Float[Tensor, "batch places joints 3"]:
        """Poses of all places at which the receptive field fits."""
        check_given(keypoints, self.settings)
        x = self.embed(
            rearrange(keypoints, "batch frames joints told -> batch frames (joints told)")
        )
        for block in self.blocks:
            x = block(x)
        return self.pose(self.norm(x).float()).unflatten(-1, (self.settings.joints, 3))

    def along(
        self, keypoints: Float[Tensor, "batch frames joints coordinates"], at_a_time: int = 2048
    ) -> Float[Tensor, "batch places joints 3"]:
        """Poses of all places of a clip of any length, `at_a_time` of them at once."""
        return part_by_part(keypoints, self.settings.receptive_field, self, at_a_time)


def check_given(keypoints: Tensor, sizes: TimeMixerSettings) -> None:
    """Refuse numbers of other joints, and sequences in which no window fits."""
    check_input("TimeMixer", keypoints, joints=sizes.joints, coordinates=sizes.coordinates)
    if keypoints.shape[1] < sizes.receptive_field:
        raise DataError(
            f"This TimeMixer makes a pose of {sizes.receptive_field} frames, but was given "
            f"{keypoints.shape[1]}; pad the clip by repeating its first and last frame."
        )
