"""Crops of pictures with people in them, stacked: what detectors learn from."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera
from ..skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Crops:
    """One person each, cut out of a picture, with the way back to it and to the camera."""

    skeleton: Skeleton
    pictures: Float[Tensor, "batch 3 height width"]
    """Red, green, blue from 0 to 1."""
    keypoints: Float[Tensor, "batch joints 2"]
    """Pixels of the crop, whose whole numbers are the middles of its pixels; NaN where missing."""
    scores: Float[Tensor, "batch joints"]
    """0 where a joint is missing or outside, 0.5 where it is hidden, 1 where it is seen."""
    to_picture: Float[Tensor, "batch 2 3"]
    """What takes pixels of the crop to pixels of the whole picture: see `moved`."""
    camera: Camera
    """Of the whole picture, one for each crop."""
    poses: Float[Tensor, "batch joints 3"] | None = None
    """Metres in the camera's frame, absolute."""

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, some: slice) -> "Crops":
        """Some of the crops."""
        rows = {key: value[some] for key, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **rows, camera=self.camera[some])

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "Crops":
        """The crops on another device or in another precision."""

        def move(tensor: Tensor) -> Tensor:
            return tensor.to(device, dtype)

        found = {key: move(each) for key, each in vars(self).items() if isinstance(each, Tensor)}
        return replace(self, **found, camera=self.camera.map(move))


def moved(
    points: Float[Tensor, "*batch points 2"], way: Float[Tensor, "*#batch 2 3"]
) -> Float[Tensor, "*batch points 2"]:
    """Points taken through an affine map, such as from a crop to its picture; differentiable."""
    return points @ way[..., :2].mT + way[..., None, :, 2]


def inverse_way(way: Float[Tensor, "*batch 2 3"]) -> Float[Tensor, "*batch 2 3"]:
    """The affine map that leads back."""
    back = torch.linalg.inv(way[..., :2])
    return torch.cat([back, -back @ way[..., 2:]], dim=-1)


def joined_ways(
    second: Float[Tensor, "*#batch 2 3"], first: Float[Tensor, "*#batch 2 3"]
) -> Float[Tensor, "*batch 2 3"]:
    """The affine map that does what `first` does and then what `second` does."""
    turned = second[..., :2] @ first
    return torch.cat([turned[..., :2], turned[..., 2:] + second[..., 2:]], dim=-1)
