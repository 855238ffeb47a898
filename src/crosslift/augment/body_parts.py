"""The parts of a body as local pose augmentation sees them, read off any skeleton with four limbs.

For the 16 joints of PoseAug these are its own lists: which bones share a length, which stay, which
the discriminator looks at together, and which joints count how much when a lifter errs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..errors import SkeletonError
from ..skeleton import Skeleton

NEEDED = ("left_shoulder", "left_elbow", "left_hip", "left_knee")
NEAR_WEIGHT, MIDDLE_WEIGHT = 5.0, 2.0
"""How much more hips and shoulders, and knees and elbows, count than other joints."""


@dataclass(frozen=True)
class BodyParts:
    """Joints and bones in groups; a bone is known by its number among the skeleton's."""

    skeleton: Skeleton

    @cached_property
    def trunk(self) -> tuple[int, ...]:
        """The bones from the root up to where the ways to the two shoulders part."""
        left, right = (self.skeleton.chain(joint) for joint in self._both("shoulder"))
        return self.bones(joint for joint in reversed(left) if joint in right)

    @cached_property
    def arms(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The joints of the left and of the right arm."""
        left, right = (self._below(joint) for joint in self._both("shoulder"))
        return left, right

    @cached_property
    def legs(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The joints of the left and of the right leg."""
        left, right = (self._below(joint) for joint in self._both("hip"))
        return left, right

    @cached_property
    def limbs(self) -> frozenset[int]:
        """All joints of arms and legs."""
        return frozenset(joint for limb in (*self.arms, *self.legs) for joint in limb)

    @cached_property
    def above(self) -> tuple[int, ...]:
        """The joints beyond the trunk that belong to no limb: neck and head."""
        trunk = {self.skeleton.bones[bone][1] for bone in self.trunk} | {self.skeleton.root}
        rest = set(range(len(self.skeleton))) - trunk - self.limbs
        return tuple(sorted(rest))

    @cached_property
    def ratio_of_bone(self) -> tuple[int, ...]:
        """Which length each bone has; partners on the two sides share one."""
        own = [min(child, self.skeleton.mirror[child]) for _, child in self.skeleton.bones]
        first = list(dict.fromkeys(own))
        return tuple(first.index(joint) for joint in own)

    @property
    def ratios(self) -> int:
        """How many lengths there are."""
        return max(self.ratio_of_bone) + 1

    @property
    def kept_ratio(self) -> int | None:
        """The length that stays, so that a tall body far away is not one that is near: the upper
        trunk's."""
        return self.ratio_of_bone[self.trunk[-1]] if self.trunk else None

    @cached_property
    def judged(self) -> tuple[tuple[int, ...], ...]:
        """The bones that are judged together: each arm, right leg, left leg, trunk."""
        (left_arm, right_arm), (left_leg, right_leg) = self.arms, self.legs
        hips, shoulders = self._both("hip"), self._both("shoulder")
        lowest, highest = self.trunk[:1], self.trunk[-1:]
        middle = (*hips, *shoulders, *self.above)
        parts = [
            (*highest, *self.bones(left_arm)),
            (*highest, *self.bones(right_arm)),
            (*lowest, *self.bones({*right_leg, *hips})),
            (*lowest, *self.bones({*left_leg, *hips})),
            (*self.trunk, *self.bones(middle)),
        ]
        return tuple(tuple(sorted(set(part))) for part in parts)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Joints by how far along a limb they are: hips and shoulders; knees, elbows and the head;
        all that follows."""
        near = {*self._both("hip"), *self._both("shoulder")}
        bends = {*self._both("knee"), *self._both("elbow")}
        far = self.limbs - near - bends
        return tuple(tuple(sorted(group)) for group in (near, bends | {*self.above}, far))

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """By how much the error of each joint counts."""
        near, middle, _ = self.groups
        found = dict.fromkeys(near, NEAR_WEIGHT)
        found |= {joint: MIDDLE_WEIGHT for joint in middle if joint in self.limbs}
        return tuple(found.get(joint, 1.0) for joint in range(len(self.skeleton)))

    def bones(self, joints: Iterable[int]) -> tuple[int, ...]:
        """The bones that end at joints."""
        children = [child for _, child in self.skeleton.bones]
        return tuple(children.index(joint) for joint in joints if joint in children)

    def _both(self, name: str) -> list[int]:
        return self.skeleton.indices(f"left_{name}", f"right_{name}")

    def _below(self, first: int) -> tuple[int, ...]:
        """A joint and all that hang from it."""
        joints = range(len(self.skeleton))
        return tuple(joint for joint in joints if first in self.skeleton.chain(joint))


@lru_cache(maxsize=16)
def body_parts(skeleton: Skeleton) -> BodyParts:
    """The parts of a body; refused where a limb is missing."""
    missing = [joint for joint in NEEDED if joint not in skeleton]
    if missing:
        raise SkeletonError(
            "Local pose augmentation knows arms and legs by shoulder, elbow, hip and knee, but "
            f'the skeleton "{skeleton.name}" has no "{missing[0]}"; map the clips to "h36m17".'
        )
    return BodyParts(skeleton)
