"""What all detectors come down to: everybody in one picture."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeleton import Skeleton
from ..video import Frame


class People(NamedTuple):
    """Everybody who was found in one picture."""

    keypoints: Float[Tensor, "people joints 2"]
    """Pixels of the whole picture; NaN where a joint was not found."""
    scores: Float[Tensor, "people joints"]
    """0 unseen, 1 certain."""

    @classmethod
    def of(
        cls, keypoints: Float[Tensor, "people joints 2"], scores: Float[Tensor, "people joints"]
    ) -> "People":
        """People as a model tells them: what is no number, or has no score, was not found."""
        scores = torch.where(keypoints.isfinite().all(dim=-1), scores.nan_to_num(0), 0).clamp(0, 1)
        return cls(torch.where((scores > 0)[..., None], keypoints, torch.nan), scores)

    @classmethod
    def none(cls, skeleton: Skeleton) -> "People":
        """Nobody."""
        return cls(torch.zeros(0, len(skeleton), 2), torch.zeros(0, len(skeleton)))


@runtime_checkable
class Finder(Protocol):
    """Finds everybody in the pictures of a recording, one picture after the other.

    The settings that are registered as a "detector" make one: `build(device)`.
    """

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found."""
        ...

    @property
    def provenance(self) -> Mapping[str, str]:
        """What was used: which detector, which file of weights and its SHA-256."""
        ...

    def find(self, frame: Frame) -> People:
        """Everybody in the picture; the frame of number 0 begins another recording."""
        ...
