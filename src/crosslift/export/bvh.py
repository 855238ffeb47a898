"""BVH: a tree of joints and their angles over time, for animation software."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..data.motion_axes import Unit, Up, from_z_up, metres_in, upright
from ..data.record import Recording
from ..files import whole
from ..geometry.rotations import matrix_to_euler
from ..motion import Motion
from .bone_turns import Posing, bones_at_joints, last_known, pose, rest_pose, t_pose
from .world import in_world, plain_names, uneven

Order = Literal["zxy", "zyx", "yxz", "yzx", "xyz", "xzy"]
VARIES = 1
"""Millimetres by which a bone's length may vary unmentioned."""


@registry.writer("bvh")
@dataclass(frozen=True)
class Bvh:
    """BVH: a skeleton with constant bones and the rotations of its joints.

    The rotations follow from the positions in closed form, with the least twist: how a bone is
    turned about itself cannot be seen in positions. Bones have their mean lengths. The rest pose
    is a T-pose that faces z (with y up) where the joints are known by name. A joint whose bones do
    not move as one body, such as a thorax with shoulders that shrug, gets additional joints on its
    place, called `<joint>_to_<child>`, as CMU's conversions have them at the hips; our reader
    takes them out again. Every joint of the skeleton is a joint of the file; those at the ends
    carry an empty end site. Where a joint is missing, the last known rotation is held.
    Units: centimetres unless asked; the format does not state them. Angles are degrees. Axes: y up,
    or z up if asked. The frame rate is stated.
    """

    suffix: ClassVar[str] = ".bvh"

    unit: Unit = "cm"
    """Of lengths in the file; most animation software takes a unit for a centimetre."""
    up: Up = "y"
    """The axis that points upwards."""
    order: Order = "zxy"
    """The order of the rotation channels."""
    rest: Literal["t-pose", "first"] = "t-pose"
    """Whether the rest pose is a T-pose or the first whole frame."""
    branches: Literal["exact", "rigid"] = "exact"
    """Whether bones that do not move with their siblings get additional joints, or are only fitted
    as well as they can be."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file."""
        motion = in_world(recording, self.hypothesis)
        places = torch.from_numpy(
            from_z_up(motion.positions.double().cpu().numpy(), self.up) / metres_in(self.unit)
        )
        rows, head, notes = self._solved(motion, places)
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in head)
            file.write(f"MOTION\nFrames: {len(motion)}\nFrame Time: {1 / motion.fps:.10g}\n")
            np.savetxt(file, rows, fmt="%.6f")
        return (*notes, *uneven(recording))

    def _solved(self, motion: Motion, places: Float[Tensor, "frames joints 3"]) -> "_Solved":
        """The numbers of all frames, the tree in words, and what could not be said."""
        skeleton, scale = motion.skeleton, metres_in(self.unit)
        vectors = bones_at_joints(places, skeleton) * scale  # in metres, as thresholds are
        canonical = t_pose(skeleton) @ torch.from_numpy(upright(self.up))
        if self.rest == "first":
            canonical = torch.full_like(canonical, torch.nan)
        rest = rest_pose(vectors, skeleton, canonical)
        posing = pose(rest, vectors, skeleton, exact=self.branches == "exact")
        tree = _tree(motion, posing)
        columns = [_root(places[:, skeleton.root])]
        columns += [self._angles(node, posing, len(motion)) for node in tree]
        head = ["HIERARCHY", *_lines(tree, rest / scale, self.order)]
        rows = torch.cat(columns, dim=-1).numpy()
        return _Solved(rows, head, _notes(motion, vectors))

    def _angles(self, node: "_Node", posing: Posing, frames: int) -> Float[Tensor, "frames 3"]:
        """The rotation channels of a joint in degrees, without jumps of whole turns."""
        turns = posing.own.get(node.child) if node.joint < 0 else posing.local.get(node.joint)
        if turns is None:
            return torch.zeros(frames, 3, dtype=torch.float64)
        angles = matrix_to_euler(turns, self.order).rad2deg().numpy()
        return torch.from_numpy(np.unwrap(angles, period=360, axis=0))


