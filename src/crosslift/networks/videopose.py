"""VideoPose3D (Pavllo and others, CVPR 2019): convolutions over time, from 2D poses to 3D poses.

One set of weights computes in two ways. Dilated, a clip gives a pose for every place at which the
receptive field fits, and what neighbours share is computed once. Strided, a window gives the pose
of its one place with nothing computed beside it. Neither pads: whoever cuts the windows does.
"""

from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import prod
from operator import mul
from typing import cast

import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import DataError, SettingsError
from .layers import check_input, check_rates, check_sizes
from .overlapping import part_by_part

Features = Float[Tensor, "batch channels frames"]


@dataclass(frozen=True)
class VideoPoseSettings:
    """Sizes of the network and what distinguishes its published forms."""

    joints: int = 17
    """Joints of the 2D poses."""
    regressed: int = 17
    """Joints that the last layer gives; 1 for the root's path through the camera's space."""
    zero_root: bool = False
    """Whether a root at the origin is put before the regressed joints."""
    coordinates: int = 2
    """Numbers for each joint that comes in."""
    filter_widths: tuple[int, ...] = (3, 3, 3, 3, 3)
    """In frames, that of the first layer and of each block; the receptive field is the product."""
    channels: int = 1024
    """Of every convolution."""
    dropout: float = 0.25
    """Share of the channels that are silenced in training."""
    causal: bool = False
    """Whether the pose is that of the receptive field's last frame instead of the middle one."""
    dense: bool = False
    """An ablation: filters without holes, as wide as the dilated ones reach."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        sizes = {name: getattr(self, name) for name in ("joints", "regressed", "coordinates")}
        check_sizes("VideoPose3D", **sizes, channels=self.channels)
        check_rates("VideoPose3D", dropout=self.dropout)
        wrong = [width for width in self.filter_widths if width < 1 or width % 2 == 0]
        if wrong or not self.filter_widths:
            found = f"{wrong[0]} is among them" if wrong else "there is none"
            raise SettingsError(
                f'VideoPose3D needs odd numbers of frames as "filter_widths", but {found}; '
                "choose such as 3, 3, 3."
            )

    @property
    def receptive_field(self) -> int:
        """The frames that one pose is made of."""
        return prod(self.filter_widths)


VIDEOPOSE_243 = VideoPoseSettings()
VIDEOPOSE_81 = VideoPoseSettings(filter_widths=(3, 3, 3, 3))
VIDEOPOSE_27 = VideoPoseSettings(filter_widths=(3, 3, 3))
VIDEOPOSE_9 = VideoPoseSettings(filter_widths=(3, 3))
VIDEOPOSE_243_CAUSAL = VideoPoseSettings(causal=True)
TRAJECTORY_243 = VideoPoseSettings(regressed=1)
"""The network beside the lifter that places the root before the camera."""

POSEAUG_VIDEOPOSE = VideoPoseSettings(16, 15, zero_root=True, filter_widths=(1,) * 5)
"""A single frame; also DH-AUG's form."""

DH_AUG_9 = VideoPoseSettings(16, 16, filter_widths=(3, 3))
DH_AUG_27 = VideoPoseSettings(16, 16, filter_widths=(3, 3, 3))
DH_AUG_81 = VideoPoseSettings(16, 16, filter_widths=(3, 3, 3, 3))
"""DH-AUG's forms for several frames, whose root is regressed like any other joint."""

ADAPTPOSE_27 = DH_AUG_27
"""AdaptPose's for a pad of 13 frames; its other pads 0, 1 and 40 take 1 1 1 1, 1 1 1 3, 3 3 3 3."""

L2D_POSE = VideoPoseSettings(filter_widths=(1, 1, 1))
"""L2D-Pose's form for a single frame."""


