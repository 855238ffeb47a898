"""PoseResNet: maps of where joints are, by a residual network that is then enlarged again.

Xiao et al., "Simple baselines for human pose estimation and tracking", ECCV 2018. State-dict names
are those of the publication's `pose_resnet` files.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import check_sizes
from .residual import Block, Bottleneck, Features, check_pictures, convolution

STRIDE = 4
"""Pixels of the picture for each cell of the maps."""
COARSEST = 32
"""Pixels of the picture for each cell where the network is narrowest."""


@dataclass(frozen=True)
class PoseResNetSettings:
    """Sizes of the network; those on a ResNet-18 unless given."""

    joints: int = 17
    """Maps that come out."""
    width: int = 64
    """Channels of the first stage; each later one has twice as many."""
    blocks: tuple[int, int, int, int] = (2, 2, 2, 2)
    """Residual blocks of each stage."""
    bottlenecks: bool = False
    """Whether the blocks are bottlenecks, as from ResNet-50 on."""
    enlarging: int = 256
    """Channels of the three layers that double the size."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        check_sizes("PoseResNet", joints=self.joints, width=self.width, blocks=min(self.blocks),
                    enlarging=self.enlarging)  # fmt: skip

    @property
    def coarsest(self) -> int:
        """Pixels of the picture for each cell where the network is narrowest."""
        return COARSEST


POSE_RESNET_18 = PoseResNetSettings()
POSE_RESNET_50 = PoseResNetSettings(blocks=(3, 4, 6, 3), bottlenecks=True)
POSE_RESNET_SMALL = PoseResNetSettings(width=16, blocks=(1, 1, 1, 1), enlarging=32)
"""To be trained within hours on a processor."""


class PoseResNet(nn.Module):
    """The whole: a stem, four stages down to a thirty-second, three layers up again, the maps."""

    def __init__(self, settings: PoseResNetSettings = POSE_RESNET_18) -> None:
        super().__init__()
        self.settings = settings
        width, kind = settings.width, Bottleneck if settings.bottlenecks else Block
        self.conv1 = convolution(3, width, width=7, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for place, count in enumerate(settings.blocks):
            inner = width * 2**place
            strides = [1 if place == 0 else 2, *([1] * (count - 1))]
            given = [inputs, *([kind.expansion * inner] * (count - 1))]
            pairs = zip(given, strides, strict=True)
            stage = nn.Sequential(*(kind(each, inner, stride) for each, stride in pairs))
            self.add_module(f"layer{place + 1}", stage)
            inputs = kind.expansion * inner
        self.deconv_layers = enlarging(inputs, settings.enlarging)
        self.final_layer = nn.Conv2d(settings.enlarging, settings.joints, 1)
        self.reset()

    def reset(self) -> None:
        """Fresh numbers: small ones at the end as in the publication, so that maps start flat."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(layer, nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.001)
        nn.init.normal_(self.final_layer.weight, std=0.001)
        nn.init.zeros_(self.final_layer.get_parameter("bias"))

    def forward(
        self, pictures: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch joints rows columns"]:
        """A map for each joint, a quarter as wide and high as the standardised pictures."""
        check_pictures("PoseResNet", pictures, COARSEST)
        x: Features = F.relu(self.bn1(self.conv1(pictures)))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        for place in range(1, 5):
            x = self.get_submodule(f"layer{place}")(x)
        return self.final_layer(self.deconv_layers(x))


def enlarging(inputs: int, width: int, times: int = 3) -> nn.Sequential:
    """Layers that double the size so many times."""
    layers: list[nn.Module] = []
    for each in (inputs, *(width,) * (times - 1)):
        doubled = nn.ConvTranspose2d(each, width, 4, stride=2, padding=1, bias=False)
        layers += [doubled, nn.BatchNorm2d(width), nn.ReLU()]
    return nn.Sequential(*layers)
