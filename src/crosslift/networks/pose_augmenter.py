"""PoseAug's generator: what should be changed of a pose, drawn by networks from noise.

Gong et al., "PoseAug: a differentiable pose augmentation framework for 3D human pose estimation",
CVPR 2021; PoseDA's local pose augmentation is built on it. The networks only say numbers; what they
mean for a body is in `augment.lpa`.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from .layers import check_input, check_sizes

Features = Float[Tensor, "poses width"]


@dataclass(frozen=True)
class PoseAugmenterSettings:
    """Sizes of the generator."""

    joints: int = 16
    ratios: int = 9
    """Lengths of bones that change on their own; both sides of the body share one."""
    width: int = 256
    stages: int = 2
    places: bool = True
    """Whether it also says where the body should be; PoseDA leaves that to the alignment."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        sizes = {"joints": self.joints, "ratios": self.ratios, "width": self.width}
        check_sizes("PoseAugmenter", least=2, **sizes)
        check_sizes("PoseAugmenter", stages=self.stages)


POSEAUG = PoseAugmenterSettings()
"""Of the release: 1,181,500 parameters."""


class Noise(NamedTuple):
    """What chance adds to a pose, for each branch its own."""

    angles: Features
    lengths: Features
    rotation: Features
    place: Features | None


class Heads(NamedTuple):
    """What the last layers say, without bounds."""

    angles: Float[Tensor, "poses bones 3"]
    """To be added to the bones' directions."""
    ratios: Float[Tensor, "poses ratios"]
    rotation: Float[Tensor, "poses 3"]
    place: Float[Tensor, "poses 3"] | None


class Stage(nn.Module):
    """Two layers; unlike a lifter's, nothing skips them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.w1 = nn.Linear(width, width)
        self.batch_norm1 = nn.BatchNorm1d(width)
        self.w2 = nn.Linear(width, width)
        self.batch_norm2 = nn.BatchNorm1d(width)

    def forward(self, x: Features) -> Features:
        x = F.leaky_relu(self.batch_norm1(self.w1(x)))
        return F.leaky_relu(self.batch_norm2(self.w2(x)))


class Branches(nn.Module):
    """Perceptrons side by side; the names of each one's layers end alike, as published."""

    def __init__(self, inputs: int, width: int, stages: int, **outputs: int) -> None:
        super().__init__()
        for ending in outputs:
            self.add_module(f"w1{ending}", nn.Linear(inputs, width))
            self.add_module(norm_name(ending), nn.BatchNorm1d(width))
            rows = nn.ModuleList(Stage(width) for _ in range(stages))
            self.add_module(f"linear_stages{ending}", rows)
        for ending, count in outputs.items():
            self.add_module(f"w2{ending}", nn.Linear(width, count))

    def forward(self, x: Features, ending: str) -> Float[Tensor, "poses outputs"]:
        """What the branch with this ending says."""
        x = self.get_submodule(f"w1{ending}")(x)
        x = F.leaky_relu(self.get_submodule(norm_name(ending))(x))
        for stage in self.get_submodule(f"linear_stages{ending}").children():
            x = stage(x)
        return self.get_submodule(f"w2{ending}")(x)


def norm_name(ending: str) -> str:
    """What the release calls a branch's first normalisation."""
    return f"batch_norm{ending or 1}"


class PoseAugmenter(nn.Module):
    """The whole: all branches see the original pose."""

    def __init__(self, settings: PoseAugmenterSettings = POSEAUG) -> None:
        super().__init__()
        self.settings = settings
        pose, bones = 3 * settings.joints, settings.joints - 1
        size = settings.width, settings.stages
        moves = {"_R": 3, "_T": 3} if settings.places else {"_R": 3}
        self.BAprocess = Branches(2 * pose, *size, **{"": 3 * bones})
        self.BLprocess = Branches(2 * pose + bones, *size, _BL=settings.ratios)
        self.RTprocess = Branches(2 * pose, *size, **moves)
        self.reset()

    def reset(self) -> None:
        """Fresh numbers everywhere."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.BatchNorm1d):
                layer.reset_parameters()
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight)

    def noise(self, like: Float[Tensor, "poses joints 3"], rng: Generator) -> Noise:
        """Noise for so many poses, drawn in the order of the release."""
        shape = len(like), 3 * self.settings.joints
        count = 4 if self.settings.places else 3
        drawn = [torch.randn(shape, generator=rng).to(like) for _ in range(count)]
        return Noise(drawn[0], drawn[1], drawn[2], drawn[3] if self.settings.places else None)

    def forward(
        self,
        poses: Float[Tensor, "poses joints 3"],
        lengths: Float[Tensor, "poses bones"],
        noise: Noise,
    ) -> Heads:
        """What should be changed of root-relative poses whose bones have these lengths."""
        check_input("PoseAugmenter", poses, joints=self.settings.joints, axes=3)
        pose = poses.flatten(1)
        angles = self.BAprocess(torch.cat([pose, noise.angles], dim=1), "")
        ratios = self.BLprocess(torch.cat([pose, lengths, noise.lengths], dim=1), "_BL")
        rotation = self.RTprocess(torch.cat([pose, noise.rotation], dim=1), "_R")
        place = None
        if noise.place is not None:
            place = self.RTprocess(torch.cat([pose, noise.place], dim=1), "_T")
        bones = rearrange(angles, "poses (bones xyz) -> poses bones xyz", xyz=3)
        return Heads(bones, ratios, rotation, place)
