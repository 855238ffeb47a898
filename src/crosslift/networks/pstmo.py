"""P-STMO: frames become tokens one by one, and a transformer narrows a window to its middle.

Shan et al., "P-STMO: pre-trained spatial temporal many-to-one model for 3D human pose estimation",
ECCV 2022. The first two parts, `encoder` and `Transformer`, can be learned beforehand on hidden
keypoints: see `pstmo_pretraining`. What `embed` makes of a frame does not depend on the window
around it, so a clip cut into overlapping windows needs it once for each frame.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import SettingsError
from .attention import attend
from .layers import check_heads, check_input, check_rates, check_sizes
from .overlapping import every_window

Tokens = Float[Tensor, "batch frames width"]
Fewer = Float[Tensor, "batch fewer width"]
Columns = Float[Tensor, "batch width frames"]


@dataclass(frozen=True)
class PSTMOSettings:
    """The sizes of a P-STMO."""

    frames: int = 243
    """Of a window."""
    strides: tuple[int, ...] = (3, 3, 3, 3, 3)
    """By how much each layer of the second transformer shortens the window, down to one frame."""
    joints: int = 17
    """Of the skeleton."""
    out_joints: int = 17
    """Joints of the poses."""
    width: int = 256
    """Channels of a frame."""
    hidden: int = 512
    """Width inside the layers, and of the network that makes tokens of frames."""
    depth: int = 3
    """Layers of the first transformer."""
    heads: int = 8
    """Of every attention; each sees its own share of the width."""
    dropout: float = 0.1
    """Everywhere: after the layers that see single frames, on attention's weights, in the
    transformers' hidden layers and after both halves of their layers."""

    def __post_init__(self) -> None:
        check_sizes(
            "P-STMO",
            frames=self.frames,
            strides=min(self.strides, default=0),
            joints=self.joints,
            out_joints=self.out_joints,
            hidden=self.hidden,
            depth=self.depth,
            heads=self.heads,
        )
        check_sizes("P-STMO", least=2, width=self.width)  # its normalisation divides by width - 1
        check_heads("P-STMO", self.width, self.heads)
        check_rates("P-STMO", dropout=self.dropout)
        left = self.frames
        for stride in self.strides:
            left = -(-left // stride)
        if left != 1:
            raise SettingsError(
                f"P-STMO narrows a window to one frame, but strides of {self.strides} leave {left} "
                f"of {self.frames}; choose strides whose product is the number of frames."
            )


PSTMO_S_243 = PSTMOSettings()
PSTMO_S_81 = PSTMOSettings(frames=81, strides=(3, 3, 3, 3))
"""P-STMO-S of Human3.6M, and of MPI-INF-3DHP."""

PSTMO_243 = PSTMOSettings(depth=4)
"""P-STMO itself."""


class Poses(NamedTuple):
    """What a P-STMO makes of a window; training compares both with the truth."""

    centre: Float[Tensor, "batch 1 joints 3"]
    """Of the middle frame: the result."""
    all_frames: Float[Tensor, "batch frames joints 3"]
    """Of every frame, from before the window is narrowed."""


class UnbiasedNorm(nn.Module):
    """Layer normalisation by the unbiased spread, to which, not to its square, 1e-6 is added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(width))
        self.b_2 = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tokens) -> Tokens:
        offset = x - x.mean(dim=-1, keepdim=True)
        length = torch.linalg.vector_norm(offset, dim=-1, keepdim=True)  # far quicker than std
        spread = length / (x.shape[-1] - 1) ** 0.5
        return torch.addcmul(self.b_2, self.a_2, offset / (spread + 1e-6))


class Attention(nn.Module):
    """Attention of frames to frames; the four layers are for queries, keys, values and result."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tokens) -> Tokens:
        split = "batch frames (heads w) -> batch heads frames w"
        *inward, outward = self.linears
        queries, keys, values = (rearrange(f(x), split, heads=self.heads) for f in inward)
        dropout = self.dropout if self.training else 0.0
        mixed = attend(queries, keys, values, dropout=dropout)
        return outward(rearrange(mixed, "batch heads frames w -> batch frames (heads w)"))


class FeedForward(nn.Module):
    """Two linear layers, frame by frame; between them a ReLU, whatever the release calls it."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.w_1 = nn.Linear(width, hidden)
        self.w_2 = nn.Linear(hidden, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tokens) -> Tokens:
        return self.w_2(self.drop(F.relu(self.w_1(x))))


class StridedFeedForward(nn.Module):
    """The same as convolutions over time, the second of which sees three frames in `stride`."""

    def __init__(self, width: int, hidden: int, dropout: float, stride: int) -> None:
        super().__init__()
        self.w_1 = nn.Conv1d(width, hidden, kernel_size=1)
        self.w_2 = nn.Conv1d(hidden, width, kernel_size=3, stride=stride, padding=1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tokens) -> Fewer:
        x = rearrange(x, "batch frames width -> batch width frames")
        x = self.w_2(self.drop(F.relu(self.w_1(x))))
        return rearrange(x, "batch width frames -> batch frames width")


class Branch(nn.Module):
    """What is added to every `stride`-th frame, normalised beforehand."""

    def __init__(self, width: int, dropout: float, stride: int = 1) -> None:
        super().__init__()
        self.norm = UnbiasedNorm(width)
        self.drop = nn.Dropout(dropout)
        self.stride = stride

    def forward(self, x: Tokens, layer: Callable[[Tensor], Tensor]) -> Fewer:
        return x[:, :: self.stride] + self.drop(layer(self.norm(x)))


class Layer(nn.Module):
    """Attention, then a feed-forward network; with a `stride`, the latter shortens the sequence."""

    def __init__(
        self, width: int, hidden: int, heads: int, dropout: float, stride: int | None = None
    ) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads, dropout)
        if stride is None:
            self.feed_forward = FeedForward(width, hidden, dropout)
        else:
            self.feed_forward = StridedFeedForward(width, hidden, dropout, stride)
        self.sublayer = nn.ModuleList([Branch(width, dropout), Branch(width, dropout, stride or 1)])

    def forward(self, x: Tokens) -> Fewer:
        x = self.sublayer[0](x, self.self_attn)
        return self.sublayer[1](x, self.feed_forward)


class Layers(nn.Module):
    """Layers in a row; published weights hold a norm after them that nothing applies."""

    def __init__(self, width: int, layers: list[Layer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = UnbiasedNorm(width)

    def forward(self, x: Tokens) -> Fewer:
        for layer in self.layers:
            x = layer(x)
        return x


class NarrowingLayers(Layers):
    """Layers that shorten the sequence; a place in it is marked before the first three."""

    def __init__(self, width: int, layers: list[Layer], frames: int) -> None:
        super().__init__(width, layers)
        self.pos_embedding_1 = positions(frames, width)
        self.pos_embedding_2 = positions(frames, width)
        self.pos_embedding_3 = positions(frames, width)

    def forward(self, x: Tokens) -> Fewer:
        tables = (self.pos_embedding_1, self.pos_embedding_2, self.pos_embedding_3)
        for number, layer in enumerate(self.layers):
            if number < len(tables):
                x = x + tables[number][:, : x.shape[1]]
            x = layer(x)
        return x


class Transformer(nn.Module):
    """The first transformer, over all frames of a window or those of them that are shown."""

    def __init__(self, settings: PSTMOSettings) -> None:
        super().__init__()
        s = settings
        layers = [Layer(s.width, s.hidden, s.heads, s.dropout) for _ in range(s.depth)]
        self.pos_embedding = positions(s.frames, s.width)
        self.model = Layers(s.width, layers)

    def forward(self, x: Tokens, shown: Bool[Tensor, " frames"] | None = None) -> Fewer:
        x = x + self.pos_embedding
        return self.model(x if shown is None else x[:, shown])


class Residual(nn.Module):
    """Two layers around which the input skips; nothing follows the sum."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.w1 = nn.Conv1d(width, width, kernel_size=1)
        self.batch_norm1 = nn.BatchNorm1d(width)
        self.w2 = nn.Conv1d(width, width, kernel_size=1)
        self.batch_norm2 = nn.BatchNorm1d(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Columns) -> Columns:
        y = self.drop(F.leaky_relu(self.batch_norm1(self.w1(x)), 0.2))
        return x + self.drop(F.leaky_relu(self.batch_norm2(self.w2(y)), 0.2))


class FrameEncoder(nn.Module):
    """A token for each frame, made of its keypoints alone."""

    def __init__(self, settings: PSTMOSettings) -> None:
        super().__init__()
        self.fc_1 = nn.Conv1d(2 * settings.joints, settings.hidden, kernel_size=1)
        self.bn_1 = nn.BatchNorm1d(settings.hidden)
        self.fc_2 = nn.Conv1d(settings.hidden, settings.width, kernel_size=1)
        self.layers = nn.ModuleList([Residual(settings.hidden, settings.dropout)])
        self.drop = nn.Dropout(settings.dropout)

    def forward(self, keypoints: Float[Tensor, "batch frames joints 2"]) -> Tokens:
        x = rearrange(keypoints, "batch frames joints xy -> batch (joints xy) frames")
        x = self.drop(F.leaky_relu(self.bn_1(self.fc_1(x)), 0.2))
        for layer in self.layers:
            x = layer(x)
        return rearrange(self.fc_2(x), "batch width frames -> batch frames width")


class PSTMO(nn.Module):
    """The pose of a window's middle frame and, for training, those of all frames."""

    def __init__(self, settings: PSTMOSettings = PSTMO_S_243) -> None:
        super().__init__()
        self.settings = s = settings
        narrowing = [Layer(s.width, s.hidden, s.heads, s.dropout, stride) for stride in s.strides]
        self.encoder = FrameEncoder(s)
        self.Transformer = Transformer(s)
        self.Transformer_reduce = nn.ModuleDict(
            {"model": NarrowingLayers(s.width, narrowing, s.frames)}
        )
        self.fcn = read_out(s.width, 3 * s.out_joints)
        self.fcn_1 = read_out(s.width, 3 * s.out_joints)

    def forward(self, keypoints: Float[Tensor, "batch frames joints 2"]) -> Poses:
        return self.mix(self.embed(keypoints))

    def along(
        self, keypoints: Float[Tensor, "batch frames joints 2"], at_a_time: int = 16
    ) -> Float[Tensor, "batch places joints 3"]:
        """The poses in the middle of all windows of a clip, `at_a_time` windows at once."""
        return every_window(keypoints, self.settings.frames, self.embed, self.centre, at_a_time)

    def embed(self, keypoints: Float[Tensor, "batch frames joints 2"]) -> Tokens:
        """A token for each frame, of any number of frames."""
        check_input("P-STMO", keypoints, joints=self.settings.joints, coordinates=2)
        return self.encoder(keypoints)

    def mix(self, x: Tokens) -> Poses:
        """The poses of windows of frames' tokens."""
        x = self._transformed(x)
        return Poses(self._narrowed(x), _poses(self.fcn_1, x))

    def centre(self, x: Tokens) -> Float[Tensor, "batch 1 joints 3"]:
        """The poses in the middle of windows of frames' tokens, and nothing else."""
        return self._narrowed(self._transformed(x))

    def _transformed(self, x: Tokens) -> Tokens:
        check_input("P-STMO", x, frames=self.settings.frames, numbers=self.settings.width)
        return self.Transformer(x)

    def _narrowed(self, x: Tokens) -> Float[Tensor, "batch 1 joints 3"]:
        return _poses(self.fcn, self.Transformer_reduce["model"](x))


def positions(frames: int, width: int) -> nn.Parameter:
    """A table of places in a window, near zero at first."""
    return nn.Parameter(0.02 * torch.randn(1, frames, width))


def read_out(width: int, numbers: int) -> nn.Sequential:
    """What makes each frame's result of its token."""
    return nn.Sequential(nn.BatchNorm1d(width), nn.Conv1d(width, numbers, kernel_size=1))


def _poses(layers: nn.Sequential, x: Tokens) -> Float[Tensor, "batch frames joints 3"]:
    x = layers(rearrange(x, "batch frames width -> batch width frames"))
    return rearrange(x, "batch (joints xyz) frames -> batch frames joints xyz", xyz=3)
