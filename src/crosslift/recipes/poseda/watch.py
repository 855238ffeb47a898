"""When PoseDA's generator and discriminators no longer teach each other anything."""

import torch
from torch import Tensor

from ..contest_watch import ContestWatch
from .settings import Watching


class Watch(ContestWatch[Watching]):
    """Of right judgements in 3D and in 2D, and of made poses that stay within the picture."""

    players = "Generator and discriminators"
    known = ("parts", "picture", "kept")

    def judged(self, which: str, real: Tensor, made: Tensor) -> None:
        """Note a discriminator's scores of real and of made examples."""
        right = torch.cat([(real > 0.5).flatten(), (made < 0.5).flatten()])
        self.note(which, right.float().mean())

    def complaint(self, degrees: float) -> str | None:
        """What is wrong now, if anything is.

        Args:
            degrees: Between two draws of the generator for the same poses.
        """
        found, (low, high) = self.readings(), self.settings.accuracy
        for name, title in (("parts", "3D"), ("picture", "2D")):
            share = found.get(name, high)
            if share < low or share > high:
                return f"the {title} discriminator judges {share:.0%} of all poses rightly"
        if not degrees >= self.settings.degrees:
            return f"two poses that the generator makes of one are {degrees:.2g} degrees apart"
        if found.get("kept", 1.0) < self.settings.kept:
            return f"{found['kept']:.0%} of all made poses lie within the picture"
        return None
