"""What PoseAug's players minimise."""

import torch
from jaxtyping import Float
from torch import Tensor

from ...augment.body_parts import BodyParts


def told_apart(
    real: Float[Tensor, "poses scores"], made: Float[Tensor, "others scores"]
) -> dict[str, Float[Tensor, ""]]:
    """A discriminator's terms: what is real should score 1 and what is made 0."""
    return {"real": (real - 1).square().mean() / 2, "made": made.square().mean() / 2}


def taken_for_real(made: Float[Tensor, "poses scores"]) -> Float[Tensor, ""]:
    """A generator's term: what it made should score 1."""
    return (made - 1).square().mean() / 2


def outside_range(
    values: Float[Tensor, "*batch"], middle: float, reach: float
) -> Float[Tensor, ""]:
    """Mean square of how far values are from the middle, of those beyond its reach."""
    squared = (values - middle).square()
    return (squared * (squared > reach**2)).mean()


def limb_errors(
    errors: Float[Tensor, "poses joints"], parts: BodyParts
) -> Float[Tensor, "poses groups"]:
    """Mean errors of joints near the trunk, in the middle and at the ends of limbs, weighted."""
    weighted = errors * errors.new_tensor(parts.weights)
    groups = [weighted[:, list(group)].mean(dim=1) for group in parts.groups]
    return torch.stack(groups, dim=1)


def hardness(
    hard: Float[Tensor, "poses groups"], easy: Float[Tensor, "poses groups"], least: float
) -> Float[Tensor, "poses groups"]:
    """How many times larger a lifter's errors are on changed poses than on the original ones.

    Args:
        least: Metres by which errors on the original count as larger, so that none is near zero.
    """
    return hard / (easy + least)
