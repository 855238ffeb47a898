"""The table of links, what follows from it, and the table of lengths."""

import numpy as np
import pytest

from crosslift.errors import SettingsError
from crosslift.kinematics import (
    ANGLES,
    AVERAGE,
    BONES,
    HINGES,
    LINKS,
    MOVING,
    REST_FRAMES,
    SUBJECTS,
    TEMPLATES,
    angle_index,
)
from crosslift.kinematics.chains import NUMBERS
from crosslift.skeleton import other_side
from crosslift.skeletons import H36M_16


def test_there_are_33_angles_and_each_link_follows_its_parent():
    assert len(ANGLES) == len(set(ANGLES)) == len(NUMBERS) == 33
    assert 24 not in NUMBERS
    for index, link in enumerate(LINKS):
        assert not link.parent or ANGLES.index(link.parent) < index


def test_every_joint_is_placed_once_and_every_bone_used_once():
    assert sorted(link.joint for link in LINKS if link.joint) == sorted(H36M_16.joints)
    assert sorted(bone.length for bone in BONES) == list(range(15))
    assert {(bone.parent, bone.joint) for bone in BONES} == set(H36M_16.bones)


def test_axes_at_rest_are_those_of_the_publications_table():
    leg, trunk = ["+z", "+y", "+x", "+x", "+x"], ["+z", "-x", "+y"]
    axes = ["+-"[hinge.sign < 0] + "xyz"[hinge.axis] for hinge in HINGES]
    assert axes == [*leg, *leg, *4 * trunk, "-x", *leg, *leg]


def test_sides_have_the_same_angles():
    assert all(other_side(angle) in ANGLES for angle in ANGLES)
    for angle, hinge in zip(ANGLES, HINGES, strict=True):
        other = HINGES[angle_index(other_side(angle))]
        assert (hinge.axis, hinge.sign) == (other.axis, other.sign)


def test_twenty_eight_angles_move_something():
    assert len(MOVING) == 28


def test_tables_cannot_be_written_to():
    for table in (TEMPLATES, AVERAGE, REST_FRAMES):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0


def test_an_unknown_angle_is_refused_with_the_nearest_one():
    with pytest.raises(SettingsError, match='did you mean "right_knee_flexion"'):
        angle_index("right_knee_flex")


def test_the_templates_are_people():
    assert TEMPLATES.shape == (len(SUBJECTS), 15) and TEMPLATES.dtype == np.float64
    mirrored = TEMPLATES[:, [H36M_16.mirror[child] - 1 for _, child in H36M_16.bones]]
    assert np.abs(TEMPLATES - mirrored).max() < 2e-5
    assert TEMPLATES[0, 1] == 0.44289464 and TEMPLATES[4, 14] == 0.24417761
    assert np.abs(AVERAGE - TEMPLATES.mean(axis=0)).max() < 1e-5
