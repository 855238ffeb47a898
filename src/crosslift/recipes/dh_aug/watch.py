"""Notices when generator and critics no longer teach each other anything."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...errors import TrainingError
from ...training.processes import all_agree, team
from .settings import Watching

MEMORY = 0.98
"""Share of the old in the running means: some fifty moves are remembered."""
CRITICS = ("body", "picture", "motion", "picture_motion")
READINGS = (*CRITICS, *(f"{name}_apart" for name in CRITICS), "seen")


class Watch(nn.Module):
    """Running means of what goes wrong when a game is lost, kept with the weights."""

    means: Tensor
    wrong: Tensor
    restarts: Tensor
    seed: Tensor

    def __init__(self, settings: Watching, seed: int) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("means", torch.full((len(READINGS),), math.nan))
        for name, value in {"wrong": 0, "restarts": 0, "seed": seed}.items():
            self.register_buffer(name, torch.tensor(value))

    def judged(self, critic: str, real: Tensor, made: Tensor) -> None:
        """Note a critic's scores of real and of made rows."""
        real, made = real.detach(), made.detach()
        self.note(critic, (real > made).to(real).mean())
        self.note(f"{critic}_apart", real.mean() - made.mean())

    def note(self, reading: str, value: Float[Tensor, ""]) -> None:
        """Note a figure; one that is no number counts as endless from then on."""
        place, value = READINGS.index(reading), value.detach().to(self.means)
        value = value.nan_to_num(nan=math.inf, posinf=math.inf, neginf=-math.inf)
        old = self.means[place]
        mean = torch.where(old.isinf(), old, old.lerp(value, 1 - MEMORY))
        self.means[place] = torch.where(old.isnan(), value, mean)

    def readings(self) -> dict[str, float]:
        """The means that there are."""
        named = zip(READINGS, self.means.tolist(), strict=True)
        return {name: value for name, value in named if not math.isnan(value)}

    def complaint(self, degrees: float, at_limits: float) -> str | None:
        """What is wrong now, if anything is.

        Args:
            degrees: Mean angle between two made poses.
            at_limits: Share of made angles that are at their limits.
        """
        of, found = self.settings, self.readings()
        for critic in CRITICS:
            words = critic.replace("_", "-")
            right, apart = found.get(critic, 1.0), found.get(f"{critic}_apart", 0.0)
            if right < of.right:
                return f"the {words} critic tells real from made in {right:.0%} of all pairs"
            if not abs(apart) <= of.apart:
                return f"the {words} critic sets real and made {apart:.3g} apart"
        if not degrees >= of.degrees:
            return f"two bodies that the generator makes are {degrees:.2g} degrees apart"
        if at_limits > of.at_limits:
            return f"{at_limits:.0%} of all made angles lie at their limits"
        if found.get("seen", 1.0) < of.seen:
            return f"{found['seen']:.0%} of all made bodies lie within the picture"
        return None

    def is_lost(self, complaint: str | None) -> bool:
        """Whether something has been wrong for so long, here or in any other process."""
        fine = all_agree(complaint is None, team(self.means.device), self.means.device)
        self.wrong.copy_(torch.zeros_like(self.wrong) if fine else self.wrong + 1)
        return int(self.wrong) >= self.settings.patience

    def restart(self, complaint: str, batch: int) -> int:
        """The seed of a new beginning; refused where there were enough of them."""
        if int(self.restarts) >= self.settings.restarts:
            raise TrainingError(
                "Generator and critics should keep each other in balance, but up to batch "
                f"{batch} {complaint}, after {int(self.restarts)} new beginnings; choose another "
                "seed, or lower rates."
            )
        self.restarts += 1
        self.wrong.zero_()
        self.means.fill_(math.nan)
        return int(self.seed) + int(self.restarts)
