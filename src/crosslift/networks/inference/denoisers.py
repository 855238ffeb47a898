"""Inference forms of the denoisers: their blocks changed, as those of the other transformers.

The first layer, which is taken apart, and the features of the time stay as they are: they meet
coordinates and times, and cost next to nothing.
"""

import torch

from ..d3dp import D3DP
from ..grand import GrandMixSTE
from .transformers import FastMixSTE, changed

UNCHANGED = ("Spatial_patch_to_embedding", "time_mlp")
"""Layers of `D3DP`."""


class FastD3DP(FastMixSTE, D3DP):
    """What `D3DP` computes, without a change of order between its blocks."""

    def __init__(self, network: D3DP, dtype: torch.dtype) -> None:
        kept = {name: network.get_submodule(name) for name in UNCHANGED}
        for name in kept:
            delattr(network, name)
        FastMixSTE.__init__(self, network, dtype)
        for name, child in kept.items():
            self.add_module(name, child)


def fast_grand(network: GrandMixSTE, dtype: torch.dtype) -> GrandMixSTE:
    """The network itself with its layers changed; whoever keeps the original gives a copy."""
    for blocks in (network.STEblocks, network.TTEblocks):
        changed(blocks, dtype)
    changed(network.head, torch.float32)
    return network