class _Solved(NamedTuple):
    rows: Float[np.ndarray, "frames channels"]
    head: list[str]
    notes: tuple[str, ...]


class _Node(NamedTuple):
    """A joint of the file, or the end of one."""

    name: str
    depth: int
    joint: int
    """Of the skeleton; -1 for an additional one, which turns the bone to `child`."""
    child: int = -1


def _tree(motion: Motion, posing: Posing) -> list[_Node]:
    """The joints of the file in its order: each branch to its end before the next."""
    skeleton = motion.skeleton
    names = plain_names(skeleton.joints, r"[\s{}]+")
    nodes: list[_Node] = []
    waiting = [_Node(names[skeleton.root], 0, skeleton.root)]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if node.joint < 0:
            waiting.append(_Node(names[node.child], node.depth + 1, node.child))
            continue
        for child in reversed(range(len(skeleton))):
            if skeleton.parents[child] == node.joint:
                extra = _Node(f"{node.name}_to_{names[child]}", node.depth + 1, -1, child)
                plain = _Node(names[child], node.depth + 1, child)
                waiting.append(extra if child in posing.own else plain)
    return nodes


def _lines(tree: list[_Node], rest: Float[Tensor, "joints 3"], order: str) -> list[str]:
    """The tree in words."""
    turns = " ".join(f"{axis.upper()}rotation" for axis in order)
    lines: list[str] = []
    for place, node in enumerate(tree):
        pad = "\t" * node.depth
        offset = rest[node.joint].tolist() if node.joint >= 0 and node.depth else [0.0] * 3
        moves = "" if node.depth else "Xposition Yposition Zposition "
        lines += [
            f"{pad}{'JOINT' if node.depth else 'ROOT'} {node.name}",
            f"{pad}{{",
            f"{pad}\tOFFSET {_numbers(offset)}",
            f"{pad}\tCHANNELS {6 if moves else 3} {moves}{turns}",
        ]
        after = tree[place + 1].depth if place + 1 < len(tree) else 0
        if after <= node.depth:
            lines += [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET 0 0 0", f"{pad}\t}}"]
            lines += ["\t" * depth + "}" for depth in range(node.depth, after - 1, -1)]
    return lines


def _numbers(values: list[float]) -> str:
    return " ".join(f"{value:.8f}" for value in values)


def _root(place: Float[Tensor, "frames 3"]) -> Float[Tensor, "frames 3"]:
    """The root's way; where it is unknown it stays where it was."""
    known = place.isfinite().all(dim=-1)
    return place[last_known(known)].nan_to_num()


def _notes(motion: Motion, vectors: Float[Tensor, "frames joints 3"]) -> tuple[str, ...]:
    """What the file cannot say."""
    notes = []
    lost = [
        f"{motion.skeleton.joints[joint]} ({int(frames)})"
        for joint, frames in enumerate((~motion.known).sum(dim=0))
        if frames
    ]
    if lost:
        notes.append(
            f"Joints are missing in some of the {len(motion)} frames, where the last known "
            f"rotation is held: {', '.join(lost)}."
        )
    widest = 1000 * float(_spans(vectors.norm(dim=-1)).max()) if len(motion) else 0
    if widest > VARIES:
        notes.append(f"Lengths of bones vary by up to {widest:.0f} mm; the file holds their means.")
    return tuple(notes)


def _spans(lengths: Float[Tensor, "frames joints"]) -> Float[Tensor, " joints"]:
    """By how much the length of each bone varies."""
    known = lengths.isfinite()
    longest = torch.where(known, lengths, -torch.inf).amax(dim=0)
    return longest - torch.where(known, lengths, torch.inf).amin(dim=0)
