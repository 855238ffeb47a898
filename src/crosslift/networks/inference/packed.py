"""Linear layers with their weights laid out once for the processor's products."""

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

Activation = Literal["none", "relu", "leaky_relu", "gelu", "gelu_tanh"]
LEAK = 0.2
"""Slope of the leaky rectifier below zero, in all networks."""
ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "none": lambda x: x,
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, LEAK),
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
}
NAMED: dict[Activation, tuple[str, list[float], str]] = {
    "none": ("none", [], "none"),
    "relu": ("relu", [], "none"),
    "leaky_relu": ("leaky_relu", [LEAK], "none"),
    "gelu": ("gelu", [], "none"),
    "gelu_tanh": ("gelu", [], "tanh"),
}
"""What the packed operator calls them: a name, numbers, and a way to compute."""


class Packed(nn.Module):
    """A linear layer and its activation in a precision of its own, without gradients.

    It takes any precision and returns its own, so that a sum of its result and a float32 tensor is
    a float32 tensor. PyTorch lays out the weights of a linear layer anew at every call; here that
    is done once, and the activation is applied while the product is still in the registers and in
    float32. The operators are those that PyTorch's own compiler emits; where they are missing, as
    on other devices, the public ones serve.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        weight: Float[Tensor, "outputs inputs"],
        bias: Float[Tensor, " outputs"] | None,
        dtype: torch.dtype,
        activation: Activation = "none",
    ) -> None:
        super().__init__()
        self.dtype = dtype
        self.activation: Activation = activation
        self.packed = packs(weight, dtype)
        weight = weight.detach().to(dtype).contiguous()
        bias = None if bias is None else bias.detach().to(torch.float32 if self.packed else dtype)
        if self.packed:
            weight = torch.ops.mkldnn._reorder_linear_weight(weight)
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)

    @classmethod
    def of(cls, layer: nn.Linear, dtype: torch.dtype, activation: Activation = "none") -> "Packed":
        """A layer that is there already, and what follows it."""
        return cls(layer.weight, layer.bias, dtype, activation)

    def forward(self, x: Float[Tensor, "*rows inputs"]) -> Float[Tensor, "*rows outputs"]:
        x = x.to(self.dtype)
        if self.packed:
            how = NAMED[self.activation]
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, *how)
        x = F.linear(x, self.weight, self.bias)
        return ACTIVATIONS[self.activation](x)

    def unpack(self) -> None:
        """Take the weights back into the usual order, for those who have an order of their own."""
        if self.packed:
            self.packed = False
            self.weight = self.weight.to_dense()
            self.bias = None if self.bias is None else self.bias.to(self.dtype)

    def extra_repr(self) -> str:
        return f"{self.activation}, {self.dtype}, packed={self.packed}"


def packs(weight: Tensor, dtype: torch.dtype) -> bool:
    """Whether this machine has the operators for a weight in this precision."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    if dtype == torch.bfloat16:
        return torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return dtype == torch.float32
