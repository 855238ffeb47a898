"""ASF and AMC: a skeleton of bones in one text file, its angles over time in others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..errors import DataError, SettingsError
from ..geometry.rotations import euler_to_matrix
from ..motion import Motion
from ..skeleton import Skeleton
from .motion_axes import Unit, Up, metres_in, to_z_up
from .motion_names import renamed
from .motion_text import (
    check_count_of_joints,
    files_below,
    labels_of,
    lines_of,
    metres,
    numbers_of,
    provenance_of,
    recording_name,
)
from .reading import reading

AMC, ASF = "an AMC file", "an ASF file"
TURNS = ("rx", "ry", "rz")
MOVES = ("tx", "ty", "tz")
Section = list[list[str]]


@registry.reader("asf_amc")
@dataclass(frozen=True)
class AsfAmc:
    """Motion in AMC files with the skeleton in an ASF file, as the CMU database has it.

    Layout: `root` is one .amc file, or a folder with such files anywhere below it. The .asf lies
        beside it: the one whose name the motion's begins with (01.asf for 01_01.amc), else the
        only one; or `asf` names it.
    Units: lengths are inches times the file's own factor (0.45 at CMU); `unit` overrides. Angles
        are degrees, or radians where the file says so.
    Axes: y up; `up` overrides.
    Joints: the root and the end of each bone. CMU's bones are called by the joint at their end
        where our skeletons share it: the end of `lfemur` is `left_knee`. There is no pelvis and no
        nose; a mapping makes them.
    Example: crosslift convert asf_amc subjects/07 STORE
    """

    asf: Path | None = None
    """The file of the skeleton, where it does not lie beside the motion."""
    fps: float = 120
    """Frames a second, which the files do not state; a few recordings of CMU have 60."""
    unit: Unit | None = None
    """Of lengths in the files; as the .asf says unless given."""
    up: Up = "y"
    """The axis of the files that points upwards."""
    joints: tuple[str, ...] = ()
    """Our names of joints of the file, as in "pelvis=root"."""
    names: Literal["shared", "file"] = "shared"
    """Whether joints get the names that our skeletons share, where they are known."""
    licence: str = ""
    """Under which the recordings may be used, for the record."""

    def read(self, root: Path) -> Iterator[Motion]:
        """The recordings below `root`, one after the other."""
        for path in files_below(root, ".amc", AMC):
            asf = self.asf or beside(path)
            with reading(ASF, asf):
                body = read_asf(asf)
            with reading(AMC, path):
                motion = _motion(self, body, read_amc(path, body), path, root)
            yield motion


def beside(amc: Path) -> Path:
    """The skeleton's file that lies beside a motion's."""
    known = sorted(path for path in amc.parent.iterdir() if path.suffix.lower() == ".asf")
    fitting = [path for path in known if amc.stem.startswith(path.stem)]
    if fitting:
        return max(fitting, key=lambda path: len(path.stem))
    if len(known) != 1:
        raise DataError(
            f'Beside "{amc}" should lie the .asf file of its skeleton, but there are {len(known)} '
            "and none begins its name; name the file by the option asf."
        )
    return known[0]


@dataclass(frozen=True)
class Bone:
    """A bone at rest, in the file's axes; the root is one without length."""

    name: str
    parent: int
    along: Float[np.ndarray, "3"]
    """From its start to its end."""
    axes: Float[Tensor, "3 3"]
    """The axes about which it turns, as the columns of a rotation."""
    channels: tuple[str, ...]
    """Such as "rx", in the order of the motion's file."""


class Body(NamedTuple):
    """What an ASF file says."""

    bones: tuple[Bone, ...]
    """Each after its parent, the root first."""
    position: Float[np.ndarray, "3"]
    """To which the root's motion is added."""
    metres: float
    """In the file's unit of length."""
    degrees: bool


