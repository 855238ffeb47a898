"""IGANet: attention among the joints of one frame and convolution over the body's graph, crossed.

Wang et al., "Interweaved graph and attention network for 3D human pose estimation", ICASSP 2023.
The published state dict's adjacency depends on where the network was built: on a GPU it has none,
on a CPU several copies. Ours has none, for it follows from the settings; `without_adjacency`
makes both kinds of file fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .attention import attend
from .layers import (
    DropPath,
    check_heads,
    check_input,
    check_rates,
    check_sizes,
    drop_path_rates,
)

Features = Float[Tensor, "batch joints width"]
Pairs = tuple[tuple[int, int], ...]
KINDS = 4
"""Of edges: a joint and itself, towards the centre, away from it, left and right."""


def hops(bones: Pairs, centre: int) -> dict[int, int]:
    """How many bones lie between the centre and each joint that hangs together with it."""
    away, outermost = {centre: 0}, {centre}
    while outermost:
        ends = {pair for pair in bones if set(pair) & outermost}
        outermost = {joint for pair in ends for joint in pair} - away.keys()
        away |= {joint: max(away.values()) + 1 for joint in outermost}
    return away


@dataclass(frozen=True)
class IGANetSettings:
    """The body's graph and the network's sizes."""

    bones: Pairs
    """Joints that a bone joins; they hang together in one tree of all joints."""
    sides: Pairs
    """Each joint of one side with its mirror image."""
    centre: int
    """The joint from which bones are counted."""
    width: int = 512
    """Named in the published state dict; other widths keep those names."""
    depth: int = 3
    heads: int = 8
    """Of every attention; each sees its own share of the width."""
    drop_path: float = 0.2
    """Highest rate of stochastic depth, in training."""

    def __post_init__(self) -> None:
        check_sizes("IGANet", width=self.width, depth=self.depth, heads=self.heads)
        check_heads("IGANet", self.width, self.heads)
        if self.width % 8:
            raise SettingsError(
                "IGANet's encoder widens from an eighth of the width to all of it, but "
                f"{self.width} is no multiple of 8; choose {8 * max(1, round(self.width / 8))}."
            )
        check_rates("IGANet", drop_path=self.drop_path)
        found = {joint for pair in (*self.bones, *self.sides) for joint in pair} | {self.centre}
        if found != set(range(self.joints)) or len(hops(self.bones, self.centre)) != self.joints:
            raise SettingsError(
                f"IGANet needs bones that join all joints from 0 to {self.joints - 1}, but "
                f"joints {sorted(found)} are named and {len(hops(self.bones, self.centre))} hang "
                f"together with the centre {self.centre}; add the missing bones."
            )

    @property
    def joints(self) -> int:
        """As many as a tree of these bones has."""
        return len(self.bones) + 1


IGANET_H36M = IGANetSettings(
    bones=(
        (0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (5, 6), (0, 7), (7, 8), (8, 9), (9, 10),
        (8, 11), (11, 12), (12, 13), (8, 14), (14, 15), (15, 16),
    ),
    sides=((1, 4), (2, 5), (3, 6), (11, 14), (12, 15), (13, 16)),
    centre=7,
)  # fmt: skip
"""Of Human3.6M."""

IGANET_PANOPTIC = IGANetSettings(
    bones=(
        (2, 12), (12, 13), (13, 14), (2, 6), (6, 7), (7, 8), (2, 0), (0, 1), (0, 3), (3, 4),
        (4, 5), (0, 9), (9, 10), (10, 11),
    ),
    sides=((3, 9), (4, 10), (5, 11), (6, 12), (7, 13), (8, 14)),
    centre=2,
)  # fmt: skip
"""Of CMU Panoptic, in L2D-Pose."""


def adjacency(settings: IGANetSettings) -> Float[Tensor, "kinds joints joints"]:
    """By how much each joint (second axis) counts for another (third axis), by kind of edge.

    All that counts for a joint, over the kinds together, adds up to one.
    """
    distance = hops(settings.bones, settings.centre)
    edges = torch.zeros(KINDS, settings.joints, settings.joints)
    edges[0].fill_diagonal_(1)
    for first, second in settings.bones:
        inner, outer = sorted((first, second), key=lambda joint: distance[joint])
        edges[1, outer, inner] = edges[2, inner, outer] = 1
    for left, right in settings.sides:
        edges[3, left, right] = edges[3, right, left] = 1
    return edges / edges.sum(dim=(0, 1))


def without_adjacency(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published state dict less the adjacency that it has if it was written on a CPU."""
    return {
        name: value for name, value in state.items() if name.rpartition(".")[2] not in ("A", "adj")
    }


