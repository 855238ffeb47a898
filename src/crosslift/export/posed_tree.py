"""A tree of joints posed frame by frame, for formats whose nodes move in their parent's frame.

Unlike BVH these formats let a joint move as well as turn. So the rotations may be the best fit to
the bones and the movements make up what is left: every joint is exactly where it was seen, though
bones change their lengths and shoulders shrug.
"""

from itertools import groupby
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..data.motion_axes import Up, upright
from ..geometry.rotations import matrix_to_quaternion, quaternion_to_matrix
from ..motion import Motion
from ..skeleton import Skeleton
from .bone_turns import bones_at_joints, last_known, pose, rest_pose, t_pose

HELD = "held where they last were, seen from their parents,"
"""What is written of a missing joint."""


class PosedTree(NamedTuple):
    """Where joints are and how they are turned, in the frame of their parents."""

    skeleton: Skeleton
    rest: Float[Tensor, "joints 3"]
    """From each parent in the rest pose, in which nothing is turned; 0 at the root."""
    moves: Float[Tensor, "frames joints 3"]
    """From each parent, in metres; single precision."""
    turns: Float[Tensor, "frames joints 4"]
    """Unit quaternions w, x, y, z without jumps of sign; single precision."""

    @property
    def rest_places(self) -> Float[Tensor, "joints 3"]:
        """The rest pose from the root."""
        places = self.rest.clone()
        for joint in self.skeleton.outwards:
            if self.skeleton.parents[joint] >= 0:
                places[joint] += places[self.skeleton.parents[joint]]
        return places


def posed_tree(motion: Motion, places: Float[Tensor, "frames joints 3"], up: Up) -> PosedTree:
    """The tree of a movement.

    A joint whose place is not known stays where it last was, seen from its parent.

    Args:
        places: The positions of the motion, in double precision along the axes of a file.
        up: The axis of the file that points upwards.
    """
    skeleton = motion.skeleton
    vectors = bones_at_joints(places, skeleton)
    rest = rest_pose(vectors, skeleton, t_pose(skeleton) @ torch.from_numpy(upright(up)))
    posing = pose(rest, vectors, skeleton, exact=False)
    still = torch.eye(3, dtype=places.dtype).expand(len(places), 3, 3)
    carrier = {-1: (still, torch.zeros_like(places[:, 0]))}
    moves, turns = places.new_zeros(places.shape).float(), places.new_zeros(*places.shape[:2], 4)
    for joint in skeleton.outwards:
        above, origin = carrier[skeleton.parents[joint]]
        seen = (above.mT @ (places[:, joint] - origin)[..., None])[..., 0]
        moves[:, joint] = _held(seen, rest[joint])
        turn = _continuous(matrix_to_quaternion(posing.local.get(joint, still))).float()
        turns[:, joint] = turn
        # As rounded, so that the errors of a chain do not add up.
        there = origin + (above @ moves[:, joint, :, None].double())[..., 0]
        carrier[joint] = (above @ quaternion_to_matrix(turn.double()), there)
    return PosedTree(skeleton, rest, moves, turns.float())


def _held(seen: Float[Tensor, "frames 3"], rest: Float[Tensor, "3"]) -> Float[Tensor, "frames 3"]:
    """The places with the last known one where one is unknown; at rest if none ever is."""
    known = seen.isfinite().all(dim=-1)
    if not bool(known.any()):
        return rest.expand_as(seen)
    return seen[last_known(known)]


def _continuous(quaternions: Float[Tensor, "frames 4"]) -> Float[Tensor, "frames 4"]:
    """The same rotations, each quaternion on the side of the one before it."""
    same = (quaternions[1:] * quaternions[:-1]).sum(dim=-1) >= 0
    signs = torch.where(same, 1.0, -1.0).cumprod(dim=0).to(quaternions)
    return torch.cat([quaternions[:1], signs[:, None] * quaternions[1:]])


def missing_frames(motion: Motion) -> dict[str, str]:
    """The frames in which each joint is missing, such as "10-29, 44", of those that ever are."""
    lost = (~motion.known).T
    return {
        joint: _stretches(frames)
        for joint, frames in zip(motion.skeleton.joints, lost, strict=True)
        if bool(frames.any())
    }


def _stretches(lost: Bool[Tensor, " frames"]) -> str:
    found = []
    for missing, run in groupby(enumerate(lost.tolist()), key=lambda pair: pair[1]):
        if missing:
            frames = [frame for frame, _ in run]
            found.append(f"{frames[0]}-{frames[-1]}" if len(frames) > 1 else str(frames[0]))
    return ", ".join(found)
