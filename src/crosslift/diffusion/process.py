"""The choices of a diffusion, as the publications made them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError
from .sampler import Denoise, Draw, Stage, ddim, published_direction, textbook_direction
from .schedule import Kind, NoiseSchedule, noise_schedule, visited
from .targets import noised

DIRECTIONS = {"textbook": textbook_direction, "published": published_direction}
Poses = Float[Tensor, "*shape"]


@dataclass(frozen=True)
class Process:
    """How noise is added to poses and taken away again."""

    schedule: Kind = "cosine"
    """Along a cosine, in equal steps (linear), or along a cosine by equal ratios (log_cosine)."""
    times: int = 1000
    """Steps from a clean pose to noise."""
    scale: float = 1.0
    """By which clean poses are multiplied before noise is added: the larger, the later they drown
    in it."""
    limit: float | None = None
    """Largest coordinate of a clean pose, in the unit of the network; none unless given."""
    limits_noisy: bool = False
    """Whether noisy poses are held within the limit too before the network sees them."""
    eta: float = 0.0
    """Share of fresh noise in each step of a drawing, from 0 to 1."""
    direction: Literal["textbook", "published"] = "textbook"
    """How a step goes on: as the noise was added, or as Diff3DHPE's release takes it."""

    def __post_init__(self) -> None:
        """Refuse what no diffusion can have."""
        if self.times < 1 or self.scale <= 0 or not 0 <= self.eta <= 1:
            raise SettingsError(
                "A diffusion has 1 or more times, a scale above 0 and an eta from 0 to 1, but "
                f"{self.times}, {self.scale} and {self.eta} were given."
            )
        if self.schedule == "log_cosine" and self.times != 1000:
            raise SettingsError(
                f"The schedule log_cosine is laid out for 1000 times, but {self.times} were given; "
                "take 1000, or another schedule."
            )
        if self.limit is not None and self.limit <= 0:
            raise SettingsError(
                f"The limit of coordinates lies above 0, but {self.limit} was given; leave it out "
                "for none."
            )

    def noise(self) -> NoiseSchedule:
        """The noise of every time."""
        return noise_schedule(self.schedule, self.times)

    def noised(
        self,
        clean: Float[Tensor, "batch *pose"],
        noise: Float[Tensor, "batch *pose"],
        signal: Float[Tensor, " batch"],
    ) -> Float[Tensor, "batch *pose"]:
        """What the network is given of poses at the times at which so much of them is left."""
        return self.entering(noised(self.scale * clean, noise, signal))

    def entering(self, noisy: Poses) -> Poses:
        """What the network is given of noisy poses."""
        return (self.limited(noisy) if self.limits_noisy else noisy) / self.scale

    def leaving(self, answer: Poses) -> Poses:
        """The scaled clean poses of a network's answer."""
        return self.limited(answer * self.scale)

    def limited(self, poses: Poses) -> Poses:
        """Poses within the limit."""
        if self.limit is None:
            return poses
        most = self.limit * self.scale
        return poses.clamp(-most, most)

    def drawn(self, denoise: Denoise, draw: Draw, steps: int) -> Iterator[Stage]:
        """Scaled poses from noise in so many steps, each stage of them."""
        return ddim(
            denoise,
            draw,
            self.noise(),
            visited(steps, self.times),
            eta=self.eta,
            direction=DIRECTIONS[self.direction],
        )


D3DP = Process(limit=1.1, limits_noisy=True, eta=1.0)
"""Metres: no joint is further from the root than 1.1 along an axis."""

DIFF3DHPE = Process(limit=1.0)
"""In units of the largest coordinate of the training data."""

DIFF3DHPE_RELEASED = Process(limit=1.0, direction="published")
"""As the published figures were made."""
