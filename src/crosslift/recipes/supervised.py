"""Supervised training: any lifter, on clips whose poses are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from .. import registry
from ..augment.flip import FlipSettings
from ..augment.named import augmenter_named
from ..camera import to_image_plane
from ..clip import Batch
from ..data.shuffled import Shuffled
from ..data.store import Store
from ..data.windows_of_store import StoreWindows
from ..domain import Domain, fit_domain
from ..errors import DataError, SettingsError
from ..lifters.direct import Along, Direct
from ..lifters.inputs import Seen
from ..losses import position_error, restlessness, velocity_error
from ..metrics import mpjpe, n_mpjpe, p_mpjpe
from ..networks.simple_baseline import Statistics
from ..protocols import Augmenter
from ..skeleton import Skeleton
from ..training import Fitting, Schedule, Step, Terms, Validation, fit
from ..windows import Windowing
from .job import Job, Trained

ENOUGH_FRAMES, MOST_BATCHES = 60_000, 400
"""Of training, by which is told what it looks like."""
FEWEST_TO_TELL = 1_000
MIXSTE_WEIGHTS = (1, 1, 2.5, 2.5, 1, 2.5, 2.5, 1, 1, 1, 1.5, 1.5, 4, 4, 1.5, 4, 4)
"""MixSTE's of Human3.6M's 17 joints: hands count four times as much as the trunk."""


@dataclass(frozen=True)
class Objective:
    """What supervised training minimises."""

    position: Literal["distance", "squared"] = "distance"
    """Mean distance of the joints (MPJPE), or mean square of their coordinates (MSE)."""
    weights: tuple[float, ...] = ()
    """Of the joints in order; all count the same unless given."""
    velocity: float = 0.0
    """Weight of the distance between the steps from frame to frame."""
    rest: float = 0.0
    """Weight of the estimate's own steps, squared (MixSTE's "temporal consistency")."""
    by_itself: bool = False
    """Scale the gradient by the loss's own value, as MixSTE's release does: it descends half the
    loss's square."""


@dataclass(frozen=True)
class Optimizing:
    """The optimiser."""

    kind: Literal["adam", "adamw"] = "adam"
    rate: float = 1e-3
    decay: float = 0.0
    """Of the weights (for adamw, apart from the gradient)."""
    amsgrad: bool = False

    def build(self, parameters: Sequence[nn.Parameter]) -> Optimizer:
        """The optimiser of these parameters."""
        kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        return kinds[self.kind](
            parameters, lr=self.rate, weight_decay=self.decay, amsgrad=self.amsgrad, fused=True
        )


@registry.recipe("supervised")
@dataclass(frozen=True)
class Supervised:
    """Train any lifter on clips whose poses are known."""

    batch: int = 512
    """Windows in a batch."""
    stride: int | None = None
    """Frames from one window to the next; unless given, as many as are answered for where these
    lie in the window's middle or at its end, else a third of the window."""
    answered: int = 1
    """Frames for which a window is answered at once, by networks that go along sequences: windows
    are longer by as much, and what neighbours share is computed once."""
    flip: bool = True
    """Whether half of the windows are mirrored."""
    augment: tuple[str, ...] = ()
    """Augmenters by name, applied one after the other (see crosslift list augmenters); settings
    follow after colons, such as bodies:bones=0.2:size=0."""
    objective: Objective = Objective()
    optimizer: Optimizing = Optimizing()
    falling_momentum: bool = False
    """Whether the momentum of batch normalisation falls from 0.1 to 0.001, as VideoPose3D's."""
    fitting: Fitting = Fitting(schedule=Schedule("cosine"), clip=1.0)  # noqa: RUF009  frozen

    def train(self, job: Job) -> Trained:
        """A lifter that has learned from the job's clips."""
        lifter = job.lifter()
        check_answered(lifter, self.answered, job.about.name)
        examples = examples_for(lifter, job.train, self, job.rng)
        lifter = with_statistics(lifter, examples.windows)
        validation = None
        if job.validation is not None:
            store = job.validation
            validation = held_out("validation", lifter, store, answered=self.answered)
        fitted = fit(
            {"lifter": lifter.network},
            [supervised(lifter, self)],
            examples,
            self.fitting,
            job.rng,
            run=job.run,
            validation=validation,
            every_epoch=falling_momentum(lifter.network, self.fitting.epochs)
            if self.falling_momentum
            else None,
        )
        return Trained(lifter, fitted, domain_of(examples, lifter.skeleton, job.rng))


