"""Diff3DHPE's denoiser: a MixSTE whose attention says how far each token is from the others.

Zhou et al., "Diff3DHPE: a diffusion model for 3D human pose estimation", ICCV Workshops 2023. Graph
neural diffusion (GRAND) writes the flow of features as (A - I) X, A being an attention; one layer
with the skip around it is one step of it. There is no solver and no graph: A is dense.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from .attention import Heads, attend, fuses
from .denoising import Denoising, First, Moment, Rows, time_layers
from .layers import Attention, Block, Tokens, drop_path_rates
from .mixste import MixSTESettings


@dataclass(frozen=True)
class GrandSettings(MixSTESettings):
    """The sizes of Diff3DHPE's network; the channels are those of the keypoints."""

    time_embedding: bool = True
    """Whether every block is told the time."""
    centre: bool = False
    """Whether the pose of the middle frame is answered for (seq2frame), and not all."""


DIFF3DHPE_27 = GrandSettings(frames=27, time_embedding=False)
"""The published lifter of MPI-INF-3DHP."""
DIFF3DHPE_81 = GrandSettings(frames=81)
DIFF3DHPE_243 = GrandSettings(frames=243)
"""The published lifters of Human3.6M."""


class GrandAttention(Attention):
    """Self-attention less the token's own value: (A - I) V."""

    def forward(self, x: Tokens) -> Tokens:
        split = "rows tokens (three heads w) -> three rows heads tokens w"
        queries, keys, values = rearrange(self.qkv(x), split, three=3, heads=self.heads)
        mixed = flow(queries, keys, values)
        return self.proj(rearrange(mixed, "rows heads tokens w -> rows tokens (heads w)"))


def flow(queries: Heads, keys: Heads, values: Heads) -> Heads:
    """What attention would change the values by.

    Where it is not fused, in the release's order of sums: small errors that are squared for the
    loss would show another one.
    """
    if fuses(queries, 0.0):
        return attend(queries, keys, values) - values
    weights = (queries @ keys.mT * queries.shape[-1] ** -0.5).softmax(dim=-1)
    tokens = weights.shape[-1]
    return (weights - torch.eye(tokens, dtype=weights.dtype, device=weights.device)) @ values


class GrandBlock(Block):
    """A block that can be told the time, which is added to its tokens and stays there."""

    def __init__(self, settings: GrandSettings, drop_path: float) -> None:
        width, heads = settings.width, settings.heads
        hidden = int(settings.mlp_ratio * width)
        super().__init__(width, heads, hidden, qkv_bias=settings.qkv_bias, drop_path=drop_path)
        self.attn = GrandAttention(width, heads, settings.qkv_bias)
        mlp = self.mlp
        del self.mlp  # the time's layer comes before it in the published order
        self.time_mlp = None
        if settings.time_embedding:
            self.time_mlp = nn.Sequential(nn.SiLU(), nn.Linear(2 * width, width))
        self.mlp = mlp

    def at(self, x: Rows, moment: Moment | None) -> Rows:
        """Tokens that know the time."""
        if self.time_mlp is None or moment is None:
            return x
        return x + self.time_mlp(moment)[:, None, None]


Pair = tuple[GrandBlock, GrandBlock]


class GrandMixSTE(Denoising):
    """Clean poses for all frames of a window, or for its middle one."""

    def __init__(self, settings: GrandSettings = DIFF3DHPE_243) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        self.Spatial_pos_embed = nn.Parameter(torch.zeros(1, settings.joints, width))
        self.Temporal_pos_embed = nn.Parameter(torch.zeros(1, settings.frames, width))
        self.time_mlp = time_layers(width, 2 * width) if settings.time_embedding else None
        self.fusion_layer = nn.Linear(settings.channels + 3, width)
        self.STEblocks = _blocks(settings)
        self.Spatial_norm = nn.LayerNorm(width, eps=1e-6)  # one for all depths, as the next but one
        self.TTEblocks = _blocks(settings)
        self.Temporal_norm = nn.LayerNorm(width, eps=1e-6)
        self.weighted_mean = nn.Conv1d(settings.frames, 1, 1) if settings.centre else None
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3))  # eps 1e-5 here
        self.begin_with_keypoints()

    @property
    def tellers_of_time(self) -> Iterable[nn.Linear]:
        """The last layers of the blocks' own ways."""
        blocks = cast(Iterable[GrandBlock], (*self.STEblocks, *self.TTEblocks))
        ways = (each.time_mlp for each in blocks if each.time_mlp is not None)
        return [cast(nn.Linear, way[-1]) for way in ways]

    @property
    def first(self) -> First:
        """The layer that takes keypoints and noisy poses."""
        return self.fusion_layer

    @property
    def window(self) -> dict[str, int]:
        """How many frames, joints and channels the keypoints have."""
        return {name: getattr(self.settings, name) for name in ("frames", "joints", "channels")}

    def answer(self, x: Rows, moment: Moment | None) -> Float[Tensor, "rows answered joints 3"]:
        """Clean poses of tokens."""
        x = self.mix(x, moment)
        if self.weighted_mean is not None:
            x = self.weighted_mean(x.flatten(-2)).unflatten(-1, x.shape[-2:])
        return self.head(x)

    def mix(self, x: Rows, moment: Moment | None) -> Rows:
        """The features after all blocks."""
        frames, joints = self.settings.frames, self.settings.joints
        pairs = cast(Iterable[Pair], zip(self.STEblocks, self.TTEblocks, strict=True))
        for depth, (spatial, temporal) in enumerate(pairs):
            x = rearrange(spatial.at(x, moment), "rows frames joints w -> (rows frames) joints w")
            x = self.Spatial_norm(spatial(x))
            x = rearrange(x, "(rows frames) joints w -> rows frames joints w", frames=frames)
            if depth == 0:  # the places in time are marked once, not at every depth
                x = x + self.Temporal_pos_embed[:, :, None]
            x = rearrange(temporal.at(x, moment), "rows frames joints w -> (rows joints) frames w")
            x = self.Temporal_norm(temporal(x))
            x = rearrange(x, "(rows joints) frames w -> rows frames joints w", joints=joints)
        return x


def _blocks(settings: GrandSettings) -> nn.ModuleList:
    """The blocks of one of the two kinds."""
    rates = drop_path_rates(settings.drop_path, settings.depth)
    return nn.ModuleList(GrandBlock(settings, rate) for rate in rates)
