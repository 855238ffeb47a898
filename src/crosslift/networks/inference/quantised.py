"""Linear layers whose products are of eight-bit integers, and MixSTE with such layers."""

from typing import cast

import torch
from jaxtyping import Float, Int32, UInt8
from torch import Tensor, nn

from ...errors import SettingsError
from ..layers import MLP, Attention, Block
from ..mixste import MixSTE
from .packed import Activation
from .transformers import FastMixSTE

MOST = 127
"""The largest weight as an integer; its negative is the smallest."""
STEPS = 254
"""Between the smallest and the largest number of an input; one fewer than eight bits can count, so
that rounding stays inside."""


class Quantised(nn.Module):
    """A linear layer of integers and its activation, without gradients.

    Each output's weights have a scale of their own. An input has one scale and one zero for all of
    its rows, found anew at every call: so whoever wants a row's result not to hang on the rows
    beside it gives them one by one. Sums, bias and activation are exact or in float32.
    """

    weight: Tensor
    scale: Tensor
    zero: Tensor
    bias: Tensor | None

    def __init__(
        self, layer: nn.Linear, activation: Activation = "none", gives: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        check_integers(layer.weight.device)
        self.activation: Activation = activation
        self.gives = gives
        weight = layer.weight.detach().float()
        scale = weight.abs().amax(dim=1).clamp_min(torch.finfo(torch.float32).tiny) / MOST
        integers = (weight / scale[:, None]).round().to(torch.int8)
        packed = torch.ops.onednn.qlinear_prepack(integers, None)
        zero = torch.zeros(len(weight), dtype=torch.int32, device=weight.device)
        bias = None if layer.bias is None else layer.bias.detach().float()
        for name, value in (("weight", packed), ("scale", scale), ("zero", zero), ("bias", bias)):
            self.register_buffer(name, value, persistent=False)

    def forward(self, x: Float[Tensor, "*rows inputs"]) -> Float[Tensor, "*rows outputs"]:
        integers, scale, zero = quantised(x)
        weights = self.weight, self.scale, self.zero, self.bias
        how = self.gives, self.activation, [], "none"
        return torch.ops.onednn.qlinear_pointwise(integers, scale, zero, *weights, 1.0, 0, *how)

    def extra_repr(self) -> str:
        return f"{self.activation}, int8, gives={self.gives}"


def quantised(
    x: Float[Tensor, "*rows width"],
) -> tuple[UInt8[Tensor, "*rows width"], Float[Tensor, ""], Int32[Tensor, ""]]:
    """Integers, the size of their steps, and which of them stands for zero."""
    x = x.float()
    least, most = x.aminmax()
    least, most = least.clamp_max(0), most.clamp_min(0)  # zero is exactly one of the steps
    step = ((most - least) / STEPS).clamp_min(torch.finfo(torch.float32).tiny)
    zero = (-least / step).round()
    # By way of int16, which is several times as fast as the straight way.
    integers = torch.mul(x, 1 / step).add_(zero + 0.5).to(torch.int16).to(torch.uint8)
    return integers, step, zero.to(torch.int32)


def check_integers(device: torch.device) -> None:
    """Refuse where sums of such products are slow, or leave the range of what they are kept in."""
    if device.type == "cpu" and torch.cpu._is_vnni_supported():  # pyright: ignore[reportPrivateUsage]
        return
    found = "this one has none" if device.type == "cpu" else f"the weights are on {device}"
    raise SettingsError(
        "Products of eight-bit integers need a processor with instructions for their sums (VNNI), "
        f"but {found}; choose bfloat16 or float32."
    )


class QuantisedMixSTE(FastMixSTE):
    """What `MixSTE` computes, its blocks' layers in integers and their attention in bfloat16.

    One window is taken at a time, so that its poses do not hang on the windows beside it.
    """

    def __init__(self, network: MixSTE, _: torch.dtype = torch.int8) -> None:
        for block in (*network.STEblocks, *network.TTEblocks):
            quantise(cast(Block, block))
        super().__init__(network, torch.bfloat16)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints channels"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        """See `MixSTE`."""
        return torch.cat([super(QuantisedMixSTE, self).forward(one) for one in keypoints.split(1)])


def quantise(block: Block) -> None:
    """Change a block's linear layers; the sums around them stay in float32."""
    attention, mlp = cast(Attention, block.attn), cast(MLP, block.mlp)
    attention.add_module("qkv", Quantised(attention.qkv, gives=torch.bfloat16))
    attention.add_module("proj", Quantised(attention.proj))
    block.add_module("mlp", nn.Sequential(Quantised(mlp.fc1, "gelu"), Quantised(mlp.fc2)))
