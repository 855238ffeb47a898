"""Covariances of joints out of a handful of hypotheses.

Five hypotheses tell little of nine numbers: as few as three lie in a plane, and the region that
they span would have no depth. Each frame's covariance is therefore mixed with the usual one of the
joint, the mean over the clip's frames, which counts as much as a few hypotheses do. With many
hypotheses the frame speaks for itself.
"""

import torch
from jaxtyping import Float
from torch import Tensor

PRIOR = 4.0
"""Hypotheses that the joint's usual covariance is worth beside those of the frame."""
ROUND = 0.1
"""The share of a joint's usual covariance that is taken to be alike in all directions."""
LEAST = 1e-3
"""Metres: the standard deviation that every joint but the root has at least."""

Covariances = Float[Tensor, "frames joints 3 3"]


def covariance_about(
    pose: Float[Tensor, "frames joints 3"],
    hypotheses: Float[Tensor, "hypotheses frames joints 3"],
    root: int,
) -> Covariances:
    """In square metres, the covariance of the truth about a pose, as hypotheses tell it.

    It is that of a further hypothesis: of what the hypotheses' own mean misses, too, and of how
    far the pose is from this mean. Places are those about the root, which is where it is without
    doubt. A joint that is NaN in a hypothesis has a covariance of NaN in that frame.

    Args:
        pose: What is made of the hypotheses; their mean, or another choice.
        hypotheses: Two or more.
        root: The joint that all places are counted from.
    """
    about = hypotheses - hypotheses[:, :, [root]]
    mean = about.mean(dim=0)
    missed = pose - pose[:, [root]] - mean
    found = (1 + 1 / len(about)) * shrunk(sample_covariance(about), len(about))
    found = found + missed[..., :, None] * missed[..., None, :]
    found[:, root] = 0
    return found


def sample_covariance(poses: Float[Tensor, "hypotheses frames joints 3"]) -> Covariances:
    """The covariance of hypotheses about their mean, frame by frame."""
    off = poses - poses.mean(dim=0)
    return torch.einsum("hfjx, hfjy -> fjxy", off, off) / (len(poses) - 1)


def shrunk(own: Covariances, hypotheses: int) -> Covariances:
    """Each frame's covariance with a share of the joint's usual one, the more the fewer there are.

    As if `PRIOR` further hypotheses of the usual kind had been drawn.
    """
    shared, free = rounded(own.nanmean(dim=0)), hypotheses - 1
    return (free * own + PRIOR * shared) / (free + PRIOR)


def rounded(covariance: Float[Tensor, "joints 3 3"]) -> Float[Tensor, "joints 3 3"]:
    """The covariance a little nearer to a ball, so that no direction is left without any doubt."""
    ball = torch.eye(3, dtype=covariance.dtype, device=covariance.device)
    alike = covariance.diagonal(dim1=-2, dim2=-1).mean(dim=-1)[:, None, None] * ball
    return (1 - ROUND) * covariance + ROUND * alike + LEAST**2 * ball


def standard_distance(
    off: Float[Tensor, "*batch 3"], covariance: Float[Tensor, "*batch 3 3"]
) -> Float[Tensor, "*batch"]:
    """How many standard deviations something is away (Mahalanobis); NaN where nothing is known.

    Where there is no doubt at all, as at the root, nothing is to be judged either.
    """
    off, covariance = off.double(), covariance.double()
    known = off.isfinite().all(dim=-1) & (torch.linalg.det(covariance) > 0)
    ball = torch.eye(3, dtype=torch.float64, device=off.device)
    factor = torch.linalg.cholesky(torch.where(known[..., None, None], covariance, ball))
    inside = torch.linalg.solve_triangular(factor, off[..., None], upper=False)[..., 0]
    return torch.where(known, inside.norm(dim=-1), torch.nan)


def usual_distance(covariance: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch"]:
    """The root mean square distance from the middle, in metres."""
    return covariance.diagonal(dim1=-2, dim2=-1).sum(dim=-1).sqrt()


def mean_radius(covariance: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch"]:
    """The radius in metres of the ball that is as large as the ellipsoid of one deviation."""
    return torch.linalg.det(covariance.double()).clamp_min(0) ** (1 / 6)
