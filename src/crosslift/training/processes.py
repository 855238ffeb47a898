"""Several processes that train as one: which is this one, and the mean of their gradients."""

import os
from collections.abc import Iterable
from typing import NamedTuple, cast

import torch
from torch import Tensor


class Team(NamedTuple):
    """The processes of a training, started by `accelerate launch` or torchrun."""

    which: int = 0
    """This process's place among them."""
    of: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.which == 0


def team(device: torch.device) -> Team:
    """The processes that this one was started with; alone unless something launched several."""
    if not torch.distributed.is_available():
        return Team()
    from accelerate import PartialState  # here, because it takes a second to import

    state = PartialState(cpu=device.type == "cpu")
    return Team(state.process_index, state.num_processes)


def local_device(name: str) -> str:
    """The device of this process: with several on one machine, each has a graphics card."""
    place = os.environ.get("LOCAL_RANK")
    return f"cuda:{place}" if name == "cuda" and place is not None else name


def average_gradients(parameters: Iterable[Tensor], team: Team) -> None:
    """Give every process the mean of all processes' gradients."""
    grown = [each.grad for each in parameters if each.grad is not None]
    if team.of == 1 or not grown:  # a player may rest
        return
    from accelerate.utils import reduce

    flat = torch.cat([grad.flatten() for grad in grown])
    mean = cast(Tensor, reduce(flat, "mean"))
    for grad, part in zip(grown, mean.split([grad.numel() for grad in grown]), strict=True):
        grad.copy_(part.view_as(grad))


def all_agree(fine: bool, team: Team, device: torch.device) -> bool:
    """Whether it is fine in every process."""
    if team.of == 1:
        return fine
    from accelerate.utils import reduce

    agreeing = cast(Tensor, reduce(torch.tensor(float(fine), device=device), "sum"))
    return float(agreeing) > team.of - 0.5


def as_the_first(value: float, team: Team, device: torch.device) -> float:
    """The first process's number, in every process: what clocks tell differs between them."""
    if team.of == 1:
        return value
    from accelerate.utils import broadcast

    return float(cast(Tensor, broadcast(torch.tensor(value, device=device))))


def settle(team: Team) -> None:
    """Wait until all processes are here."""
    if team.of > 1:
        from accelerate import PartialState

        PartialState().wait_for_everyone()
