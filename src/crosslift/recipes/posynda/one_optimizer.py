"""One optimiser for several moves, as PoSynDA has it: what it remembers is of both."""

from collections.abc import Callable
from typing import Any

from torch.optim import Optimizer


class Shared(Optimizer):
    """The optimiser of another step, which keeps all that it remembers with that step."""

    def __init__(self, own: Optimizer) -> None:  # without a memory of its own
        self.own = own

    @property
    def param_groups(self) -> list[dict[str, Any]]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What it moves, and how fast."""
        return self.own.param_groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        self.own.zero_grad(set_to_none)

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Move."""
        return self.own.step(closure)

    def state_dict(self) -> dict[str, Any]:
        """Nothing: it is stored once."""
        return {"state": {}, "param_groups": []}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing is taken up here either."""
