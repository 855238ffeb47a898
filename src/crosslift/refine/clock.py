"""A budget of seconds."""

import time
from dataclasses import dataclass, field


class OutOfTimeError(Exception):
    """Leaves a lifter that is still at work when a budget is spent; never seen by users."""


@dataclass(frozen=True)
class Clock:
    """How much of a budget is spent since it was given."""

    seconds: float
    begun: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Seconds."""
        return time.monotonic() - self.begun

    @property
    def share(self) -> float:
        """Of the budget; beyond 1 where it is overdrawn."""
        return self.spent / self.seconds

    def check(self, _: float) -> None:
        """Leave what is at work if nothing remains; takes how far it is, as a watcher does."""
        if self.share >= 1:
            raise OutOfTimeError