def read_asf(path: Path) -> Body:
    """The skeleton in a file."""
    sections = _sections(path)
    units = _entries(sections.get("units", []))
    degrees = units.get("angle", ["deg"])[0].lower().startswith("deg")
    described = {"root": _entries(sections["root"])}
    for entries in _blocks(sections["bonedata"]):
        name = entries["name"][0]
        if name in described:
            raise DataError(f'It describes the bone "{name}" twice.')
        lacking = {"direction", "length", "axis"} - set(entries)
        if lacking:
            raise DataError(f'It does not say the {min(lacking)} of the bone "{name}".')
        described[name] = entries
    check_count_of_joints(len(described))
    return Body(
        tuple(_tree(described, sections["hierarchy"], degrees)),
        numbers_of(described["root"].get("position", ["0"] * 3)),
        0.0254 / float(units.get("length", ["1"])[0]),
        degrees,
    )


def _sections(path: Path) -> dict[str, Section]:
    """The lines of each section, in words."""
    sections: dict[str, Section] = {}
    section: Section = []
    for line in lines_of(path):
        words = line.partition("#")[0].split()
        if words and words[0].startswith(":"):
            section = sections.setdefault(words[0][1:].lower(), [])
            section += [words[1:]] if words[1:] else []
        elif words:
            section.append(words)
    missing = {"root", "bonedata", "hierarchy"} - set(sections)
    if missing:
        raise DataError(f'The section ":{min(missing)}" is missing; the file is cut off.')
    return sections


def _entries(lines: Section) -> dict[str, list[str]]:
    """What follows the first word of each line."""
    return {words[0].lower(): words[1:] for words in lines}


def _blocks(lines: Section) -> Iterator[dict[str, list[str]]]:
    """The entries of each block between `begin` and `end`."""
    block: Section = []
    for words in lines:
        if words == ["begin"]:
            block = []
        elif words == ["end"]:
            yield _entries(block)
        else:
            block.append(words)


def _tree(
    described: Mapping[str, Mapping[str, list[str]]], hierarchy: Section, degrees: bool
) -> Iterator[Bone]:
    """The bones from the root outwards."""
    children: dict[str, list[str]] = {}
    for words in hierarchy:
        if words[1:]:
            children.setdefault(words[0], []).extend(words[1:])
    places = {"root": -1}
    waiting = ["root"]
    order: list[str] = []
    while waiting:
        name = waiting.pop(0)
        parent = places[name]
        places[name] = len(order)
        order.append(name)
        yield _bone(name, parent, described[name], degrees)
        for child in children.get(name, []):
            if child in places or child not in described:
                raise DataError(f'Its hierarchy names "{child}" twice or without describing it.')
            places[child] = len(order) - 1
            waiting.append(child)
    lost = sorted(set(described) - set(order))
    if lost:
        raise DataError(f'The bone "{lost[0]}" hangs from nothing in its hierarchy.')


def _bone(name: str, parent: int, entries: Mapping[str, list[str]], degrees: bool) -> Bone:
    """A bone from what the file says of it."""
    if name == "root":
        angles, order = entries.get("orientation", ["0"] * 3), entries.get("axis", ["XYZ"])[0]
        channels, along = entries.get("order", [*MOVES, *TURNS]), np.zeros(3)
    else:
        *angles, order = entries["axis"]
        channels = entries.get("dof", [])
        direction = numbers_of(entries["direction"])
        along = direction * numbers_of(entries["length"])
    channels = tuple(channel.lower() for channel in channels)
    odd = [c for c in channels if c not in TURNS and not (name == "root" and c in MOVES)]
    if odd or len(set(channels)) < len(channels):
        raise DataError(
            f'The bone "{name}" should turn about rx, ry, rz, each at most once, and only the root '
            f"move, but it has {' '.join(channels)}."
        )
    turned = torch.from_numpy(numbers_of(angles))
    if sorted(order.lower()) != ["x", "y", "z"] or len(turned) != 3 or along.shape != (3,):
        raise DataError(
            f'The bone "{name}" should have a direction of three numbers and an axis of three and '
            f'their order, such as XYZ, but has "{" ".join([*angles, order])}".'
        )
    turned = turned.deg2rad() if degrees else turned
    return Bone(name, parent, along, _turned(turned, order.lower()), channels)


def _turned(angles: Float[Tensor, "*batch axes"], order: str) -> Float[Tensor, "*batch 3 3"]:
    """The rotation about the fixed axes that `order` names, the first one first."""
    if not order:
        return torch.eye(3, dtype=torch.float64).expand(*angles.shape[:-1], 3, 3)
    return euler_to_matrix(angles.flip(-1), order[::-1])


