"""ST-GCN's inference form: for each node, one product of all that it hears.

Nodes hear over different masks of the graph: what a leaf, a joint between two and the centre are
told lies side by side in rows of different lengths. A layer for each kind of node multiplies only
what there is, with norm, bias and rectifier inside. And nothing but sums stands between the last
attention and the poses, so its values are poses at once, three numbers instead of 512.
"""

from collections.abc import Iterable
from functools import reduce
from typing import cast

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import check_input
from ..stgcn import STGCN, GraphConv, Mask, NonLocal, PoseAugSTGCN, Unit
from ..stgcn_graph import PARTS
from .folding import Linear, affine, linear, stacked, then_norm
from .packed import Packed

Features = Float[Tensor, "batch _"]
"""Of one node."""
Nodes = list[Features]
AT_A_TIME = 384
"""Single frames of a block: what its layers pass on stays in the processor's cache."""


class FastGraphConv(nn.Module):
    """A graph convolution, its norm and its rectifier."""

    def __init__(self, original: GraphConv, norm: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.heard = [heard_by(node, original.masks) for node in range(len(original.share))]
        counts = [tuple(map(len, masks)) for masks in self.heard]
        kinds = sorted(set(counts))
        self.kind_of = [kinds.index(count) for count in counts]
        self.kinds = nn.ModuleList(
            Packed(*then_norm(layer_of(counts.index(kind), original), norm), dtype, "relu")
            for kind in kinds
        )

    def forward(self, x: Nodes) -> Nodes:
        said = (
            [sum_of(x[sender] for sender in senders) for senders in masks if senders]
            for masks in self.heard
        )
        return [
            self.kinds[kind](torch.cat(parts, dim=-1))
            for kind, parts in zip(self.kind_of, said, strict=True)
        ]


def heard_by(node: int, masks: Iterable[nn.Module]) -> list[list[int]]:
    """For each mask of a graph the nodes that a node hears over it; over the first itself."""
    heard = [[node]]
    for mask in masks:
        assert isinstance(mask, Mask)
        heard.append(mask.rows[mask.columns == node].tolist())
    return heard


def layer_of(node: int, convolution: GraphConv) -> Linear:
    """A node's matrix for each mask over which it hears anything, side by side, and its bias."""
    every = linear(convolution.conv)
    masks = 1 + len(convolution.masks)
    shares = convolution.shares[node].double()
    weights = every.weight.unflatten(0, (masks, -1))[shares > 0]
    weight = convolution.share[node].double().item() * torch.cat(list(weights), dim=-1)
    return Linear(weight, shares @ every.bias.view(masks, -1))


def sum_of(features: Iterable[Features]) -> Features:
    """What nodes say together."""
    return reduce(torch.add, features)


class FastUnit(nn.Module):
    """A graph convolution, a layer for each node by itself, and a skip around both.

    A skip that is a layer itself makes one product with the other.
    """

    def __init__(self, original: Unit, dtype: torch.dtype, first: bool = False) -> None:
        super().__init__()
        before, _, _, layer, after, _ = original.tcn
        self.dtype = dtype
        self.gcn = FastGraphConv(original.gcn, before, torch.float32 if first else dtype)
        own = then_norm(linear(layer), after)
        self.adds = original.skip and isinstance(original.residual, nn.Identity)
        self.joins = original.skip and not self.adds
        if self.joins:
            resized, its_norm = original.residual.children()
            skip = then_norm(linear(resized), its_norm)
            own = Linear(torch.cat([own.weight, skip.weight], dim=1), own.bias + skip.bias)
        self.layer = Packed(*own, dtype, "none" if self.adds else "relu")

    def forward(self, x: Nodes) -> Nodes:
        return [self._skipped(y, own) for y, own in zip(self.gcn(x), x, strict=True)]

    def _skipped(self, y: Features, own: Features) -> Features:
        if self.adds:
            return self.layer(y).add_(own).relu_()
        return self.layer(torch.cat([y, own], dim=-1) if self.joins else y)


class FastNonLocal(nn.Module):
    """Attention among all joints of all frames, and the poses that it and its input give."""

    part_of: Tensor

    def __init__(
        self, original: NonLocal, read_out: Linear, part_of: Tensor, dtype: torch.dtype
    ) -> None:
        super().__init__()
        compare = stacked(linear(original.theta), linear(original.phi))
        values, outward = linear(original.g), then_norm(linear(original.W[0]), original.W[1])
        to_poses = read_out.weight @ outward.weight  # the weights of attention add up to one
        constant = to_poses @ values.bias + read_out.weight @ outward.bias
        poses = stacked(Linear(to_poses @ values.weight, constant), read_out)
        half = compare.weight.shape[1] // 2
        self.compare = nn.ModuleList(halves(compare, half, dtype))
        self.poses = nn.ModuleList(halves(poses, half, torch.float32))
        self.register_buffer("part_of", part_of, persistent=False)

    def forward(self, joints: Nodes, parts: Nodes) -> Float[Tensor, "batch nodes 3"]:
        x, y = torch.stack(joints, dim=1), torch.stack(parts, dim=1)
        queries, keys = self._both(self.compare, x, y).float().chunk(2, dim=-1)
        values, direct = self._both(self.poses, x, y).chunk(2, dim=-1)
        return (queries @ keys.mT).softmax(dim=-1) @ values + direct

    def _both(self, layers: nn.ModuleList, x: Tensor, y: Tensor) -> Tensor:
        of_joint, of_part = layers
        return of_joint(x) + of_part(y).index_select(1, self.part_of)


def halves(layer: Linear, width: int, dtype: torch.dtype) -> list[nn.Module]:
    """A layer on two tensors side by side as one layer on each, to be added."""
    first, second = layer.weight.split(width, dim=1)
    return [Packed(first, layer.bias, dtype), Packed(second, None, dtype)]


class FastSTGCN(STGCN):
    """What `STGCN` computes.

    The first graph convolution, the softmax and the read-out are in float32.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, network: STGCN, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)  # none of the original's layers
        self.settings = network.settings
        spread = affine(network.data_bn)
        self.register_buffer("scale", spread.scale.float().view(-1, 2), persistent=False)
        self.register_buffer("shift", spread.shift.float().view(-1, 2), persistent=False)
        first, *further = cast(list[Unit], list(network.st_gcn_networks))
        pool = cast(list[Unit], list(network.st_gcn_pool))
        self.units = nn.Sequential(
            FastUnit(first, dtype, first=True), *(FastUnit(unit, dtype) for unit in further)
        )
        self.pooled = nn.Sequential(*(FastUnit(unit, dtype) for unit in pool))
        self.over_time = FastOverTime(network.conv4, dtype)
        beside = then_norm(linear(network.conv2[0]), network.conv2[1])
        self.beside = nn.ModuleList(halves(beside, beside.weight.shape[1] // 2, dtype))
        read_out = linear(network.fcn[1])
        self.attention = FastNonLocal(network.non_local, read_out, network.part_of, dtype)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        """See `STGCN`."""
        frames = self.settings.frames
        check_input("ST-GCN", keypoints, frames=frames, joints=17, coordinates=2)
        some = max(1, AT_A_TIME // frames)
        return torch.cat([self.of_block(block) for block in keypoints.split(some)])

    def of_block(
        self, keypoints: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        """The poses of as many as the cache holds."""
        x = torch.addcmul(self.shift, keypoints, self.scale)
        joints = self.units(
            list(rearrange(x, "batch frames joints xy -> (frames joints) batch xy"))
        )
        parts = self._parts(joints)
        return self.attention(joints, parts).unflatten(1, keypoints.shape[1:3])

    def _parts(self, joints: Nodes) -> Nodes:
        """What is known of each part of the body, with a view of the whole body around it."""
        frames = range(0, len(joints), len(joints) // self.settings.frames)
        parts = [largest(joints[first + j] for j in part) for first in frames for part in PARTS]
        parts, every = self.pooled(parts), len(PARTS)
        bodies = [largest(parts[at : at + every]) for at in range(0, len(parts), every)]
        of_body, of_part = self.beside
        around = of_body(self.over_time(torch.stack(bodies)))  # frames batch width
        return [
            of_part(part).add_(around[number // every]).relu_() for number, part in enumerate(parts)
        ]


def largest(features: Iterable[Features]) -> Features:
    """The larger of each feature among nodes."""
    return reduce(torch.maximum, features)


class FastOverTime(nn.Module):
    """A convolution over the frames, its norm and its rectifier."""

    def __init__(self, layers: nn.Sequential, dtype: torch.dtype) -> None:
        super().__init__()
        self.reach = layers[0].get_parameter("weight").shape[2]
        weight, bias = then_norm(linear(layers[0]), layers[1])
        weight = rearrange(weight, "outputs (w reach) -> outputs (reach w)", reach=self.reach)
        self.layer = Packed(weight, bias, dtype, "relu")

    def forward(
        self, x: Float[Tensor, "frames batch width"]
    ) -> Float[Tensor, "frames batch width"]:
        margin = self.reach // 2
        padded = F.pad(x, (0, 0, 0, 0, margin, margin))
        taps = [padded[tap : tap + len(x)] for tap in range(self.reach)]
        return self.layer(torch.cat(taps, dim=-1))


class FastPoseAugSTGCN(PoseAugSTGCN):
    """PoseAug's form around the fast one."""

    def __init__(self, network: PoseAugSTGCN, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)
        self.stgcn = FastSTGCN(network.stgcn, dtype)
