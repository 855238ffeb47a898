"""The moving average of the weights, which does better than the last ones."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """A copy of all weights and statistics that follows them slowly."""

    def __init__(self, modules: Mapping[str, nn.Module], share: float) -> None:
        self.modules, self.share, self.count = modules, share, 0
        self.values = {name: each.detach().clone() for name, each in weights(modules).items()}

    def update(self) -> None:
        """Take a step towards the present weights; the first steps are larger (bias-corrected)."""
        self.count += 1
        share = min(self.share, self.count / (self.count + 9))
        for name, now in weights(self.modules).items():
            old = self.values[name]
            if old.is_floating_point():
                old.lerp_(now.detach(), 1 - share)
            else:
                old.copy_(now)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the modules have the averaged weights."""
        own = {name: each.detach().clone() for name, each in weights(self.modules).items()}
        put(self.modules, self.values)
        try:
            yield
        finally:
            put(self.modules, own)


def weights(modules: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """All weights and statistics of several modules, by name."""
    return {
        f"{key}.{name}": each
        for key, module in modules.items()
        for name, each in module.state_dict(keep_vars=True).items()
    }


def put(modules: Mapping[str, nn.Module], values: Mapping[str, Tensor]) -> None:
    """Copy values into the modules' weights."""
    with torch.no_grad():
        for name, each in weights(modules).items():
            each.copy_(values[name])
