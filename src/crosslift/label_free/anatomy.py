"""Whether poses are those of one body, and of a body that bends as people do."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..geometry import body_lengths
from ..joint_angles import joint_angles
from ..metrics import counted_mean, mean_bone_asymmetry, mean_bone_stretch
from ..quality import BENDS
from ..typical import typical_body
from .question import Question


def bone_change(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """How much bones change their length in a window: standard deviation by mean, over bones."""
    joints = question.poses.shape[-2]
    mask = question.valid[..., None].expand(-1, -1, joints)
    change = mean_bone_stretch(question.poses, question.batch.skeleton, mask=mask)
    several = question.valid.sum(dim=-1) > 1
    return torch.where(several, change, torch.nan)


def asymmetry(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """How much left and right bones differ in length, by their mean."""
    lopsided = mean_bone_asymmetry(question.poses, question.batch.skeleton)
    return counted_mean(lopsided, question.valid)


def body(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """How far the bones' usual lengths are from the told body's, by these; mean over bones.

    The typical person's lengths are taken where the windows tell none.
    """
    lengths = body_lengths(question.poses, question.batch.skeleton)
    lengths = torch.where(question.valid[..., None], lengths, torch.nan)
    usual = lengths.nanmedian(dim=1).values
    wanted = told_body(question)
    there = (wanted > 0) & usual.isfinite()
    return counted_mean((usual / wanted - 1).abs(), there)


def told_body(question: Question) -> Float[Tensor, "batch joints"]:
    """Bone lengths to the parents in metres; the typical person's where nobody told them."""
    typical = typical_body(question.batch.skeleton).to(question.poses)
    told = question.batch.body
    if told is None:
        return typical.expand(len(question.batch), -1)
    return torch.where(told.isfinite(), told.to(typical), typical)


def beyond_limits(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """By how many degrees a frame's worst joint bends beyond what people do; mean over frames."""
    worst = torch.full_like(question.poses[..., 0, 0], -torch.inf)
    for name, angle in joint_angles(question.poses, question.batch.skeleton).items():
        least, most = BENDS.get(name.removeprefix("left_").removeprefix("right_"), (-360, 360))
        degrees = angle.rad2deg()
        beyond = torch.maximum(least - degrees, degrees - most).clamp_min(0)
        worst = torch.maximum(worst, beyond.nan_to_num(-torch.inf))
    return counted_mean(worst, question.valid & worst.isfinite())