def read_amc(path: Path, body: Body) -> dict[str, Float[np.ndarray, "frames channels"]]:
    """The numbers of each bone that has channels; angles in the file's unit."""
    widths = {bone.name: len(bone.channels) for bone in body.bones if bone.channels}
    rows: dict[str, list[Float[np.ndarray, " channels"]]] = {name: [] for name in widths}
    frames = 0
    for line in lines_of(path):
        words = line.partition("#")[0].split()
        if not words or words[0].startswith(":"):
            continue
        if len(words) == 1 and words[0].isdigit():
            _check_frame(rows, frames)
            frames += 1
            continue
        name, *numbers = words
        if len(numbers) != widths.get(name, -1) or len(rows[name]) != frames - 1:
            raise DataError(
                f"Frame {frames} should give each of the {len(widths)} moving bones of the "
                f'skeleton its numbers once, but has "{line[:60].strip()}"; name the .asf that '
                "belongs to it."
            )
        rows[name].append(numbers_of(numbers))
    _check_frame(rows, frames)
    return {name: np.array(found).reshape(frames, widths[name]) for name, found in rows.items()}


def _check_frame(rows: Mapping[str, list[Float[np.ndarray, " channels"]]], frames: int) -> None:
    short = [name for name, found in rows.items() if len(found) != frames]
    if short:
        raise DataError(f'Frame {frames} has no numbers of the bone "{short[0]}"; it is cut off.')


def _motion(
    options: AsfAmc,
    body: Body,
    channels: Mapping[str, Float[np.ndarray, "frames channels"]],
    path: Path,
    root: Path,
) -> Motion:
    """The motion of a body in our units and axes."""
    check_rate(options.fps)
    points, angles = forward(body, channels)
    own = [bone.name for bone in body.bones]
    joints = renamed(own, options.joints) if options.names == "shared" else tuple(own)
    unit = metres_in(options.unit) if options.unit else body.metres
    return Motion(
        recording_name("asf_amc", path, root),
        Skeleton("asf_amc", joints, tuple(bone.parent for bone in body.bones)),
        options.fps,
        metres(to_z_up(points, options.up) * unit),
        angles.float(),
        tuple(f"{bone.name}.{c}" for bone in body.bones for c in bone.channels if c in TURNS),
        labels_of(path),
        provenance_of("asf_amc", path, options.licence),
    )


def check_rate(fps: float) -> None:
    """Refuse a frame rate that cannot be."""
    if not 0 < fps < float("inf"):
        raise SettingsError(f"A frame rate is a positive number, but {fps} was given.")


class Posed(NamedTuple):
    """A body over time."""

    points: Float[np.ndarray, "frames bones 3"]
    """The end of each bone, in the units and axes of the file."""
    angles: Float[Tensor, "frames angles"]
    """All rotation channels in radians."""


def forward(body: Body, channels: Mapping[str, Float[np.ndarray, "frames channels"]]) -> Posed:
    """Where the bones end."""
    frames = len(next(iter(channels.values()))) if channels else 0
    points, turns, angles = np.empty((frames, len(body.bones), 3)), [], []
    for place, bone in enumerate(body.bones):
        numbers = torch.from_numpy(channels.get(bone.name, np.empty((frames, 0))))
        turning = [k for k, channel in enumerate(bone.channels) if channel in TURNS]
        angle = numbers[:, turning].deg2rad() if body.degrees else numbers[:, turning]
        turn = _turned(angle, "".join(bone.channels[k][1] for k in turning))
        turn = bone.axes @ turn @ bone.axes.mT
        if bone.parent < 0:
            start = _moved(bone.channels, numbers) + body.position
        else:
            start, turn = points[:, bone.parent], turns[bone.parent] @ turn
        points[:, place] = start + (turn @ torch.from_numpy(bone.along)).numpy()
        turns.append(turn)
        angles.append(angle)
    return Posed(points, torch.cat(angles, dim=-1))


def _moved(
    channels: Iterable[str], numbers: Float[Tensor, "frames channels"]
) -> Float[np.ndarray, "frames 3"]:
    """The root's own way."""
    place = np.zeros((len(numbers), 3))
    for k, channel in enumerate(channels):
        if channel in MOVES:
            place[:, MOVES.index(channel)] = numbers[:, k]
    return place
