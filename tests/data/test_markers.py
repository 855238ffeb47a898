from pathlib import Path

import numpy as np
import pytest

from crosslift.data.markers import Markers, motion_of
from crosslift.data.trc import Trc
from crosslift.errors import SkeletonError
from crosslift.skeletons import COCO_17

PATH = Path("walks/07_01.trc")


def markers(*names: str) -> Markers:
    """Markers at 0, 1, 2, ... metres along x."""
    points = np.zeros((2, len(names), 3))
    points[..., 0] = np.arange(len(names))
    return Markers("trc", 60.0, names, points)


def test_markers_hang_loosely_and_the_files_name_tells_what_it_can():
    motion = motion_of(markers("LKNE", "C7"), Trc(licence="own"), PATH, PATH.parent)
    assert (motion.name, motion.fps) == ("trc/07_01", 60.0)
    assert motion.skeleton.joints == ("LKNE", "C7")
    assert motion.skeleton.parents == (-1, 0)
    assert motion.labels == {"subject": "07", "action": "01"}
    assert motion.provenance == {"format": "trc", "file": "07_01.trc", "licence": "own"}


def test_all_joints_of_a_known_skeleton_come_into_its_order():
    motion = motion_of(markers(*COCO_17.joints[::-1]), Trc(), PATH, PATH)
    assert motion.skeleton is COCO_17
    assert motion.positions[0, :, 0].tolist() == list(range(17))[::-1]


def test_a_joint_is_the_mean_of_its_markers():
    wanted = Trc(joints=("left_knee=B+C", "right_knee=A"), fps=30.0)
    motion = motion_of(markers("A", "B", "C"), wanted, PATH, PATH)
    assert motion.fps == 30.0
    assert motion.positions[0, :, 0].tolist() == [1.5, 0.0]
    with pytest.raises(SkeletonError, match='no joint or marker "D"'):
        motion_of(markers("A"), Trc(joints=("nose=D",)), PATH, PATH)


def test_joints_that_are_not_given_are_missing_in_a_named_skeleton():
    motion = motion_of(markers("left_ear", "nose"), Trc(skeleton="coco17"), PATH, PATH)
    assert motion.skeleton is COCO_17
    assert motion.known[0].nonzero().ravel().tolist() == sorted(COCO_17.indices("nose", "left_ear"))
    assert motion.positions[0, COCO_17.index("nose"), 0] == 1
