"""Names of joints and markers in other tools, and the names that all our skeletons share.

A table holds only where the names of all limbs are found, so that "LeftShoulder" is read as the
shoulder in one tool's files and as the collar bone in another's. What a table does not know keeps
its name; where it says left or right in its own way, it says so in ours, so that mirror images
follow. Roots ("Hips") keep their names: they lie above the middle of the hips, which is our pelvis
and is made of the hips when a recording is mapped.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import SettingsError, SkeletonError
from ..skeleton import SIDES, Skeleton, other_side
from ..skeletons import SKELETONS

LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
LIMB_JOINTS = tuple(f"{side}{joint}" for side in SIDES for joint in LIMBS)


class Style(NamedTuple):
    """How one family of tools names joints."""

    names: dict[str, str]
    """Our name for each of theirs."""
    needs: frozenset[str]
    """Their names without which a file is not of this family."""


def _style(left: str, right: str, sided: str, middle: str, also: str = "") -> Style:
    """A family from the pattern of each side and pairs of their name and ours.

    Args:
        left: Such as "Left{}": how a left joint's name is made.
        also: Further names that a file must have to be of this family.
    """
    names = dict(pair.split("=") for pair in middle.split())
    for pair in sided.split():
        theirs, ours = pair.split("=")
        names |= {left.format(theirs): f"left_{ours}", right.format(theirs): f"right_{ours}"}
    limbs = {theirs for theirs, ours in names.items() if ours in LIMB_JOINTS}
    return Style(names, frozenset(limbs | set(also.split())))


_MIXAMO = (
    "UpLeg=hip Leg=knee Foot=ankle ToeBase=foot ToeBase_end=toe Arm=shoulder ForeArm=elbow "
    "Hand=wrist "
)

STYLES = {
    "cmu": _style(
        "Left{}", "Right{}", _MIXAMO, "Neck1=neck Head=head_base Head_end=head", "Neck1 LHipJoint"
    ),
    "mixamo": _style(
        "Left{}",
        "Right{}",
        _MIXAMO + "Shoulder=collar Toe=foot Toe_End=toe Toe_end=toe",
        "Neck=neck Head=head_base HeadTop_End=head_top Head_end=head_top",
    ),
    "bandai": _style(
        "{}_L",
        "{}_R",
        "UpperLeg=hip LowerLeg=knee Foot=ankle Toes=foot Shoulder=collar UpperArm=shoulder "
        "LowerArm=elbow Hand=wrist",
        "Neck=neck Head=head_base",
    ),
    "biovision": _style(
        "Left{}",
        "Right{}",
        "Hip=hip Knee=knee Ankle=ankle Toe=foot Collar=collar Shoulder=shoulder Elbow=elbow "
        "Wrist=wrist",
        "Neck=neck Head=head_base Head_end=head_top",
    ),
    "asf": _style(
        "l{}",
        "r{}",
        "hipjoint=hip femur=knee tibia=ankle foot=foot toes=toe clavicle=shoulder humerus=elbow "
        "radius=wrist wrist=palm hand=knuckles fingers=fingertips thumb=thumb_tip",
        "thorax=chest_top lowerneck=neck upperneck=head_base head=head",
    ),
    "pose2sim": _style(
        "L{}",
        "R{}",
        "Hip=hip Knee=knee Ankle=ankle BigToe=big_toe SmallToe=small_toe Heel=heel "
        "Shoulder=shoulder Elbow=elbow Wrist=wrist Eye=eye Ear=ear",
        "Hip=pelvis CHip=pelvis Neck=neck Nose=nose Head=head_top",
    ),
}
"""In the order in which they are tried. A bone of an ASF file is named by the joint at its end."""

SIDED = ((r"Left(?=[A-Z_])(.+)", r"Right(?=[A-Z_])(.+)"), (r"L(?=[A-Z])(.+)", r"R(?=[A-Z])(.+)"),
         (r"(.+)_L", r"(.+)_R"))  # fmt: skip


def shared_names(names: Sequence[str]) -> tuple[str, ...]:
    """Our names for the joints of a file, where its family of tools is known; else its own.

    A prefix such as "mixamorig:" is left out of the comparison.
    """
    bare = [name.rpartition(":")[2] for name in names]
    for style in STYLES.values():
        if style.needs <= set(bare):
            known = [style.names.get(name, name) for name in bare]
            return distinct(_with_sides(known))
    return distinct(names)


def _with_sides(names: list[str]) -> list[str]:
    """Names that say left or right in another tool's way, in ours."""
    found = {}
    for left, right in SIDED:
        stems = {
            side: {match[1] for name in names if (match := re.fullmatch(pattern, name))}
            for side, pattern in (("left_", left), ("right_", right))
        }
        for side, pattern in (("left_", left), ("right_", right)):
            for name in names:
                match = re.fullmatch(pattern, name)
                if match and match[1] in stems["left_"] & stems["right_"]:
                    found.setdefault(name, side + match[1])
    return [found.get(name, name) for name in names]


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """The names, none empty or twice, and each side with its partner.

    A second "knee" becomes "knee_2"; a "left_hand" without a "right_hand" becomes
    "only_left_hand", since a skeleton takes the sides of a body for mirror images.
    """
    taken: set[str] = set()
    made = []
    for place, given in enumerate(names, start=1):
        name, count = given.strip() or f"joint_{place}", 2
        while name in taken:
            name, count = f"{given.strip() or f'joint_{place}'}_{count}", count + 1
        taken.add(name)
        made.append(name)
    alone = {name for name in made if other_side(name) not in taken}
    return tuple(made) if not alone else distinct(f"only_{n}" if n in alone else n for n in made)


