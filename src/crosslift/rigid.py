"""Limbs that keep one length: what a lifter makes of each frame by itself does not.

Thighs, shins, upper arms and forearms are bones, as are feet and hands for our purpose. The trunk
is not rigid and is left as it is: its joints move as the spine bends and the shoulders shrug.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .geometry import body_lengths, with_lengths
from .skeleton import Skeleton

LIMBS = ("left_knee", "right_knee", "left_elbow", "right_elbow")
"""The bones that end at these joints are of limbs, and all beyond them."""


def rigid(
    poses: Float[Tensor, "hypotheses frames joints 3"],
    skeleton: Skeleton,
    body: Float[Tensor, " joints"] | None = None,
) -> Float[Tensor, "hypotheses frames joints 3"]:
    """The poses with limbs of one length, left and right alike; all directions stay as they were.

    Args:
        body: The length of each bone to its parent; the poses' own where it is not known.
    """
    lengths = limb_lengths(poses, skeleton, body)
    own = body_lengths(poses, skeleton)
    wanted = torch.where(lengths.isfinite()[:, None], lengths[:, None], own)
    return with_lengths(poses, wanted, skeleton)


def limb_lengths(
    poses: Float[Tensor, "hypotheses frames joints 3"],
    skeleton: Skeleton,
    body: Float[Tensor, " joints"] | None = None,
) -> Float[Tensor, "hypotheses joints"]:
    """The one length of each bone of a limb, to its parent; NaN for the others.

    Where the body does not tell it, it is the mean of both sides' medians over the frames.
    """
    usual = medians(body_lengths(poses, skeleton))
    if body is not None:
        told = body.to(usual)
        usual = torch.where(told.isfinite(), told, usual)
    alike = (usual + usual[:, list(skeleton.mirror)]) / 2
    return torch.where(limbs(skeleton).to(usual.device), alike, torch.nan)


def limbs(skeleton: Skeleton) -> Bool[Tensor, " joints"]:
    """Which joints end a bone of an arm or a leg."""
    named = {skeleton.index(joint) for joint in LIMBS if joint in skeleton}
    return torch.tensor([
        not named.isdisjoint(skeleton.chain(joint)) for joint in range(len(skeleton))
    ])  # fmt: skip


def medians(
    lengths: Float[Tensor, "hypotheses frames joints"],
) -> Float[Tensor, "hypotheses joints"]:
    """Over the frames in which a bone has a length; NaN where there is none."""
    if not lengths.shape[1]:
        return lengths.new_full((len(lengths), lengths.shape[2]), torch.nan)
    return lengths.nanmedian(dim=1).values
