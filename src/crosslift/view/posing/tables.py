"""The kinematic body as tables that the page's script computes with."""

from typing import Any

from ...kinematics import ANGLES, AVERAGE, BONES, HINGES, MOVING, NARROW, WIDE, Limits
from ...kinematics.body import HEAD_LINK, NECK, NOSE
from ...kinematics.jacobian import IN_17
from ...kinematics.rest import MIRROR, MIRROR_SIGNS, way_to
from ...skeletons import H36M_16, H36M_17
from ..figure import lines, side_of, side_of_line
from ..shown import PALETTES
from .keyframes import FULL_CIRCLE

GROUPS = {
    "Trunk": ("pelvis_", "spine_", "thorax_"),
    "Head": ("neck_",),
    "Right arm": ("right_shoulder", "right_elbow"),
    "Left arm": ("left_shoulder", "left_elbow"),
    "Right leg": ("right_hip", "right_knee"),
    "Left leg": ("left_hip", "left_knee"),
}
"""Whose angles are shown together: those whose names begin so."""
LIMITS: dict[str, Limits] = {"narrow": NARROW, "wide": WIDE}
LIMIT_WORDS = {"narrow": "A person's limits", "wide": "Wide limits"}


def body_tables() -> dict[str, Any]:
    """Hinges, bones, limits, groups and the drawn figure; joints are those of `H36M_17`."""
    return {
        "angles": list(ANGLES),
        "hinges": [
            {"parent": h.parent, "axis": h.axis, "sign": h.sign, "pivot": IN_17[h.pivot]}
            for h in HINGES
        ],
        "bones": [
            {
                "length": bone.length, "parent": IN_17[bone.parent], "joint": IN_17[bone.joint],
                "link": bone.link, "axis": bone.axis, "sign": bone.sign,
            }
            for bone in BONES
        ],
        "boneNames": list(H36M_16.joints[1:]),
        "boneMirror": [H36M_16.mirror[child] - 1 for _, child in H36M_16.bones],
        "nose": {"joint": H36M_17.index("nose"), "thorax": H36M_17.index("thorax"),
                 "link": HEAD_LINK, "length": NECK, "offset": list(NOSE)},
        "moving": list(MOVING),
        "fullCircle": list(FULL_CIRCLE),
        "mirror": list(MIRROR),
        "mirrorSigns": list(MIRROR_SIGNS),
        "average": AVERAGE.tolist(),
        "carries": [carried_by(angle) for angle in range(len(ANGLES))],
        "limits": {
            name: {"words": LIMIT_WORDS[name], "lower": limits.lower, "upper": limits.upper}
            for name, limits in LIMITS.items()
        },
        "groups": {title: group(starts) for title, starts in GROUPS.items()},
        "figure": figure_words(),
    }  # fmt: skip


def group(starts: tuple[str, ...]) -> list[int]:
    """The moving angles whose names begin in one of these ways."""
    return [angle for angle in MOVING if ANGLES[angle].startswith(starts)]


def carried_by(angle: int) -> list[int]:
    """The joints at the ends of the bones that an angle turns before any other joint does."""
    near = [
        IN_17[bone.joint]
        for bone in BONES
        if angle in way_to(bone.link) and HINGES[bone.link].pivot == HINGES[angle].pivot
    ]
    head = H36M_17.index("head")
    return [*near, H36M_17.index("nose")] if head in near else near


def figure_words() -> dict[str, Any]:
    """How the skeleton is drawn."""
    return {
        "joints": [joint.replace("_", " ") for joint in H36M_17.joints],
        "sides": [side_of(joint) for joint in H36M_17.joints],
        "lines": [
            {"from": start, "to": end, "side": side_of_line(H36M_17, start, end)}
            for start, end in lines(H36M_17)
        ],
        "root": H36M_17.root,
        "palette": PALETTES[0]._asdict(),
    }
