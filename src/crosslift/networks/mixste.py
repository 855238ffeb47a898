"""MixSTE: attention among the joints of a frame and along each joint's time, in turn.

Zhang et al., "MixSTE: seq2seq mixed spatio-temporal encoder for 3D human pose estimation in
video", CVPR 2022.

The network stands apart in three steps (`embed`, `mix`, `head`), because the denoisers that grew
from it differ between them: they take noisy poses as further channels and add the time of the
diffusion to the features.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from .layers import Block, check_heads, check_input, check_rates, check_sizes, drop_path_rates

Features = Float[Tensor, "batch frames joints width"]


@dataclass(frozen=True)
class MixSTESettings:
    """The sizes of a MixSTE."""

    frames: int = 243
    """Of a window; the table of positions in time has this length and is not interpolated."""
    joints: int = 17
    """Of the skeleton."""
    channels: int = 2
    """Numbers given for each joint."""
    width: int = 512
    """Channels of a token, which is a joint in a frame."""
    depth: int = 8
    """Pairs of a spatial and a temporal block."""
    heads: int = 8
    """Of every attention; each sees its own share of the width."""
    mlp_ratio: float = 2.0
    """Width inside the blocks' MLPs, as a multiple of `width`."""
    qkv_bias: bool = True
    """Whether queries, keys and values have biases."""
    drop_path: float = 0.1
    """Highest rate of stochastic depth, in training."""

    def __post_init__(self) -> None:
        check_sizes(
            "MixSTE",
            frames=self.frames,
            joints=self.joints,
            channels=self.channels,
            width=self.width,
            depth=self.depth,
            heads=self.heads,
            **{"width x mlp_ratio": int(self.mlp_ratio * self.width)},
        )
        check_heads("MixSTE", self.width, self.heads)
        check_rates("MixSTE", drop_path=self.drop_path)


MIXSTE_27 = MixSTESettings(frames=27)
MIXSTE_81 = MixSTESettings(frames=81)
MIXSTE_243 = MixSTESettings(frames=243)
"""The published lifters of Human3.6M and MPI-INF-3DHP."""

MIXSTE_1 = MixSTESettings(frames=1, drop_path=0.0)
"""L2D-Pose's, which sees single frames."""


class MixSTE(nn.Module):
    """Poses for all frames of a window."""

    def __init__(self, settings: MixSTESettings = MIXSTE_243) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        self.Spatial_pos_embed = nn.Parameter(torch.zeros(1, settings.joints, width))
        self.Temporal_pos_embed = nn.Parameter(torch.zeros(1, settings.frames, width))
        self.Spatial_patch_to_embedding = nn.Linear(settings.channels, width)
        self.STEblocks = _blocks(settings)
        self.TTEblocks = _blocks(settings)
        self.Spatial_norm = nn.LayerNorm(width, eps=1e-6)  # one for all depths, as the next
        self.Temporal_norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3))  # eps 1e-5 here

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints channels"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        return self.head(self.mix(self.embed(keypoints)))

    def embed(self, keypoints: Float[Tensor, "batch frames joints channels"]) -> Features:
        """A token for each joint of each frame, marked with its place on the body."""
        s = self.settings
        check_input("MixSTE", keypoints, frames=s.frames, joints=s.joints, channels=s.channels)
        return self.Spatial_patch_to_embedding(keypoints) + self.Spatial_pos_embed

    def mix(self, x: Features) -> Features:
        """The features after all blocks."""
        frames, joints = self.settings.frames, self.settings.joints
        for depth, (spatial, temporal) in enumerate(
            zip(self.STEblocks, self.TTEblocks, strict=True)
        ):
            x = rearrange(x, "batch frames joints width -> (batch frames) joints width")
            x = self.Spatial_norm(spatial(x))
            regroup = "(batch frames) joints width -> (batch joints) frames width"
            x = rearrange(x, regroup, frames=frames)
            if depth == 0:  # the places in time are marked once, not at every depth
                x = x + self.Temporal_pos_embed
            x = self.Temporal_norm(temporal(x))
            regroup = "(batch joints) frames width -> batch frames joints width"
            x = rearrange(x, regroup, joints=joints)
        return x


def _blocks(settings: MixSTESettings) -> nn.ModuleList:
    """The blocks of one of the two kinds."""
    hidden = int(settings.mlp_ratio * settings.width)
    return nn.ModuleList(
        Block(settings.width, settings.heads, hidden, qkv_bias=settings.qkv_bias, drop_path=rate)
        for rate in drop_path_rates(settings.drop_path, settings.depth)
    )
