"""A published checkpoint as a lifter of ours: network, units, skeleton and statistics together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import registry
from .checkpoints import Choices, Noise, Recognised, noise_in, recognise, state_of
from .clip import Clip
from .data.reading import read_json, read_npz, reading
from .data.store import Store
from .diffusion.process import DIFF3DHPE_RELEASED
from .errors import CheckpointError, DataError, SettingsError
from .importer import read_pickle
from .lifter_folder import About
from .lifters.d3dp import D3DPLifter
from .lifters.diff3dhpe import Diff3DHPELifter
from .lifters.diffusion import Diffusion
from .lifters.diffusion_settings import DiffusionSettings
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

PUBLISHED_STEPS = {27: 7, 81: 9, 243: 6}
"""With which Diff3DHPE's figures were made, by the frames of a window."""

KINDS: Mapping[str, Any] = {
    "d3dp": D3DPLifter,
    "diff3dhpe": Diff3DHPELifter,
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
    scale: float | None = None
    """What the release of a diffusion calls scale: Diff3DHPE's unit of poses in metres, without
    which its files cannot be used; D3DP's factor, 1 unless given."""
    scale_from: Path | None = None
    """A store of the data that a Diff3DHPE was trained on, to compute its scale from: the largest
    coordinate of any joint about the root."""


def import_lifter(
    path: Path, as_name: str | None, importing: Importing
) -> tuple[Direct, About, tuple[str, ...]]:
    """The lifter in a checkpoint, what is known of it, and what a user should know."""
    try:
        state = state_of(read_torch_file(path), importing.part)
    except CheckpointError as problem:
        raise _about(path, problem) from problem
    return lifter_in(state, path, as_name, importing)


def _about(path: Path, problem: CheckpointError) -> CheckpointError:
    """The same error, which says which file it is about."""
    if str(path) in str(problem):
        return problem
    return CheckpointError(f'"{path}" could not be imported: {problem}')


def lifter_in(
    state: dict[str, Tensor], path: Path, as_name: str | None, importing: Importing
) -> tuple[Direct, About, tuple[str, ...]]:
    """The lifter of a file's weights; see `import_lifter`."""
    try:
        found = recognise(state, as_name, importing.choices)
        noise = noise_in(state)
    except CheckpointError as problem:
        raise _about(path, problem) from problem
    name, settings, joints = lifter_of(found, importing)
    settings, unit = as_published(settings, noise, importing, path)
    skeleton = skeleton_for(joints, importing.skeleton)
    lifter: Direct = settings.build(skeleton)
    if unit is not None and isinstance(lifter, Diffusion):
        lifter = lifter.with_largest(unit)
    weights: dict[str, Tensor] = dict(found.state)
    if importing.statistics is not None:
        weights |= statistics_of(importing.statistics, importing.statistics_unit)
    notes = (*found.notes, *notes_of_scale(unit, importing))
    made = {"imported": path.name, "architecture": found.architecture, "notes": list(notes)}
    return lifter.with_state(weights), About(name, settings, skeleton, made), notes


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


def as_published(
    settings: Any, noise: Noise | None, importing: Importing, path: Path
) -> tuple[Any, float | None]:
    """The settings with the diffusion that the weights were trained for; the unit of their poses.

    Poses are drawn as the figures of the publication were made.
    """
    if not isinstance(settings, DiffusionSettings):
        check_no_scale(importing, "this is no diffusion")
        return settings, None
    drawing: dict[str, Any] = {"process": settings.process}
    unit = None
    if isinstance(settings, Diff3DHPELifter):
        steps = PUBLISHED_STEPS.get(settings.network.frames, settings.steps)
        drawing = {"process": DIFF3DHPE_RELEASED, "steps": steps}
        unit = unit_of_poses(importing, path)
    elif importing.scale_from is not None:
        check_no_scale(importing, "D3DP's scale is a choice and follows from no data; give --scale")
    elif importing.scale is not None:
        drawing["process"] = replace(settings.process, scale=importing.scale)
    if noise is not None:
        drawing["process"] = replace(drawing["process"], **noise._asdict())
    return replace(settings, **drawing), unit


def check_no_scale(importing: Importing, why: str) -> None:
    """Refuse a scale where there is nothing to scale."""
    for name in ("scale", "scale_from"):
        if getattr(importing, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise SettingsError(f"{option} is the unit of Diff3DHPE's poses, but {why}.")


def unit_of_poses(importing: Importing, path: Path) -> float:
    """How many metres the number 1 is to a Diff3DHPE; its files do not tell."""
    if importing.scale is not None and importing.scale_from is None:
        if importing.scale <= 0:
            raise SettingsError(f"A scale lies above 0, but --scale {importing.scale} was given.")
        return importing.scale
    if importing.scale_from is not None and importing.scale is None:
        return largest_coordinate(Store.open(importing.scale_from))
    found = "neither was" if importing.scale is None else "both were"
    raise SettingsError(
        f'The poses of "{path}" are in units of the largest coordinate of its training data, which '
        f"the file does not tell; give it in metres (--scale) or a store of that data "
        f"(--scale-from), but {found} given."
    )


def largest_coordinate(store: Store) -> float:
    """The largest coordinate of any joint about the root in a store, in metres."""
    largest = 0.0
    for recording in store:
        if isinstance(recording, Clip) and recording.poses is not None:
            about = recording.poses - recording.poses[..., [recording.skeleton.root], :]
            if about.numel():
                largest = max(largest, float(about.nan_to_num(nan=0.0).abs().max()))
    if not largest:
        raise DataError(
            f'"{store.path}" should hold the poses of which the largest coordinate is wanted, but '
            "has clips without any; name the store of the training data."
        )
    return largest


def notes_of_scale(unit: float | None, importing: Importing) -> tuple[str, ...]:
    """Where the unit of poses comes from."""
    if unit is None:
        return ()
    said = f"Its poses are in units of {unit:.4f} m"
    if importing.scale_from is None:
        return (f"{said}, as was told.",)
    return (
        f"{said}, the largest coordinate about the root in {importing.scale_from}; the release "
        "takes that of all its subjects, and for Human3.6M of 32 joints.",
    )


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
