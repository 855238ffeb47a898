"""The detector that begins: one that finds joints already, with the maps that are wanted."""

from dataclasses import replace
from pathlib import Path

from torch import nn

from ...detect.detector_folder import load_detector
from ...detect.map_detector import MapDetector
from ...detect.map_networks import built, kind_of
from ...errors import SettingsError
from ...mapping import Mapping, mapping
from ...skeleton import Skeleton
from ...skeletons import skeleton_named

HEAD = "final_layer."
"""What the names of the layer that makes the maps begin with."""


def started(
    path: Path, skeleton: Skeleton, size: tuple[int, int] | None = None, joints: str | None = None
) -> MapDetector:
    """A detector of some joints, with the weights of one that finds them, perhaps among others.

    Args:
        path: A folder that crosslift train detector made, or a published file of weights.
        skeleton: Of the pictures that it is to learn from.
        size: Width and height of the cut-outs; those of its training unless given.
        joints: The skeleton of a file's maps, where their number does not tell it; that of the
            pictures where it has as many.
    """
    kept = load_detector(path, skeleton=joints if path.is_dir() else None)
    found, size = kept.detector, size or kept.detector.size
    if joints is not None:
        own = skeleton_named(joints)
    else:
        alike = not path.is_dir() and len(found.skeleton) == len(skeleton)
        own = skeleton if alike else found.skeleton
    check_count(found, own, path)
    if own == skeleton:
        return MapDetector(skeleton, found.network, size)
    return MapDetector(skeleton, with_maps(found.network, mapping(own, skeleton), path), size)


def with_maps(network: nn.Module, joints: Mapping, path: Path) -> nn.Module:
    """The network with the maps of another skeleton's joints, each of which it has."""
    if any(len(each.weights) != 1 for each in joints.derivations):
        raise SettingsError(
            f'"{path}" finds the joints of "{joints.source.name}", of which those of '
            f'"{joints.target.name}" are no selection; start from a detector that has them.'
        )
    rows = [used[0] for used in joints.uses]
    state = {
        name: each[rows] if name.startswith(HEAD) else each
        for name, each in network.state_dict().items()
    }
    settings = replace(network.settings, joints=len(rows))  # pyright: ignore[reportArgumentType]
    return built(kind_of(network), settings, state)


def check_count(found: MapDetector, own: Skeleton, path: Path) -> None:
    """Refuse another number of maps than the skeleton has joints."""
    if len(found.skeleton) != len(own):
        raise SettingsError(
            f'"{path}" finds {len(found.skeleton)} joints, but "{own.name}" has {len(own)}; name '
            "the skeleton of its maps, or start from another detector."
        )
