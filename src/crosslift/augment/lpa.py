"""Local pose augmentation: bones of other directions and lengths, bodies turned, as networks say.

PoseDA (Chai et al., ICCV 2023) takes PoseAug's generator (`networks.pose_augmenter`) and leaves the
place of the body to its alignment. A window is changed as its middle frame asks for: the same is
added to the directions of all frames' bones, and all frames turn about the middle one's root.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from ..camera import project, to_screen
from ..clip import Batch
from ..errors import DataError
from ..geometry import (
    axis_angle_to_matrix,
    body_lengths,
    bone_directions,
    bone_lengths,
    poses_from_bones,
    with_bones_scaled,
    with_lengths,
)
from ..networks.pose_augmenter import Heads, PoseAugmenter
from .bodies import seen_anew
from .body_parts import BodyParts, body_parts

Poses = Float[Tensor, "windows frames joints 3"]

HALF_TURN = 3.1415
"""Radians that a body is turned at most: as published, just short of all ways to be turned."""
LENGTHS = 0.2
"""The largest share by which a bone becomes longer or shorter."""


class Drawn(NamedTuple):
    """A window as it is changed, one change after the other, and by how much."""

    angled: Poses
    """With bones of other directions."""
    stretched: Poses
    """With bones of other lengths too."""
    turned: Poses
    """Turned too, about the middle frame's root, which stays or goes where the network says."""
    bent: Float[Tensor, "windows bones"]
    """One less the cosine between a bone's old and new direction, in the middle frame."""
    ratios: Float[Tensor, "windows ratios"]
    """By what share the lengths change."""


@dataclass(frozen=True, eq=False)
class LocalPoseAugmentation:
    """Changes each window as its network says; the network is trained beside a lifter."""

    network: PoseAugmenter

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with other poses, seen by its cameras; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Poses are augmented, but the batch has keypoints alone.")
        with torch.no_grad():
            turned = self.drawn(batch, rng).turned
        return seen_anew(replace(batch, poses=turned))

    def drawn(self, batch: Batch, rng: Generator) -> Drawn:
        """The changed poses, with gradients to the network."""
        assert batch.poses is not None, "the caller has poses"
        poses, skeleton = batch.poses, batch.skeleton
        middle = poses[:, poses.shape[1] // 2]
        about = middle - middle[:, [skeleton.root]]
        lengths = bone_lengths(about, skeleton)
        heads = self.network(about, lengths, self.network.noise(about, rng))
        return changed(poses, heads, body_parts(skeleton))


def changed(poses: Poses, heads: Heads, parts: BodyParts) -> Drawn:
    """Poses changed as the last layers say: bone angles, then lengths, then the turn."""
    skeleton, middle = parts.skeleton, poses.shape[1] // 2
    angled, bent = with_other_angles(poses, heads.angles, parts)
    moving = heads.ratios.new_ones(parts.ratios)
    if parts.kept_ratio is not None:
        moving[parts.kept_ratio] = 0
    ratios = LENGTHS * torch.tanh(heads.ratios * moving)
    factors = 1 + ratios[:, None, list(parts.ratio_of_bone)]
    stretched = with_bones_scaled(angled, factors, skeleton)
    turn = axis_angle_to_matrix(HALF_TURN * torch.tanh(heads.rotation))
    pivot = stretched[:, [middle], skeleton.root][:, :, None]
    # sums of products and no matrix product, which a lower precision would make coarse
    turned = (turn[:, None, None] * (stretched - pivot)[..., None, :]).sum(dim=-1)
    place = pivot if heads.place is None else placed(heads.place)[:, None, None]
    return Drawn(angled, stretched, turned + place, bent[:, middle], ratios)


def with_other_angles(
    poses: Poses, change: Float[Tensor, "windows bones 3"], parts: BodyParts
) -> tuple[Poses, Float[Tensor, "windows frames bones"]]:
    """Poses whose bones point elsewhere, and one less the cosine to where they pointed.

    The trunk stays: by its bones one knows where the body is.

    Args:
        change: Is added to unit vectors that point from a joint to its parent, as published.
    """
    skeleton = parts.skeleton
    old = bone_directions(poses, skeleton)
    new = torch.nn.functional.normalize(old - change[:, None], dim=-1)
    stays = torch.zeros(old.shape[-2], dtype=torch.bool, device=old.device)
    stays[list(parts.trunk)] = True
    new = torch.where(stays[:, None], old, new)
    vectors = new * bone_lengths(poses, skeleton)[..., None]
    angled = poses_from_bones(vectors, poses[..., skeleton.root, :], skeleton)
    return angled, 1 - (old * new).sum(dim=-1)


def placed(place: Float[Tensor, "windows 3"]) -> Float[Tensor, "windows 3"]:
    """The root where the network puts it: before the camera, since the depth is a square."""
    return torch.cat([place[:, :2], place[:, 2:] ** 2], dim=-1)


def degrees_apart(augmentation: LocalPoseAugmentation, batch: Batch, rng: Generator) -> float:
    """Mean angle between the bones of two draws for the same windows: 0 where noise is not heeded.

    The trunk, which stays, does not count, nor does how the body is turned.
    """
    network, parts = augmentation.network, body_parts(batch.skeleton)
    was_training = network.training
    network.eval()
    with torch.no_grad():
        first, second = (augmentation.drawn(batch, rng).angled for _ in range(2))
    network.train(was_training)
    directions = [bone_directions(each, batch.skeleton) for each in (first, second)]
    cosines = (directions[0] * directions[1]).sum(dim=-1)
    limbs = [bone for bone in range(cosines.shape[-1]) if bone not in parts.trunk]
    angles = torch.acos(cosines[..., limbs].clamp(-1, 1))
    return math.degrees(float(angles.mean()))


@dataclass(frozen=True, eq=False)
class SwappedBodies:
    """Gives each window all bone lengths of another person, as PoseAug does before its training."""

    bodies: Float[Tensor, "people joints"] | None = None
    """Lengths of bones to the parents; those of the batch's own windows unless given."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with other bodies, seen by its cameras; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Bodies are swapped in poses, but the batch has keypoints alone.")
        bodies = self.bodies
        if bodies is None:
            bodies = body_lengths(batch.poses, batch.skeleton).nanmean(dim=1)
        if not len(batch):
            return batch
        which = torch.randint(len(bodies), (len(batch),), generator=rng).to(bodies.device)
        body = bodies[which].to(batch.poses)
        return seen_anew(
            replace(batch, poses=with_lengths(batch.poses, body[:, None], batch.skeleton))
        )


def whole_image(batch: Batch, poses: Poses, *, clamped: bool = False) -> Batch:
    """The batch with other poses of which every joint before the camera counts as seen.

    Args:
        clamped: Also those beside and behind it, wrongly, as PoseAug's release does.
    """
    anew = seen_anew(replace(batch, poses=poses, scores=torch.ones_like(batch.scores)))
    if not clamped:
        return anew
    keypoints = project(poses, batch.camera, clamped=True)
    return replace(anew, keypoints=keypoints, scores=torch.ones_like(batch.scores))


def fully_inside(batch: Batch, *, upper_only: bool = False) -> Bool[Tensor, " windows"]:
    """Which windows have every joint of every frame within the picture.

    Args:
        upper_only: Look at the right and the lower border alone, as PoseAug's release does.
    """
    if upper_only:
        inside = to_screen(batch.keypoints, batch.camera.size) <= 1
    else:
        size = batch.camera.size[..., None, :]
        inside = (batch.keypoints >= 0) & (batch.keypoints <= size)
    return inside.flatten(1).all(dim=1)
