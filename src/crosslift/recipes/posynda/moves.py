"""The two moves of PoSynDA's student: on labelled source windows, and on the target's keypoints."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor, nn
from torch.optim import Optimizer

from ...aggregation import mean_pose, nearest_to_keypoints
from ...camera import Camera
from ...clip import Batch
from ...data.windows_of_store import StoreWindows
from ...geometry import place_root, with_lengths
from ...lifters.diffusion import Diffusion
from ...networks.low_rank import low_rank_layers
from ...training import Step, Terms
from ..supervised import relative_truth
from .one_optimizer import Shared
from .settings import PoSynDA
from .teacher import Teacher
from .terms import Hypotheses, agreement, nearest_image, off_image

PIXEL = 1e-3
"""Metres that a pixel counts as."""
AHEAD = (0.0, 0.0, 4.0)
"""Where a body is put whose place nothing tells; it counts for nothing there."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is to be learned of windows of the target."""

    label: Float[Tensor, "batch frames joints 3"]
    """The pseudo-label, about the root."""
    place: Float[Tensor, "batch frames 3"]
    """Of the root."""
    seen: Bool[Tensor, "batch frames joints"]
    """Which joints are seen, of bodies whose place is known."""


@dataclass(frozen=True, eq=False)
class Course:
    """Who learns from what."""

    lifter: Diffusion
    """The student; its network is trained in place."""
    filmed: StoreWindows
    """The target's windows, of keypoints alone."""
    settings: PoSynDA
    optimizer: Optimizer
    teacher: Teacher | None

    def steps(self) -> list[Step]:
        """Both moves, with one optimiser."""
        every = self.settings.target_every
        return [
            Step("source", self.source_move, self.optimizer),
            Step("target", self.target_move, Shared(self.optimizer), every),
        ]

    def source_move(self, batch: Batch, rng: Generator) -> Terms:
        """What the student minimises where poses are known."""
        drawn, weights = self.tried(batch, rng), self.settings.source
        part = answered_part(self.lifter, batch)
        truth, known = relative_truth(part)
        assert part.poses is not None, "the source has labels"
        place = part.poses[..., part.skeleton.root, :]
        seen = seen_in(part) & place.isfinite().all(dim=-1)[..., None]
        off = off_image(drawn + among(place), part.keypoints, beside(part.camera))
        return {
            "position": weights.position * agreement(drawn, truth, known),
            "reprojection": weights.reprojection * PIXEL * nearest_image(off, seen),
        }

    def target_move(self, batch: Batch, rng: Generator) -> Terms:
        """What it minimises where they are not, on as many windows of the target as of the source.

        Args:
            batch: Of the source, by which the target's are counted.
        """
        weights, target = self.settings.target, self.drawn_windows(len(batch), batch, rng)
        lesson, part = self.lesson(target, rng), answered_part(self.lifter, target)
        drawn = self.tried(target, rng)
        off = off_image(drawn + among(lesson.place), part.keypoints, beside(part.camera))
        known = lesson.seen.any(dim=-1, keepdim=True).expand_as(lesson.seen)
        return {
            "agreement": weights.agreement * agreement(drawn, lesson.label, known),
            "reprojection": weights.reprojection * PIXEL * nearest_image(off, lesson.seen),
        }

    def lesson(self, target: Batch, rng: Generator) -> Lesson:
        """What the teacher makes of windows: of several hypotheses, what is seen most alike."""
        with torch.no_grad(), self.taught():
            poses = drawn_by(replace(self.lifter, hypotheses=self.settings.hypotheses), target, rng)
            part = answered_part(self.lifter, target)
            place, seen = placed(mean_pose(poses), part)
            wanted = torch.where(seen[..., None], part.keypoints, torch.nan)
            label = nearest_to_keypoints(poses + among(place), wanted, beside(part.camera))
            label = label - place[..., None, :]
            if self.settings.bones and part.body is not None:
                label = with_lengths(label, part.body[:, None], part.skeleton)
                place, seen = placed(label, part)
        return Lesson(label, place, seen)

    @contextmanager
    def taught(self) -> Iterator[None]:
        """Within, the network is the teacher's, or the student's as it is used later."""
        self.lifter.network.eval()
        with nullcontext() if self.teacher is None else self.teacher.teaching():
            yield

    def tried(self, batch: Batch, rng: Generator) -> Hypotheses:
        """The student's hypotheses, with gradients through the whole drawing."""
        settings = self.settings
        only_additions_train(self.lifter.network)
        student = replace(
            self.lifter,
            hypotheses=settings.tried,
            steps=settings.steps or self.lifter.steps,
            flip=settings.mirrored,
        )
        return drawn_by(student, batch, rng)

    def drawn_windows(self, count: int, like: Batch, rng: Generator) -> Batch:
        """Windows of the target, all equally likely."""
        numbers = torch.randint(len(self.filmed), (count,), generator=rng)
        return self.filmed.take(numbers.tolist()).to(like.keypoints.device)


def drawn_by(lifter: Diffusion, batch: Batch, rng: Generator) -> Hypotheses:
    """A lifter's hypotheses for windows."""
    return lifter.lift(batch.keypoints, batch.camera, rng, scores=batch.scores, body=batch.body)


def answered_part(lifter: Diffusion, batch: Batch) -> Batch:
    """The frames of windows that a lifter answers for: all, or the one in the middle."""
    if lifter.predict == "all":
        return batch
    middle = batch.keypoints.shape[1] // 2

    def cut(values: Tensor) -> Tensor:
        return values[:, [middle]] if values.shape[1] > 1 else values

    return replace(
        batch,
        camera=batch.camera.map(cut),
        keypoints=cut(batch.keypoints),
        scores=cut(batch.scores),
        valid=cut(batch.valid),
        poses=None if batch.poses is None else cut(batch.poses),
    )


def placed(
    poses: Float[Tensor, "batch frames joints 3"], batch: Batch
) -> tuple[Float[Tensor, "batch frames 3"], Bool[Tensor, "batch frames joints"]]:
    """Where the roots of poses must be for these to be seen as the keypoints, and which joints are
    seen of bodies for which that can be told."""
    seen = seen_in(batch)
    scores = torch.where(seen, batch.scores, 0)
    place = place_root(poses, batch.keypoints, scores, batch.camera)
    found = place.isfinite().all(dim=-1, keepdim=True)
    return torch.where(found, place, place.new_tensor(AHEAD)), seen & found


def seen_in(batch: Batch) -> Bool[Tensor, "batch frames joints"]:
    """Which keypoints there are, of frames within the recording."""
    there = (batch.scores > 0) & batch.keypoints.isfinite().all(dim=-1)
    return there & batch.valid[..., None]


def among(places: Float[Tensor, "batch frames 3"]) -> Float[Tensor, "batch 1 frames 1 3"]:
    """Places for all joints of all hypotheses."""
    return places[:, None, :, None]


def beside(camera: Camera) -> Camera:
    """The cameras of windows with an axis for hypotheses."""
    return camera.map(lambda each: each[:, None])


def only_additions_train(network: nn.Module) -> None:
    """Have nothing be left out but what low-rank additions say: the network itself is known."""
    network.eval()
    for each in low_rank_layers(network).values():
        cast(nn.Module, each.dropout).train()
