"""Whether poses are seen where the keypoints are."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import project
from ..geometry import extent
from ..geometry.placing import FEWEST
from ..metrics import counted_mean
from .question import Question


def reprojection_px(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """Mean distance of the seen keypoints from the best placed answer, in pixels."""
    return _mean(off_keypoints(question), question)


def reprojection(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """The same by the larger side of the box around the person in the picture."""
    return _mean(off_keypoints(question) / _size(question)[..., None], question)


def off_keypoints(question: Question) -> Float[Tensor, "batch answered joints"]:
    """How far beside its keypoint each joint is seen, in pixels.

    An answer that contradicts the keypoints so much that it fits nowhere is off by the person's
    whole size: left out, it would be worth more than one that nearly fits. Where too few keypoints
    are seen nothing can be placed: NaN.
    """
    off = (project(question.placed, question.camera) - question.keypoints).norm(dim=-1)
    told = question.seen.sum(dim=-1, keepdim=True) >= FEWEST
    return torch.where(off.isfinite() | ~told, off, _size(question)[..., None])


def _size(question: Question) -> Float[Tensor, "batch answered"]:
    return extent(question.keypoints, question.seen).amax(dim=-1).clamp_min(1.0)


def _mean(off: Tensor, question: Question) -> Float[Tensor, " batch"]:
    return counted_mean(off.flatten(1), (question.seen & off.isfinite()).flatten(1))
