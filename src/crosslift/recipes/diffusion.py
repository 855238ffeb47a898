"""Training of lifters that draw poses from noise: noise is added to known poses and taken off."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..clip import Batch
from ..data.windows_of_store import StoreWindows
from ..diffusion import draw_times, gaussian, time_weights
from ..errors import SettingsError
from ..lifters.diffusion import Diffusion
from ..lifters.inputs import Seen
from ..training import Fitting, Schedule, Step, Terms, fit
from .job import Job, Trained
from .supervised import (
    Optimizing,
    Supervised,
    domain_of,
    examples_for,
    held_out,
    relative_truth,
)

AT_ONCE = 1024
"""Windows that are looked at together for the largest coordinate."""


@dataclass(frozen=True)
class Denoising:
    """What a denoiser's training minimises."""

    position: Literal["distance", "squared"] = "distance"
    """Mean distance of the joints (D3DP), or mean square of their coordinates in the network's unit
    (Diff3DHPE)."""
    by_time: bool = False
    """Whether an error counts for more, the less noise there was (Diff3DHPE's variable loss)."""
    most: float | None = 3.0
    """What the weight of a time never exceeds; none lets it grow to 157 at the least noise."""
    shared_time: bool = False
    """Whether all windows of a batch have one time, and not each its own."""
    by_itself: bool = False
    """Scale the gradient by the loss's own value, as D3DP's release does: it descends half the
    loss's square."""
    from_noise: float = 0.5
    """Share of the windows that are noise alone, where every drawing begins; of the others all
    times are equally likely, as the publications have it for all windows."""

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 <= self.from_noise <= 1:
            raise SettingsError(
                "The share of windows that are noise alone lies between 0 and 1, but "
                f"{self.from_noise:g} was given; 0 is the publications'."
            )


@registry.recipe("diffusion")
@dataclass(frozen=True)
class DiffusionRecipe:
    """Train d3dp or diff3dhpe, which draw poses from noise, on clips whose poses are known."""

    batch: int = 32
    """Windows in a batch."""
    stride: int | None = None
    """Frames from one window to the next; unless given, a third of the window, or 1 where only
    its middle frame is answered for."""
    flip: bool = True
    """Whether half of the windows are mirrored."""
    augment: tuple[str, ...] = ()
    """Augmenters by name, applied one after the other (see crosslift list augmenters)."""
    objective: Denoising = Denoising()
    optimizer: Optimizing = Optimizing("adamw", 4e-4, decay=0.1)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(schedule=Schedule("cosine"), clip=1.0)  # noqa: RUF009  frozen

    def train(self, job: Job) -> Trained:
        """A lifter that has learned to take noise off the job's poses."""
        lifter = job.lifter()
        if not isinstance(lifter, Diffusion):
            raise SettingsError(
                f'The recipe diffusion trains lifters that draw poses from noise, but "'
                f'{job.about.name}" is none; say --lifter d3dp, or crosslift train supervised.'
            )
        plain = Supervised(self.batch, self.stride, flip=self.flip, augment=self.augment)
        examples = examples_for(lifter, job.train, plain, job.rng)
        lifter = in_unit_of(lifter, examples.windows)
        validation = None
        if job.validation is not None:
            validation = held_out("validation", replace(lifter, hypotheses=1), job.validation)
        fitted = fit(
            {"lifter": lifter.network},
            [denoising(lifter, self.objective, self.optimizer)],
            examples,
            self.fitting,
            job.rng,
            run=job.run,
            validation=validation,
        )
        return Trained(lifter, fitted, domain_of(examples, lifter.skeleton, job.rng))


D3DP_243 = DiffusionRecipe(
    batch=4,
    stride=243,
    objective=Denoising(by_itself=True, from_noise=0.0),
    optimizer=Optimizing("adamw", 6e-5, decay=0.1),
    fitting=Fitting(epochs=400, schedule=Schedule("exponential", factor=0.993)),
)
"""D3DP's of Human3.6M and MPI-INF-3DHP."""

DIFF3DHPE_81 = DiffusionRecipe(
    batch=64,
    stride=81,
    objective=Denoising("squared", by_time=True, from_noise=0.0),
    fitting=Fitting(epochs=200, schedule=Schedule("exponential", factor=0.99)),
)
"""Diff3DHPE's of Human3.6M with CPN's keypoints."""
DIFF3DHPE_243 = replace(DIFF3DHPE_81, batch=24, stride=243)
"""With true keypoints."""
DIFF3DHPE_27 = replace(DIFF3DHPE_81, stride=27)
"""Of MPI-INF-3DHP."""


def denoising(
    lifter: Diffusion, objective: Denoising, optimizer: Optimizing, name: str = "lifter"
) -> Step:
    """The move of a lifter that learns to take noise off known poses."""
    parameters = [each for each in lifter.network.parameters() if each.requires_grad]
    return Step(name, loss_of(lifter, objective), optimizer.build(parameters))


def loss_of(lifter: Diffusion, objective: Denoising) -> Callable[[Batch, Generator], Terms]:
    """How far the lifter's clean poses are from the true ones, after noise was added to these."""
    process = lifter.process
    signal = process.noise().signal

    def loss(batch: Batch, rng: Generator) -> Terms:
        truth, known = of_answered(lifter, *relative_truth(batch))
        clean = lifter.in_network_units(torch.where(known[..., None], truth, 0))
        times = draw_times(
            len(batch),
            process.times,
            rng,
            shared=objective.shared_time,
            last=objective.from_noise,
        )
        noise = gaussian(clean, rng)
        seen = Seen(batch.keypoints, batch.camera, batch.scores, batch.body)
        found = lifter.denoised(seen, clean, times.to(clean.device), noise)
        each = error(torch.where(known[..., None], found - clean, 0), objective)
        if objective.by_time:
            weights = time_weights(signal[times.cpu()], objective.most)
            each = each * weights.to(each)[:, None, None]
        position = each.sum() / known.sum().clamp_min(1)
        return {"position": position * position.detach() if objective.by_itself else position}

    return loss


def error(
    off: Float[Tensor, "batch answered joints 3"], objective: Denoising
) -> Float[Tensor, "batch answered joints"]:
    """How much it counts that joints are off by so much."""
    if objective.position == "squared":
        return off.square().mean(dim=-1)
    return torch.linalg.vector_norm(off, dim=-1)


def of_answered(lifter: Diffusion, truth: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """What is known of the frames that the lifter answers for."""
    if lifter.predict == "all":
        return truth, known
    middle = truth.shape[1] // 2
    return truth[:, [middle]], known[:, [middle]]


def in_unit_of(lifter: Diffusion, windows: StoreWindows) -> Diffusion:
    """The lifter whose unit is the data's largest coordinate about the root, if it wants one.

    One that has a unit already keeps it: its weights were trained with that.
    """
    if not lifter.in_units or lifter.pose_statistics is not None:
        return lifter
    largest = 0.0
    for first in range(0, len(windows), AT_ONCE):
        batch = windows.take(range(first, min(first + AT_ONCE, len(windows))))
        truth, known = relative_truth(batch)
        largest = max(largest, float(torch.where(known[..., None], truth, 0).abs().max()))
    return lifter.with_largest(largest)
