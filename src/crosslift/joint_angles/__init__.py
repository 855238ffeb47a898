"""Angles of the body's joints as anatomy counts them, from positions in the world.

The angles of `crosslift.kinematics` drive a body model; those here describe a person, whichever
skeleton its joints come in. `docs/joint_angles.md` has the conventions with a drawing.
"""

from .segments import landmarks, pelvis_axes, trunk_axes
from .series import TOLD, flexion_abduction, joint_angles, rotation_inwards

__all__ = [
    "TOLD",
    "flexion_abduction",
    "joint_angles",
    "landmarks",
    "pelvis_axes",
    "rotation_inwards",
    "trunk_axes",
]
