"""Where joints may be: the ellipsoids of a clip, stood upright as its poses are."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Clip
from ..data.record import Recording
from ..uncertainty.calibration import NORMAL
from .upright import Upright

FINEST = 1e-6
"""Metres: a smaller deviation is none."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Ellipsoids about the joints of a clip's first pose."""

    covariance: Float[Tensor, "frames joints 3 3"]
    """In the world in which the poses stand upright, in square metres; NaN where unknown."""
    radii: Float[Tensor, "2 joints"]
    """Of 50 and 90 %, in standard deviations."""
    measured: bool
    """Whether the radii are what was measured, and not what normal errors would have."""

    @property
    def factors(self) -> Float[Tensor, "frames joints 6"]:
        """The lower triangle of each covariance's root, row by row: fine in coarse steps."""
        return lower_root(self.covariance)


def regions_of(recording: Recording, placed: Upright) -> Regions | None:
    """The ellipsoids of a clip that has covariances, and None of all others."""
    if not isinstance(recording, Clip) or recording.covariance is None or placed.camera is None:
        return None
    turn = placed.camera.rotation.to(recording.covariance)
    turn = turn[:, None] if turn.ndim > 2 else turn
    covariance = turn.mT @ recording.covariance @ turn
    radii, measured = recording.radii, recording.radii is not None
    if radii is None:
        radii = covariance.new_tensor(NORMAL)[:, None].expand(2, len(recording.skeleton))
    return Regions(covariance, radii, measured)


def outline(
    covariance: Float[np.ndarray, "3 3"], axes: Float[np.ndarray, "3 3"], corners: int = 33
) -> Float[np.ndarray, "corners 2"]:
    """The outline of an ellipsoid of one deviation, to the right and downwards; NaN if unknown.

    Args:
        axes: The directions that lie to the right, upwards and ahead of who looks at it.
    """
    across = axes[:2] * np.array([[1], [-1]])
    flat = across @ covariance.astype(float) @ across.T
    spread, turn = np.linalg.eigh(np.nan_to_num(flat))
    angles = np.linspace(0, 2 * np.pi, corners)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    found = circle * np.sqrt(spread.clip(min=0)) @ turn.T
    return found if np.isfinite(flat).all() else np.full_like(found, np.nan)


def lower_root(covariance: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 6"]:
    """The lower triangle L of which L Lᵀ is the covariance, row by row; NaN where that is."""
    wide = covariance.double()
    known = wide.isfinite().all(dim=-1).all(dim=-1)
    ball = torch.eye(3, dtype=wide.dtype, device=wide.device)
    sound = torch.where(known[..., None, None], wide, ball) + FINEST**2 * ball
    root, wrong = torch.linalg.cholesky_ex(sound)
    rows, columns = torch.tril_indices(3, 3)
    known = known & (wrong == 0)
    return torch.where(known[..., None], root[..., rows, columns], torch.nan).to(covariance)
