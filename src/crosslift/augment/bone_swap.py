"""Other people's bones for the same poses, as DH-AUG gives them to real poses before it learns."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..clip import Batch
from ..errors import DataError
from ..geometry import with_bones_scaled
from ..kinematics import TEMPLATES
from ..skeleton import Skeleton
from ..skeletons import H36M_16, H36M_17
from .bodies import seen_anew
from .dh_body import lengths_of


@registry.augmenter("bone-swap")
@dataclass(frozen=True)
class BoneSwapSettings:
    """Give each window the bones of one of five measured people, or of another window's."""

    bodies: Literal["measured", "batch"] = "measured"
    """Whose: those of Human3.6M's five training subjects, or the batch's own among each other."""

    def build(self) -> "BoneSwap":
        """The augmenter."""
        return BoneSwap(measured() if self.bodies == "measured" else None)


@registry.augmenter("none")
@dataclass(frozen=True)
class NoneSettings:
    """Leave everything as it is, as a baseline."""

    def build(self) -> "Nothing":
        """The augmenter."""
        return Nothing()


@dataclass(frozen=True)
class Nothing:
    """Changes nothing."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch itself; see `Augmenter`."""
        return batch


def measured() -> Float[Tensor, "people 15"]:
    """The bone lengths of the five."""
    return torch.from_numpy(TEMPLATES.copy()).float()


@dataclass(frozen=True, eq=False)
class BoneSwap:
    """Keeps directions and roots; every window gets one person."""

    bodies: Float[Tensor, "people 15"] | None = None
    """In the order of the child joints of `H36M_16`; those of the batch unless given."""

    def __post_init__(self) -> None:
        if self.bodies is not None:
            check_bodies(self.bodies)

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with other bones; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Bones are swapped in poses, but the batch has keypoints alone.")
        return seen_anew(replace(batch, poses=self.swapped(batch.poses, batch.skeleton, rng)))

    def swapped(
        self, poses: Float[Tensor, "windows frames joints 3"], skeleton: Skeleton, rng: Generator
    ) -> Float[Tensor, "windows frames joints 3"]:
        """The poses by other bones."""
        lengths = lengths_of(poses, skeleton)
        bodies = lengths.nanmean(dim=1) if self.bodies is None else self.bodies.to(lengths)
        bodies = bodies[bodies.isfinite().all(dim=-1) & (bodies > 0).all(dim=-1)]
        if not len(bodies):
            return poses
        which = torch.randint(len(bodies), (len(poses),), generator=rng).to(bodies.device)
        factors = bodies[which][:, None] / lengths
        return with_bones_scaled(poses, factors_of(factors, skeleton), skeleton)


def factors_of(
    factors: Float[Tensor, "*batch 15"], skeleton: Skeleton
) -> Float[Tensor, "*batch bones"]:
    """The same for the bones of a skeleton: nose and head grow alike, as the neck does."""
    if skeleton == H36M_16:
        return factors
    bones = [H36M_16.index("head" if name == "nose" else name) - 1 for name in H36M_17.joints[1:]]
    return factors[..., bones]


def check_bodies(bodies: Float[Tensor, "people 15"]) -> None:
    """Refuse a table without people, and bones without a length."""
    if not len(bodies):
        raise DataError(
            "Bones are swapped with those of other people, but there are none in the table; give "
            "at least one body."
        )
    if not bool((bodies.isfinite() & (bodies > 0)).all()):
        raise DataError(
            "Bone lengths are numbers above 0, but the bodies to be swapped with hold "
            f"{float(bodies.min()):g}; measure these bones, or leave the body out."
        )
