"""What PoSynDA's student minimises: poses that agree with a label, and look as what was seen."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...camera import Camera, project

Hypotheses = Float[Tensor, "batch hypotheses frames joints 3"]
Known = Bool[Tensor, "batch frames joints"]


def off_image(
    poses: Hypotheses, keypoints: Float[Tensor, "batch frames joints 2"], camera: Camera
) -> Float[Tensor, "batch hypotheses frames joints"]:
    """How many pixels beside its keypoint each joint is seen; infinite where it has no image.

    Args:
        poses: Absolute, in metres along the camera's axes.
        keypoints: Those that are no number are as far away as joints without an image.
        camera: Its leading axes broadcast against `batch hypotheses frames`.
    """
    image, wanted = project(poses, camera), keypoints[:, None]
    known = (image.isfinite() & wanted.isfinite()).all(dim=-1)
    beside = torch.where(known[..., None], image - wanted, 0)  # before the norm, whose slope is NaN
    return torch.where(known, torch.linalg.vector_norm(beside, dim=-1), torch.inf)


def nearest_image(
    off: Float[Tensor, "batch hypotheses frames joints"], seen: Known
) -> Float[Tensor, ""]:
    """The mean, over joints that are seen, of how far beside the nearest hypothesis is seen."""
    nearest = off.amin(dim=1)
    counts = seen & nearest.isfinite()
    return torch.where(counts, nearest, 0).sum() / counts.sum().clamp_min(1)


def agreement(
    poses: Hypotheses, label: Float[Tensor, "batch frames joints 3"], known: Known
) -> Float[Tensor, ""]:
    """The mean distance of all hypotheses from a label, over joints that it knows."""
    off = torch.where(known[:, None, ..., None], poses - label[:, None], 0)
    count = known.sum().clamp_min(1) * poses.shape[1]
    return torch.linalg.vector_norm(off, dim=-1).sum() / count
