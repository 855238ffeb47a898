"""Inference forms of the transformers: the same modules, with other layers inside.

What meets coordinates (the first layer and the last), the norms and the sums around the branches
stay in float32; the products, attention and the activations are in the lower precision. They get
there by themselves: a packed layer returns its own precision, and a sum takes the finer one.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar, cast

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .. import layers, pstmo
from ..attention import attend
from ..iganet import KINDS, ActivatedLinear, Encoder, GraphConvolution, IGANet
from ..mixste import MixSTE
from ..poseformer import PoseFormer
from ..pstmo import PSTMO
from .folding import Linear, linear, norm_then, stacked, then_norm
from .packed import Packed

Transformer = TypeVar("Transformer", MixSTE, PoseFormer, PSTMO, IGANet)
Tokens = Float[Tensor, "batch frames width"]
Columns = Float[Tensor, "batch width frames"]
OUTER = ("Spatial_patch_to_embedding", "head", "fcn")
"""Children of the networks that take keypoints or give poses, of the kinds not named below."""


def fast_transformer(network: Transformer, dtype: torch.dtype) -> Transformer:
    """The network itself with its layers changed; whoever keeps the original gives a copy."""
    for name, child in network.named_children():
        network.add_module(name, changed(child, torch.float32 if name in OUTER else dtype))
    return network


def changed(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """What stands for a module in inference: itself with changed children, but for some kinds."""
    if isinstance(module, nn.Sequential) and isinstance(module[0], nn.BatchNorm1d):
        return FastReadOut(norm_then(module[0], linear(module[1])))
    for kind, form in FORMS.items():
        if isinstance(module, kind):
            return form(module, dtype)
    for name, child in module.named_children():
        module.add_module(name, changed(child, dtype))
    return module


def mlp(original: layers.MLP, dtype: torch.dtype) -> nn.Sequential:
    """Two packed layers, the GELU in the first."""
    first, second = original.fc1, original.fc2
    return nn.Sequential(Packed.of(first, dtype, "gelu"), Packed.of(second, dtype))


def feed_forward(original: pstmo.FeedForward, dtype: torch.dtype) -> nn.Sequential:
    """Two packed layers, the ReLU in the first."""
    first, second = original.w_1, original.w_2
    return nn.Sequential(Packed.of(first, dtype, "relu"), Packed.of(second, dtype))


def activated(original: ActivatedLinear, dtype: torch.dtype) -> Packed:
    """A packed layer with its GELU."""
    return Packed(*linear(original.linear[0]), dtype, "gelu")


def encoder_of_iganet(encoder: Encoder, _: torch.dtype) -> Packed:
    """Four linear layers with nothing between them are one, which takes keypoints: in float32."""

    def after(first: Linear, second: Linear) -> Linear:
        return Linear(second.weight @ first.weight, second.weight @ first.bias + second.bias)

    return Packed(*reduce(after, map(linear, encoder.children())), torch.float32)


def layer_norm(norm: pstmo.UnbiasedNorm, _: torch.dtype) -> nn.LayerNorm:
    """The same by PyTorch's own layer, whose spread is divided by the width and not one less.

    Where a token varies as little as the 1e-6 that is added to its spread the two differ.
    """
    width = len(norm.a_2)
    same = nn.LayerNorm(width, eps=1e-12, device=norm.a_2.device)
    same.weight.data = norm.a_2.detach() * ((width - 1) / width) ** 0.5
    same.bias.data = norm.b_2.detach()
    return same


def joined_attention(attention: pstmo.Attention, dtype: torch.dtype) -> layers.Attention:
    """Queries, keys and values from one product."""
    *inward, outward = map(linear, attention.linears)
    with torch.device("meta"):
        joined = layers.Attention(len(outward.bias), attention.heads)
    joined.add_module("qkv", Packed(*stacked(*inward), dtype))
    joined.add_module("proj", Packed(*outward, dtype))
    return joined


class AmongFrames(nn.Module):
    """Attention along each joint's time, of tokens that lie frame by frame.

    Only queries, keys and values are put into the joints' order, which they are copied for anyway.
    """

    def __init__(self, original: layers.Attention, frames: int) -> None:
        super().__init__()
        self.heads, self.frames = original.heads, frames
        self.qkv, self.proj = original.qkv, original.proj

    def forward(self, x: Tokens) -> Tokens:
        split = "(batch frames) joints (three heads w) -> three (batch joints) heads frames w"
        of_joints = rearrange(
            self.qkv(x), split, three=3, heads=self.heads, frames=self.frames
        ).contiguous()
        mixed = attend(*of_joints)
        join = "(batch joints) heads frames w -> (batch frames) joints (heads w)"
        return self.proj(rearrange(mixed, join, joints=x.shape[1]))


class FastBlock(nn.Module):
    """A block that adds to its input in place, of whatever precision its branches are.

    A sum of two precisions into new memory takes several times as long.
    """

    def __init__(self, original: layers.Block) -> None:
        super().__init__()
        self.norm1, self.attn = original.norm1, original.attn
        self.norm2, self.mlp = original.norm2, original.mlp

    def forward(self, x: Tokens) -> Tokens:
        x.add_(self.attn(self.norm1(x)))
        return x.add_(self.mlp(self.norm2(x)))


class FastMixSTE(MixSTE):
    """What `MixSTE` computes, without a change of order between its blocks."""

    def __init__(self, network: MixSTE, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)  # the layers come from the original
        self.settings = network.settings
        for name, child in fast_transformer(network, dtype).named_children():
            self.add_module(name, child)
        for name, table in network.named_parameters(recurse=False):
            self.register_parameter(name, table)
        for block in self.TTEblocks:
            attention = cast(layers.Attention, block.get_submodule("attn"))
            block.add_module("attn", AmongFrames(attention, self.settings.frames))
        for name in ("STEblocks", "TTEblocks"):
            blocks = cast(list[layers.Block], list(self.get_submodule(name).children()))
            self.add_module(name, nn.ModuleList(FastBlock(block) for block in blocks))

    def mix(self, x: Float[Tensor, "batch frames joints width"]) -> Tensor:
        """See `MixSTE`; `x` is written over."""
        shape = x.shape
        x = x.flatten(0, 1)
        pairs = zip(self.STEblocks, self.TTEblocks, strict=True)
        for depth, (spatial, temporal) in enumerate(pairs):
            x = self.Spatial_norm(spatial(x))
            if depth == 0:
                x = (x.view(shape) + self.Temporal_pos_embed[:, :, None]).flatten(0, 1)
            x = self.Temporal_norm(temporal(x))
        return x.view(shape)


class FastGraphConvolution(nn.Module):
    """Of IGANet."""

    mixing: Tensor

    def __init__(self, original: GraphConvolution, dtype: torch.dtype) -> None:
        super().__init__()
        self.layer = Packed(*linear(original.conv1d), dtype)
        self.register_buffer("mixing", original.mixing.to(dtype), persistent=False)

    def forward(
        self, x: Float[Tensor, "batch joints width"]
    ) -> Float[Tensor, "batch joints width"]:
        split = "batch source (kinds w) -> batch (source kinds) w"
        return self.mixing @ rearrange(self.layer(x), split, kinds=KINDS)


class FastStridedFeedForward(nn.Module):
    """The second convolution's three frames lie beside each other for one product."""

    def __init__(self, original: pstmo.StridedFeedForward, dtype: torch.dtype) -> None:
        super().__init__()
        weight, bias = linear(original.w_2)  # outputs (width three)
        self.stride = original.w_2.stride[0]
        weight = rearrange(weight, "outputs (width three) -> outputs (three width)", three=3)
        self.widen = Packed(*linear(original.w_1), dtype, "relu")
        self.narrow = Packed(weight, bias, dtype)

    def forward(self, x: Tokens) -> Float[Tensor, "batch fewer width"]:
        x = F.pad(self.widen(x), (0, 0, 1, 1)).unfold(1, 3, self.stride)
        return self.narrow(rearrange(x, "batch fewer width three -> batch fewer (three width)"))


