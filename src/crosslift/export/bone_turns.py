"""Rotations of joints from positions: what a tree of joints needs to be posed like a recording.

Each joint gets the rotation that carries its bones from the rest pose to where they are seen. For
one bone that is the shortest turn, so that nothing twists about the bone: twist is not observable
from positions. For several bones it is their best fit (Kabsch's solution), with the least twist
where the bones leave one free, as the two hips do. All in closed form, frame by frame.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..geometry import bone_vectors
from ..geometry.rotations import project_to_rotation, quaternion_to_matrix
from ..skeleton import Skeleton

SHORT = 1e-9
"""Metres below which a bone has no direction."""
LOOSE = 1e-5
"""Metres by which a bone may miss its place before it gets a turn of its own."""
PULL = 1e-7
"""How much the least twist counts beside the bones; it only decides what they leave free."""

Turns = Float[Tensor, "frames 3 3"]
Rest = Float[Tensor, "joints 3"]
Bones = Float[Tensor, "frames joints 3"]

ENDS_DOWN = ("knee", "ankle")
ENDS_OUT = ("shoulder", "elbow", "wrist", "collar", "clavicle", "hand")
ENDS_FORWARD = ("foot", "toe", "big_toe", "small_toe", "foot_index")
ENDS_UP = (
    *("spine", "lower_spine", "middle_spine", "upper_spine", "spine2", "spine3", "spine4"),
    *("thorax", "neck", "upper_neck", "head", "head_base", "head_centre", "head_top"),
)


class Posing(NamedTuple):
    """How a tree of joints moves."""

    local: dict[int, Turns]
    """The rotation of each joint that has children, in its parent's frame."""
    own: dict[int, Turns]
    """An additional turn of the bone to a child that does not move with its siblings, in the frame
    of the joint that it hangs from."""


def bones_at_joints(positions: Float[Tensor, "frames joints 3"], skeleton: Skeleton) -> Bones:
    """The vector from its parent to each joint, NaN at the root."""
    vectors = torch.full_like(positions, torch.nan)
    vectors[:, [child for _, child in skeleton.bones]] = bone_vectors(positions, skeleton)
    return vectors


def rest_pose(vectors: Bones, skeleton: Skeleton, canonical: Rest) -> Rest:
    """Bones at rest, with their mean lengths: a T-pose where the joints are known by name.

    The bones are those of the first frame in which all are known, turned joint by joint towards
    `canonical`; bones that move as one body keep their angles to each other.
    """
    lengths = vectors.norm(dim=-1)
    known = (lengths > SHORT) & lengths.isfinite()
    mean = torch.where(lengths.isfinite(), lengths, 0).sum(0) / lengths.isfinite().sum(0).clamp(1)
    bones = [child for _, child in skeleton.bones]
    first = int(known[:, bones].sum(dim=-1).argmax()) if len(vectors) and bones else 0
    rest = torch.zeros_like(canonical)
    for joint in bones:
        frames = known[:, joint].nonzero()[:, 0]
        if len(frames):
            frame = first if known[first, joint] else int(frames[0])
            rest[joint] = vectors[frame, joint] / lengths[frame, joint] * mean[joint]
    posing = pose(rest, canonical[None] * mean[:, None], skeleton, exact=False)
    return _carried(rest, posing, skeleton)


def _carried(rest: Rest, posing: Posing, skeleton: Skeleton) -> Rest:
    """The bones of the only frame after its rotations."""
    world: dict[int, Tensor] = {}
    turned = rest.clone()
    for joint in skeleton.outwards:
        parent = skeleton.parents[joint]
        above = world[parent] if parent >= 0 else torch.eye(3, dtype=rest.dtype)
        turned[joint] = above @ rest[joint]
        world[joint] = above @ posing.local[joint][0] if joint in posing.local else above
    return turned


