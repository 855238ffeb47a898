"""PoseFormer: attention among the joints of each frame, then among the frames.

Zheng et al., "3D human pose estimation with spatial and temporal transformers", ICCV 2021.

What the first half makes of a frame does not depend on the window around it, so a clip that is
cut into overlapping windows needs `embed` once for each frame and `mix` for each window.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from .layers import Block, check_heads, check_input, check_rates, check_sizes, drop_path_rates
from .overlapping import every_window


@dataclass(frozen=True)
class PoseFormerSettings:
    """The sizes of a PoseFormer."""

    frames: int = 81
    """Of a window, whose middle frame is answered for."""
    joints: int = 17
    """Of the skeleton."""
    channels: int = 2
    """Numbers given for each joint."""
    joint_width: int = 32
    """Of a joint's token; a frame's token is as wide as those of all joints together."""
    depth: int = 4
    """Blocks of each half."""
    heads: int = 8
    """Of every attention; each sees its own share of the width."""
    mlp_ratio: float = 2.0
    """Width inside the blocks' MLPs, as a multiple of a token's."""
    qkv_bias: bool = True
    """Whether queries, keys and values have biases."""
    drop_path: float = 0.1
    """Highest rate of stochastic depth in training, reached at the end of each half."""
    kaiming: bool = False
    """Start the linear layers as DH-AUG does (normal, by fan-in) and not as PyTorch does."""

    def __post_init__(self) -> None:
        check_sizes(
            "PoseFormer",
            frames=self.frames,
            joints=self.joints,
            channels=self.channels,
            joint_width=self.joint_width,
            depth=self.depth,
            heads=self.heads,
            **{"joint_width x mlp_ratio": int(self.mlp_ratio * self.joint_width)},
        )
        check_heads("PoseFormer", self.joint_width, self.heads)
        check_rates("PoseFormer", drop_path=self.drop_path)

    @property
    def width(self) -> int:
        """Of a frame's token."""
        return self.joint_width * self.joints


POSEFORMER_9 = PoseFormerSettings(frames=9)
POSEFORMER_27 = PoseFormerSettings(frames=27)
POSEFORMER_81 = PoseFormerSettings(frames=81)
"""The published lifters of Human3.6M and MPI-INF-3DHP."""

POSEFORMER_DH_AUG = PoseFormerSettings(frames=9, joints=16, kaiming=True)
"""DH-AUG's, which it trains on its own poses; the published weights have another joint."""


class PoseFormer(nn.Module):
    """The pose of a window's middle frame."""

    def __init__(self, settings: PoseFormerSettings = POSEFORMER_81) -> None:
        super().__init__()
        self.settings = settings
        s, width = settings, settings.width
        self.Spatial_pos_embed = nn.Parameter(torch.zeros(1, s.joints, s.joint_width))
        self.Temporal_pos_embed = nn.Parameter(torch.zeros(1, s.frames, width))
        self.Spatial_patch_to_embedding = nn.Linear(s.channels, s.joint_width)
        self.Spatial_blocks = _blocks(settings, s.joint_width)
        self.blocks = _blocks(settings, width)
        self.Spatial_norm = nn.LayerNorm(s.joint_width, eps=1e-6)
        self.Temporal_norm = nn.LayerNorm(width, eps=1e-6)
        self.weighted_mean = nn.Conv1d(s.frames, 1, kernel_size=1)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3 * s.joints))  # eps 1e-5
        if settings.kaiming:
            self.apply(_kaiming)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints channels"]
    ) -> Float[Tensor, "batch 1 joints 3"]:
        return self.mix(self.embed(keypoints))

    def along(
        self, keypoints: Float[Tensor, "batch frames joints channels"], at_a_time: int = 32
    ) -> Float[Tensor, "batch places joints 3"]:
        """The poses in the middle of all windows of a clip, `at_a_time` windows at once."""
        return every_window(keypoints, self.settings.frames, self.embed, self.mix, at_a_time)

    def embed(
        self, keypoints: Float[Tensor, "batch frames joints channels"]
    ) -> Float[Tensor, "batch frames width"]:
        """A token for each frame, of any number of frames."""
        s = self.settings
        check_input("PoseFormer", keypoints, joints=s.joints, channels=s.channels)
        x = rearrange(keypoints, "batch frames joints xy -> (batch frames) joints xy")
        x = self.Spatial_patch_to_embedding(x) + self.Spatial_pos_embed
        for block in self.Spatial_blocks:
            x = block(x)
        gather = "(batch frames) joints width -> batch frames (joints width)"
        return rearrange(self.Spatial_norm(x), gather, frames=keypoints.shape[1])

    def mix(self, x: Float[Tensor, "batch frames width"]) -> Float[Tensor, "batch 1 joints 3"]:
        """The poses in the middle of windows of frames' tokens."""
        s = self.settings
        check_input("PoseFormer", x, frames=s.frames, numbers=s.width)
        x = x + self.Temporal_pos_embed
        for block in self.blocks:
            x = block(x)
        x = self.head(self.weighted_mean(self.Temporal_norm(x)))  # batch 1 joints*3
        return rearrange(x, "batch one (joints xyz) -> batch one joints xyz", xyz=3)


def _blocks(settings: PoseFormerSettings, width: int) -> nn.ModuleList:
    """The blocks of one half."""
    hidden = int(settings.mlp_ratio * width)
    return nn.ModuleList(
        Block(width, settings.heads, hidden, qkv_bias=settings.qkv_bias, drop_path=rate)
        for rate in drop_path_rates(settings.drop_path, settings.depth)
    )


def _kaiming(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight)
