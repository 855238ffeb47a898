"""HRNet: maps of where joints are, computed at several resolutions that keep informing each other.

Sun et al., "Deep high-resolution representation learning for human pose estimation", CVPR 2019.
State-dict names are those of the publication's `pose_hrnet` files.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .layers import check_sizes
from .residual import Block, Bottleneck, Features, check_pictures, convolution

STRIDE = 4
"""Pixels of the picture for each cell of the maps."""


@dataclass(frozen=True)
class HRNetSettings:
    """Sizes of the network; those of W32 for 17 joints unless given."""

    joints: int = 17
    """Maps that come out."""
    width: int = 32
    """Channels at the finest resolution; each coarser one has twice as many."""
    modules: tuple[int, ...] = (1, 4, 3)
    """Exchanges of each stage. The first stage has two resolutions, each later one more."""
    blocks: int = 4
    """Residual blocks of a resolution between two exchanges."""
    stem: int = 64
    """Channels of the two layers that shrink the picture to a quarter."""
    stem_blocks: int = 4
    """Bottlenecks that follow them."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        sizes = {"joints": self.joints, "width": self.width, "blocks": self.blocks}
        check_sizes("HRNet", **sizes, stem=self.stem, stem_blocks=self.stem_blocks)
        check_sizes("HRNet", modules=min(self.modules, default=0))

    @property
    def coarsest(self) -> int:
        """Pixels of the picture for each cell of the coarsest resolution."""
        return STRIDE * 2 ** len(self.modules)


HRNET_W32 = HRNetSettings()
HRNET_W48 = HRNetSettings(width=48)
HRNET_SMALL = HRNetSettings(width=16, modules=(1, 1), blocks=2, stem=32, stem_blocks=1)
"""A twentieth of W32's work, to be trained within hours on a processor."""


class Exchange(nn.Module):
    """Blocks at each resolution, whose results are then summed at each resolution."""

    def __init__(self, widths: list[int], blocks: int, finest_only: bool = False) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(Block(width, width) for _ in range(blocks))) for width in widths
        )
        targets = range(1 if finest_only else len(widths))
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(resized(widths, source, target) for source in range(len(widths)))
            for target in targets
        )

    def forward(self, inputs: list[Features]) -> list[Features]:
        own = [branch(x) for branch, x in zip(self.branches, inputs, strict=True)]
        return [F.relu(summed(ways, own)) for ways in self.fuse_layers]


def summed(ways: nn.Module, inputs: list[Features]) -> Features:
    """The sum of all resolutions, each brought to one of them; always in the same order."""
    assert isinstance(ways, nn.ModuleList), "one way for each resolution"
    total = ways[0](inputs[0])
    for way, x in zip(ways[1:], inputs[1:], strict=True):
        total = total + way(x)
    return total


def resized(widths: list[int], source: int, target: int) -> nn.Module:
    """What brings features from one resolution to another; 0 is the finest."""
    inputs, outputs = widths[source], widths[target]
    if source == target:
        return nn.Identity()
    if source > target:
        finer = nn.Upsample(scale_factor=2 ** (source - target), mode="nearest")
        return nn.Sequential(convolution(inputs, outputs, width=1), nn.BatchNorm2d(outputs), finer)
    halvings = [halving(inputs, inputs) for _ in range(source + 1, target)]
    last = nn.Sequential(convolution(inputs, outputs, stride=2), nn.BatchNorm2d(outputs))
    return nn.Sequential(*halvings, last)


def halving(inputs: int, outputs: int) -> nn.Sequential:
    """A layer to the next coarser resolution."""
    return nn.Sequential(convolution(inputs, outputs, stride=2), nn.BatchNorm2d(outputs), nn.ReLU())


def transition(given: list[int], wanted: list[int]) -> nn.ModuleList:
    """From the resolutions of one stage to those of the next, which has one more.

    Resolutions that stay as wide are handed on; the new one comes from the coarsest.
    """
    ways: list[nn.Module] = []
    for inputs, outputs in zip(given, wanted, strict=False):
        same = inputs == outputs
        way = nn.Sequential(convolution(inputs, outputs), nn.BatchNorm2d(outputs), nn.ReLU())
        ways.append(nn.Identity() if same else way)
    ways.append(nn.Sequential(halving(given[-1], wanted[-1])))
    return nn.ModuleList(ways)


class HRNet(nn.Module):
    """The whole: a stem, stages of exchanges at more and more resolutions, a map for each joint."""

    def __init__(self, settings: HRNetSettings = HRNET_W32) -> None:
        super().__init__()
        self.settings = settings
        stem, width = settings.stem, settings.width
        self.conv1 = convolution(3, stem, stride=2)
        self.bn1 = nn.BatchNorm2d(stem)
        self.conv2 = convolution(stem, stem, stride=2)
        self.bn2 = nn.BatchNorm2d(stem)
        widths = [Bottleneck.expansion * stem]
        inputs = [stem, *(widths * (settings.stem_blocks - 1))]
        self.layer1 = nn.Sequential(*(Bottleneck(each, stem) for each in inputs))
        for place, modules in enumerate(settings.modules, start=1):
            wanted = [width * 2**level for level in range(place + 1)]
            self.add_module(f"transition{place}", transition(widths, wanted))
            alone = place == len(settings.modules)  # only the finest resolution is asked for
            self.add_module(f"stage{place + 1}", nn.Sequential(*(
                Exchange(wanted, settings.blocks, finest_only=alone and number == modules - 1)
                for number in range(modules)
            )))  # fmt: skip
            widths = wanted
        self.final_layer = nn.Conv2d(width, settings.joints, 1)
        self.reset()

    def reset(self) -> None:
        """Fresh numbers: small ones as in the publication, so that maps start out flat."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.001)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(
        self,
        pictures: Float[Tensor, "batch 3 height width"],
        watch: Callable[[str, list[Features]], None] = lambda name, features: None,
    ) -> Float[Tensor, "batch joints rows columns"]:
        """A map for each joint, a quarter as wide and high as the standardised pictures.

        Args:
            watch: Told the features after each stage.
        """
        check_pictures("HRNet", pictures, self.settings.coarsest)
        x = F.relu(self.bn1(self.conv1(pictures)))
        features = [self.layer1(F.relu(self.bn2(self.conv2(x))))]
        watch("layer1", features)
        for place in range(1, len(self.settings.modules) + 1):
            features = spread(self.get_submodule(f"transition{place}"), features)
            features = self.get_submodule(f"stage{place + 1}")(features)
            watch(f"stage{place + 1}", features)
        return self.final_layer(features[0])


def spread(ways: nn.Module, features: list[Features]) -> list[Features]:
    """The features of one stage as the next one takes them."""
    assert isinstance(ways, nn.ModuleList), "one way for each resolution"
    return [way(x) for way, x in zip(ways, [*features, features[-1]], strict=True)]
