"""PoseDA: Chai, Jiang, Hwang, Wang, "Global adaptation meets local generalization", ICCV 2023.

Global position alignment is `augment.gpa`. Local pose augmentation is PoseAug's generator
(`networks.pose_augmenter`, `augment.lpa`) against PoseAug's discriminators
(`networks.pose_discriminators`); here are the players (`players`), their moves (`moves`), what they
minimise (`terms`), who notices when they no longer teach each other anything (`watch`), and the
whole (`adapting`).
"""

from .adapting import Adapted, Moves, adapt, examples, steps
from .rows import ROWS, AdaptedRow
from .settings import GPA_ONLY, POSEAUG, POSEAUG_RELEASED, POSEDA, PoseDA

__all__ = [
    "GPA_ONLY",
    "POSEAUG",
    "POSEAUG_RELEASED",
    "POSEDA",
    "ROWS",
    "Adapted",
    "AdaptedRow",
    "Moves",
    "PoseDA",
    "adapt",
    "examples",
    "steps",
]
