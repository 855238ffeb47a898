"""Lower precision in training, where it does no harm.

bfloat16 has three digits. That is enough for what networks compute inside, and far too little for
coordinates: a keypoint would be off by a pixel and a joint by millimetres. So layers that take
coordinates or give them, which are narrow and cost next to nothing, stay in float32.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

NARROW = 96
"""Numbers in or out of a layer up to which it counts as taking or giving coordinates."""


def lowered(device: torch.device, precision: str) -> Any:
    """A context in which products are computed in the precision."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


@contextmanager
def exact_ends(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Within, the modules' narrow layers compute in float32 whatever the others do."""
    layers = [layer for module in modules for layer in module.modules() if is_narrow(layer)]
    for layer in layers:
        layer.forward = exactly(layer.forward)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward  # the class's own shows again


def is_narrow(layer: nn.Module) -> bool:
    """Whether few numbers go in, or few come out."""
    if not isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
        return False
    out, inwards = layer.weight.shape[:2]
    return min(out, inwards * layer.weight[0, 0].numel()) <= NARROW


def exactly(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The same computation in float32."""

    @wraps(forward)
    def exact(given: Tensor, *more: Any) -> Tensor:
        with torch.autocast(given.device.type, enabled=False):
            return forward(given.float(), *more)

    return exact
