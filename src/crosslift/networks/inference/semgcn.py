"""SemGCN's inference form: neighbours are summed first, so that one product makes a layer.

The published order is a product for a joint and one for its neighbours, then the sums. The other
way round, both products are one of twice the depth, and the norm, the bias and the rectifier happen
inside it. The graph's weights are softmaxes of learned numbers and are computed once.
"""

from typing import cast

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import check_input
from ..semgcn import GraphConv, NonLocal, ResidualGraphConv, SemGCN, SemGraphConv
from .folding import Linear, linear, stacked, then_norm
from .packed import Packed

Features = Float[Tensor, "batch joints width"]
AT_A_TIME = 384
"""Poses of a block: what its layers pass on stays in the processor's cache."""


class FastGraphConv(nn.Module):
    """A graph convolution with its norm and its rectifier."""

    mixing: Tensor

    def __init__(
        self,
        convolution: SemGraphConv,
        dtype: torch.dtype,
        norm: nn.Module,
    ) -> None:
        super().__init__()
        weight = rearrange(convolution.W.detach(), "part inputs outputs -> outputs (part inputs)")
        layer = Linear(weight.double(), convolution.bias.detach().double())
        self.layer = Packed(*then_norm(layer, norm), dtype, "relu")
        shares = rearrange(
            convolution.shares().detach(), "joint (other part) -> (joint part) other", part=2
        )
        self.register_buffer("mixing", shares.to(dtype), persistent=False)

    def forward(self, x: Features) -> Float[Tensor, "batch joints outputs"]:
        x = x.to(self.layer.dtype)
        both = torch.bmm(self.mixing.expand(len(x), -1, -1), x)  # batch (joints part) width
        return self.layer(both.view(*x.shape[:2], -1))


class FastNonLocal(nn.Module):
    """Every joint looks at every group of joints; see `NonLocal` for the projection."""

    group: Tensor

    def __init__(self, original: NonLocal, dtype: torch.dtype) -> None:
        super().__init__()
        (value,), (key,), (project, norm) = original.g, original.phi, original.W
        (weigh,) = original.concat_project
        joint, group = linear(weigh).weight[0].chunk(2)
        theta = linear(original.theta)
        asked = Linear((joint @ theta.weight)[None], (joint @ theta.bias)[None])
        self.inner = len(joint)
        self.inward = Packed(*stacked(linear(value), linear(key), asked), dtype)
        outward = then_norm(linear(project), norm)
        self.outward = Packed(outward.weight / original.groups, outward.bias, dtype)
        self.register_buffer("group", group.to(dtype), persistent=False)
        self.pooled = original.pooled

    def forward(self, x: Features) -> Features:
        both, asked = self.inward(x).split([2 * self.inner, 1], dim=-1)
        values, keys = self.pooled(both).chunk(2, dim=-1)
        shares = F.relu(asked + (keys @ self.group)[:, None])
        return x + self.outward(shares @ values)


class FastSemGCN(nn.Module):
    """What `SemGCN` computes; the first layer and the last are in float32."""

    def __init__(self, network: SemGCN, dtype: torch.dtype) -> None:
        super().__init__()
        self.joints, self.dtype = network.joints, dtype
        first, *further = network.gconv_input
        self.first = fast(first, torch.float32)
        self.layers = nn.Sequential(*(fast(each, dtype) for each in further))
        self.layers.extend(fast(each, dtype) for each in network.gconv_layers)
        self.last = LastGraphConv(network.gconv_output)

    def forward(
        self, keypoints: Float[Tensor, "batch joints 2"]
    ) -> Float[Tensor, "batch joints 3"]:
        """See `SemGCN`."""
        check_input("SemGCN", keypoints, joints=self.joints, coordinates=2)
        return torch.cat([self.of_block(block) for block in keypoints.split(AT_A_TIME)])

    def of_block(
        self, keypoints: Float[Tensor, "batch joints 2"]
    ) -> Float[Tensor, "batch joints 3"]:
        """The poses of as many as the cache holds."""
        return self.last(self.layers(self.first(keypoints).to(self.dtype)))


class LastGraphConv(nn.Module):
    """The published order, product first: three numbers are summed faster than what makes them."""

    shares: Tensor
    bias: Tensor

    def __init__(self, convolution: SemGraphConv) -> None:
        super().__init__()
        weight = rearrange(convolution.W.detach(), "part inputs outputs -> (part outputs) inputs")
        self.layer = Packed(weight, None, torch.float32)
        self.register_buffer("shares", convolution.shares().detach(), persistent=False)
        self.register_buffer("bias", convolution.bias.detach(), persistent=False)

    def forward(self, x: Features) -> Float[Tensor, "batch joints 3"]:
        mapped = rearrange(self.layer(x), "batch joint (part w) -> batch (joint part) w", part=2)
        return torch.baddbmm(self.bias, self.shares.expand(len(x), -1, -1), mapped)


def fast(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """The inference form of a part."""
    match module:
        case GraphConv(gconv=convolution, bn=norm):
            return FastGraphConv(convolution, dtype, norm)
        case ResidualGraphConv(gconv1=first, gconv2=second):
            return Residual(fast(first, dtype), fast(second, dtype))
        case nn.Sequential():  # which gives a non-local block its name
            return FastNonLocal(cast(NonLocal, next(module.children())), dtype)
    raise TypeError(f"SemGCN has no {type(module).__name__}.")


class Residual(nn.Sequential):
    """Layers around which the input skips."""

    def forward(self, input: Features) -> Features:  # noqa: A002  PyTorch's name
        return super().forward(input).add_(input)
