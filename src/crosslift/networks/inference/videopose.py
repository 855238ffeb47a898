"""VideoPose3D's inference form: frames lie one after the other, and each layer is one product."""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..videopose import VideoPose
from .folding import linear, then_norm
from .packed import Packed

Features = Float[Tensor, "batch _ _"]  # frames, channels


class Taps(nn.Module):
    """A convolution over time and its rectifier: the frames that it sees, side by side."""

    def __init__(self, convolution: nn.Module, norm: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.width = convolution.get_parameter("weight").shape[-1]
        weight, bias = then_norm(linear(convolution), norm)
        columns = "channels (inputs width) -> channels (width inputs)"
        weight = rearrange(weight, columns, width=self.width)
        self.layer = Packed(weight, bias, dtype, "relu")

    def forward(self, x: Features, stride: int, apart: int) -> Features:
        """Its result at every `stride`-th place, from frames that lie `apart`."""
        if self.width == 1:
            return self.layer(x[:, ::stride])
        x = x.to(self.layer.dtype)
        last = x.shape[1] - (self.width - 1) * apart
        taps = [x[:, tap * apart : tap * apart + last : stride] for tap in range(self.width)]
        return self.layer(torch.cat(taps, dim=-1))


class FastVideoPose(VideoPose):
    """What `VideoPose` computes; the first layer, the last and the sums stay in float32."""

    def __init__(self, network: VideoPose, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)  # none of the original's layers
        self.settings = network.settings
        self.first = Taps(network.expand_conv, network.expand_bn, torch.float32)
        pairs = zip(network.layers_conv, network.layers_bn, strict=True)
        self.layers = nn.ModuleList(Taps(layer, norm, dtype) for layer, norm in pairs)
        self.last = Packed(*linear(network.shrink), torch.float32)

    def forward(
        self,
        keypoints: Float[Tensor, "batch frames joints coordinates"],
        strided: bool | None = None,
    ) -> Float[Tensor, "batch poses joints_3d 3"]:
        """See `VideoPose`."""
        strided = self._strides(keypoints) if strided is None else strided
        self._check(keypoints, strided)
        first, *widths = self.settings.filter_widths
        x = self.first(keypoints.flatten(2), first if strided else 1, 1)
        layers = iter(self.layers)
        for width, dilation in zip(widths, self.dilations, strict=True):
            stride, apart = (width, 1) if strided else (1, dilation)
            y = next(layers)(x, stride, 1 if self.settings.dense else apart)
            y = next(layers)(y, 1, 1)
            reach = (width - 1) * apart
            own = reach if self.settings.causal else reach // 2
            x = x[:, own::stride][:, : y.shape[1]] + y
        poses = rearrange(
            self.last(x), "batch frames (joints xyz) -> batch frames joints xyz", xyz=3
        )
        return F.pad(poses, (0, 0, 1, 0)) if self.settings.zero_root else poses
