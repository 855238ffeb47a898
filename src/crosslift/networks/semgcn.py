"""SemGCN: graph convolutions over the joints of one frame, whose links are weighed by learning.

Zhao et al., "Semantic graph convolutional networks for 3D human pose regression", CVPR 2019.
PoseAug and DH-AUG train the plain form. Every output joint is free, the root too: it is subtracted
when poses are compared.
"""

from collections import OrderedDict
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from keyword import iskeyword

import torch
from einops import rearrange, reduce
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .layers import check_input, check_rates, check_sizes

Features = Float[Tensor, "batch joints width"]
Groups = tuple[tuple[int, ...], ...]

H36M_16_PAIRS: Groups = ((2, 3), (5, 6), (1, 4), (0, 7), (8, 9), (14, 15), (11, 12), (10, 13))
"""Which of Human3.6M's 16 joints the publication pools: neighbours, hips, shoulders, the trunk."""


@dataclass(frozen=True)
class SemGCNSettings:
    """Sizes of the network; the joints are those of its graph."""

    width: int = 128
    """Channels of a joint."""
    blocks: int = 4
    """Residual blocks of two graph convolutions."""
    dropout: float = 0.0
    """Share of the channels that are silenced in training."""
    groups: Groups = ()
    """Joints that the non-local blocks pool, all groups of one size; none, no such blocks."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        check_sizes("SemGCN", width=self.width)
        check_sizes("SemGCN", least=0, blocks=self.blocks)
        check_rates("SemGCN", dropout=self.dropout)
        if self.groups and self.width % 2:
            raise SettingsError(
                f"SemGCN halves its width in non-local blocks, but {self.width} is odd; choose an "
                "even one, or no groups."
            )
        if len({len(group) for group in self.groups}) > 1:
            raise SettingsError(
                f'The "groups" of SemGCN are all of one size, but {self.groups} were given; give '
                "each as many joints as the first."
            )


SEMGCN = SemGCNSettings()
"""The plain form, which PoseAug trains too."""

SEMGCN_NON_LOCAL = SemGCNSettings(groups=H36M_16_PAIRS)
"""The form with which the publication reports its best figure."""

DH_AUG_GCN = SemGCNSettings(dropout=0.25)
"""The plain form again; DH-AUG writes "stages" for blocks."""


class SemGraphConv(nn.Module):
    """A joint's own features and those of its neighbours, each through weights of its own."""

    entry: Tensor
    parts: Tensor

    def __init__(
        self, inputs: int, outputs: int, adjacency: Float[Tensor, "joints joints"]
    ) -> None:
        super().__init__()
        linked = adjacency != 0
        links = int(linked.sum())
        entry = torch.full(linked.shape, links)  # past the last weight where there is no link
        entry[linked] = torch.arange(links)  # row by row
        own = torch.eye(len(linked))
        self.register_buffer("entry", entry, persistent=False)
        self.register_buffer("parts", torch.stack([own, 1 - own], dim=-1), persistent=False)
        self.W = nn.Parameter(torch.empty(2, inputs, outputs))  # of itself, of its neighbours
        self.e = nn.Parameter(torch.ones(1, links))
        self.bias = nn.Parameter(torch.empty(outputs))
        nn.init.xavier_uniform_(self.W, gain=1.414)  # of all three axes at once, as published
        nn.init.uniform_(self.bias, -(outputs**-0.5), outputs**-0.5)

    def shares(self) -> Float[Tensor, "joints columns"]:
        """What a joint takes of each joint: columns in pairs, for itself and for its neighbours."""
        weights = F.pad(self.e[0], (0, 1), value=-torch.inf)[self.entry].softmax(dim=-1)
        return rearrange(weights[..., None] * self.parts, "joint other part -> joint (other part)")

    def forward(self, x: Features) -> Float[Tensor, "batch joints outputs"]:
        weights = rearrange(self.W, "part inputs outputs -> inputs (part outputs)")
        mapped = rearrange(x @ weights, "batch joint (part w) -> batch (joint part) w", part=2)
        return torch.baddbmm(self.bias, self.shares().expand(x.shape[0], -1, -1), mapped)


def over_features(norm: nn.Module, x: Features) -> Features:
    """Features normalised over batch and joints alike."""
    return norm(rearrange(x, "batch joints width -> (batch joints) width")).view_as(x)


class GraphConv(nn.Module):
    """A graph convolution, normalised and rectified.

    The releases rectify once more after the dropout, which changes nothing.
    """

    def __init__(
        self, inputs: int, outputs: int, adjacency: Float[Tensor, "joints joints"], dropout: float
    ) -> None:
        super().__init__()
        self.gconv = SemGraphConv(inputs, outputs, adjacency)
        self.bn = nn.BatchNorm1d(outputs)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Features) -> Float[Tensor, "batch joints outputs"]:
        return self.drop(F.relu(over_features(self.bn, self.gconv(x))))


class ResidualGraphConv(nn.Module):
    """Two graph convolutions around which the input skips."""

    def __init__(
        self, width: int, adjacency: Float[Tensor, "joints joints"], dropout: float
    ) -> None:
        super().__init__()
        self.gconv1 = GraphConv(width, width, adjacency, dropout)
        self.gconv2 = GraphConv(width, width, adjacency, dropout)

    def forward(self, x: Features) -> Features:
        return x + self.gconv2(self.gconv1(x))


