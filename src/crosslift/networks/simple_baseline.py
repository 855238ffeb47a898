"""SimpleBaseline: a multi-layer perceptron with skips from one 2D pose to one 3D pose.

Martinez et al., "A simple yet effective baseline for 3D human pose estimation", ICCV 2017. PoseAug,
DH-AUG and L2D-Pose train their own forms of it, which are the named settings below.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import check_input, check_rates, check_sizes

Features = Float[Tensor, "batch width"]


@dataclass(frozen=True)
class SimpleBaselineSettings:
    """Sizes of the network and what distinguishes its published forms."""

    joints: int = 16
    """Joints of the 2D pose."""
    regressed: int = 16
    """Joints that the last layer gives."""
    zero_root: bool = False
    """Whether a root at the origin is put before the regressed joints."""
    coordinates: int = 2
    """Numbers for each joint that comes in."""
    width: int = 1024
    """Channels of a frame."""
    stages: int = 2
    """Pairs of layers with a way around them."""
    dropout: float = 0.5
    """Share of the channels that are silenced in training."""
    norm: Literal["batch_norm", "bn"] = "batch_norm"
    """What the published state dict calls its normalisation layers."""
    kaiming: bool = True
    """Start the linear layers as all of the releases do (normal, by fan-in) and not as PyTorch
    does, whose smaller numbers learn faster."""
    zero_biases: bool = False
    """Whether the biases of linear layers start at zero instead of PyTorch's default."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        check_sizes(
            "SimpleBaseline",
            joints=self.joints,
            regressed=self.regressed,
            coordinates=self.coordinates,
            width=self.width,
            stages=self.stages,
        )
        check_rates("SimpleBaseline", dropout=self.dropout)


MARTINEZ = SimpleBaselineSettings()
"""Of the PyTorch port and SemGCN's copy: standardised values, the root excluded on both sides."""

POSEAUG_MLP = SimpleBaselineSettings(regressed=15, zero_root=True, dropout=0.25)
"""Screen coordinates in, metres out."""

DH_AUG_MLP = SimpleBaselineSettings(regressed=15, zero_root=True, stages=4, dropout=0.25)
"""Screen coordinates in, metres out."""

L2D_POSE = SimpleBaselineSettings(joints=17, regressed=17, norm="bn", zero_biases=True)
"""Pixels in and centimetres out, each standardised."""


class Statistics(NamedTuple):
    """Mean and spread of training data by joint and axis; of no use without the weights."""

    mean: Float[Tensor, "joints axes"]
    std: Float[Tensor, "joints axes"]
    """Zero where a value never varies, as the root's place does not."""

    def standardised(
        self, values: Float[Tensor, "*batch joints axes"]
    ) -> Float[Tensor, "*batch joints axes"]:
        """Values in standard deviations from the mean."""
        return (values - self.mean) / (self.std + 1e-8)  # L2D-Pose's guard; too small for others

    def restored(
        self, values: Float[Tensor, "*batch joints axes"]
    ) -> Float[Tensor, "*batch joints axes"]:
        """Values in the unit of the training data; the mean itself where that never varies."""
        return values * self.std + self.mean


class Stage(nn.Module):
    """Two layers around which the input skips; nothing follows the sum."""

    def __init__(self, width: int, dropout: float, norm: str) -> None:
        super().__init__()
        self.norms = f"{norm}1", f"{norm}2"
        self.w1 = nn.Linear(width, width)
        self.add_module(self.norms[0], nn.BatchNorm1d(width))
        self.w2 = nn.Linear(width, width)
        self.add_module(self.norms[1], nn.BatchNorm1d(width))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Features) -> Features:
        first, second = (getattr(self, name) for name in self.norms)
        y = self.drop(F.relu(first(self.w1(x))))
        return x + self.drop(F.relu(second(self.w2(y))))


class SimpleBaseline(nn.Module):
    """The whole: one layer, the stages, and a linear one without bounds."""

    def __init__(self, settings: SimpleBaselineSettings = MARTINEZ) -> None:
        super().__init__()
        width, dropout, norm = settings.width, settings.dropout, settings.norm
        self.settings = settings
        self.norm = f"{norm}1"
        self.w1 = nn.Linear(settings.coordinates * settings.joints, width)
        self.add_module(self.norm, nn.BatchNorm1d(width))
        self.linear_stages = nn.ModuleList(
            Stage(width, dropout, norm) for _ in range(settings.stages)
        )
        self.w2 = nn.Linear(width, 3 * settings.regressed)
        self.drop = nn.Dropout(dropout)
        self.reset()

    def reset(self) -> None:
        """Fresh numbers in every linear layer."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                if self.settings.kaiming:
                    nn.init.kaiming_normal_(layer.weight)
                if self.settings.zero_biases:
                    nn.init.zeros_(layer.bias)

    def forward(
        self, keypoints: Float[Tensor, "batch joints coordinates"]
    ) -> Float[Tensor, "batch joints_3d 3"]:
        """Poses, joint 0 at the origin where `zero_root` says so."""
        s = self.settings
        check_input("SimpleBaseline", keypoints, joints=s.joints, coordinates=s.coordinates)
        x = rearrange(keypoints, "batch joints xy -> batch (joints xy)")
        x = self.drop(F.relu(getattr(self, self.norm)(self.w1(x))))
        for stage in self.linear_stages:
            x = stage(x)
        poses = rearrange(self.w2(x), "batch (joints xyz) -> batch joints xyz", xyz=3)
        return F.pad(poses, (0, 0, 1, 0)) if self.settings.zero_root else poses