class GraphConvolution(nn.Module):
    """For each joint, its neighbours' features, with other weights for each kind of edge."""

    mixing: Float[Tensor, "joints joints_and_kinds"]

    def __init__(self, width: int, edges: Float[Tensor, "kinds joints joints"]) -> None:
        super().__init__()
        self.conv1d = nn.Conv1d(width, len(edges) * width, kernel_size=1)
        mixing = rearrange(edges, "kinds source joint -> joint (source kinds)").contiguous()
        self.register_buffer("mixing", mixing, persistent=False)

    def forward(self, x: Features) -> Features:
        x = F.linear(x, self.conv1d.weight[..., 0], self.conv1d.bias)
        x = rearrange(x, "batch source (kinds w) -> batch (source kinds) w", kinds=KINDS)
        return self.mixing.to(x.dtype) @ x


class Attention(nn.Module):
    """What each joint takes from all joints; `proj` is applied by whoever adds something first."""

    def __init__(self, width: int, heads: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Features) -> Features:
        split = "batch joints (three heads w) -> three batch heads joints w"
        queries, keys, values = rearrange(self.qkv(x), split, three=3, heads=self.heads)
        dropout = self.dropout if self.training else 0.0
        mixed = attend(queries, keys, values, dropout=dropout)
        return rearrange(mixed, "batch heads joints w -> batch joints (heads w)")


class ActivatedLinear(nn.Module):
    """A linear layer and its GELU."""

    def __init__(self, width: int, out: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.linear = nn.Sequential(nn.Linear(width, out), nn.GELU(), nn.Dropout(dropout))

    def forward(self, x: Features) -> Float[Tensor, "batch joints out"]:
        return self.linear(x)


class UMLP(nn.Module):
    """Through half the width and back, with a skip at the bottom; a GELU ends it, too."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear512_256 = ActivatedLinear(width, width // 2)
        self.linear256_256 = ActivatedLinear(width // 2, width // 2)
        self.linear256_512 = ActivatedLinear(width // 2, width)

    def forward(self, x: Features) -> Features:
        narrow = self.linear512_256(x)
        return self.linear256_512(self.linear256_256(narrow) + narrow)


class Block(nn.Module):
    """Graph and attention side by side, each fed with some of the other; then the MLP."""

    def __init__(
        self, width: int, heads: int, edges: Float[Tensor, "kinds joints joints"], drop_path: float
    ) -> None:
        super().__init__()
        self.s_gcn2attn = nn.Parameter(torch.tensor([0.5]), requires_grad=False)
        self.s_attn2gcn = nn.Parameter(torch.tensor([0.8]), requires_grad=False)
        self.norm1 = nn.LayerNorm(edges.shape[-1], eps=1e-6)  # over the joints, not the features
        self.GCN_Block1 = GraphConvolution(width, edges)
        self.GCN_Block2 = GraphConvolution(width, edges)
        self.norm_att1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.uMLP = UMLP(width)
        self.drop_link = nn.Dropout(0.15)
        self.drop_proj = nn.Dropout(0.25)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Features) -> Features:
        graph = self.GCN_Block1(self.norm1(x.mT).mT)
        attended = self.attn(self.norm_att1(x))
        to_attention = self.drop_link(self.s_gcn2attn * graph)
        to_graph = self.drop_link(self.s_attn2gcn * attended)
        from_attention = self.drop_proj(self.attn.proj(attended + to_attention))
        from_graph = self.GCN_Block2(graph + to_graph)
        x = x + self.drop_path(from_graph + from_attention)
        return x + self.drop_path(self.uMLP(self.norm2(x)))


class Body(nn.Module):
    """The blocks in a row, and a norm."""

    def __init__(self, settings: IGANetSettings) -> None:
        super().__init__()
        s, edges = settings, adjacency(settings)
        rates = drop_path_rates(s.drop_path, s.depth)
        self.blocks = nn.ModuleList(Block(s.width, s.heads, edges, rate) for rate in rates)
        self.norm = nn.LayerNorm(s.width, eps=1e-6)

    def forward(self, x: Features) -> Features:
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Encoder(nn.Module):
    """Each joint's features: four linear layers in a row, with no activation between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(2, width // 8)
        self.fc3 = nn.Linear(width // 8, width // 4)  # the release has no fc2
        self.fc4 = nn.Linear(width // 4, width // 2)
        self.fc5 = nn.Linear(width // 2, width)

    def forward(self, keypoints: Float[Tensor, "batch joints 2"]) -> Features:
        return self.fc5(self.fc4(self.fc3(self.fc1(keypoints))))


class IGANet(nn.Module):
    """Poses of single frames."""

    def __init__(self, settings: IGANetSettings = IGANET_H36M) -> None:
        super().__init__()
        self.settings = settings
        self.encoder = Encoder(settings.width)
        self.IGANet = Body(settings)
        self.fcn = nn.Linear(settings.width, 3)

    def forward(
        self, keypoints: Float[Tensor, "batch joints 2"]
    ) -> Float[Tensor, "batch joints 3"]:
        check_input("IGANet", keypoints, joints=self.settings.joints, coordinates=2)
        return self.fcn(self.IGANet(self.encoder(keypoints)))
