"""The teacher: the moving average of what a student moves."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


class Teacher(nn.Module):
    """Follows the parameters that move, after every step of their optimiser.

    It has no network of its own: where it is to answer, its values are put into the student's.
    """

    count: Tensor

    def __init__(self, student: Sequence[nn.Parameter], share: float) -> None:
        super().__init__()
        self.student, self.share = tuple(student), share
        self.register_buffer("count", torch.zeros((), dtype=torch.long))
        for number, each in enumerate(self.student):
            self.register_buffer(f"value_{number}", each.detach().clone())

    @property
    def values(self) -> list[Tensor]:
        """The average of each parameter."""
        return [self.get_buffer(f"value_{number}") for number in range(len(self.student))]

    def follow(self) -> None:
        """Take a step towards the student: all the way at first, for nothing is known before."""
        self.count += 1
        way = (1 - self.share) / (1 - self.share ** int(self.count))
        for value, now in zip(self.values, self.student, strict=True):
            value.lerp_(now.detach(), way)

    def follows(self, optimizer: Optimizer) -> None:
        """Follow after every step of an optimiser from now on."""

        def after(*_: Any) -> None:
            self.follow()

        optimizer.register_step_post_hook(after)

    @contextmanager
    def teaching(self) -> Iterator[None]:
        """Within, the student's network has the teacher's values; nothing may be learned there."""
        own = [each.data for each in self.student]
        for each, value in zip(self.student, self.values, strict=True):
            each.data = value
        try:
            yield
        finally:
            for each, data in zip(self.student, own, strict=True):
                each.data = data

    def hand_over(self) -> None:
        """Give the student the teacher's values for good."""
        with torch.no_grad():
            for each, value in zip(self.student, self.values, strict=True):
                each.copy_(value)
