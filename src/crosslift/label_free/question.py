"""What a lifter is asked, and what it answered: the windows that all unlabelled scores look at."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from ..camera import Camera
from ..clip import Batch
from ..errors import SettingsError, SkeletonError
from ..geometry import place_root
from ..protocols import Lifter, SlidingLifter
from ..skeleton import Skeleton
from ..windows import Windowing

SPAN = 27
"""Frames in a row that are judged together: about a second, enough to see bones stretch."""

USUAL_ACCELERATION = 4.4
"""Metres per second squared: the mean over joints, frames and windows of synthetic people (the
preset "source", 30 frames a second), about their roots."""


@dataclass(frozen=True, eq=False)
class Question:
    """Windows of keypoints, the lifter that is asked about them, and its answers.

    Poses and their truth are never looked at, bone lengths are if the batch tells them.
    """

    lifter: Lifter
    batch: Batch
    seed: int = 0
    """Of what the lifter itself draws; the same whenever it is asked, so that two answers differ
    by what was seen and not by luck."""
    fps: float = 30.0
    """Frames a second."""
    usual: float = USUAL_ACCELERATION
    """How people accelerate in the source, in metres per second squared (`usual_acceleration`)."""

    def __post_init__(self) -> None:
        check_skeleton(self.lifter, self.batch.skeleton)
        check_frames(self.lifter, self.batch.keypoints.shape[1])

    @classmethod
    def of(cls, lifter: Lifter, batch: Batch, rng: Generator, **more: float) -> "Question":
        """A question whose seed is drawn."""
        return cls(lifter, batch, int(torch.randint(2**62, (), generator=rng)), **more)

    @cached_property
    def hypotheses(self) -> Float[Tensor, "batch hypotheses answered joints 3"]:
        """All that the lifter says, about the root."""
        return lifted(self.lifter, self.batch, self.seed)

    @cached_property
    def poses(self) -> Float[Tensor, "batch answered joints 3"]:
        """The first hypothesis, which stands for the answer everywhere."""
        return self.hypotheses[:, 0]

    @cached_property
    def placed(self) -> Float[Tensor, "batch answered joints 3"]:
        """The answer where its reprojection fits best; NaN in frames where no place does."""
        scores = torch.where(self.seen, self.scores, 0)
        root = place_root(self.poses, self.keypoints, scores, self.camera)
        return self.poses + root[..., None, :]

    @property
    def part(self) -> slice:
        """The frames of a window that are answered for."""
        return answered_part(self.lifter, self.batch.keypoints.shape[1])

    @property
    def keypoints(self) -> Float[Tensor, "batch answered joints 2"]:
        """What was seen in the frames that are answered for."""
        return self.batch.keypoints[:, self.part]

    @property
    def scores(self) -> Float[Tensor, "batch answered joints"]:
        """How certain the keypoints are."""
        return self.batch.scores[:, self.part]

    @property
    def valid(self) -> Bool[Tensor, "batch answered"]:
        """False where a window ran over the clip's end."""
        return self.batch.valid[:, self.part]

    @property
    def seen(self) -> Bool[Tensor, "batch answered joints"]:
        """Which keypoints there are."""
        there = (self.scores > 0) & self.keypoints.isfinite().all(dim=-1)
        return there & self.valid[..., None]

    @property
    def camera(self) -> Camera:
        """With the axes `batch answered`, or `batch 1` where cameras stand still."""
        return self.batch.camera.map(lambda each: each[:, self.part] if each.shape[1] > 1 else each)

    def again(self, batch: Batch) -> Float[Tensor, "batch answered joints 3"]:
        """What the lifter answers about other windows, with the same luck."""
        return lifted(self.lifter, batch, self.seed)[:, 0]


def windowing_for(lifter: Lifter, span: int = SPAN) -> Windowing:
    """Windows in which a lifter answers for at least so many frames in a row.

    They hold what it sees around these frames besides, where it answers for one frame at a time.
    """
    if lifter.predict == "all":
        return Windowing(-(-span // lifter.frames) * lifter.frames)
    return Windowing(span + lifter.frames - 1, span, lifter.predict)


def answered_part(lifter: Lifter, frames: int) -> slice:
    """The frames, of so many in a row, for which the lifter answers."""
    if lifter.predict == "all":
        return slice(0, frames)
    first = lifter.frames - 1 if lifter.predict == "last" else lifter.frames // 2
    return slice(first, first + frames - lifter.frames + 1)


def pieces(lifter: Lifter, frames: int) -> Int[Tensor, "pieces frames"]:
    """The frames of each window of the lifter's own length, in a longer window."""
    step = lifter.frames if lifter.predict == "all" else 1
    return torch.arange(frames).unfold(0, lifter.frames, step)


def lifted(
    lifter: Lifter, batch: Batch, seed: int
) -> Float[Tensor, "batch hypotheses answered joints 3"]:
    """Root-relative poses of all frames of longer windows for which the lifter can answer."""
    rng = torch.Generator().manual_seed(seed)
    frames = batch.keypoints.shape[1]
    if isinstance(lifter, SlidingLifter) and lifter.predict != "all":
        found = lifter.slide(
            batch.keypoints, batch.camera, rng, scores=batch.scores, body=batch.body
        )
        return found[:, :, answered_part(lifter, frames)]
    at = pieces(lifter, frames).to(batch.keypoints.device)

    def cut(values: Tensor) -> Tensor:
        rows = at if values.shape[1] > 1 else torch.zeros_like(at[:, :1])
        return values.expand(len(batch), *values.shape[1:])[:, rows].flatten(0, 1)

    found = lifter.lift(
        cut(batch.keypoints),
        batch.camera.map(cut),
        rng,
        scores=cut(batch.scores),
        body=None if batch.body is None else batch.body.repeat_interleave(len(at), dim=0),
    )
    in_a_row = "(batch pieces) hypotheses frames joints xyz -> "
    in_a_row += "batch hypotheses (pieces frames) joints xyz"
    return rearrange(found, in_a_row, pieces=len(at))


def unlabelled_windows(batch: Batch, *, tell_body: bool) -> Batch:
    """The windows as someone who only filmed has them.

    Args:
        tell_body: Keep the bone lengths, because they were measured or estimated from keypoints.
    """
    return replace(batch, poses=None, body=batch.body if tell_body else None)


def check_skeleton(lifter: Lifter, skeleton: Skeleton) -> None:
    """Refuse windows of joints that the lifter does not know."""
    if lifter.skeleton != skeleton:
        raise SkeletonError(
            f'The lifter takes the skeleton "{lifter.skeleton.name}", but the windows have '
            f'"{skeleton.name}"; map the clips first.'
        )


def check_frames(lifter: Lifter, frames: int) -> None:
    """Refuse windows for none of whose frames, or not for all, the lifter can answer."""
    whole = lifter.predict != "all" or frames % lifter.frames == 0
    if frames < lifter.frames or not whole:
        needed = "a multiple of" if lifter.predict == "all" else "at least"
        raise SettingsError(
            f"The windows should have {needed} {lifter.frames} frames, which the lifter looks at, "
            f"but have {frames}; cut them by windowing_for(lifter)."
        )
