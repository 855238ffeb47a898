"""SimpleBaseline's inference form."""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..layers import check_input
from ..simple_baseline import SimpleBaseline, Stage
from .folding import linear, then_norm
from .packed import Packed


class FastSimpleBaseline(nn.Module):
    """What `SimpleBaseline` computes; the first layer, the last and the sums stay in float32."""

    def __init__(self, network: SimpleBaseline, dtype: torch.dtype) -> None:
        super().__init__()
        self.settings = network.settings
        first = then_norm(linear(network.w1), network.get_submodule(network.norm))
        self.first = Packed(*first, torch.float32, "relu")
        self.stages = nn.ModuleList(
            fast_stage(stage, dtype) for stage in cast(list[Stage], list(network.linear_stages))
        )
        self.last = Packed(*linear(network.w2), torch.float32)

    def forward(
        self, keypoints: Float[Tensor, "batch joints coordinates"]
    ) -> Float[Tensor, "batch joints_3d 3"]:
        """See `SimpleBaseline`."""
        s = self.settings
        check_input("SimpleBaseline", keypoints, joints=s.joints, coordinates=s.coordinates)
        x = self.first(keypoints.flatten(1))
        for stage in self.stages:
            x = x + stage(x)
        poses = self.last(x).unflatten(1, (-1, 3))
        return F.pad(poses, (0, 0, 1, 0)) if s.zero_root else poses


def fast_stage(stage: Stage, dtype: torch.dtype) -> nn.Sequential:
    """The two layers around which the input skips."""
    first, second = map(stage.get_submodule, stage.norms)
    return nn.Sequential(
        Packed(*then_norm(linear(stage.w1), first), dtype, "relu"),
        Packed(*then_norm(linear(stage.w2), second), dtype, "relu"),
    )
