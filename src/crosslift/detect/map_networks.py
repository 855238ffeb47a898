"""The networks that answer with a map for each joint, and how their published weights are known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Any

import torch
from torch import Tensor, nn

from ..checkpoints.kinds import all_found
from ..checkpoints.shapes import Shapes
from ..errors import CheckpointError
from ..lifters.direct import load_strictly
from ..networks.hrnet import HRNET_SMALL, HRNet, HRNetSettings
from ..networks.pose_resnet import POSE_RESNET_SMALL, PoseResNet, PoseResNetSettings

TRACKED = "num_batches_tracked"
MMPOSE = ("backbone.", "keypoint_head.", "head.")
"""What stands before the names in files of MMPose."""


@dataclass(frozen=True)
class MapNetwork:
    """A network of ours that answers with maps."""

    name: str
    """Of the detector that uses it."""
    title: str
    settings: type
    build: Callable[[Any], nn.Module]
    small: Any
    """Settings with which it can be trained on a processor."""
    signs: tuple[str, ...]
    """Patterns, each of which the beginning of some name of its weights fits."""
    read: Callable[[Shapes], Any]
    """Its settings, from the shapes of its weights."""


def read_hrnet(shapes: Shapes) -> HRNetSettings:
    """All sizes can be told."""
    places = takewhile(lambda place: shapes.layers(f"stage{place}"), count(2))
    stages = [f"stage{place}" for place in places]
    return HRNetSettings(
        joints=shapes.axis("final_layer.weight", 0),
        width=shapes.axis("stage2.0.branches.0.0.conv1.weight", 0),
        modules=tuple(map(shapes.layers, stages)),
        blocks=shapes.layers("stage2.0.branches.0"),
        stem=shapes.axis("conv1.weight", 0),
        stem_blocks=shapes.layers("layer1"),
    )


def read_pose_resnet(shapes: Shapes) -> PoseResNetSettings:
    """All sizes can be told."""
    first, second, third, fourth = (shapes.layers(f"layer{place}") for place in range(1, 5))
    return PoseResNetSettings(
        joints=shapes.axis("final_layer.weight", 0),
        width=shapes.axis("conv1.weight", 0),
        blocks=(first, second, third, fourth),
        bottlenecks="layer1.0.conv3.weight" in shapes,
        enlarging=shapes.axis("final_layer.weight", 1),
    )


MAP_NETWORKS = {
    each.name: each
    for each in (
        MapNetwork(
            "hrnet",
            "HRNet",
            HRNetSettings,
            HRNet,
            HRNET_SMALL,
            (r"conv1\.weight$", r"stage2\.0\.branches\.", r"final_layer\.weight$"),
            read_hrnet,
        ),
        MapNetwork(
            "pose_resnet",
            "PoseResNet",
            PoseResNetSettings,
            PoseResNet,
            POSE_RESNET_SMALL,
            (r"conv1\.weight$", r"deconv_layers\.0\.weight$", r"final_layer\.weight$"),
            read_pose_resnet,
        ),
    )
}
"""By the name of the detector."""


def kind_of(network: nn.Module) -> MapNetwork:
    """What is known of a network of ours."""
    return next(each for each in MAP_NETWORKS.values() if each.build is type(network))


def network_of(state: Mapping[str, Tensor]) -> nn.Module:
    """The network that weights belong to, with them, for use."""
    state = renamed(state)
    kind = next((each for each in MAP_NETWORKS.values() if all_found(each.signs, state)), None)
    if kind is None:
        some = ", ".join(f'"{name[:60]}"' for name in list(state)[:3]) or "nothing"
        titles = " or ".join(each.title for each in MAP_NETWORKS.values())
        raise CheckpointError(
            f"The weights should be those of a detector with maps ({titles}), but begin with "
            f"{some}; give the file of such a detector, with its last layer."
        )
    return built(kind, kind.read(Shapes(state)), state)


def built(kind: MapNetwork, settings: Any, state: Mapping[str, Tensor]) -> nn.Module:
    """A network with these weights, each of which must fit; no random numbers are drawn."""
    with torch.random.fork_rng(devices=()):
        network = kind.build(settings)
    load_strictly(network, completed(state))
    return network.eval().requires_grad_(False)


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights under the publication's names, also those that MMPose has saved."""
    if not any(name.startswith(MMPOSE[0]) for name in state):
        return dict(state)
    found: dict[str, Tensor] = {}
    for name, value in state.items():
        prefix = next((each for each in MMPOSE if name.startswith(each)), "")
        found[name.removeprefix(prefix)] = value
    return found


def completed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights in float32, with the counters of batches that files from before 2018 lack."""
    norms = [name.rpartition(".")[0] for name in state if name.endswith(".running_mean")]
    zero = torch.zeros((), dtype=torch.long)
    made = {f"{norm}.{TRACKED}": zero for norm in norms if f"{norm}.{TRACKED}" not in state}
    return {
        name: value.float() if value.is_floating_point() else value for name, value in state.items()
    } | made
