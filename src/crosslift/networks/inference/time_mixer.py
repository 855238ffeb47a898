"""TimeMixer's inference form."""

from typing import cast

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..overlapping import part_by_part
from ..time_mixer import TimeMixer, TimeMixerBlock, check_given, look_along
from .folding import Linear, linear
from .packed import Packed


class FastTimeMixer(nn.Module):
    """What `TimeMixer` computes; the first layer, the last, norms and sums stay in float32."""

    def __init__(self, network: TimeMixer, dtype: torch.dtype) -> None:
        super().__init__()
        self.settings = network.settings
        self.embed = Packed.of(network.embed, torch.float32)
        blocks = cast(list[TimeMixerBlock], list(network.blocks))
        self.blocks = nn.ModuleList(FastBlock(block, dtype) for block in blocks)
        self.pose = Packed(*after_norm(network.norm, network.pose), torch.float32)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints coordinates"]
    ) -> Float[Tensor, "batch places joints 3"]:
        """See `TimeMixer`."""
        check_given(keypoints, self.settings)
        x = self.embed(
            rearrange(keypoints, "batch frames joints told -> batch frames (joints told)")
        )
        for block in self.blocks:
            x = block(x)
        return self.pose(standard(x)).unflatten(-1, (self.settings.joints, 3))

    def along(
        self, keypoints: Float[Tensor, "batch frames joints coordinates"], at_a_time: int = 512
    ) -> Float[Tensor, "batch places joints 3"]:
        """See `TimeMixer`; so many places at a time as the processor's own memory holds."""
        return part_by_part(keypoints, self.settings.receptive_field, self, at_a_time)


class FastBlock(nn.Module):
    """What a `TimeMixerBlock` computes."""

    def __init__(self, block: TimeMixerBlock, dtype: torch.dtype) -> None:
        super().__init__()
        self.own = block.own
        self.register_buffer("weights", block.along.weight[:, 0].detach(), persistent=False)
        self.register_buffer("bias", block.along.get_parameter("bias").detach(), persistent=False)
        self.widen = Packed(*after_norm(block.norm, block.widen), dtype, "gelu_tanh")
        self.narrow = Packed.of(block.narrow, dtype)

    def forward(
        self, x: Float[Tensor, "batch frames width"]
    ) -> Float[Tensor, "batch places width"]:
        weights, bias = self.get_buffer("weights"), self.get_buffer("bias")
        y = self.narrow(self.widen(standard(look_along(x, weights, bias))))
        return x[:, self.own : self.own + y.shape[1]] + y


def standard(x: Float[Tensor, "*batch width"]) -> Float[Tensor, "*batch width"]:
    """A norm over channels without its own scale and shift."""
    return F.layer_norm(x, x.shape[-1:])


def after_norm(norm: nn.LayerNorm, layer: nn.Linear) -> Linear:
    """A linear layer with the scale and the shift of the norm before it."""
    plain = linear(layer)
    scale, shift = norm.weight.detach().double(), norm.bias.detach().double()
    folded = Linear(plain.weight * scale, plain.bias + plain.weight @ shift)
    return Linear(*(each.float() for each in folded))
