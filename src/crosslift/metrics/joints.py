"""Distances between estimated and true joints, in metres.

`estimate` and `truth` are root-relative where a protocol wants them so; `rooted` makes them that.
`mask` says which joints count. What does not count may be NaN without touching the result; what
counts and is NaN makes the result NaN, and so does a pose of which nothing counts.

Every function keeps the leading axes and gives one number for each pose, or for each track where
it compares movements. Which of them are averaged with which weight is the protocol's business;
`counted_mean` over flattened axes pools all joints that count.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry.alignment import align
from .counting import counted, counted_mean, counted_steps, differences, only_counted


def rooted(
    poses: Float[Tensor, "*batch joints axes"], root: int
) -> Float[Tensor, "*batch joints axes"]:
    """The poses moved so that the joint `root` lies at zero."""
    return poses - poses[..., root : root + 1, :]


def joint_error(
    estimate: Float[Tensor, "*batch joints axes"],
    truth: Float[Tensor, "*batch joints axes"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch joints"]:
    """How far each joint is from where it should be; NaN where it does not count."""
    off = counted(estimate, mask) - counted(truth, mask)
    return only_counted(torch.linalg.vector_norm(off, dim=-1), mask)


def mpjpe(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Mean per-joint position error of each pose ("Protocol 1").

    The root counts like any other joint: its error of zero lowers the mean of 17 joints by 1/17.
    """
    return counted_mean(joint_error(estimate, truth, mask=mask), mask)


def aligned_joint_error(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch joints"]:
    """How far each joint is after the best rotation, scale and shift of its pose."""
    estimate, truth = counted(estimate, mask), counted(truth, mask)
    return joint_error(align(estimate, truth, mask), truth, mask=mask)


def p_mpjpe(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean error of each pose after similarity alignment, never mirrored ("Protocol 2")."""
    return counted_mean(aligned_joint_error(estimate, truth, mask=mask), mask)


def scaled_joint_error(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch joints"]:
    """How far each joint is after the best scale of its pose about the origin."""
    estimate, truth = counted(estimate, mask), counted(truth, mask)
    return joint_error(align(estimate, truth, mask, freedom="scale"), truth, mask=mask)


def n_mpjpe(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*batch joints 3"],
    *,
    mask: Bool[Tensor, "*batch joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """The mean error of each pose after the best scale, without a shift ("Protocol 3")."""
    return counted_mean(scaled_joint_error(estimate, truth, mask=mask), mask)


def movement_error(
    estimate: Float[Tensor, "*batch frames joints 3"],
    truth: Float[Tensor, "*batch frames joints 3"],
    *,
    order: int,
    fps: float | None = None,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch steps joints"]:
    """How far each joint's difference of the given order is from the true one.

    There are `order` fewer steps than frames. A step counts if all its frames do.

    Args:
        order: 1 compares velocities, 2 accelerations.
        fps: Per second instead of per frame.
    """
    change = differences(counted(estimate, mask), order, fps)
    true_change = differences(counted(truth, mask), order, fps)
    return joint_error(change, true_change, mask=counted_steps(mask, order))


def mpjve(
    estimate: Float[Tensor, "*batch frames joints 3"],
    truth: Float[Tensor, "*batch frames joints 3"],
    *,
    fps: float | None = None,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Mean per-joint velocity error of each track, in metres per frame.

    Tracks are separate along the leading axes, so that no jump from one to the next is counted.

    Args:
        fps: Per second instead of per frame.
    """
    return _mean_movement_error(estimate, truth, 1, fps, mask)


def acceleration_error(
    estimate: Float[Tensor, "*batch frames joints 3"],
    truth: Float[Tensor, "*batch frames joints 3"],
    *,
    fps: float | None = None,
    mask: Bool[Tensor, "*batch frames joints"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Mean error of the second differences of each track, in metres per frame squared.

    Args:
        fps: Per second squared instead.
    """
    return _mean_movement_error(estimate, truth, 2, fps, mask)


def _mean_movement_error(
    estimate: Tensor, truth: Tensor, order: int, fps: float | None, mask: Tensor | None
) -> Tensor:
    errors = movement_error(estimate, truth, order=order, fps=fps, mask=mask).flatten(-2)
    steps = counted_steps(mask, order)
    return counted_mean(errors, None if steps is None else steps.flatten(-2))
