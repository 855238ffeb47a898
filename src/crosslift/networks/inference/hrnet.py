"""HRNet's inference form: norms folded, sums and rectifiers joined to the products before them."""

from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..hrnet import Exchange, HRNet
from ..residual import Block, Bottleneck, Features, check_pictures
from .packed_convolution import PackedConvolution


class FastHRNet(nn.Module):
    """What `HRNet` computes; sums at the finest resolution and the last layer stay in float32.

    Where maps are highest depends on small differences between neighbouring cells. In bfloat16 each
    residual sum is rounded anew, and at the finest resolution no neighbours share their rounding:
    that moved the soft-argmax of a trained detector four times as far as all products together.

    Args:
        dtype: Of the products; float32 gives the same maps.
    """

    def __init__(self, network: HRNet, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.settings, self.dtype = network.settings, dtype
        self.stem = nn.Sequential(
            PackedConvolution(network.conv1, network.bn1, dtype, rectified=True),
            PackedConvolution(network.conv2, network.bn2, dtype, rectified=True),
            *(fast_block(block, dtype) for block in network.layer1),
        )
        stages = range(1, len(network.settings.modules) + 1)
        self.transitions = nn.ModuleList(
            nn.ModuleList(
                fast_way(way, dtype) for way in module_list(network, f"transition{place}")
            )
            for place in stages
        )
        self.stages = nn.ModuleList(
            nn.ModuleList(FastExchange(cast(Exchange, each), dtype)
                          for each in network.get_submodule(f"stage{place + 1}").children())
            for place in stages
        )  # fmt: skip
        self.last = PackedConvolution(network.final_layer, None, torch.float32, rectified=False)

    def forward(
        self, pictures: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch joints rows columns"]:
        """See `HRNet`; the maps are float32."""
        check_pictures("HRNet", pictures, self.settings.coarsest)
        given = pictures.to(self.dtype).contiguous(memory_format=torch.channels_last)
        features: list[Features] = [self.stem(given)]
        for ways, stage in zip(self.transitions, self.stages, strict=True):
            features = [
                way(x)
                for way, x in zip(cast(nn.ModuleList, ways), [*features, features[-1]], strict=True)
            ]
            for exchange in cast(nn.ModuleList, stage):
                features = exchange(features)
        return self.last(features[0].float()).contiguous()


class FastBlock(nn.Module):
    """Convolutions around which the input skips, in one pass with the sum or with an exact one."""

    def __init__(
        self, layers: Sequence[PackedConvolution], around: nn.Module, *, exact: bool
    ) -> None:
        super().__init__()
        self.first, self.last = nn.Sequential(*layers[:-1]), layers[-1]
        self.around, self.exact = around, exact
        self.last.rectified = not exact

    def forward(self, x: Features) -> Features:
        y = self.first(x)
        if self.exact:
            return (self.around(x).float() + self.last(y)).relu_()
        return self.last(y, self.around(x))


class FastExchange(nn.Module):
    """Blocks at each resolution, whose results are then summed at each resolution."""

    def __init__(self, exchange: Exchange, dtype: torch.dtype) -> None:
        super().__init__()
        lower = dtype != torch.float32
        self.branches = nn.ModuleList(
            nn.Sequential(
                *(
                    fast_block(block, dtype, exact=lower and level == 0)
                    for block in cast(nn.Sequential, branch)
                )
            )
            for level, branch in enumerate(exchange.branches)
        )
        self.ways = nn.ModuleList(
            nn.ModuleList(fast_way(way, dtype) for way in cast(nn.ModuleList, ways))
            for ways in exchange.fuse_layers
        )

    def forward(self, inputs: list[Features]) -> list[Features]:
        own = [branch(x) for branch, x in zip(self.branches, inputs, strict=True)]
        ways = [cast(nn.ModuleList, each) for each in self.ways]
        return [gathered(each, own, target) for target, each in enumerate(ways)]


def gathered(ways: nn.ModuleList, own: list[Features], target: int) -> Features:
    """The rectified sum of all resolutions at one of them.

    Finer ones are added by the last of the layers that shrink them, coarser ones are first summed
    where they are small: enlarging by repetition and adding can change places.
    """
    total = own[target]
    for way, x in zip(list(ways)[:target], own[:target], strict=True):
        *shrinking, last = cast(nn.Sequential, way)
        total = last(nn.Sequential(*shrinking)(x), total)
    coarser: Features | None = None
    for way, x in zip(reversed(list(ways)[target + 1 :]), reversed(own[target + 1 :]), strict=True):
        y = cast(nn.Sequential, way)[0](x)
        coarser = y if coarser is None else y + twice_as_large(coarser)
    return F.relu(total if coarser is None else total + twice_as_large(coarser))


def twice_as_large(x: Features) -> Features:
    """Each cell repeated to two by two."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def fast_block(block: nn.Module, dtype: torch.dtype, *, exact: bool = False) -> FastBlock:
    """A residual block with its norms folded.

    Args:
        exact: Sum in float32, and return that.
    """
    assert isinstance(block, Block | Bottleneck), "a network of residual blocks"
    layers = [
        PackedConvolution(
            block.get_submodule(f"conv{place}"),
            block.get_submodule(f"bn{place}"),
            dtype,
            rectified=True,
        )
        for place in range(1, 4 if isinstance(block, Bottleneck) else 3)
    ]
    return FastBlock(layers, fast_way(block.downsample, dtype), exact=exact)


def fast_way(way: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A way between resolutions with its norms folded; what enlarges is left to the sum."""
    if not isinstance(way, nn.Sequential):
        return way
    if isinstance(way[0], nn.Sequential):
        parts = [fast_way(part, dtype) for part in way]
        return nn.Sequential(*(layer for part in parts for layer in cast(nn.Sequential, part)))
    rectified = isinstance(way[-1], nn.ReLU)
    return nn.Sequential(PackedConvolution(way[0], way[1], dtype, rectified=rectified))


def module_list(network: nn.Module, name: str) -> nn.ModuleList:
    """A list of modules inside of a network."""
    return cast(nn.ModuleList, network.get_submodule(name))
