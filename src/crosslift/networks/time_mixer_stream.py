"""A causal TimeMixer that is given one new frame at a time.

Of every block's input it keeps the frames to which later ones look back, and nothing else: a frame
costs the same, in time and in memory, however many came before it.
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError
from .inference.packed import Packed
from .inference.time_mixer import after_norm, standard
from .time_mixer import TimeMixer, TimeMixerBlock

Column = Float[Tensor, "rows width"]


class BlockBefore:
    """A block, and the newest frames of its input."""

    def __init__(self, block: TimeMixerBlock, dtype: torch.dtype) -> None:
        """Prepare for the first frame."""
        self.weights = block.along.weight[:, 0].detach().T[:, None]  # reach 1 width
        self.bias = block.along.get_parameter("bias").detach()
        self.widen = Packed(*after_norm(block.norm, block.widen), dtype, "gelu_tanh")
        self.narrow = Packed.of(block.narrow, dtype)
        self.columns: Float[Tensor, "reach rows width"] = self.bias.new_empty(0)

    def start(self, x: Column) -> None:
        """Take a column as all that has been, over and over."""
        self.columns = x.repeat(len(self.weights), 1, 1)

    def push(self, x: Column) -> Column:
        """What the block makes of a new column."""
        self.columns = torch.cat([self.columns[1:], x[None]])
        seen = (self.columns * self.weights).sum(dim=0) + self.bias
        return x + self.narrow(self.widen(standard(seen)))


class TimeMixerStream:
    """The poses of a causal TimeMixer, frame by frame; the first one came for ever."""

    def __init__(self, network: TimeMixer, dtype: torch.dtype = torch.float32) -> None:
        """Lay out the network's weights for single frames."""
        check_causal(network)
        self.joints = network.settings.joints
        self.embed = Packed.of(network.embed, torch.float32)
        blocks = cast(list[TimeMixerBlock], list(network.blocks))
        self.blocks = [BlockBefore(block, dtype) for block in blocks]
        self.pose = Packed(*after_norm(network.norm, network.pose), torch.float32)
        self.started = False

    @torch.no_grad()
    def push(
        self, keypoints: Float[Tensor, "rows joints coordinates"]
    ) -> Float[Tensor, "rows joints 3"]:
        """The poses of a new frame of some rows, such as a person and the mirror image."""
        x = self.embed(keypoints.flatten(1).float())
        for block in self.blocks:
            if not self.started:
                block.start(x)
            x = block.push(x)
        self.started = True
        return self.pose(standard(x)).unflatten(-1, (self.joints, 3)).to(keypoints)

    def forget(self) -> None:
        """Let the next frame be the first one."""
        self.started = False

    @property
    def state_bytes(self) -> int:
        """The memory of all that is kept from frame to frame; nothing before the first one."""
        return sum(block.columns.nbytes for block in self.blocks if self.started)


def check_causal(network: TimeMixer) -> None:
    """Refuse a network that needs frames that are still to come."""
    sizes = network.settings
    if not sizes.causal and sizes.receptive_field > 1:
        raise SettingsError(
            f"A stream needs a causal TimeMixer, but this one waits for "
            f"{sizes.receptive_field // 2} later frames; train one with network.causal."
        )
