"""Movement without a camera: where the joints of one body are in the world, over time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaxtyping import Bool, Float
from torch import Tensor

from .errors import DataError, SkeletonError
from .skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Motion:
    """What motion files hold (BVH, AMC, C3D, TRC) and what the kinematic body makes."""

    name: str
    skeleton: Skeleton
    fps: float
    positions: Float[Tensor, "frames joints 3"]
    """Metres in the world, z up; NaN where a joint is not known."""
    angles: Float[Tensor, "frames angles"] | None = None
    """Joint angles in radians, where the source has them."""
    angle_names: tuple[str, ...] = ()
    """One name for each column of `angles`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What a selection goes by: subject, action, split."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where it comes from and under which licence."""

    def __post_init__(self) -> None:
        check_joints(self.name, self.skeleton, self.positions.shape[-2])
        check_fps(self.name, self.fps)
        if self.angles is not None and len(self.angle_names) != self.angles.shape[-1]:
            raise DataError(
                f'The motion "{self.name}" has {self.angles.shape[-1]} angles and '
                f"{len(self.angle_names)} names for them; name every angle."
            )

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def known(self) -> Bool[Tensor, "frames joints"]:
        """Which joints have a position."""
        return self.positions.isfinite().all(dim=-1)


def check_joints(name: str, skeleton: Skeleton, found: int) -> None:
    """Refuse an array whose joints axis is not the skeleton's."""
    if found != len(skeleton):
        raise SkeletonError(
            f'"{name}" has {found} joints, but its skeleton "{skeleton.name}" has {len(skeleton)}; '
            "name the skeleton that it was recorded in."
        )


def check_fps(name: str, fps: float) -> None:
    """Refuse a frame rate that cannot be."""
    if not 0 < fps < float("inf"):
        raise DataError(
            f'"{name}" should have a positive number of frames a second, but has {fps}; give fps.'
        )
