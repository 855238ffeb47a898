"""Whether poses move as people do: neither trembling nor frozen."""

from jaxtyping import Bool, Float
from torch import Generator, Tensor

from ..clip import Batch
from ..errors import DataError
from ..metrics import counted_mean
from ..metrics.counting import counted_steps, differences
from .question import Question

LEAST = 1e-3
"""Metres per second squared below which an answer stands still."""


def restlessness(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """How many times more or less than usual joints accelerate, in doublings either way."""
    found = acceleration(question.poses, question.valid, question.fps)
    return (found.clamp_min(LEAST) / question.usual).log2().abs()


def acceleration(
    poses: Float[Tensor, "batch frames joints 3"], valid: Bool[Tensor, "batch frames"], fps: float
) -> Float[Tensor, " batch"]:
    """The mean length of the joints' accelerations in metres per second squared.

    NaN where no three frames in a row are valid.
    """
    lengths = differences(poses, 2, fps).norm(dim=-1)
    steps = counted_steps(valid[..., None].expand(poses.shape[:-1]), 2)
    assert steps is not None, "there is a mask"
    return counted_mean(lengths.flatten(1), steps.flatten(1))


def usual_acceleration(source: Batch, fps: float) -> float:
    """The same of labelled windows about their roots, over all of them."""
    if source.poses is None:
        raise DataError(
            "How people usually accelerate is told by their true poses, but the windows have "
            "keypoints alone; give labelled windows of the source."
        )
    about = source.poses - source.poses[..., [source.skeleton.root], :]
    whole = source.valid & about.isfinite().all(dim=-1).all(dim=-1)
    return float(acceleration(about, whole, fps).nanmean())
