"""How good an estimate is, and whether it could be a body at all.

Pure functions of tensors with any leading axes, in metres and shares of one. Three files: errors
of joints, shares that are right, and what can be told without a truth.
"""

from .counting import counted_mean
from .joints import (
    acceleration_error,
    aligned_joint_error,
    joint_error,
    movement_error,
    mpjpe,
    mpjve,
    n_mpjpe,
    p_mpjpe,
    rooted,
    scaled_joint_error,
)
from .plausibility import (
    bone_asymmetry,
    bone_stretch,
    jitter,
    mean_bone_asymmetry,
    mean_bone_stretch,
)
from .scores import (
    AUC_THRESHOLDS,
    CPS_THRESHOLDS,
    JOINT_SETS,
    auc,
    below,
    cps,
    cps_area,
    joint_set,
    keypoint_hits,
    pck,
    pdj,
    share_of_thresholds,
    worst_joint_error,
)

__all__ = [
    "AUC_THRESHOLDS",
    "CPS_THRESHOLDS",
    "JOINT_SETS",
    "acceleration_error",
    "aligned_joint_error",
    "auc",
    "below",
    "bone_asymmetry",
    "bone_stretch",
    "counted_mean",
    "cps",
    "cps_area",
    "jitter",
    "joint_error",
    "joint_set",
    "keypoint_hits",
    "mean_bone_asymmetry",
    "mean_bone_stretch",
    "movement_error",
    "mpjpe",
    "mpjve",
    "n_mpjpe",
    "p_mpjpe",
    "pck",
    "pdj",
    "rooted",
    "scaled_joint_error",
    "share_of_thresholds",
    "worst_joint_error",
]