def windows_for(
    lifter: Direct, store: Store, stride: int | None, answered: int = 1
) -> StoreWindows:
    """The windows on which a lifter is trained."""
    frames = lifter.frames + answered - 1
    step = stride
    if step is None:
        step = answered if lifter.predict != "all" else max(1, lifter.frames // 3)
    return StoreWindows(store, Windowing(frames, step, lifter.predict))


def check_answered(lifter: Direct, answered: int, name: str) -> None:
    """Refuse to have several frames answered for by a network that knows one window's."""
    if answered < 1:
        raise SettingsError(f"At least 1 frame is answered for, but answered is {answered}.")
    if answered > 1 and (not isinstance(lifter.network, Along) or lifter.predict == "all"):
        raise SettingsError(
            f'The lifter "{name}" answers for the {lifter.frames} frames of its own window, but '
            f"answered is {answered}; leave it 1, or choose a lifter that goes along sequences, "
            "such as videopose."
        )


def examples_for(
    lifter: Direct,
    store: Store,
    settings: Supervised,
    rng: Generator,
    augment: Sequence[Augmenter] = (),
) -> Shuffled:
    """The batches of a supervised training."""
    seed = int(torch.randint(2**62, (), generator=rng))
    named = [augmenter_named(words) for words in settings.augment]
    augmenters = [*augment, *named, *([FlipSettings().build()] if settings.flip else [])]
    windows = windows_for(lifter, store, settings.stride, settings.answered)
    return Shuffled(windows, settings.batch, seed, augmenters)


def domain_of(examples: Shuffled, skeleton: Skeleton, rng: Generator) -> Domain | None:
    """What the keypoints of a training look like; None where it has too few to tell."""
    windows, frames = [], 0
    for index in range(min(len(examples), MOST_BATCHES)):
        batch = examples.batch(0, index)
        windows.append(to_image_plane(batch.keypoints, batch.camera))
        frames += windows[-1][..., 0, 0].numel()
        if frames >= ENOUGH_FRAMES:
            break
    if frames < FEWEST_TO_TELL:
        return None
    return fit_domain(torch.cat(windows), skeleton, rng)


def supervised(lifter: Direct, settings: Supervised, name: str = "lifter") -> Step:
    """The move of a lifter that learns from known poses."""
    parameters = [each for each in lifter.network.parameters() if each.requires_grad]
    return Step(name, loss_of(lifter, settings.objective), settings.optimizer.build(parameters))


def loss_of(lifter: Direct, objective: Objective) -> Callable[[Batch, Generator], Terms]:
    """What the lifter's answers on a batch are worth; all that a network says is judged."""
    check_weights(objective, lifter.skeleton)

    def loss(batch: Batch, rng: Generator) -> Terms:
        truth, known = relative_truth(batch)
        answers = lifter.answers(Seen(batch.keypoints, batch.camera, batch.scores, batch.body))
        judged = [judge(each, *answered(each, truth, known, lifter.predict), objective)
                  for each in answers]  # fmt: skip
        terms = {key: torch.stack([terms[key] for terms in judged]).sum() for key in judged[0]}
        if objective.by_itself:
            scale = torch.stack([each.detach() for each in terms.values()]).sum()
            return {key: each * scale for key, each in terms.items()}
        return terms

    return loss


def judge(
    estimate: Float[Tensor, "batch answered joints 3"],
    truth: Float[Tensor, "batch answered joints 3"],
    known: Tensor,
    objective: Objective,
) -> dict[str, Float[Tensor, ""]]:
    """The terms of the objective."""
    weights = estimate.new_tensor(objective.weights) if objective.weights else None
    squared = objective.position == "squared"
    terms = {"position": position_error(estimate, truth, known, weights, squared=squared)}
    if objective.velocity and estimate.shape[1] > 1:
        terms["velocity"] = objective.velocity * velocity_error(estimate, truth, known)
    if objective.rest and estimate.shape[1] > 1:
        terms["rest"] = objective.rest * restlessness(estimate, weights)
    return terms


def relative_truth(batch: Batch) -> tuple[Tensor, Tensor]:
    """The batch's poses about the root, and which of their joints are known."""
    if batch.poses is None:
        raise SettingsError("Supervised training needs poses, but the batch has keypoints alone.")
    truth = batch.poses - batch.poses[..., [batch.skeleton.root], :]
    return truth, truth.isfinite().all(dim=-1) & batch.valid[..., None]


def answered(estimate: Tensor, truth: Tensor, known: Tensor, predict: str) -> tuple[Tensor, Tensor]:
    """The truth of the frames that an answer is of: all, the middle, or the last."""
    frames, whole = estimate.shape[1], truth.shape[1]
    first = whole - frames if predict == "last" else (whole - frames) // 2
    return truth[:, first : first + frames], known[:, first : first + frames]


def check_weights(objective: Objective, skeleton: Skeleton) -> None:
    """Refuse weights that are not one for each joint."""
    if objective.weights and len(objective.weights) != len(skeleton):
        raise SettingsError(
            f"The objective should have a weight for each of the {len(skeleton)} joints of "
            f'"{skeleton.name}", but has {len(objective.weights)}; give as many, or none.'
        )


def with_statistics(lifter: Direct, windows: StoreWindows) -> Direct:
    """The lifter with mean and spread of the data, if its keypoints are to be standardised.

    One that has them already keeps them: its weights were trained with those.
    """
    if lifter.inputs.unit != "standard" or lifter.keypoint_statistics is not None:
        return lifter
    some = windows.take(evenly(len(windows), max(1, 50_000 // lifter.frames)))
    points = some.keypoints.flatten(0, 1)
    points = points[points.isfinite().all(dim=-1).all(dim=-1)]
    return replace(
        lifter, keypoint_statistics=Statistics(points.mean(dim=0), points.std(dim=0).clamp_min(1.0))
    )


def evenly(count: int, most: int) -> np.ndarray:
    """Numbers of at most so many windows, evenly spread over all of them."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def falling_momentum(network: nn.Module, epochs: int) -> Callable[[int], None]:
    """Lets the momentum of batch normalisation fall from 0.1 to 0.001 over the epochs."""

    def set_momentum(epoch: int) -> None:
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.momentum = 0.1 * 0.01 ** (epoch / epochs)

    return set_momentum


def held_out(
    name: str, lifter: Direct, store: Store, most: int = 4096, answered: int = 1
) -> Validation:
    """The error on a store's windows, evenly spread; never on a target's labels.

    Args:
        most: Windows that are looked at, or frames where several are answered for at once.
    """
    check_source(name, store)
    stride = None if lifter.predict == "all" else answered
    windows = windows_for(lifter, store, stride or lifter.frames, answered)
    numbers = evenly(len(windows), -(-most // answered))

    def measure() -> Mapping[str, float]:
        return errors(lifter, windows, numbers, max(1, 1024 // windows.windowing.frames))

    return Validation(name, measure, by="mpjpe_mm")


def errors(
    lifter: Direct, windows: StoreWindows, numbers: np.ndarray, size: int
) -> dict[str, float]:
    """Mean errors in millimetres on some windows, of the frames whose joints are all known."""
    sums, count = torch.zeros(3, dtype=torch.float64), 0
    device = next(lifter.network.parameters()).device
    with torch.no_grad():
        for first in range(0, len(numbers), size):
            batch = windows.take(numbers[first : first + size]).to(device)
            found = lifter.lift(
                batch.keypoints,
                batch.camera,
                torch.Generator(),
                scores=batch.scores,
                body=batch.body,
            )[:, 0]
            truth, known = answered(found, *relative_truth(batch), lifter.predict)
            whole = known.all(dim=-1)
            estimate, truth = found[whole].float(), truth[whole]
            for place, measure in enumerate((mpjpe, n_mpjpe, p_mpjpe)):
                sums[place] += float(measure(estimate, truth).double().sum())
            count += len(truth)
    if not count:
        raise DataError(
            "A validation needs frames in which the poses of all joints are known, but there is "
            "none; name another store, or leave --validation out."
        )
    names = ("mpjpe_mm", "n_mpjpe_mm", "p_mpjpe_mm")
    return {name: float(each) * 1000 / count for name, each in zip(names, sums, strict=True)}


def check_source(name: str, store: Store) -> None:
    """Refuse to choose weights by the labels of a target domain."""
    if "domain" in store.fields() and "target" in store.values("domain"):
        raise SettingsError(
            f'The validation "{name}" holds labelled clips of the target domain; weights chosen by '
            "them would be trained on them, so validate on the source or on nothing."
        )
