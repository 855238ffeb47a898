"""The sizes of networks that see single frames, or a few."""

from dataclasses import replace

import torch
from torch import nn

from ..errors import CheckpointError
from ..networks.graphs import semgcn_adjacency
from ..networks.iganet import IGANET_H36M, IGANET_PANOPTIC, IGANetSettings
from ..networks.semgcn import H36M_16_PAIRS, Groups, SemGCN, SemGCNSettings
from ..networks.simple_baseline import L2D_POSE, MARTINEZ, POSEAUG_MLP
from ..networks.stgcn import STGCN, PoseAugSTGCN, STGCNSettings
from ..skeletons import H36M_16, H36M_17
from .kinds import Choices, Read
from .shapes import MisfitError, Shapes

STANDARDISED = (
    "It was trained on standardised numbers, and the mean and spread of its training set are not "
    "among the weights."
)


def read_simple_baseline(shapes: Shapes, choices: Choices) -> Read:
    """A root that is not regressed is zero; L2D-Pose calls normalisations by a name of its own."""
    inputs, regressed = shapes.axis("w1.weight", 1), shapes.shared("w2.weight", 0, 3)
    coordinates = 3 if inputs in (3 * regressed, 3 * (regressed + 1)) else 2
    joints = shapes.shared("w1.weight", 1, coordinates)
    rootless = regressed == joints - 1
    published = POSEAUG_MLP if rootless else MARTINEZ
    settings = replace(
        L2D_POSE if "bn1.weight" in shapes else published,
        joints=joints,
        regressed=regressed,
        zero_root=rootless,
        coordinates=coordinates,
        width=shapes.axis("w1.weight", 0),
        stages=shapes.layers("linear_stages"),
    )
    return Read(settings, () if rootless else (STANDARDISED,))


def read_semgcn(shapes: Shapes, choices: Choices) -> Read:
    """With non-local blocks, every second layer is one of them."""
    pooled = any(".nonlocal." in name for name in shapes.of)
    layers = shapes.layers("gconv_layers")
    parents = _parents(shapes.axis("gconv_output.e", 1), choices)
    groups = (choices.groups or _groups(len(parents))) if pooled else ()
    notes = []
    if not choices.parents:
        notes.append(f"Its graph is taken to be that of Human3.6M's {len(parents)} joints.")
    if pooled and not choices.groups:
        notes.append("Its non-local blocks are taken to pool the published pairs of joints.")
    settings = SemGCNSettings(
        width=shapes.axis("gconv_output.W", 1),
        blocks=layers // 2 if pooled else layers,
        groups=groups,
    )
    return Read(settings, tuple(notes), replace(choices, parents=parents))


def build_semgcn(settings: SemGCNSettings, choices: Choices) -> nn.Module:
    """The network over the chosen graph, which is none of its settings."""
    with torch.device("cpu"):  # the graph needs real numbers, even where weights need none
        adjacency = semgcn_adjacency(choices.parents or H36M_16.parents)
    return SemGCN(adjacency, settings)


def _parents(links: int, choices: Choices) -> tuple[int, ...]:
    """The graph with so many links: of each joint with itself, and of each bone both ways."""
    published = {3 * len(each) - 2: tuple(each.parents) for each in (H36M_16, H36M_17)}
    parents = choices.parents or published.get(links, ())
    if 3 * len(parents) - 2 != links:
        raise CheckpointError(
            f"SemGCN's weights are those of {links} links between joints, but a tree of "
            f'{len(parents) or "16 or 17"} joints has another number; give the "parents" of its '
            "joints."
        )
    return parents


def _groups(joints: int) -> Groups:
    """What the publication pools."""
    if joints != len(H36M_16):
        raise CheckpointError(
            "SemGCN's non-local blocks pool groups of joints, but none are published for its "
            f'{joints} joints; give "groups".'
        )
    return H36M_16_PAIRS


def read_stgcn(shapes: Shapes, choices: Choices) -> Read:
    """The kernel of its view of the whole body is wider where there are several frames."""
    prefix = "stgcn." if any(name.startswith("stgcn.") for name in shapes.of) else ""
    if shapes.axis(f"{prefix}conv4.0.weight", 2) == 1:
        return Read(STGCNSettings(frames=1))
    if choices.frames == 1:
        raise MisfitError("its view of the whole body is that of several frames, not of 1")
    note = f"It sees several frames; how many is not stored, and {choices.frames} is taken."
    return Read(STGCNSettings(frames=choices.frames), (note,))


def build_stgcn(settings: STGCNSettings, choices: Choices) -> nn.Module:
    """The network, which needs real numbers for its graph; its sizes are those of no file."""
    with torch.device("cpu"):
        return STGCN(settings)


def build_poseaug_stgcn(settings: STGCNSettings, choices: Choices) -> nn.Module:
    """The same in PoseAug's form."""
    with torch.device("cpu"):
        return PoseAugSTGCN(settings)


def read_iganet(shapes: Shapes, choices: Choices) -> Read:
    """Its graph is that of the skeleton with as many joints."""
    joints = shapes.axis("IGANet.blocks.0.norm1.weight", 0)
    known = {settings.joints: settings for settings in (IGANET_H36M, IGANET_PANOPTIC)}
    if joints not in known:
        raise MisfitError(f"it has {joints} joints, not Human3.6M's 17 or Panoptic's 15")
    settings: IGANetSettings = replace(
        known[joints],
        width=shapes.axis("fcn.weight", 1),
        depth=shapes.layers("IGANet.blocks"),
        heads=choices.heads,
    )
    body = "Human3.6M's" if joints == 17 else "Panoptic's"
    return Read(settings, (f"Its graph is that of {body} {joints} joints.", heads_note(choices)))


def heads_note(choices: Choices) -> str:
    """That the number of heads was assumed."""
    return f"Weights do not tell the heads of an attention; {choices.heads} are taken."
