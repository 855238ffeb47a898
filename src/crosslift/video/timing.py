"""When the frames of a video were taken: at an even rate, or each at its own time."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

UNEVEN = 0.25
"""Parts of a frame's length by which a time may be off an even rate: containers round times."""


class Timing(NamedTuple):
    """The rate of a recording, and each frame's time where the rate varies."""

    fps: float
    times: Float[Tensor, " frames"] | None
    """Seconds; None where the rate tells them."""

    @classmethod
    def of(cls, times: Sequence[float], fps: float) -> "Timing":
        """The timing of frames at these seconds.

        Args:
            fps: Frames a second as the container says, for a recording of one frame.
        """
        seconds = torch.tensor(times, dtype=torch.float64)
        if len(seconds) < 2 or not bool(seconds[-1] > seconds[0]):
            return cls(fps, None)
        mean = (len(seconds) - 1) / float(seconds[-1] - seconds[0])
        for rate in (fps, mean):
            even = seconds[0] + torch.arange(len(seconds)) / rate
            if bool(((seconds - even).abs() * rate < UNEVEN).all()):
                return cls(rate, None)
        return cls(mean, seconds.float())
