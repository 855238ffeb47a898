"""What denoisers share: a first layer in two halves, and the time of a diffusion as features.

A denoiser is given keypoints, noisy poses and a time, and says what the clean poses are. Drawing
poses asks it many times about the same keypoints, so their half of the first layer (`seen`) and
the time's features (`moment`) can be computed once, apart from what is asked (`denoise`).
"""

import math
from abc import abstractmethod
from collections.abc import Iterable

import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .layers import check_input
from .low_rank import LowRank

First = nn.Linear | LowRank
"""A linear layer, beside which something may have been added."""
Keypoints = Float[Tensor, "batch frames joints channels"]
Poses = Float[Tensor, "batch hypotheses answered joints 3"]
Noisy = Float[Tensor, "batch hypotheses #frames joints 3"]
"""Of all frames, or of one that stands for them."""
Seen = Float[Tensor, "batch frames joints width"]
Moment = Float[Tensor, "#batch moment_width"]
Tokens = Float[Tensor, "batch hypotheses frames joints width"]
Rows = Float[Tensor, "rows frames joints width"]


class Denoising(nn.Module):
    """A network that says what the clean poses behind noisy ones are."""

    Spatial_pos_embed: nn.Parameter
    time_mlp: nn.Sequential | None

    @property
    @abstractmethod
    def first(self) -> First:
        """The layer that takes keypoints and, behind them, noisy poses."""

    @property
    @abstractmethod
    def tellers_of_time(self) -> Iterable[nn.Linear]:
        """The layers that add the time to tokens."""

    @property
    @abstractmethod
    def window(self) -> dict[str, int]:
        """How many frames, joints and channels the keypoints have."""

    @abstractmethod
    def answer(self, x: Rows, moment: Moment | None) -> Float[Tensor, "rows answered joints 3"]:
        """Clean poses of tokens that know keypoints and noisy poses."""

    def begin_with_keypoints(self) -> None:
        """Let fresh weights heed keypoints alone: what noise and time are worth is learned.

        Noise is louder than keypoints, and a network that hears both from the first batch learns
        to use noisy poses long before it can do without.
        """
        with torch.no_grad():
            self.first.weight[:, -3:] = 0
            for layer in self.tellers_of_time:
                layer.weight.zero_()
                layer.bias.zero_()

    def forward(self, keypoints: Keypoints, noisy: Noisy, times: Int[Tensor, "#batch"]) -> Poses:
        """Clean poses, in training: both halves of the first layer at once."""
        check_input(type(self).__name__, keypoints, **self.window)
        shape = (len(keypoints), noisy.shape[1], *keypoints.shape[1:3], -1)
        given = torch.cat([keypoints[:, None].expand(shape), noisy.expand(shape)], dim=-1)
        return self.of_tokens(self.first(given) + self.Spatial_pos_embed, self.moment(times))

    def seen(self, keypoints: Keypoints) -> Seen:
        """What the keypoints say to each token, which also knows its joint."""
        check_input(type(self).__name__, keypoints, **self.window)
        half = exactly(keypoints, self.first.weight[:, :-3], self.first.bias)
        return half + self.Spatial_pos_embed

    def moment(self, times: Int[Tensor, "#batch"]) -> Moment | None:
        """The features of times, one for each window or one for all; none where it has no use."""
        if self.time_mlp is None:
            return None
        waves, layers = self.time_mlp[0], self.time_mlp[1:]
        return layers(waves(times).to(self.Spatial_pos_embed))

    def denoise(self, seen: Seen, noisy: Noisy, moment: Moment | None) -> Poses:
        """Clean poses of keypoints whose half is known; one noisy frame stands for all frames."""
        return self.of_tokens(seen[:, None] + exactly(noisy, self.first.weight[:, -3:]), moment)

    def of_tokens(self, tokens: Tokens, moment: Moment | None) -> Poses:
        """Clean poses, each hypothesis by itself."""
        windows, hypotheses = tokens.shape[:2]
        if moment is not None and len(moment) > 1:
            moment = moment.repeat_interleave(hypotheses, dim=0)
        return self.answer(tokens.flatten(0, 1), moment).unflatten(0, (windows, hypotheses))


class Waves(nn.Module):
    """Numbers as sines, then cosines, of waves whose lengths grow in equal ratios.

    In float32 whatever the weights are: coarser numbers would confuse times, and finer ones are not
    those that the published weights learned from.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        if width < 4 or width % 2:
            raise SettingsError(
                f"A time is told by pairs of waves, at least two, but a width of {width} was "
                "given; choose an even one of 4 or more."
            )
        self.width = width

    def forward(self, times: Int[Tensor, " batch"]) -> Float32[Tensor, "batch width"]:
        half = self.width // 2
        number = torch.arange(half, dtype=torch.float32, device=times.device)
        phases = times[:, None] * torch.exp(number * (-math.log(10_000) / (half - 1)))
        return torch.cat([phases.sin(), phases.cos()], dim=-1)


def time_layers(width: int, out: int) -> nn.Sequential:
    """From times to features; the numbers of its layers are those of the published state dicts."""
    hidden = 2 * width
    return nn.Sequential(Waves(width), nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, out))


def exactly(
    coordinates: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Float[Tensor, "*rows width"]:
    """A linear layer of coordinates, in their precision even where products are lowered."""
    with torch.autocast(coordinates.device.type, enabled=False):
        return F.linear(coordinates, weight, bias)
