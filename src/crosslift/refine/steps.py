"""Steps of poses and bone lengths downhill, to where they contradict what is known the least."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .bends import excess
from .bones import Bones
from .clock import Clock
from .evidence import Evidence
from .settings import Refining

FRAMES_AT_ONCE = 4096
"""Of a long recording, whose gradient is added up part by part."""
LOOK = 10
"""Steps after which it is looked again which frames bend too far."""
BEFORE = 2
"""Frames before a part that tell how its first ones move."""


def prepare() -> None:
    """Have PyTorch load what its optimizers need: once a process, that takes seconds."""
    torch.optim.Adam([torch.zeros(1)])


class Part(NamedTuple):
    """Frames that are handled at once."""

    all: slice
    known: int
    """How many at the beginning belong to the part before."""


def parts(frames: int, at_once: int = FRAMES_AT_ONCE) -> Iterator[Part]:
    """The parts of a recording; each acceleration is counted in one of them."""
    for first in range(0, frames, at_once):
        begin = max(first - BEFORE, 0)
        yield Part(slice(begin, min(first + at_once, frames)), first - begin)


class Moved(NamedTuple):
    """What steps came to."""

    poses: Float[Tensor, "hypotheses frames joints 3"]
    bones: Bones
    steps: int


def moved(
    poses: Float[Tensor, "hypotheses frames joints 3"],
    bones: Bones,
    evidence: Evidence,
    settings: Refining,
    *,
    clock: Clock,
    until: float,
    held: bool,
) -> Moved:
    """The poses after Adam's steps, ever smaller ones, until they or the time are over.

    Args:
        until: The share of the clock's budget at which the steps are to end.
        held: Leave the bone lengths as they are.
    """
    change = torch.zeros_like(poses, requires_grad=True)
    bones = replace(bones, logs=bones.logs.clone().requires_grad_(not held))
    numbers = [change] if held else [change, bones.logs]
    optimizer = torch.optim.Adam(numbers, lr=settings.rate)
    bent = torch.zeros(poses.shape[:2], dtype=torch.bool, device=poses.device)
    begun, done = clock.share, 0
    while (over := max(done / settings.steps, passed(begun, clock.share, until))) < 1:
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * (1 + math.cos(math.pi * over)) / 2
        if done % LOOK == 0:
            bent = bending(poses + change.detach(), evidence)
        optimizer.zero_grad()
        add_gradients(poses, change, bones, evidence, bent)
        optimizer.step()
        done += 1
    bones = replace(bones, logs=bones.logs.detach())
    return Moved(poses + change.detach(), bones, done)


def passed(begun: float, now: float, until: float) -> float:
    """Which share of a stretch of time is over."""
    return (now - begun) / (until - begun) if begun < until else 1.0


def bending(
    poses: Float[Tensor, "hypotheses frames joints 3"], evidence: Evidence
) -> Bool[Tensor, "hypotheses frames"]:
    """Which poses bend further than people do."""
    found = [excess(some, evidence.skeleton) > 0 for some in poses.split(FRAMES_AT_ONCE, dim=1)]
    return torch.cat(found, dim=1)


@torch.enable_grad()
def add_gradients(
    poses: Float[Tensor, "hypotheses frames joints 3"],
    change: Float[Tensor, "hypotheses frames joints 3"],
    bones: Bones,
    evidence: Evidence,
    bent: Bool[Tensor, "hypotheses frames"],
) -> None:
    """Put the gradient of all that contradicts into the numbers that move, part by part."""
    frames = poses.shape[1]
    for part in parts(frames):
        here = (slice(None), part.all)
        contradicted = evidence[part.all].contradicted(
            poses[here] + change[here], bones.of_bones, bent[here], known=part.known
        )
        contradicted.backward()
    if bones.logs.requires_grad:
        (frames * (bones.logs / evidence.trust.proportions).square().sum()).backward()
    for numbers in (change, bones.logs):
        if numbers.grad is not None:  # angles have no slope where a limb is exactly straight
            numbers.grad.nan_to_num_(0.0, 0.0, 0.0)