def assignments(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What a user says of joints: "left_knee=LKNE+LKNM" makes the joint of the two markers."""
    made = {}
    for word in words:
        ours, equals, theirs = word.partition("=")
        parts = tuple(part.strip() for part in theirs.split("+"))
        if not equals or not ours.strip() or not all(parts):
            raise SettingsError(
                f'A joint is given as its name, "=" and its name in the file, but "{word}" was '
                'found; write it as in "left_knee=LKNE" or "left_knee=LKNE+LKNM".'
            )
        made[ours.strip()] = parts
    return made


def renamed(names: Sequence[str], joints: Sequence[str]) -> tuple[str, ...]:
    """The shared names of a file's joints, after what the user says of some of them."""
    own = dict(zip(names, shared_names(names), strict=True))
    given = {}
    for ours, theirs in assignments(joints).items():
        if len(theirs) > 1:
            raise SettingsError(
                f'The joint "{ours}" of a skeleton is one joint of the file, but '
                f'"{"+".join(theirs)}" was given; name one.'
            )
        check_known(theirs, names)
        given |= dict.fromkeys(theirs, ours)
    kept = {name: made for name, made in own.items() if name not in given}
    kept = {name: name if made in given.values() else made for name, made in kept.items()}
    return distinct((kept | given)[name] for name in names)


def check_known(wanted: Iterable[str], names: Sequence[str]) -> None:
    """Refuse names that a file does not have."""
    for name in wanted:
        if name not in names:
            shown = ", ".join(list(names)[:40])
            raise SkeletonError(f'The file has no joint or marker "{name}", only {shown}.')


def skeleton_for(joints: tuple[str, ...], name: str) -> Skeleton:
    """A skeleton of joints of which a file says no tree.

    The tree of the smallest known one that has them all; else loose joints that hang on the first.
    """
    if not joints:
        raise SkeletonError("A recording should have a joint at least, but has none.")
    wider = [known for known in SKELETONS.values() if set(joints) <= set(known.joints)]
    if not wider:
        return Skeleton(name, joints, (-1, *[0] * (len(joints) - 1)))
    above = [_nearest(joint, joints, min(wider, key=len)) for joint in joints]
    root = above.index(-1)
    return Skeleton(
        name,
        joints,
        tuple(
            root if parent < 0 and joint != root else parent for joint, parent in enumerate(above)
        ),
    )


def in_known_order(skeleton: Skeleton) -> tuple[Skeleton, list[int]]:
    """The known skeleton that is this tree in another order, with the place of each of its joints.

    A file that lists joints branch by branch so gives back the skeleton that was written.
    """
    for known in SKELETONS.values():
        if _links(known) == _links(skeleton):
            return known, skeleton.indices(*known.joints)
    return skeleton, list(range(len(skeleton)))


def _links(skeleton: Skeleton) -> set[tuple[str, str]]:
    """Each joint with the one that it hangs from."""
    joints = skeleton.joints
    root = {("", joints[skeleton.root])}
    return root | {(joints[parent], joints[child]) for parent, child in skeleton.bones}


def _nearest(joint: str, joints: tuple[str, ...], known: Skeleton) -> int:
    """The nearest joint above that is there, or -1."""
    chain = [known.joints[place] for place in known.chain(known.index(joint))[1:]]
    return next((joints.index(above) for above in chain if above in joints), -1)
