"""What detectors make of keypoints: errors that last, joints that are lost for a while."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..clip import Batch


@registry.augmenter("detector")
@dataclass(frozen=True)
class DetectorSettings:
    """Displace keypoints and lose some; a part of the windows stays exact."""

    error: float = 0.012
    """Largest standard deviation of an error, as a share of the body's height in the picture; each
    window draws its own up to that."""
    lasting: float = 0.8
    """Share of an error that is still there a frame later."""
    lost: float = 0.1
    """Largest share of joints that are missing at a time; each window draws its own."""
    exact: float = 0.2
    """Share of the windows that stay as they are."""

    def build(self) -> "Detector":
        """The augmenter."""
        return Detector(self)


@dataclass(frozen=True)
class Detector:
    """Draws errors along time and gaps of several frames."""

    settings: DetectorSettings

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch as a detector would have given it; see `Augmenter`."""
        of, (count, frames, joints, _) = self.settings, batch.keypoints.shape
        share = torch.rand(count, generator=rng)
        touched = torch.rand(count, generator=rng) >= of.exact
        sizes = of.error * share * touched
        off = lasting_noise((count, frames, joints, 2), of.lasting, rng).to(batch.keypoints)
        keypoints = (
            batch.keypoints + off * (sizes.to(off)[:, None] * heights(batch))[..., None, None]
        )
        gone = lasting_noise((count, frames, joints, 1), 0.9, rng)[..., 0]
        part = of.lost * torch.rand(count, generator=rng) * touched
        lost = gone > torch.special.ndtri(1 - part.clamp_min(1e-6))[:, None, None]
        lost = (lost & (part > 0)[:, None, None]).to(batch.keypoints.device)
        return replace(
            batch,
            keypoints=torch.where(lost[..., None], torch.nan, keypoints),
            scores=torch.where(lost, 0, batch.scores),
        )


def heights(batch: Batch) -> Float[Tensor, "windows frames"]:
    """How tall the body is in the picture, in pixels, by the spread of its joints."""
    points = batch.keypoints.nan_to_num(0)
    known = batch.keypoints.isfinite().all(dim=-1, keepdim=True)
    count = known.sum(dim=-2, keepdim=True).clamp_min(1)
    middle = (points * known).sum(dim=-2, keepdim=True) / count
    squared = ((points - middle) * known).square().sum(dim=(-2, -1)) / count[..., 0, 0]
    return 3 * squared.sqrt()


def lasting_noise(
    shape: tuple[int, int, int, int], lasting: float, rng: Generator
) -> Float[Tensor, "windows frames joints numbers"]:
    """Normal numbers of variance one that remember their share of the frame before."""
    fresh = torch.randn(shape, generator=rng)
    new = (1 - lasting**2) ** 0.5
    found = [fresh[:, 0]] if shape[1] else []
    for frame in range(1, shape[1]):
        found.append(lasting * found[-1] + new * fresh[:, frame])
    return torch.stack(found, dim=1) if found else fresh
