"""BVH: a tree of joints and their angles over time, as text."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..errors import DataError
from ..geometry.rotations import euler_to_matrix
from ..motion import Motion
from ..skeleton import Skeleton
from .motion_axes import METRES, Unit, Up, metres_in, to_z_up
from .motion_names import in_known_order, renamed
from .motion_text import (
    check_count_of_joints,
    files_below,
    labels_of,
    metres,
    next_word,
    numbers_of,
    provenance_of,
    rate_of,
    recording_name,
    words_of,
)
from .reading import reading

WHAT = "a BVH file"
CHUNK = 2000
"""Frames whose rotations are in memory at the same time."""
STATURE = (1.2, 2.2)
"""Metres between which the height of a person is sought when a unit is guessed."""
COUNTS = re.compile(r"Frames\s*:\s*(\S+)\s+Frame\s*Time\s*:\s*(\S+)", re.IGNORECASE)
CHANNEL = re.compile(r"([XYZ])(position|rotation)", re.IGNORECASE)


@registry.reader("bvh")
@dataclass(frozen=True)
class Bvh:
    """Motion in BVH files.

    Layout: `root` is one file, or a folder with files anywhere below it. A file holds a tree of
        joints and, for every frame, the numbers of their channels.
    Units: unstated in the file. The unit is guessed from the height of the rest pose or of the
        first frame, whichever is taller and gives a person of 1.2 to 2.2 m; `unit` overrides.
        Angles are degrees in the file.
    Axes: y up in nearly every file; `up` overrides.
    Joints: the file's own tree. Where the names are those of a family of tools that we know (CMU's
        conversions, Mixamo, Bandai Namco, Biovision), joints that our skeletons share get the
        shared names. End sites are joints called `<joint>_end`; one that lies on its joint says
        nothing and is left out, and so are the extra joints that our own writer makes.
    Example: crosslift convert bvh walk.bvh STORE
    """

    unit: Unit | None = None
    """Of lengths in the file; guessed unless given."""
    up: Up = "y"
    """The axis of the file that points upwards."""
    drop_first: bool = False
    """Leave out the first frame, which in some conversions (cgspeed's of CMU) is no motion but a
    T-pose."""
    inner: Literal["auto", "replace", "add"] = "auto"
    """What the position channels of inner joints do to their offsets. Unless said, they replace
    them if most of them repeat them in the first frame, and are added if not."""
    joints: tuple[str, ...] = ()
    """Our names of joints of the file, as in "pelvis=Hips"."""
    names: Literal["shared", "file"] = "shared"
    """Whether joints get the names that our skeletons share, where they are known."""
    licence: str = ""
    """Under which the recordings may be used, for the record."""

    def read(self, root: Path) -> Iterator[Motion]:
        """The recordings below `root`, one after the other."""
        for path in files_below(root, ".bvh", WHAT):
            with reading(WHAT, path):
                words = words_of(path)
                tree = read_tree(words)
                motion = _motion(self, tree, *read_frames(words, tree), path, root)
            yield motion


@dataclass
class Node:
    """A joint or an end site of the file."""

    name: str
    parent: int
    offset: Float[np.ndarray, "3"] = field(default_factory=lambda: np.zeros(3))
    channels: tuple[str, ...] = ()
    """Such as "Xposition", in the order of the file."""
    first: int = 0
    """The column of the first channel."""
    end: bool = False

    @property
    def order(self) -> str:
        """The axes of the rotation channels, such as "zyx"."""
        return "".join(name[0].lower() for name in self.channels if name.endswith("rotation"))

    def columns(self, kind: str) -> list[int]:
        """Where the channels of a kind ("position", "rotation") stand."""
        return [self.first + k for k, name in enumerate(self.channels) if name.endswith(kind)]


def read_tree(words: Iterator[str]) -> list[Node]:
    """The joints of a file up to the word MOTION, each after its parent."""
    nodes: list[Node] = []
    open_joints: list[int] = []
    steps: dict[str, Callable[[], None]] = {
        "HIERARCHY": lambda: None,
        "ROOT": lambda: _begin(nodes, open_joints, words, root=True),
        "JOINT": lambda: _begin(nodes, open_joints, words),
        "END": lambda: _begin(nodes, open_joints, words, end=True),
        "OFFSET": lambda: _offset(nodes[open_joints[-1]], words),
        "CHANNELS": lambda: _channels(nodes, open_joints[-1], words),
        "}": lambda: open_joints.__delitem__(-1),
    }
    for word in words:
        if word.upper() == "MOTION":
            break
        if word.upper() not in steps:
            raise DataError(
                f'The tree of joints should go on with JOINT, End Site, OFFSET, CHANNELS or "}}", '
                f'but has "{word[:40]}".'
            )
        steps[word.upper()]()
    else:
        raise DataError("Its tree of joints ends without the word MOTION; the file is cut off.")
    if open_joints or not nodes:
        raise DataError("Its tree of joints is not closed before the word MOTION.")
    return nodes


def _begin(
    nodes: list[Node],
    open_joints: list[int],
    words: Iterator[str],
    *,
    root: bool = False,
    end: bool = False,
) -> None:
    """Open a joint; its name is what stands before the brace."""
    name = []
    for word in words:
        if word == "{":
            break
        name.append(word)
        if len(name) > 20:
            raise DataError('A joint of its tree has a name without a "{" after it.')
    if root and nodes:
        raise DataError(
            f'A file should have one root, but "{nodes[0].name}" is followed by the root '
            f'"{" ".join(name)}"; put each person into a file of their own.'
        )
    if not root and not open_joints:
        raise DataError(f'The joint "{" ".join(name)}" hangs from nothing; a tree needs a ROOT.')
    parent = open_joints[-1] if open_joints else -1
    label = f"{nodes[parent].name}_end" if end else " ".join(name)
    nodes.append(Node(label, parent, first=_width(nodes), end=end))
    open_joints.append(len(nodes) - 1)
    check_count_of_joints(len(nodes))


def _width(nodes: Sequence[Node]) -> int:
    """How many channels the joints so far have; an inner joint's stand before its children's."""
    return max((node.first + len(node.channels) for node in nodes), default=0)


def _offset(node: Node, words: Iterator[str]) -> None:
    node.offset = numbers_of(next_word(words) for _ in range(3))


def _channels(nodes: list[Node], at: int, words: Iterator[str]) -> None:
    node, names = nodes[at], []
    count = int(next_word(words))
    if not 0 <= count <= 6 or node.channels or at != len(nodes) - 1:
        raise DataError(
            f'The joint "{node.name}" should say once, before its children, which of 6 channels it '
            f"has, but says {count}."
        )
    for _ in range(count):
        name = next_word(words)
        found = CHANNEL.fullmatch(name)
        if not found:
            raise DataError(
                f'The channels of the joint "{node.name}" should be positions and rotations such '
                f'as "Xposition", but "{name[:40]}" was found.'
            )
        names.append(found[1].upper() + found[2].lower())
    node.channels, node.first = tuple(names), _width(nodes)


class Frames(NamedTuple):
    """The motion of a file."""

    fps: float
    channels: Float[np.ndarray, "frames channels"]


def read_frames(words: Iterator[str], tree: Sequence[Node]) -> Frames:
    """The numbers after the word MOTION, read as one stream whatever the lines are."""
    said = ""
    while not (found := COUNTS.fullmatch(said)):
        said = f"{said} {next_word(words)}".lstrip()
        if len(said.split()) > 8:
            raise DataError(
                'After MOTION should stand "Frames: N" and "Frame Time: SECONDS", but '
                f'"{said[:60]}" does.'
            )
    frames, width = int(found[1]), _width(tree)
    numbers = numbers_of(words)
    if frames < 0 or len(numbers) != frames * width:
        raise DataError(
            f"Its {frames} frames of {width} channels should hold {frames * width} numbers, but "
            f"{len(numbers)} follow; the file is cut off or was put together wrongly."
        )
    return Frames(rate_of(float(found[2])), numbers.reshape(frames, width))


def _motion(
    options: Bvh,
    tree: list[Node],
    fps: float,
    channels: Float[np.ndarray, "frames channels"],
    path: Path,
    root: Path,
) -> Motion:
    """The motion that a file describes, in our units and axes."""
    replacing = replaced(tree, channels, options.inner)
    channels = channels[1:] if options.drop_first else channels
    kept = [place for place in range(len(tree)) if not _says_nothing(tree, place)]
    points = forward(tree, channels, replacing)
    unit = metres_in(options.unit) if options.unit else _guessed(tree, points, options.up)
    skeleton = _skeleton(tree, kept, options)
    name_of = dict(zip(kept, skeleton.joints, strict=True))
    skeleton, order = in_known_order(skeleton)
    turning = [(place, k) for place, n in enumerate(tree) for k in n.columns("rotation")]
    columns = [column for _, column in turning]
    return Motion(
        recording_name("bvh", path, root),
        skeleton,
        fps,
        metres(to_z_up(points[:, kept][:, order], options.up) * unit),
        torch.from_numpy(np.deg2rad(channels[:, columns]).astype(np.float32)),
        tuple(
            f"{name_of.get(place, tree[place].name)}.{tree[place].channels[k - tree[place].first]}"
            for place, k in turning
        ),
        labels_of(path),
        provenance_of("bvh", path, options.licence),
    )


def _says_nothing(tree: Sequence[Node], place: int) -> bool:
    """Whether a node lies on its parent by its nature: an empty end site, or our writer's extra
    joint, which turns one of several children and is called "<parent>_to_<child>"."""
    node = tree[place]
    if node.offset.any() or node.parent < 0 or "position" in "".join(node.channels):
        return False
    children = [child.name for child in tree if child.parent == place]
    return node.end or [f"{tree[node.parent].name}_to_{name}" for name in children] == [node.name]


def _skeleton(tree: Sequence[Node], kept: Sequence[int], options: Bvh) -> Skeleton:
    """The tree of the joints that are kept."""
    own = [tree[place].name for place in kept]
    if options.names == "file" and len(set(own)) < len(own):
        raise DataError('Two of its joints have the same name; read it with the option "shared".')
    joints = renamed(own, options.joints) if options.names == "shared" else tuple(own)
    parents = []
    for place in kept:
        parent = tree[place].parent
        while parent >= 0 and parent not in kept:
            parent = tree[parent].parent
        parents.append(kept.index(parent) if parent >= 0 else -1)
    return Skeleton("bvh", joints, tuple(parents))


def replaced(
    tree: Sequence[Node], channels: Float[np.ndarray, "frames channels"], inner: str
) -> bool:
    """Whether position channels of inner joints stand in the place of their offsets."""
    if inner != "auto" or not len(channels):
        return inner == "replace"
    repeats = [
        np.linalg.norm(channels[0, node.columns("position")] - node.offset)
        <= 0.01 * np.linalg.norm(node.offset)
        for node in tree
        if node.parent >= 0 and len(node.columns("position")) == 3 and node.offset.any()
    ]
    return bool(repeats) and bool(2 * sum(repeats) >= len(repeats))


def forward(
    tree: Sequence[Node], channels: Float[np.ndarray, "frames channels"], replacing: bool
) -> Float[np.ndarray, "frames nodes 3"]:
    """Where joints and end sites are, in the units and axes of the file."""
    points = np.empty((len(channels), len(tree), 3))
    for start in range(0, len(channels), CHUNK):
        rows = torch.from_numpy(channels[start : start + CHUNK])
        turns: dict[int, Tensor] = {}
        for place, node in enumerate(tree):
            offset = _offsets(node, rows, replacing)
            turn = None
            if node.order:
                turn = euler_to_matrix(rows[:, node.columns("rotation")].deg2rad(), node.order)
            if node.parent >= 0:
                above = turns[node.parent]
                offset = (above @ offset[..., None])[..., 0]
                offset = offset + torch.from_numpy(points[start : start + CHUNK, node.parent])
                turn = above if turn is None else above @ turn
            eye = torch.eye(3, dtype=rows.dtype).expand(len(rows), 3, 3)
            turns[place] = eye if turn is None else turn
            points[start : start + CHUNK, place] = offset.numpy()
    return points


def _offsets(
    node: Node, rows: Float[Tensor, "frames channels"], replacing: bool
) -> Float[Tensor, "frames 3"]:
    """The place of a joint in its parent's frame."""
    offset = torch.from_numpy(node.offset).repeat(len(rows), 1)
    for column, name in zip(
        node.columns("position"),
        (name for name in node.channels if name.endswith("position")),
        strict=True,
    ):
        axis = "XYZ".index(name[0])
        kept = 0 if replacing and node.parent >= 0 else offset[:, axis]
        offset[:, axis] = kept + rows[:, column]
    return offset


def _guessed(tree: Sequence[Node], points: Float[np.ndarray, "frames nodes 3"], up: str) -> float:
    """Metres in the file's unit, from how tall the rest pose or the first frame is."""
    still = np.zeros((1, _width(tree)))
    rest = forward(tree, still, replacing=False)
    heights = [float(np.ptp(to_z_up(pose, up)[:, 2])) for pose in chain(rest, points[:1])]
    for height in (max(heights), *heights):
        for unit in METRES.values():
            if STATURE[0] <= height * unit <= STATURE[1]:
                return unit
    raise DataError(
        f"Its unit of length is not stated, and no unit makes a person of its rest pose, which is "
        f"{heights[0]:.4g} high; give the unit ({', '.join(METRES)})."
    )
