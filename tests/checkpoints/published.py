"""Every network of ours in the forms and sizes that releases have, and what goes in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from crosslift.checkpoints import Choices
from crosslift.networks.d3dp import D3DP
from crosslift.networks.grand import GrandMixSTE, GrandSettings
from crosslift.networks.graphs import semgcn_adjacency
from crosslift.networks.iganet import IGANET_H36M, IGANET_PANOPTIC, IGANet, IGANetSettings
from crosslift.networks.mixste import MIXSTE_1, MixSTE, MixSTESettings
from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings
from crosslift.networks.pstmo import PSTMO, PSTMOSettings
from crosslift.networks.pstmo_pretraining import Masking, PSTMOPretraining, draw_masks
from crosslift.networks.semgcn import SEMGCN_NON_LOCAL, SemGCN, SemGCNSettings
from crosslift.networks.simple_baseline import (
    DH_AUG_MLP,
    L2D_POSE,
    MARTINEZ,
    POSEAUG_MLP,
    SimpleBaseline,
    SimpleBaselineSettings,
)
from crosslift.networks.stgcn import (
    STGCN,
    STGCN_1,
    STGCN_3,
    STGCN_5,
    STGCN_7,
    PoseAugSTGCN,
    STGCNSettings,
)
from crosslift.networks.videopose import (
    ADAPTPOSE_27,
    DH_AUG_9,
    POSEAUG_VIDEOPOSE,
    TRAJECTORY_243,
    VIDEOPOSE_27,
    VIDEOPOSE_243,
    VideoPose,
    VideoPoseSettings,
)
from crosslift.networks.videopose import L2D_POSE as L2D_POSE_VIDEO
from crosslift.skeletons import H36M_16, H36M_17

USUAL = Choices()


class Published(NamedTuple):
    """One network."""

    name: str
    architecture: str
    make: Callable[[], nn.Module]
    inputs: tuple[int, ...]
    """The shape of its keypoints."""
    choices: Choices = USUAL

    def network(self) -> nn.Module:
        """With numbers of its own in every weight, the norms' among them; the same every time."""
        with torch.random.fork_rng():
            torch.manual_seed(1)
            made = self.make()
            for name, value in made.state_dict().items():
                if value.is_floating_point():
                    spread = value.uniform_(0.5, 1) if "var" in name else value.normal_(0, 0.2)
                    assert spread is value
            return made.eval().requires_grad_(False)

    def keypoints(self) -> tuple[Any, ...]:
        """What goes in."""
        rng = torch.Generator().manual_seed(2)
        drawn: Tensor = torch.randn(self.inputs, generator=rng)
        if self.architecture in ("d3dp", "diff3dhpe"):
            noisy = torch.randn(len(drawn), 1, *self.inputs[1:3], 3, generator=rng)
            return drawn, noisy, torch.tensor([7, 700])
        if self.architecture != "pstmo_pretraining":
            return (drawn,)
        settings = PSTMOSettings(frames=self.inputs[1], strides=(self.inputs[1],))
        return drawn, draw_masks(settings, Masking(joints=2), rng)


def videopose(
    name: str, settings: VideoPoseSettings, frames: int, channels: int = 16, causal: bool = False
) -> Published:
    """A narrow VideoPose3D."""
    narrow = replace(settings, channels=channels, causal=causal)
    shape, choices = (2, frames, settings.joints, 2), Choices(causal=causal)
    return Published(name, "videopose", lambda: VideoPose(narrow), shape, choices)


def simple_baseline(name: str, settings: SimpleBaselineSettings, coordinates: int = 2) -> Published:
    """A narrow SimpleBaseline."""
    narrow = replace(settings, width=32, coordinates=coordinates)
    shape = (3, settings.joints, coordinates)
    return Published(name, "simple_baseline", lambda: SimpleBaseline(narrow), shape)


def semgcn(
    name: str, settings: SemGCNSettings, parents: tuple[int, ...], choices: Choices = USUAL
) -> Published:
    """A SemGCN on any skeleton."""
    adjacency = semgcn_adjacency(parents)
    shape = (3, len(parents), 2)
    return Published(name, "semgcn", lambda: SemGCN(adjacency, settings), shape, choices)


def stgcn(settings: STGCNSettings) -> Published:
    """An ST-GCN, whose sizes are all the same."""
    frames = settings.frames
    shape, choices = (1, frames, 17, 2), Choices(frames=frames)
    return Published(f"ST-GCN, {frames} frames", "stgcn", lambda: STGCN(settings), shape, choices)


def poseformer(name: str, settings: PoseFormerSettings, heads: int = 8) -> Published:
    """A PoseFormer."""
    made = replace(settings, heads=heads)
    shape = (2, settings.frames, settings.joints, 2)
    return Published(name, "poseformer", lambda: PoseFormer(made), shape, Choices(heads=heads))


def mixste(name: str, settings: MixSTESettings, heads: int = 8) -> Published:
    """A MixSTE."""
    made = replace(settings, heads=heads)
    shape = (1, settings.frames, settings.joints, settings.channels)
    return Published(name, "mixste", lambda: MixSTE(made), shape, Choices(heads=heads))


def pstmo(name: str, made: PSTMOSettings, strides: tuple[int, ...] = ()) -> Published:
    """A P-STMO, its strides told where they are none of those published."""
    shape, choices = (2, made.frames, made.joints, 2), Choices(heads=4, strides=strides)
    return Published(name, "pstmo", lambda: PSTMO(made), shape, choices)


