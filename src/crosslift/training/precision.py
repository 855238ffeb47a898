"""Lower precision in training, where it does no harm.

bfloat16 has three digits. That is enough for what networks compute inside, and far too little for
coordinates: a keypoint would be off by a pixel and a joint by millimetres. So what is done with
coordinates outside of networks (projection, kinematics, losses) is computed in float32, and so are
layers that take coordinates or give them, which are narrow and cost next to nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

NARROW = 96
"""Numbers in or out of a layer up to which it counts as taking or giving coordinates."""
ASKED = ("forward", "along")
"""By which networks are asked; one that is asked otherwise says so in `products_in`."""


@contextmanager
def lowered(modules: Iterable[nn.Module], device: torch.device, precision: str) -> Iterator[None]:
    """Within, products inside of the modules are computed in the precision, all else in float32."""
    if precision == "float32":
        yield
        return
    with ExitStack() as changed:
        for module in dict.fromkeys(modules):
            for layer in filter(is_narrow, module.modules()):
                changed.enter_context(replaced(layer, "forward", exactly(layer.forward)))
            for name in getattr(module, "products_in", ASKED):
                if hasattr(module, name):
                    loosely = in_bfloat16(getattr(module, name), device)
                    changed.enter_context(replaced(module, name, loosely))
        yield


@contextmanager
def replaced(module: nn.Module, name: str, method: Callable[..., Any]) -> Iterator[None]:
    """Within, one module has another method."""
    before = vars(module).get(name)
    setattr(module, name, method)
    try:
        yield
    finally:
        delattr(module, name)  # the class's own shows again
        if before is not None:
            setattr(module, name, before)


def in_bfloat16(method: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """The same computation with products in bfloat16."""

    @wraps(method)
    def loose(*given: Any, **more: Any) -> Any:
        with torch.autocast(device.type, torch.bfloat16):
            return method(*given, **more)

    return loose


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
