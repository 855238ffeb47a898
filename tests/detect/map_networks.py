"""Networks that answer with maps: one that looks for what is bright, and tiny ones of ours."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from crosslift.detect.map_detector import MEAN, SPREAD
from crosslift.networks.hrnet import HRNet, HRNetSettings
from crosslift.networks.pose_resnet import PoseResNet, PoseResNetSettings

TINY = HRNetSettings(width=4, modules=(1, 1, 1), blocks=1, stem=4, stem_blocks=1)
TINY_RESNET = PoseResNetSettings(width=4, blocks=(1, 1, 1, 1), enlarging=4)


class Bright(nn.Module):
    """All joints where the picture is brightest; the scores are how bright it is beyond 0.05."""

    def __init__(self, joints: int = 17) -> None:
        super().__init__()
        self.joints = joints
        self.register_buffer("nothing", torch.zeros(1))

    def forward(self, pictures: Tensor) -> Tensor:
        mean, spread = (torch.tensor(each)[:, None, None] for each in (MEAN, SPREAD))
        light = (pictures * spread + mean).mean(dim=1, keepdim=True) - 0.05
        smooth = avg_pool2d(light, 5, stride=1, padding=2)
        return smooth[..., ::4, ::4].expand(-1, self.joints, -1, -1).contiguous()


def tiny(joints: int = 17, seed: int = 0) -> HRNet:
    """An HRNet of nearly no size whose maps are above zero everywhere."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = HRNet(HRNetSettings(**vars(TINY) | {"joints": joints}))
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data.mul_(100)
    nn.init.constant_(network.final_layer.get_parameter("bias"), 0.5)
    return network.eval()


def published(path: Path, joints: int = 17, prefix: str = "") -> Path:
    """Weights as `torch.save` writes them, as HRNet's authors publish theirs."""
    state = {prefix + name: each for name, each in tiny(joints).state_dict().items()}
    torch.save(state, path)
    return path


def residual(path: Path) -> Path:
    """Those of a PoseResNet."""
    with torch.random.fork_rng():
        torch.save(PoseResNet(TINY_RESNET).state_dict(), path)
    return path
