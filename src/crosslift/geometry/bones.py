"""Bones: poses as directions and lengths along the tree of a skeleton, and back.

A bone vector is the child joint minus its parent. Bones come in the order of their children on
the joints axis, so there is one fewer than joints. What is said of a bone may also stand at its
child, with a 0 at the root: that is the form of `Clip.body`.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..skeleton import Skeleton


def bone_vectors(
    poses: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch bones axes"]:
    """Child minus parent for each bone."""
    tree = _tree(skeleton, poses.device)
    return poses.index_select(-2, tree.children) - poses.index_select(-2, tree.parents)


def bone_lengths(
    poses: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch bones"]:
    """The length of each bone, with a gradient of zero where that is zero."""
    return torch.linalg.vector_norm(bone_vectors(poses, skeleton), dim=-1)


def bone_directions(
    poses: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch bones axes"]:
    """Unit vectors from parent to child; zero, with a gradient of zero, for a bone of no length."""
    return _directions(bone_vectors(poses, skeleton))


def poses_from_bones(
    vectors: Float[Tensor, "*batch bones axes"],
    root: Float[Tensor, "*batch axes"],
    skeleton: Skeleton,
) -> Float[Tensor, "*batch joints axes"]:
    """Joints from bone vectors and the place of the root: the inverse of `bone_vectors`.

    Every joint is the sum of what leads to it, so a NaN stays below its joint. Instead of walking
    along the tree, each pass doubles the length of the chains that are summed.
    """
    tree = _tree(skeleton, vectors.device)
    nothing = torch.zeros_like(root)[..., None, :]
    rows = torch.cat([root[..., None, :], vectors, nothing], dim=-2)
    rows = rows.index_select(-2, tree.rows)
    for above in tree.above:
        rows = rows + rows.index_select(-2, above)
    return rows[..., :-1, :]


def body_lengths(
    poses: Float[Tensor, "*batch joints axes"], skeleton: Skeleton
) -> Float[Tensor, "*batch joints"]:
    """The length of the bone from each joint to its parent, 0 at the root."""
    return at_joints(bone_lengths(poses, skeleton), skeleton)


def at_joints(
    bones: Float[Tensor, "*batch bones"], skeleton: Skeleton
) -> Float[Tensor, "*batch joints"]:
    """Numbers of bones at the bones' children, 0 at the root."""
    nothing = torch.zeros_like(bones[..., :1])
    rows = torch.cat([nothing, bones], dim=-1)
    return rows.index_select(-1, _tree(skeleton, bones.device).rows[:-1])


def at_bones(
    body: Float[Tensor, "*batch joints"], skeleton: Skeleton
) -> Float[Tensor, "*batch bones"]:
    """Numbers of joints as those of the bones that end there: the inverse of `at_joints`."""
    return body.index_select(-1, _tree(skeleton, body.device).children)


def with_lengths(
    poses: Float[Tensor, "*batch joints axes"],
    body: Float[Tensor, "*#batch joints"],
    skeleton: Skeleton,
) -> Float[Tensor, "*batch joints axes"]:
    """The poses with bones of other lengths, in their old directions from their old roots.

    A bone of no length has no direction and keeps its length of zero.

    Args:
        body: The length of the bone to the parent for each joint, broadcast against the leading
            axes of the poses: one body for all frames, or one for each. What it says of the root
            is not read.
    """
    vectors = bone_directions(poses, skeleton) * at_bones(body, skeleton)[..., None]
    return poses_from_bones(vectors, poses[..., skeleton.root, :], skeleton)


def with_bones_scaled(
    poses: Float[Tensor, "*batch joints axes"],
    factors: Float[Tensor, "*#batch bones"],
    skeleton: Skeleton,
) -> Float[Tensor, "*batch joints axes"]:
    """The poses with each bone longer by a factor, in its old direction, from their old roots."""
    vectors = bone_vectors(poses, skeleton) * factors[..., None]
    return poses_from_bones(vectors, poses[..., skeleton.root, :], skeleton)


def _directions(vectors: Tensor) -> Tensor:
    largest = vectors.detach().abs().amax(dim=-1, keepdim=True)
    known = largest != 0  # NaN counts as known, and stays
    scaled = vectors / torch.where(known, largest, 1)  # whose square neither over- nor underflows
    squared = (scaled**2).sum(dim=-1, keepdim=True)
    return torch.where(known, scaled / torch.where(known, squared, 1).sqrt(), 0)


class _Tree(NamedTuple):
    """Indices that follow from a skeleton."""

    children: Tensor
    parents: Tensor
    rows: Tensor
    """For each joint the row of [root, bones…, nothing] that belongs to it, then the last row."""
    above: tuple[Tensor, ...]
    """For each joint the one 1, 2, 4… steps nearer to the root, or the extra row of nothing."""


@lru_cache(maxsize=64)
def _tree(skeleton: Skeleton, device: torch.device) -> _Tree:
    joints = len(skeleton)
    parents = [parent for parent, _ in skeleton.bones]
    children = [child for _, child in skeleton.bones]
    row_of = {skeleton.root: 0} | {child: row for row, child in enumerate(children, start=1)}
    above, hop = [], [joints if parent < 0 else parent for parent in skeleton.parents] + [joints]
    while any(joint < joints for joint in hop):
        above.append(hop)
        hop = [hop[joint] for joint in hop]
    with torch.inference_mode(mode=False):  # kept, and later used where gradients are wanted
        return _Tree(
            torch.tensor(children, dtype=torch.long, device=device),
            torch.tensor(parents, dtype=torch.long, device=device),
            torch.tensor(
                [row_of[joint] for joint in range(joints)] + [joints],
                dtype=torch.long,
                device=device,
            ),
            tuple(torch.tensor(hop, dtype=torch.long, device=device) for hop in above),
        )
