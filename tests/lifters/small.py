"""Small forms of the lifters whose published sizes would make tests slow."""

from crosslift import registry
from crosslift.lifters.diffusion import Diffusion
from crosslift.lifters.inputs import Inputs
from crosslift.networks.grand import GrandSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.poseformer import PoseFormerSettings
from crosslift.networks.pstmo import PSTMOSettings
from crosslift.networks.semgcn import SemGCNSettings
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.networks.stgcn import STGCNSettings
from crosslift.networks.time_mixer import TimeMixerSettings
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.skeletons import H36M_17

SMALL = {
    "bodywise": {"network": TimeMixerSettings(width=32, hidden=32, depth=2, reach=5)},
    "d3dp": {"network": MixSTESettings(frames=9, width=16, depth=2, heads=2)},
    "diff3dhpe": {"network": GrandSettings(frames=9, width=16, depth=2, heads=2), "steps": 2},
    "iganet": {"width": 32, "depth": 1, "heads": 2},
    "mixste": {"network": MixSTESettings(frames=9, width=16, depth=2, heads=2)},
    "poseformer": {"network": PoseFormerSettings(frames=9, joint_width=8, depth=1, heads=2)},
    "pstmo": {"network": PSTMOSettings(9, (3, 3), width=16, hidden=32, depth=1, heads=2)},
    "ridge": {"features": 64},
    "semgcn": {"network": SemGCNSettings(width=16, blocks=1)},
    "simple_baseline": {"network": SimpleBaselineSettings(width=32)},
    "stgcn": {"network": STGCNSettings(frames=3)},
    "videopose": {"network": VideoPoseSettings(filter_widths=(3, 3), channels=16)},
}


def small_settings(name: str, **more: object):
    """The settings of a registered lifter in a small form."""
    return registry.settings_of("lifter", name)(**SMALL.get(name, {}) | more)


def draws(name: str) -> bool:
    """Whether the lifter draws its poses, and its network alone does not answer."""
    return isinstance(small_settings(name).build(H36M_17), Diffusion)


def takes_inputs(name: str) -> bool:
    """Whether the unit of the keypoints can be chosen."""
    return "inputs" in registry.settings_of("lifter", name).__dataclass_fields__


__all__ = ["SMALL", "Inputs", "draws", "small_settings", "takes_inputs"]