class VideoPose(nn.Module):
    """A first convolution, the blocks, and a linear layer for each frame.

    A block is a convolution over time and one within the frame, with a skip around both from the
    frame that the output belongs to.
    """

    def __init__(self, settings: VideoPoseSettings = VIDEOPOSE_243) -> None:
        super().__init__()
        self.settings = settings
        channels, (first, *widths) = settings.channels, settings.filter_widths
        kernels = [
            (width - 1) * dilation + 1 if settings.dense else width
            for width, dilation in zip(widths, self.dilations, strict=True)
        ]
        self.drop = nn.Dropout(settings.dropout)
        self.expand_bn = nn.BatchNorm1d(channels)
        self.shrink = nn.Conv1d(channels, 3 * settings.regressed, 1)
        inputs = settings.joints * settings.coordinates
        self.expand_conv = nn.Conv1d(inputs, channels, first, bias=False)
        self.layers_conv = nn.ModuleList(
            nn.Conv1d(channels, channels, size, bias=False)
            for kernel in kernels
            for size in (kernel, 1)
        )
        self.layers_bn = nn.ModuleList(nn.BatchNorm1d(channels) for _ in self.layers_conv)

    @property
    def dilations(self) -> list[int]:
        """The distance between the frames that each block looks at: what was reached before it."""
        return list(accumulate(self.settings.filter_widths[:-1], mul))

    def forward(
        self,
        keypoints: Float[Tensor, "batch frames joints coordinates"],
        strided: bool | None = None,
    ) -> Float[Tensor, "batch poses joints_3d 3"]:
        """Poses of all places where the receptive field fits; strided, of those side by side.

        Unless said, a window as long as the receptive field is strided: the same pose for less. In
        training that differs, for normalisation sees fewer frames, and is what was published.
        """
        strided = self._strides(keypoints) if strided is None else strided
        self._check(keypoints, strided)
        first, *widths = self.settings.filter_widths
        x = rearrange(keypoints, "batch frames joints xy -> batch (joints xy) frames")
        x = F.conv1d(x, self.expand_conv.weight, stride=first if strided else 1)
        x = self._activated(self.expand_bn, x)
        layers, norms = iter(self.layers_conv), iter(self.layers_bn)
        for width, dilation in zip(widths, self.dilations, strict=True):
            stride, apart = (width, 1) if strided else (1, dilation)
            holes = 1 if self.settings.dense else apart
            weight = cast(Tensor, next(layers).weight)
            y = F.conv1d(x, weight, stride=stride, dilation=holes)
            y = self._activated(next(norms), y)
            y = self._activated(next(norms), next(layers)(y))
            reach = (width - 1) * apart
            own = reach if self.settings.causal else reach // 2
            x = x[:, :, own::stride][:, :, : y.shape[-1]] + y
        split = "batch (joints xyz) frames -> batch frames joints xyz"
        poses = rearrange(self.shrink(x), split, xyz=3)
        return F.pad(poses, (0, 0, 1, 0)) if self.settings.zero_root else poses

    def along(
        self, keypoints: Float[Tensor, "batch frames joints coordinates"], at_a_time: int = 2048
    ) -> Float[Tensor, "batch places joints_3d 3"]:
        """Poses of all places of a clip of any length, `at_a_time` of them at once.

        What a batch shares with the one before it is computed twice.
        """
        reach = self.settings.receptive_field
        return part_by_part(keypoints, reach, partial(self, strided=False), at_a_time)

    def _activated(self, norm: nn.Module, x: Features) -> Features:
        return self.drop(F.relu(norm(x)))

    def _strides(self, keypoints: Tensor) -> bool:
        return keypoints.shape[1] == self.settings.receptive_field and not self.settings.dense

    def _check(self, keypoints: Tensor, strided: bool) -> None:
        settings, frames = self.settings, keypoints.shape[1]
        joints, coordinates = settings.joints, settings.coordinates
        check_input("VideoPose3D", keypoints, joints=joints, coordinates=coordinates)
        if frames < settings.receptive_field:
            raise DataError(
                f"This VideoPose3D makes a pose of {settings.receptive_field} frames, but was "
                f"given {frames}; pad the clip by repeating its first and last frame."
            )
        if strided and settings.dense:
            raise SettingsError(
                "The weights of a dense VideoPose3D fit no strided form, but one was asked for; "
                "leave `strided` out."
            )

    def set_momentum(self, momentum: float) -> None:
        """Sets that of all batch normalisations; the publication lets it fall from 0.1 to 0.001."""
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.momentum = momentum
