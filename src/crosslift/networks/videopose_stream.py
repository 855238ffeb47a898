"""A causal VideoPose3D that is given one new frame at a time.

Of every layer's input it keeps the columns to which later frames look back, and nothing else: a
frame costs the same, in time and in memory, however many came before it.

Reading the weights from memory is what takes the time. So the newest column is multiplied when it
comes, while what older columns add is computed for several frames at once, before they come: their
weights are read once for all of these. That is possible because a layer looks back over gaps.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .inference.folding import Linear, linear, then_norm
from .videopose import VideoPose

LOOK_AHEAD = 8
"""Frames for which a layer looks back in advance, where its gaps are that wide."""

Column = Float[Tensor, "rows channels"]


class LookingBack:
    """A convolution over time, and the columns of its input to which it looks back."""

    def __init__(self, layer: Linear, taps: int, apart: int, turn: int) -> None:
        """Prepare a layer whose weights are laid out as "outputs (taps inputs)".

        Args:
            turn: How many frames after the first one it looks back again. Layers whose turns differ
                do not all look back at the same frame, so that no frame takes much longer.
        """
        inputs = layer.weight.shape[1] // taps
        self.newest = layer.weight[:, -inputs:].contiguous()
        self.older = Linear(layer.weight[:, :-inputs].contiguous(), layer.bias)
        self.taps, self.apart, self.turn = taps - 1, apart, turn
        self.ahead = min(apart, LOOK_AHEAD)
        self.columns = self.added = layer.weight.new_empty(0)
        self.next = self.used = self.until = 0

    def start(self, x: Column) -> None:
        """Take a column as all that has been, over and over."""
        self.columns = x.repeat(self.taps * self.apart, 1, 1)
        self.next = self.used = 0
        self.until = min(self.ahead, self.turn)
        self.added = self.of_older()

    def push(self, x: Column) -> Float[Tensor, "rows outputs"]:
        """What the layer makes of a new column."""
        if not self.taps:
            return product(Linear(self.newest, self.older.bias), x)
        if self.used == self.until:
            self.added, self.used, self.until = self.of_older(), 0, self.ahead
        y = (self.newest @ x.T).T.contiguous().add_(self.added[self.used])
        self.used += 1
        self.columns[self.next] = x
        self.next = (self.next + 1) % len(self.columns)
        return y

    def of_older(self) -> Float[Tensor, "ahead rows outputs"]:
        """What the columns that are known add to each of the coming frames, and the bias."""
        back = self.apart * torch.arange(self.taps, 0, -1)
        coming = self.next + torch.arange(self.ahead)
        at = (coming[:, None] - back) % max(len(self.columns), 1)
        columns = self.columns[at.to(self.columns.device)]
        flat = rearrange(columns, "ahead taps rows inputs -> (ahead rows) (taps inputs)")
        return F.linear(flat, *self.older).unflatten(0, (self.ahead, -1))

    @property
    def state(self) -> tuple[Tensor, ...]:
        """All that is kept from frame to frame."""
        return self.columns, self.added


class VideoPoseStream:
    """The poses of a causal VideoPose3D, evaluated frame by frame; the first one came for ever."""

    def __init__(self, network: VideoPose) -> None:
        """Fold the network's normalisation into its layers, in the network's precision."""
        check_causal(network)
        self.settings = network.settings
        self.dtype = network.shrink.weight.dtype
        norms, layers = iter(network.layers_bn), iter(network.layers_conv)
        first = then_norm(over_time(network.expand_conv), network.expand_bn)
        self.first = LookingBack(self.cast(first), self.settings.filter_widths[0], 1, 1)
        self.blocks: list[tuple[LookingBack, Linear]] = []
        for number, (wide, narrow) in enumerate(zip(layers, layers, strict=True)):
            apart = 1 if self.settings.dense else network.dilations[number]
            looks = self.cast(then_norm(over_time(wide), next(norms)))
            taps = wide.get_parameter("weight").shape[-1]
            turn = 1 + (1 + 2 * number) % LOOK_AHEAD
            within = self.cast(then_norm(linear(narrow), next(norms)))
            self.blocks.append((LookingBack(looks, taps, apart, turn), within))
        self.last = self.cast(linear(network.shrink))
        self.started = False

    def cast(self, layer: Linear) -> Linear:
        """A layer in the precision of the stream."""
        return Linear(*(each.to(self.dtype).contiguous() for each in layer))

    @torch.no_grad()
    def push(
        self, keypoints: Float[Tensor, "rows joints coordinates"]
    ) -> Float[Tensor, "rows joints_3d 3"]:
        """The poses of a new frame of some rows, such as a person and the mirror image."""
        x = rearrange(keypoints, "rows joints xy -> rows (joints xy)").to(self.dtype)
        x = F.relu(self.after(self.first, x))
        for looks, within in self.blocks:
            y = F.relu(self.after(looks, x))
            x = x + F.relu(product(within, y))
        self.started = True
        poses = rearrange(product(self.last, x), "rows (joints xyz) -> rows joints xyz", xyz=3)
        poses = poses.to(keypoints.dtype)
        return F.pad(poses, (0, 0, 1, 0)) if self.settings.zero_root else poses

    def after(self, layer: LookingBack, x: Column) -> Float[Tensor, "rows outputs"]:
        """What a layer makes of a column; of the first frame's, as if it had always been."""
        if not self.started and layer.taps:
            layer.start(x)
        return layer.push(x)

    def forget(self) -> None:
        """Let the next frame be the first one."""
        self.started = False

    @property
    def state_bytes(self) -> int:
        """The memory of all that is kept from frame to frame; nothing before the first one."""
        layers = [self.first, *(looks for looks, _ in self.blocks)]
        return sum(kept.nbytes for layer in layers for kept in layer.state if self.started)


def check_causal(network: VideoPose) -> None:
    """Refuse a network that needs frames that are still to come."""
    settings = network.settings
    if not settings.causal and settings.receptive_field > 1:
        later = settings.receptive_field // 2
        raise SettingsError(
            f"A stream needs a causal VideoPose3D, but this one waits for {later} later frames; "
            "train one with network.causal."
        )


def over_time(convolution: nn.Module) -> Linear:
    """A convolution without a bias as a matrix for its columns one after the other."""
    weight = convolution.get_parameter("weight").detach().double()
    flat = rearrange(weight, "outputs inputs taps -> outputs (taps inputs)")
    return Linear(flat, flat.new_zeros(len(flat)))


def product(layer: Linear, x: Column) -> Float[Tensor, "rows outputs"]:
    """A linear layer for a few rows: with the weights in front, they are read once for all."""
    return torch.addmm(layer.bias[:, None], layer.weight, x.T).T.contiguous()
