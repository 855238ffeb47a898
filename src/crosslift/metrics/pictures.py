"""How good keypoints in pictures are, in pixels and as shares of what is right."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .counting import counted_mean, only_counted
from .joints import joint_error
from .scores import below


def pixel_error(
    estimate: Float[Tensor, "*batch joints 2"],
    truth: Float[Tensor, "*batch joints 2"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Mean distance of each pose's keypoints from their true places, in pixels."""
    return counted_mean(joint_error(estimate, truth, mask=mask), mask)


def pckh(
    estimate: Float[Tensor, "*batch joints 2"],
    truth: Float[Tensor, "*batch joints 2"],
    *,
    head: tuple[int, int],
    fraction: float = 0.5,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The share of each pose's keypoints that are off by less than a fraction of the head.

    A keypoint that was not found (NaN in the estimate) is a miss.

    Args:
        head: The joints whose true distance is the head's size, such as thorax and head.
    """
    one, other = head
    size = torch.linalg.vector_norm(truth[..., one, :] - truth[..., other, :], dim=-1)
    lost = estimate.isnan().any(dim=-1) & ~truth.isnan().any(dim=-1)
    errors = torch.where(lost, torch.inf, joint_error(estimate, truth, mask=mask))
    hits = below(errors, (fraction * size)[..., None].expand(errors.shape))
    return counted_mean(torch.where(size.isnan()[..., None], torch.nan, hits), mask)


def tenth_hits(
    estimate: Float[Tensor, "*batch joints 2"],
    truth: Float[Tensor, "*batch joints 2"],
    size: tuple[int, int],
    *,
    fraction: float = 0.5,
) -> Float[Tensor, "*batch joints"]:
    """1 for cells off by less than a fraction of a tenth of the map, as HRNet tells its progress.

    Its code divides x by the map's height and y by its width. A joint whose true cell lies in the
    first two columns or rows does not count and is NaN.

    Args:
        size: Columns and rows of the map.
    """
    columns, rows = size
    tenth = truth.new_tensor([rows / 10, columns / 10])
    errors = joint_error(estimate / tenth, truth / tenth)
    return only_counted(below(errors, fraction), (truth > 1).all(dim=-1))
