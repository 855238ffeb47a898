"""When DH-AUG's generator and critics no longer teach each other anything."""

from torch import Tensor

from ..contest_watch import ContestWatch
from .settings import Watching

CRITICS = ("body", "picture", "motion", "picture_motion")


class Watch(ContestWatch[Watching]):
    """Of the critics' scores, and of who stands within the picture."""

    players = "Generator and critics"
    known = (*CRITICS, *(f"{name}_apart" for name in CRITICS), "seen")

    def judged(self, critic: str, real: Tensor, made: Tensor) -> None:
        """Note a critic's scores of real and of made rows."""
        real, made = real.detach(), made.detach()
        self.note(critic, (real > made).to(real).mean())
        self.note(f"{critic}_apart", real.mean() - made.mean())

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