class FastFrameEncoder(nn.Module):
    """Of P-STMO: linear layers with their norms folded in, the first one in float32."""

    def __init__(self, original: pstmo.FrameEncoder, dtype: torch.dtype) -> None:
        super().__init__()
        first = then_norm(linear(original.fc_1), original.bn_1)
        self.first = Packed(*first, torch.float32, "leaky_relu")
        self.residuals = nn.ModuleList(
            nn.Sequential(
                Packed(*then_norm(linear(each.w1), each.batch_norm1), dtype, "leaky_relu"),
                Packed(*then_norm(linear(each.w2), each.batch_norm2), dtype, "leaky_relu"),
            )
            for each in original.layers
            if isinstance(each, pstmo.Residual)
        )
        self.last = Packed(*linear(original.fc_2), torch.float32)

    def forward(self, keypoints: Float[Tensor, "batch frames joints 2"]) -> Tokens:
        x = self.first(keypoints.flatten(-2))
        for residual in self.residuals:
            x = x + residual(x)
        return self.last(x)


class FastReadOut(nn.Sequential):
    """Of P-STMO: a norm and a linear layer for each frame, in float32."""

    def __init__(self, layer: Linear) -> None:
        super().__init__(Packed(*layer, torch.float32))

    def forward(self, input: Columns) -> Float[Tensor, "batch numbers frames"]:  # noqa: A002
        return super().forward(input.mT).mT


FORMS: dict[type[nn.Module], Callable[[Any, torch.dtype], nn.Module]] = {
    nn.Linear: Packed.of,
    layers.MLP: mlp,
    ActivatedLinear: activated,
    Encoder: encoder_of_iganet,
    GraphConvolution: FastGraphConvolution,
    pstmo.Attention: joined_attention,
    pstmo.FeedForward: feed_forward,
    pstmo.FrameEncoder: FastFrameEncoder,
    pstmo.StridedFeedForward: FastStridedFeedForward,
    pstmo.UnbiasedNorm: layer_norm,
}
"""What is made of which kind of module."""
