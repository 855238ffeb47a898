"""Residual blocks of convolutions, which the networks that look at pictures share.

He et al., "Deep residual learning for image recognition", CVPR 2016. State-dict names are those
that all published files of such networks have.
"""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import DataError

Features = Float[Tensor, "batch _ _ _"]  # channels, rows, columns


def convolution(inputs: int, outputs: int, width: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size but for its stride, without a bias."""
    return nn.Conv2d(inputs, outputs, width, stride, padding=width // 2, bias=False)


def way_around(inputs: int, outputs: int, stride: int) -> nn.Module:
    """What a block's input goes through on its way around it: nothing, where the sizes agree."""
    if inputs == outputs and stride == 1:
        return nn.Identity()
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Two convolutions around which the input skips."""

    expansion = 1
    """Channels that leave the block for each one inside."""

    def __init__(self, inputs: int, inner: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, inner, stride=stride)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = convolution(inner, inner)
        self.bn2 = nn.BatchNorm2d(inner)
        self.downsample = way_around(inputs, inner, stride)

    def forward(self, x: Features) -> Features:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.downsample(x) + self.bn2(self.conv2(y)))


class Bottleneck(nn.Module):
    """A convolution between two that change the number of channels, and a way around them."""

    expansion = 4
    """Channels that leave the block for each one inside."""

    def __init__(self, inputs: int, inner: int, stride: int = 1) -> None:
        super().__init__()
        outputs = self.expansion * inner
        self.conv1 = convolution(inputs, inner, width=1)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = convolution(inner, inner, stride=stride)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = convolution(inner, outputs, width=1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = way_around(inputs, outputs, stride)

    def forward(self, x: Features) -> Features:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.downsample(x) + self.bn3(self.conv3(y)))


def check_pictures(network: str, pictures: Tensor, multiple: int) -> None:
    """Refuse pictures whose sides the network's halvings do not divide."""
    height, width = pictures.shape[-2:]
    if height % multiple or width % multiple:
        better = (max(1, round(side / multiple)) * multiple for side in (width, height))
        raise DataError(
            f"{network} takes pictures whose sides are multiples of {multiple} pixels, but was "
            f"given {width} x {height}; cut them out in another size, such as "
            f"{' x '.join(map(str, better))}."
        )