def iganet(name: str, settings: IGANetSettings, **changes: int) -> Published:
    """A narrow IGANet."""
    made = replace(settings, **changes)
    return Published(name, "iganet", lambda: IGANet(made), (2, settings.joints, 2))


def denoiser(name: str, architecture: str, network: Any, settings: MixSTESettings) -> Published:
    """A denoiser, which is told noisy poses and a time besides."""
    shape = (2, settings.frames, settings.joints, settings.channels)
    choices = Choices(heads=settings.heads)
    return Published(name, architecture, lambda: network(settings), shape, choices)


CHAIN = (-1, 0, 1, 2, 3)
SMALL_PSTMO = PSTMOSettings(frames=27, strides=(3, 3, 3), width=32, hidden=48, depth=2, heads=4)
OTHER_PSTMO = replace(SMALL_PSTMO, frames=12, strides=(3, 4), out_joints=5)
ODD_POSEFORMER = PoseFormerSettings(
    frames=27, joints=16, joint_width=8, depth=2, mlp_ratio=3, qkv_bias=False
)
ODD_MIXSTE = MixSTESettings(
    frames=4, joints=5, channels=3, width=12, depth=1, mlp_ratio=1.5, heads=4, qkv_bias=False
)
SMALL_GRAND = GrandSettings(frames=9, width=32, depth=2)

PUBLISHED = [
    videopose("VideoPose3D, 243 frames", VIDEOPOSE_243, 245, channels=32),
    videopose("its trajectory", TRAJECTORY_243, 243),
    videopose("VideoPose3D, causal", VIDEOPOSE_27, 30, causal=True),
    videopose("VideoPose3D, dense", replace(VIDEOPOSE_27, dense=True), 30),
    videopose("AdaptPose, 27 frames", ADAPTPOSE_27, 27),
    videopose("AdaptPose, 3 frames", replace(ADAPTPOSE_27, filter_widths=(1, 1, 1, 3)), 3),
    videopose("DH-AUG, 9 frames", DH_AUG_9, 9),
    videopose("PoseAug, one frame", POSEAUG_VIDEOPOSE, 1, channels=64),
    videopose("L2D-Pose, one frame", L2D_POSE_VIDEO, 1),
    simple_baseline("SimpleBaseline", MARTINEZ),
    simple_baseline("PoseAug's SimpleBaseline", POSEAUG_MLP),
    simple_baseline("DH-AUG's SimpleBaseline", DH_AUG_MLP),
    simple_baseline("L2D-Pose's SimpleBaseline", L2D_POSE),
    simple_baseline("SimpleBaseline of poses", MARTINEZ, coordinates=3),
    semgcn("SemGCN", SemGCNSettings(width=16), H36M_16.parents),
    semgcn("SemGCN of 17 joints", SemGCNSettings(width=16, blocks=2), H36M_17.parents),
    semgcn("SemGCN of a chain", SemGCNSettings(width=8), CHAIN, Choices(parents=CHAIN)),
    semgcn("SemGCN, non-local", replace(SEMGCN_NON_LOCAL, width=16), H36M_16.parents),
    *map(stgcn, (STGCN_1, STGCN_3, STGCN_5, STGCN_7)),
    Published("PoseAug's ST-GCN", "poseaug_stgcn", PoseAugSTGCN, (2, 1, 16, 2)),
    poseformer("PoseFormer, 9 frames", PoseFormerSettings(frames=9, depth=1)),
    poseformer("PoseFormer of other sizes", ODD_POSEFORMER, heads=4),
    mixste("MixSTE, 27 frames", MixSTESettings(frames=27, width=64, depth=2)),
    mixste("L2D-Pose's MixSTE, one frame", replace(MIXSTE_1, width=32, depth=3)),
    mixste("MixSTE of other sizes", ODD_MIXSTE, heads=4),
    denoiser("D3DP", "d3dp", D3DP, MixSTESettings(frames=9, width=32, depth=2)),
    denoiser("D3DP of other sizes", "d3dp", D3DP, ODD_MIXSTE),
    denoiser("Diff3DHPE", "diff3dhpe", GrandMixSTE, SMALL_GRAND),
    denoiser("without times", "diff3dhpe", GrandMixSTE, replace(SMALL_GRAND, time_embedding=False)),
    denoiser("seq2frame", "diff3dhpe", GrandMixSTE, replace(SMALL_GRAND, centre=True)),
    pstmo("P-STMO-S, 81 frames", replace(SMALL_PSTMO, frames=81, strides=(3, 3, 3, 3), depth=3)),
    pstmo("P-STMO, 27 frames", SMALL_PSTMO),
    pstmo("P-STMO, 9 frames", replace(SMALL_PSTMO, frames=9, strides=(1, 3, 3))),
    pstmo("P-STMO, other strides", OTHER_PSTMO, strides=OTHER_PSTMO.strides),
    Published(
        "P-STMO's first stage",
        "pstmo_pretraining",
        lambda: PSTMOPretraining(SMALL_PSTMO),
        (2, 27, 17, 2),
        Choices(heads=4),
    ),
    iganet("IGANet", IGANET_H36M, width=64),
    iganet("IGANet of Panoptic", IGANET_PANOPTIC, width=32, depth=2),
]
