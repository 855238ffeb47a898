"""Procrustes alignment: moving an estimate onto the truth before the two are compared."""

from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import SettingsError
from .rotations import project_to_rotation

Freedom = Literal["similarity", "rigid", "scale"]


class Similarity(NamedTuple):
    """A move of space: `scale * rotation @ point + translation`."""

    scale: Float[Tensor, "*batch"]
    rotation: Float[Tensor, "*batch 3 3"]
    translation: Float[Tensor, "*batch 3"]


def moved(
    points: Float[Tensor, "*batch points 3"], move: Similarity
) -> Float[Tensor, "*batch points 3"]:
    """Points after a move of space."""
    matrix = move.scale[..., None, None] * move.rotation
    return points @ matrix.mT + move.translation[..., None, :]


def align(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*#batch joints 3"],
    weights: Float[Tensor, "*#batch joints"] | Bool[Tensor, "*#batch joints"] | None = None,
    *,
    freedom: Freedom = "similarity",
) -> Float[Tensor, "*batch joints 3"]:
    """Each estimated pose, moved as near to its truth as `freedom` allows; see `procrustes`."""
    move, known = _solved(estimate, truth, weights, freedom)
    move = move._replace(translation=torch.where(known[..., None], move.translation, torch.nan))
    if weights is None:
        return moved(estimate, move)
    missing = estimate.isnan()  # kept out of the product, whose gradient it would spoil
    return torch.where(missing, torch.nan, moved(torch.where(missing, 0, estimate), move))


def procrustes(
    estimate: Float[Tensor, "*batch joints 3"],
    truth: Float[Tensor, "*#batch joints 3"],
    weights: Float[Tensor, "*#batch joints"] | Bool[Tensor, "*#batch joints"] | None = None,
    *,
    freedom: Freedom = "similarity",
) -> Similarity:
    """The move of each estimated pose that brings it nearest to its truth, in least squares.

    It is computed in double precision. A pose all of whose joints coincide, in the estimate or in
    the truth, has no best move: NaN, without harm to the other poses or their gradients.

    Args:
        truth: Broadcast against the estimate: one truth serves several hypotheses.
        weights: Of each joint in the sum of squares, or which joints count; where it is 0 the
            coordinates may be NaN.
        freedom: "similarity" finds scale, rotation (never a reflection) and translation; "rigid"
            keeps the scale; "scale" finds nothing else, about the origin, for poses that are
            relative to their root.
    """
    move, known = _solved(estimate, truth, weights, freedom)
    return Similarity(
        torch.where(known, move.scale, torch.nan),
        torch.where(known[..., None, None], move.rotation, torch.nan),
        torch.where(known[..., None], move.translation, torch.nan),
    )


def _solved(
    estimate: Tensor, truth: Tensor, weights: Tensor | None, freedom: Freedom
) -> tuple[Similarity, Tensor]:
    """The best moves, and which poses have one; the others have a finite one without meaning."""
    check_freedom(freedom)
    found, wanted, share = _prepared(estimate, truth, weights)
    if freedom == "scale":
        move, known = _scale_alone(found, wanted, share)
    else:
        move, known = _best_move(found, wanted, share, scaled=freedom == "similarity")
    return Similarity(*(part.to(estimate.dtype) for part in move)), known


def check_freedom(freedom: str) -> None:
    """Refuse a kind of alignment that does not exist."""
    if freedom not in get_args(Freedom):
        raise SettingsError(
            f'An alignment is free up to "similarity", "rigid" or "scale", but "{freedom}" was '
            "asked for; choose one of them."
        )


def _prepared(
    estimate: Tensor, truth: Tensor, weights: Tensor | None
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Both poses and the weights (`*batch joints 1`, summing to 1) in working precision."""
    working = torch.float32 if estimate.device.type == "mps" else torch.float64
    if weights is None:
        return estimate.to(working), truth.to(working), None
    share = weights.to(working)[..., None]
    counts = share > 0
    found = torch.where(counts, estimate, 0).to(working)
    wanted = torch.where(counts, truth, 0).to(working)
    total = share.sum(dim=-2, keepdim=True)
    return found, wanted, share / torch.where(total > 0, total, 1)


def _scale_alone(found: Tensor, wanted: Tensor, share: Tensor | None) -> tuple[Similarity, Tensor]:
    power, product = _trace(_moment(found, found, share)), _trace(_moment(wanted, found, share))
    known = (power > 0) & (_trace(_moment(wanted, wanted, share)) > 0)
    scale = product / torch.where(known, power, 1)
    rotation = torch.eye(3, dtype=found.dtype, device=found.device).expand(*scale.shape, 3, 3)
    return Similarity(scale, rotation, found.new_zeros(*scale.shape, 3)), known


def _best_move(
    found: Tensor, wanted: Tensor, share: Tensor | None, *, scaled: bool
) -> tuple[Similarity, Tensor]:
    """The closed form of Umeyama: the rotation nearest to the covariance of both poses."""
    found_mean, wanted_mean = _mean(found, share), _mean(wanted, share)
    found, wanted = _centred(found, found_mean), _centred(wanted, wanted_mean)
    variance = _trace(_moment(found, found, share))
    known = _wide(variance, found_mean)
    known = known & _wide(_trace(_moment(wanted, wanted, share)), wanted_mean)
    eye = torch.eye(3, dtype=found.dtype, device=found.device)
    covariance = torch.where(known[..., None, None], _moment(wanted, found, share), eye)
    rotation = project_to_rotation(covariance)
    fit = (rotation * covariance).sum(dim=(-2, -1)) / torch.where(known, variance, 1)
    scale = fit if scaled else torch.ones_like(fit)
    shift = wanted_mean - scale[..., None] * (rotation @ found_mean[..., None])[..., 0]
    return Similarity(scale, rotation, shift), known


def _mean(points: Tensor, share: Tensor | None) -> Tensor:
    return points.mean(dim=-2) if share is None else (share * points).sum(dim=-2)


def _centred(points: Tensor, mean: Tensor) -> Tensor:
    """Points around their mean; zeros for a pose that is not finite, to keep gradients so."""
    mean = mean[..., None, :]
    return torch.where(mean.isfinite().all(dim=-1, keepdim=True), points - mean, 0)


def _moment(left: Tensor, right: Tensor, share: Tensor | None) -> Tensor:
    """The mean over the joints of all products of a left and a right coordinate."""
    return left.mT @ right / left.shape[-2] if share is None else (share * left).mT @ right


def _trace(matrix: Tensor) -> Tensor:
    return matrix.diagonal(dim1=-2, dim2=-1).sum(dim=-1)


def _wide(variance: Tensor, mean: Tensor) -> Tensor:
    """Which poses are wider than the rounding of their coordinates."""
    rounding = (64 * torch.finfo(variance.dtype).eps) ** 2
    return variance > rounding * (mean**2).sum(dim=-1)