def pose(rest: Rest, vectors: Bones, skeleton: Skeleton, *, exact: bool = True) -> Posing:
    """The rotations that carry bones from rest to where they are.

    Args:
        vectors: NaN where a bone's direction is unknown.
        exact: Give a bone that does not move with its siblings an additional turn.
    """
    lengths = vectors.norm(dim=-1)
    known = (lengths > SHORT) & (rest.norm(dim=-1) > SHORT)
    aims = (
        torch.where(known[..., None], vectors / lengths[..., None], 0) * rest.norm(dim=-1)[:, None]
    )
    carrier = {skeleton.root: torch.eye(3, dtype=rest.dtype).expand(len(vectors), 3, 3)}
    local, own = {}, {}
    for joint in skeleton.outwards:
        above = carrier[joint]
        children = [child for child, parent in enumerate(skeleton.parents) if parent == joint]
        if not children:
            continue
        turned = torch.einsum("fij, kj -> fki", above, rest[children])
        turn = _fit(turned, aims[:, children], known[:, children])
        local[joint] = _held(above.mT @ turn @ above, known[:, children].any(dim=-1))
        here = above @ local[joint]
        for child in children:
            carrier[child] = here
            if exact and len(children) > 1:
                there = (here @ rest[child])[:, None]
                missed = (there - aims[:, [child]])[known[:, child]].norm(dim=-1)
                if missed.numel() and missed.max() > LOOSE:
                    turn = _fit(there, aims[:, [child]], known[:, [child]])
                    own[child] = _held(here.mT @ turn @ here, known[:, child])
                    carrier[child] = here @ own[child]
    return Posing(local, own)


def _fit(
    starts: Float[Tensor, "frames bones 3"],
    aims: Float[Tensor, "frames bones 3"],
    known: Bool[Tensor, "frames bones"],
) -> Turns:
    """The least turn of each frame that brings the known bones nearest to their aims."""
    if starts.shape[1] == 1:
        return _shortest(starts[:, 0], aims[:, 0], known[:, 0])
    starts = torch.where(known[..., None], starts, 0)
    scale = (starts**2).sum(dim=(-2, -1)).clamp_min(SHORT**2)[:, None, None]
    eye = torch.eye(3, dtype=starts.dtype)
    return project_to_rotation(aims.mT @ starts + PULL * scale * eye)


def _shortest(
    start: Float[Tensor, "frames 3"],
    aim: Float[Tensor, "frames 3"],
    known: Bool[Tensor, " frames"],
) -> Turns:
    """The shortest turn from one direction to another; half a turn has any axis across."""
    axis = torch.linalg.cross(start, aim)
    scale = start.norm(dim=-1) * aim.norm(dim=-1)
    w = scale + (start * aim).sum(dim=-1)
    thinnest = torch.nn.functional.one_hot(start.abs().argmin(dim=-1), 3).to(start)
    opposite = w <= 1e-14 * scale
    quaternion = torch.cat([w[:, None], axis], dim=-1)
    across = torch.linalg.cross(start, thinnest)
    half = torch.cat([torch.zeros_like(w)[:, None], across], dim=-1)
    turn = quaternion_to_matrix(torch.where(opposite[:, None], half, quaternion))
    return torch.where(known[:, None, None], turn, torch.eye(3, dtype=start.dtype))


def _held(local: Turns, known: Bool[Tensor, " frames"]) -> Turns:
    """The turns, with the last known one (or the first one to come) where one is unknown."""
    if bool(known.any()):
        return local[last_known(known)]
    return torch.eye(3, dtype=local.dtype).expand_as(local)


def last_known(known: Bool[Tensor, " frames"]) -> Tensor:
    """For each frame the last known one before it, or the first known one of all."""
    frames = torch.arange(len(known))
    latest = torch.where(known, frames, -1).cummax(dim=0).values
    return latest.clamp_min(int(known.nonzero()[0])) if bool(known.any()) else frames


def t_pose(skeleton: Skeleton) -> Rest:
    """Directions of bones in a T-pose that faces minus y with z up, where names tell; else NaN."""
    directions = torch.full((len(skeleton), 3), torch.nan, dtype=torch.float64)
    for parent, child in skeleton.bones:
        direction = _direction(skeleton.joints[parent], skeleton.joints[child])
        if direction is not None:
            directions[child] = torch.tensor(direction, dtype=torch.float64)
    return directions


def _direction(parent: str, child: str) -> tuple[float, float, float] | None:
    side, sided, part = child.partition("_")
    if child in ENDS_UP:
        return (0, 0, 1)
    if not sided or side not in ("left", "right"):
        return None
    if part in ENDS_OUT or (part == "hip" and parent == "pelvis"):
        return (1 if side == "left" else -1, 0, 0)
    if part in ENDS_DOWN or part == "hip":
        return (0, 0, -1)
    return (0, -1, 0) if part in ENDS_FORWARD else None
