"""Inference forms of the denoisers: their blocks changed, as those of the other transformers.

The first layer, which is taken apart, and the features of the time stay as they are: they meet
coordinates and times, and cost next to nothing.

Drawing poses asks a denoiser tens of times about a window, whose tokens are megabytes. A block goes
over them in tiles that the processor's own memory holds, all of its layers on one tile before the
next: frames know nothing of each other in spatial blocks, nor joints in temporal ones.
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..d3dp import D3DP
from ..grand import GrandMixSTE
from ..layers import Block
from .quantised import quantise
from .transformers import FastBlock, changed

TILE = 1024
"""Tokens of a tile, about: half a thousand to two thousand of 512 channels are about as fast."""
BLOCKS = ("STEblocks", "TTEblocks")

Tokens = Float[Tensor, "rows frames joints width"]


class FastD3DP(D3DP):
    """What `D3DP` computes, tile by tile."""

    def __init__(self, network: D3DP, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)  # the layers come from the original
        self.settings = network.settings
        for name, child in network.named_children():
            self.add_module(name, fast_blocks(child, dtype) if name in BLOCKS else child)
        self.add_module("head", changed(self.head, torch.float32))
        for name, table in network.named_parameters(recurse=False):
            self.register_parameter(name, table)

    def mix(self, x: Tokens) -> Tokens:
        """See `MixSTE`; `x` is written over."""
        for row in x:
            self.mix_one(row)
        return x

    def mix_one(self, x: Float[Tensor, "frames joints width"]) -> None:
        """Write the features after all blocks over those of one window and hypothesis."""
        frames, joints = x.shape[:2]
        whole = torch.compiler.is_compiling()  # which would write out every tile
        some_frames = frames if whole else max(1, TILE // joints)
        some_joints = joints if whole else max(1, TILE // frames)
        pairs = zip(self.STEblocks, self.TTEblocks, strict=True)
        for depth, (spatial, temporal) in enumerate(pairs):
            in_tiles(spatial, self.Spatial_norm, x, some_frames)
            if depth == 0:
                x.add_(self.Temporal_pos_embed[0, :, None])
            in_tiles(temporal, self.Temporal_norm, x.transpose(0, 1), some_joints)


class QuantisedD3DP(FastD3DP):
    """The same, its blocks' layers in integers and their attention in bfloat16.

    Each tile has scales of its own, so that poses do not hang on what is drawn beside them.
    """

    def __init__(self, network: D3DP, _: torch.dtype = torch.int8) -> None:
        for name in BLOCKS:
            for block in network.get_submodule(name).children():
                quantise(cast(Block, block))
        super().__init__(network, torch.bfloat16)


def fast_blocks(blocks: nn.Module, dtype: torch.dtype) -> nn.ModuleList:
    """Blocks with other layers, which add in place."""
    children = changed(blocks, dtype).children()
    return nn.ModuleList(FastBlock(cast(Block, each)) for each in children)


def in_tiles(
    block: nn.Module, norm: nn.Module, x: Float[Tensor, "sets tokens width"], size: int
) -> None:
    """Write over some sets of tokens at a time what a block and a norm make of them."""
    for some in x.split(size):
        some.copy_(norm(block(some.contiguous())))


def fast_grand(network: GrandMixSTE, dtype: torch.dtype) -> GrandMixSTE:
    """The network itself with its layers changed; whoever keeps the original gives a copy."""
    for blocks in (network.STEblocks, network.TTEblocks):
        changed(blocks, dtype)
    changed(network.head, torch.float32)
    return network
