"""A skeleton: named joints in an order, and which joint each one hangs from."""

from dataclasses import dataclass
from functools import cached_property

from .errors import SkeletonError, unknown_name

SIDES = {"left_": "right_", "right_": "left_"}


@dataclass(frozen=True)
class Skeleton:
    """The meaning of a joints axis.

    A joint's name says its side (`left_knee`, `right_knee`, `pelvis`), so that the mirror image
    follows from the names. Names are shared by all skeletons: where two formats mean the same
    anatomical point they call it the same, and where they do not, they must not.
    """

    name: str
    joints: tuple[str, ...]
    """In the order of the joints axis."""
    parents: tuple[int, ...]
    """The joint that each joint hangs from; -1 at the root."""

    def __post_init__(self) -> None:
        check_skeleton(self)

    def __len__(self) -> int:
        return len(self.joints)

    @cached_property
    def root(self) -> int:
        """The joint from which all others hang."""
        return self.parents.index(-1)

    @cached_property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """Parent and child of each bone, in the order of the children on the joints axis."""
        return tuple((parent, child) for child, parent in enumerate(self.parents) if parent >= 0)

    @cached_property
    def outwards(self) -> tuple[int, ...]:
        """All joints, each one after its parent."""
        return tuple(sorted(range(len(self)), key=lambda joint: len(self.chain(joint))))

    @cached_property
    def mirror(self) -> tuple[int, ...]:
        """For each joint, the one on the other side; a joint of the middle is its own."""
        return tuple(self.joints.index(other_side(joint)) for joint in self.joints)

    @cached_property
    def left(self) -> tuple[int, ...]:
        """The joints of the left side."""
        return tuple(i for i, joint in enumerate(self.joints) if joint.startswith("left_"))

    @cached_property
    def right(self) -> tuple[int, ...]:
        """The joints of the right side, each at the place of its partner in `left`."""
        return tuple(self.mirror[joint] for joint in self.left)

    def chain(self, joint: int) -> tuple[int, ...]:
        """The joints from `joint` up to the root, both included."""
        above = [joint]
        while (parent := self.parents[above[-1]]) >= 0:
            above.append(parent)
        return tuple(above)

    def index(self, joint: str) -> int:
        """Where `joint` stands on the joints axis."""
        if joint not in self.joints:
            what = f'joint of the skeleton "{self.name}" called'
            raise SkeletonError(unknown_name(what, joint, self.joints))
        return self.joints.index(joint)

    def indices(self, *joints: str) -> list[int]:
        """Where several joints stand."""
        return [self.index(joint) for joint in joints]

    def __contains__(self, joint: object) -> bool:
        return joint in self.joints


def other_side(joint: str) -> str:
    """The name of the same joint on the other side of the body."""
    for here, there in SIDES.items():
        if joint.startswith(here):
            return there + joint.removeprefix(here)
    return joint


def check_skeleton(skeleton: Skeleton) -> None:
    """Refuse a skeleton that is not one tree of distinct joints with two equal sides."""
    joints, parents = skeleton.joints, skeleton.parents
    label = f'The skeleton "{skeleton.name}"'
    if len(parents) != len(joints):
        raise SkeletonError(
            f"{label} has {len(joints)} joints and {len(parents)} parents; give each joint one."
        )
    twice = sorted({joint for joint in joints if joints.count(joint) > 1})
    if twice:
        raise SkeletonError(f'{label} names "{twice[0]}" twice; give every joint its own name.')
    if parents.count(-1) != 1:
        raise SkeletonError(
            f"{label} has {parents.count(-1)} roots (parents of -1); exactly one joint is the root."
        )
    if not all(-1 <= parent < len(joints) for parent in parents):
        raise SkeletonError(
            f"{label} has a parent outside 0 to {len(joints) - 1}; parents are indices of joints."
        )
    for joint in range(len(joints)):
        check_reaches_root(skeleton, joint, label)
    alone = [joint for joint in joints if other_side(joint) not in joints]
    if alone:
        raise SkeletonError(f'{label} has "{alone[0]}" but not "{other_side(alone[0])}"; add it.')


def check_reaches_root(skeleton: Skeleton, joint: int, label: str) -> None:
    """Refuse parents that run in a circle."""
    at, steps = joint, 0
    while at >= 0:
        at, steps = skeleton.parents[at], steps + 1
        if steps > len(skeleton.joints):
            raise SkeletonError(
                f'{label} has a circle of parents above "{skeleton.joints[joint]}"; make it a tree.'
            )
