"""A published checkpoint as a lifter of ours: network, units, skeleton and statistics together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import registry
from .checkpoints import Choices, Recognised, recognise, state_of
from .data.reading import read_json, read_npz, reading
from .errors import CheckpointError, SettingsError
from .importer import read_pickle
from .lifter_folder import About
from .lifters.direct import Direct
from .lifters.iganet import IGANetLifter
from .lifters.inputs import Inputs, Unit
from .lifters.mixste import MixSTELifter
from .lifters.poseformer import PoseFormerLifter
from .lifters.pstmo import PSTMOLifter
from .lifters.semgcn import SemGCNLifter
from .lifters.simple_baseline import SimpleBaselineLifter
from .lifters.stgcn import STGCNLifter
from .lifters.videopose import VideoPoseLifter
from .skeleton import Skeleton
from .skeletons import H36M_16, H36M_17, PANOPTIC_15, skeleton_named
from .torch_file import read_torch_file

HUMAN36M_FPS = 50.0
"""Frames a second at which the published lifters that see motion were trained."""

USUAL_SKELETONS = {17: H36M_17, 16: H36M_16, 15: PANOPTIC_15}

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}

KINDS: Mapping[str, Any] = {
    "iganet": IGANetLifter,
    "mixste": MixSTELifter,
    "poseaug_stgcn": STGCNLifter,
    "poseformer": PoseFormerLifter,
    "pstmo": PSTMOLifter,
    "semgcn": SemGCNLifter,
    "simple_baseline": SimpleBaselineLifter,
    "stgcn": STGCNLifter,
    "videopose": VideoPoseLifter,
}
"""The settings of the lifter around each network."""

STATISTICS = ("mean_2d", "std_2d", "mean_3d", "std_3d")


@dataclass(frozen=True)
class Importing:
    """What a checkpoint does not tell."""

    part: str | None = None
    """Which of several networks in the file, such as model_pos."""
    choices: Choices = Choices()  # noqa: RUF009  frozen
    skeleton: str | None = None
    """Of the keypoints and poses; that of Human3.6M or CMU Panoptic with as many joints."""
    unit: Unit = "screen"
    """Of the keypoints that go in; standard where statistics are given."""
    fps: float = HUMAN36M_FPS
    """Frames a second at which a lifter that sees motion was trained."""
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""
    statistics: Path | None = None
    """Mean and spread of the training data (npz, JSON or a pickle of arrays): mean_2d and std_2d
    in pixels, mean_3d and std_3d."""
    statistics_unit: str = "cm"
    """Of mean_3d and std_3d: m, cm (L2D-Pose) or mm (Martinez)."""


def import_lifter(
    path: Path, as_name: str | None, importing: Importing
) -> tuple[Direct, About, tuple[str, ...]]:
    """The lifter in a checkpoint, what is known of it, and what a user should know."""
    try:
        state = state_of(read_torch_file(path), importing.part)
        found = recognise(state, as_name, importing.choices)
    except CheckpointError as problem:
        if str(path) in str(problem):
            raise
        raise CheckpointError(f'"{path}" could not be imported: {problem}') from problem
    name, settings, joints = lifter_of(found, importing)
    skeleton = skeleton_for(joints, importing.skeleton)
    lifter: Direct = settings.build(skeleton)
    weights: dict[str, Tensor] = dict(found.state)
    if importing.statistics is not None:
        weights |= statistics_of(importing.statistics, importing.statistics_unit)
    made = {"imported": path.name, "architecture": found.architecture, "notes": list(found.notes)}
    return lifter.with_state(weights), About(name, settings, skeleton, made), found.notes


def lifter_of(found: Recognised, importing: Importing) -> tuple[str, Any, int]:
    """The registered name and the settings of the lifter around a network, and its joints."""
    check_is_lifter(found)
    unit: Unit = "standard" if importing.statistics is not None else importing.unit
    kind = KINDS[found.architecture]
    told = {"network": found.settings, "inputs": Inputs(unit=unit), "fps": importing.fps}
    told |= {"flip": importing.flip}
    if kind is IGANetLifter:  # whose graph follows from the skeleton
        told |= vars(found.settings)
    settings = kind(**{each.name: told[each.name] for each in fields(kind) if each.name in told})
    return registry.name_of("lifter", settings), settings, joints_of(found)


def check_is_lifter(found: Recognised) -> None:
    """Refuse weights that are part of a method and lift nothing by themselves."""
    if found.architecture not in KINDS:
        raise CheckpointError(
            f'These are the weights of "{found.architecture}", which is a stage of training and no '
            "lifter; import the lifter that was trained from it."
        )
    if getattr(found.settings, "regressed", 0) == 1:
        raise CheckpointError(
            "These are the weights of VideoPose3D's trajectory, the root's way through space, "
            "which is no lifter; name the part model_pos, or another file."
        )


def joints_of(found: Recognised) -> int:
    """The joints of the keypoints that the network takes."""
    if found.architecture == "semgcn":  # whose graph has a number for each joint and each link
        return (found.state["gconv_output.e"].shape[-1] + 2) // 3
    fixed = {"stgcn": 17, "poseaug_stgcn": 16}
    return fixed.get(found.architecture) or found.settings.joints


def skeleton_for(joints: int, name: str | None) -> Skeleton:
    """The skeleton of a lifter with so many joints."""
    found = USUAL_SKELETONS.get(joints) if name is None else skeleton_named(name)
    if found is None or len(found) != joints:
        told = f'"{name}" has {len(found)}' if found and name else "no skeleton is named"
        raise SettingsError(
            f"The lifter's skeleton should have {joints} joints, but {told}; name one that has "
            "as many with --skeleton."
        )
    return found


def statistics_of(path: Path, unit: str) -> dict[str, Tensor]:
    """Statistics of training data from a file, in metres, as the lifter keeps them."""
    if unit not in METRES:
        raise SettingsError(
            f'The unit of the statistics is {", ".join(METRES)}, but "{unit}" was given.'
        )
    found = arrays_of(path)
    lacking = [name for name in STATISTICS if name not in found]
    if lacking:
        raise CheckpointError(
            f'"{path}" should hold {", ".join(STATISTICS)}, but "{lacking[0]}" is not there; name '
            "the statistics that belong to the checkpoint."
        )
    values = {name: torch.as_tensor(found[name], dtype=torch.float32) for name in STATISTICS}
    scale = METRES[unit]
    return {
        "keypoint_statistics.mean": values["mean_2d"],
        "keypoint_statistics.std": values["std_2d"],
        "pose_statistics.mean": values["mean_3d"] * scale,
        "pose_statistics.std": values["std_3d"] * scale,
    }


def arrays_of(path: Path) -> Mapping[str, Any]:
    """The arrays by name in an npz, JSON or pickle file."""
    with reading("statistics of training data", path):
        if path.suffix == ".npz":
            return read_npz(path)
        return read_json(path) if path.suffix == ".json" else read_torch_or_pickle(path)


def read_torch_or_pickle(path: Path) -> Mapping[str, Any]:
    """A dictionary of arrays that Python or PyTorch has saved."""
    with path.open("rb") as file:
        beginning = file.read(2)
        file.seek(0)
        found = read_torch_file(path) if beginning == b"PK" else read_pickle(file)
    if not isinstance(found, dict):
        raise ValueError("it holds no dictionary of arrays")
    return found
