"""Notices when a generator and its discriminators no longer teach each other anything."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...errors import TrainingError
from ...training.processes import all_agree, team
from .settings import Watching

MEMORY = 0.98
"""Share of the old in the running means: some fifty moves are remembered."""

READINGS = ("parts", "picture", "kept")
"""Share of right judgements in 3D and in 2D, and of made poses that stay within the picture."""


class Watch(nn.Module):
    """Running means of what goes wrong when a contest collapses, kept with the weights."""

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

    def judged(self, which: str, real: Tensor, made: Tensor) -> None:
        """Note a discriminator's scores of real and of made examples."""
        right = torch.cat([(real > 0.5).flatten(), (made < 0.5).flatten()])
        self.note(which, right.float().mean())

    def note(self, which: str, share: Float[Tensor, ""]) -> None:
        """Note a share."""
        place, share = READINGS.index(which), share.detach()
        old = self.means[place]
        self.means[place] = torch.where(old.isnan(), share, old.lerp(share, 1 - MEMORY))

    def complaint(self, degrees: float) -> str | None:
        """What is wrong now, if anything is.

        Args:
            degrees: Between two draws of the generator for the same poses.
        """
        parts, picture, kept = self.means.tolist()
        low, high = self.settings.accuracy
        for name, share in (("3D", parts), ("2D", picture)):
            if share < low or share > high:
                return f"the {name} discriminator judges {share:.0%} of all poses rightly"
        if not degrees >= self.settings.degrees:
            return f"two poses that the generator makes of one are {degrees:.2g} degrees apart"
        if kept < self.settings.kept:
            return f"{kept:.0%} of all made poses lie within the picture"
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
                "Generator and discriminators should keep each other in balance, but up to batch "
                f"{batch} {complaint}, after {int(self.restarts)} new beginnings; choose another "
                "seed, or lower rates."
            )
        self.restarts += 1
        self.wrong.zero_()
        self.means.fill_(math.nan)
        return int(self.seed) + int(self.restarts)