class NonLocal(nn.Module):
    """Every joint looks at every group of joints; the weights are rectified, not a softmax.

    The release puts the joints into the order of the groups, pools neighbours, and undoes the
    order. Only what is pooled depends on it, so here the groups are gathered instead.
    """

    members: Tensor

    def __init__(self, width: int, groups: Groups) -> None:
        super().__init__()
        self.groups = len(groups)
        self.register_buffer("members", torch.tensor(groups).flatten(), persistent=False)
        half = width // 2
        norm = nn.BatchNorm1d(width)
        self.g = nn.Sequential(nn.Conv1d(width, half, 1))
        self.theta = nn.Conv1d(width, half, 1)
        self.phi = nn.Sequential(nn.Conv1d(width, half, 1))
        self.concat_project = nn.Sequential(nn.Conv2d(2 * half, 1, 1, bias=False))
        self.W = nn.Sequential(nn.Conv1d(half, width, 1), norm)
        nn.init.zeros_(norm.weight)  # the block starts as the identity
        nn.init.zeros_(norm.bias)

    def pooled(self, x: Features) -> Float[Tensor, "batch groups width"]:
        """The largest of each group's features."""
        pool = "batch (groups members) width -> batch groups width"
        return reduce(x.index_select(1, self.members), pool, "max", groups=self.groups)

    def forward(self, x: Features) -> Features:
        (g,), (phi,), (project, norm) = self.g, self.phi, self.W
        joint, group = self.concat_project.get_parameter("0.weight").flatten().chunk(2)
        # The projection of theta and phi side by side is a number a joint plus a number a group,
        # and the joint's needs no theta: its weights meet the projection before they meet x.
        asked = x @ (joint @ weight_of(self.theta)) + joint @ bias_of(self.theta)
        weight = torch.cat([weight_of(g), weight_of(phi)])
        both = F.linear(x, weight, torch.cat([bias_of(g), bias_of(phi)]))
        values, keys = self.pooled(both).chunk(2, dim=-1)
        offered = keys @ group
        shares = F.relu(asked[:, :, None] + offered[:, None, :]) / self.groups
        gathered = F.linear(shares @ values, weight_of(project), bias_of(project))
        return x + over_features(norm, gathered)


def weight_of(convolution: nn.Module) -> Float[Tensor, "outputs inputs"]:
    """Of a convolution of width one, which is a linear map."""
    return convolution.get_parameter("weight")[:, :, 0]


def bias_of(convolution: nn.Module) -> Float[Tensor, " outputs"]:
    """Of a convolution."""
    return convolution.get_parameter("bias")


class SemGCN(nn.Module):
    """The whole: a convolution, residual blocks, and a bare convolution.

    A joint is linked with those whose entry of its row of the adjacency is not zero; the entries'
    size does not count.
    """

    def __init__(
        self, adjacency: Float[Tensor, "joints joints"], settings: SemGCNSettings = SEMGCN
    ) -> None:
        super().__init__()
        width, dropout = settings.width, settings.dropout
        check_graph(adjacency, settings.groups)
        layers: list[nn.Module] = []
        for _ in range(settings.blocks):
            layers += [ResidualGraphConv(width, adjacency, dropout), *non_local(settings)]
        first = GraphConv(2, width, adjacency, dropout)
        self.joints = len(adjacency)
        self.gconv_input = nn.Sequential(first, *non_local(settings))
        self.gconv_layers = nn.Sequential(*layers)
        self.gconv_output = SemGraphConv(width, 3, adjacency)

    def forward(
        self, keypoints: Float[Tensor, "batch joints 2"]
    ) -> Float[Tensor, "batch joints 3"]:
        check_input("SemGCN", keypoints, joints=self.joints, coordinates=2)
        return self.gconv_output(self.gconv_layers(self.gconv_input(keypoints)))


def non_local(settings: SemGCNSettings) -> list[nn.Module]:
    """A non-local block, if there is to be one; "nonlocal" is a word of Python's own."""
    if not settings.groups:
        return []
    block = NonLocal(settings.width, settings.groups)
    return [nn.Sequential(OrderedDict([("nonlocal", block)]))]


def exportable(network: SemGCN) -> SemGCN:
    """A copy for `torch.export`, which writes its modules' names into Python code."""
    copied = deepcopy(network)
    for module in list(copied.modules()):
        for name, child in list(module.named_children()):
            if iskeyword(name):
                delattr(module, name)
                module.add_module(f"{name}_", child)
    return copied


def check_graph(adjacency: Float[Tensor, "joints joints"], groups: Groups) -> None:
    """Refuse a graph that the network cannot have."""
    joints = len(adjacency)
    lonely = (adjacency.diagonal() == 0).nonzero().flatten().tolist()
    if lonely:
        raise SettingsError(
            f"SemGCN needs every joint to be linked with itself, but joints {lonely} are not; set "
            "the diagonal of the adjacency to one."
        )
    if groups and sorted(chain.from_iterable(groups)) != list(range(joints)):
        raise SettingsError(
            f'The "groups" of SemGCN name each of its {joints} joints once, but {groups} were '
            "given; give groups for this skeleton, or none."
        )
