"""The table of links: the body as five Denavit-Hartenberg chains.

Craig's convention: a link turns and moves its frame by `Rx(alpha) Tx(a) Rz(theta0 + angle) Tz(d)`,
from its parent outwards, so that an angle never moves the origin of its own frame. At rest, with
all angles zero, the body stands straight with hanging arms, its right side at +x, facing +y.

The legs hang from the pelvis and not from the trunk: the first three angles of the trunk turn all
that is above the pelvis, and only the global rotation turns the whole body. The last link of each
chain moves nothing.
"""

from typing import NamedTuple

from ..errors import SettingsError, unknown_name


class Link(NamedTuple):
    """One row of the table. Bones are called by their child joint in `H36M_16`."""

    name: str
    """Of the link and of its angle."""
    parent: str
    """The link that it continues; empty at the pelvis."""
    alpha: int
    """Degrees between the parent's axis and its own, about x: -90, 0 or 90."""
    a: str
    """The bone whose length lies along the parent's x; a leading minus turns it round."""
    d: str
    """The bone whose length lies along its own axis."""
    theta0: int
    """Degrees about its own axis at rest."""
    joint: str
    """The joint at its origin, if it is the first link there."""


# fmt: off
LINKS = (
    # name, parent, alpha, a, d, theta0, joint
    Link("right_hip_twist", "", 0, "right_hip", "", 0, "right_hip"),
    Link("right_hip_abduction", "right_hip_twist", -90, "", "", -90, ""),
    Link("right_hip_flexion", "right_hip_abduction", -90, "", "", 180, ""),
    Link("right_knee_flexion", "right_hip_flexion", 0, "right_knee", "", 0, "right_knee"),
    Link("right_ankle_flexion", "right_knee_flexion", 0, "right_ankle", "", 0, "right_ankle"),

    Link("left_hip_twist", "", 0, "-left_hip", "", 180, "left_hip"),
    Link("left_hip_abduction", "left_hip_twist", 90, "", "", -90, ""),
    Link("left_hip_flexion", "left_hip_abduction", 90, "", "", 0, ""),
    Link("left_knee_flexion", "left_hip_flexion", 0, "left_knee", "", 0, "left_knee"),
    Link("left_ankle_flexion", "left_knee_flexion", 0, "left_ankle", "", 0, "left_ankle"),

    Link("pelvis_twist", "", 0, "", "", 90, "pelvis"),
    Link("pelvis_flexion", "pelvis_twist", -90, "", "", -90, ""),
    Link("pelvis_side_bend", "pelvis_flexion", -90, "", "", -90, ""),
    Link("spine_twist", "pelvis_side_bend", -90, "", "spine", -90, "spine"),
    Link("spine_flexion", "spine_twist", -90, "", "", -90, ""),
    Link("spine_side_bend", "spine_flexion", -90, "", "", -90, ""),
    Link("thorax_twist", "spine_side_bend", -90, "", "thorax", -90, "thorax"),
    Link("thorax_flexion", "thorax_twist", -90, "", "", -90, ""),
    Link("thorax_side_bend", "thorax_flexion", -90, "", "", -90, ""),
    Link("neck_twist", "thorax_side_bend", -90, "", "", -90, ""),
    Link("neck_flexion", "neck_twist", -90, "", "", -90, ""),
    Link("neck_side_bend", "neck_flexion", -90, "", "", 0, ""),
    Link("head_flexion", "neck_side_bend", 90, "head", "", 0, "head"),

    Link("right_shoulder_twist", "thorax_side_bend", -90, "-right_shoulder", "", -180,
         "right_shoulder"),
    Link("right_shoulder_abduction", "right_shoulder_twist", -90, "", "", -90, ""),
    Link("right_shoulder_flexion", "right_shoulder_abduction", -90, "", "", 180, ""),
    Link("right_elbow_flexion", "right_shoulder_flexion", 0, "right_elbow", "", 0, "right_elbow"),
    Link("right_wrist_flexion", "right_elbow_flexion", 0, "right_wrist", "", 0, "right_wrist"),

    Link("left_shoulder_twist", "thorax_side_bend", -90, "left_shoulder", "", 0, "left_shoulder"),
    Link("left_shoulder_abduction", "left_shoulder_twist", 90, "", "", -90, ""),
    Link("left_shoulder_flexion", "left_shoulder_abduction", 90, "", "", 0, ""),
    Link("left_elbow_flexion", "left_shoulder_flexion", 0, "left_elbow", "", 0, "left_elbow"),
    Link("left_wrist_flexion", "left_elbow_flexion", 0, "left_wrist", "", 0, "left_wrist"),
)
# fmt: on
"""Right leg, left leg, trunk with head, right arm, left arm; each link after its parent."""

ANGLES = tuple(link.name for link in LINKS)
"""The names of the 33 angles, in the order of the angles axis."""

NUMBERS = (*range(1, 24), *range(25, 35))
"""What the publication of DH-AUG calls each angle: J1 to J34, of which J24 does not exist."""


def angle_index(angle: str) -> int:
    """Where the angle called `angle` stands on the angles axis."""
    if angle not in ANGLES:
        raise SettingsError(unknown_name("angle of the body called", angle, ANGLES))
    return ANGLES.index(angle)
