"""How far the joints of a synthetic performer turn."""

from ..kinematics import NARROW, Limits

HUMAN = Limits.from_degrees(
    {
        "right_knee_flexion": (-155, 0),
        "left_knee_flexion": (-155, 0),
        "right_hip_flexion": (-50, 140),
        "left_hip_flexion": (-50, 140),
        "right_elbow_flexion": (0, 150),
        "left_elbow_flexion": (0, 150),
        "right_shoulder_flexion": (-60, 180),
        "left_shoulder_flexion": (-60, 180),
        "neck_flexion": (-50, 70),
    },
    base=NARROW,
)
"""The limits that every movement keeps: those of `NARROW`, but for what people do beyond them.

They kneel and crouch with the knee at 155 degrees and the thigh at the belly, touch their
shoulders, swing their arms 60 degrees back, leave a leg 50 degrees behind a pelvis that leans
forward in a run, and lift their chins while they crawl.
"""
