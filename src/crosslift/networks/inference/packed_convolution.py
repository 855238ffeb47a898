"""Convolutions with their norm folded in, their weights laid out once, and what follows joined."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .folding import affine
from .packed import packs

Features = Float[Tensor, "batch _ _ _"]  # channels, rows, columns


class PackedConvolution(nn.Module):
    """A convolution, its norm, a sum with other features and a rectifier, as one pass.

    On the processor the sum and the rectifier are done while the products are still in the
    registers; the operators are those that PyTorch's own compiler emits. Where they are missing, as
    on other devices, the public ones serve. It takes any precision and returns its own; features
    lie with their channels last.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self, layer: nn.Module, norm: nn.Module | None, dtype: torch.dtype, *, rectified: bool
    ) -> None:
        super().__init__()
        assert isinstance(layer, nn.Conv2d), "only convolutions are packed"
        self.rectified = rectified
        self.stride, self.padding = tuple(layer.stride), tuple(map(int, layer.padding))
        weight, bias = folded(layer, norm)
        weight = weight.to(dtype).contiguous(memory_format=torch.channels_last)
        self.packed = packs(weight, dtype) and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
        if self.packed:
            weight = torch.ops.mkldnn._reorder_convolution_weight(
                weight, self.padding, self.stride, (1, 1), 1
            )
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias.to(dtype), persistent=False)

    def forward(self, x: Features, other: Features | None = None) -> Features:
        """Its result, to which other features are added before the rectifier."""
        x = x.to(self.weight.dtype)
        if self.packed:
            return self.in_one_pass(x, other)
        y = F.conv2d(x, self.weight, self.bias, self.stride, self.padding)
        y = y if other is None else y + other
        return y.relu_() if self.rectified else y

    def in_one_pass(self, x: Features, other: Features | None) -> Features:
        """The same by the processor's own operators."""
        how = self.padding, self.stride, (1, 1), 1
        given, operator = (x, self.weight, self.bias, *how), torch.ops.mkldnn._convolution_pointwise
        if other is None:
            return operator(*given, "relu" if self.rectified else "none", [], None)
        after = "relu" if self.rectified else None
        x, *rest = given
        return operator.binary(x, other, *rest, "add", 1.0, after, [], None)

    def extra_repr(self) -> str:
        return f"stride={self.stride}, rectified={self.rectified}, packed={self.packed}"


def folded(layer: nn.Conv2d, norm: nn.Module | None) -> tuple[Tensor, Tensor]:
    """Weight and bias of a convolution with the norm that follows it, in double precision."""
    weight = layer.weight.detach().double()
    bias = weight.new_zeros(len(weight)) if layer.bias is None else layer.bias.detach().double()
    if norm is None:
        return weight, bias
    scale, shift = affine(norm)
    return scale[:, None, None, None] * weight, scale * bias + shift
