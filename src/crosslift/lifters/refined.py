"""A lifter whose poses a transformer goes over once more (PoSynDA)."""

from dataclasses import dataclass, field, fields

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import Camera
from ..errors import SettingsError
from ..networks.refinement import Refinement
from .diffusion import Diffusion
from .direct import Direct


@dataclass(frozen=True, eq=False)
class Refined(Diffusion):
    """Every hypothesis after a second look at it; its state is that of the lifter without it."""

    refinement: Refinement = field(kw_only=True)

    @classmethod
    def of(cls, lifter: Direct, refinement: Refinement) -> "Refined":
        """A lifter with a refinement behind it, on the same device."""
        if not isinstance(lifter, Diffusion):
            raise SettingsError(
                "A refinement goes over poses that a lifter draws from noise, but this one has one "
                "answer alone; name the lifter that the adapter was made for."
            )
        own = {each.name: getattr(lifter, each.name) for each in fields(Diffusion)}
        device = next(lifter.network.parameters()).device
        return cls(**own, refinement=refinement.to(device))

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses answered joints 3"]:
        """Poses of windows; as released, they depend on how many are lifted together."""
        poses = super().lift(keypoints, camera, rng, scores=scores, body=body)
        if not len(poses):
            return poses
        dtype = next(self.refinement.parameters()).dtype
        return self.about_root(self.refinement(poses.to(dtype)).to(poses))

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "Refined":
        """The lifter with both networks elsewhere, or in another precision; moved in place."""
        self.network.to(device, dtype)
        self.refinement.to(device, dtype)
        return self
