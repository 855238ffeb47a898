"""Which lines make a figure."""

import pytest

from crosslift.skeletons import H36M_17, SKELETONS, skeleton_named
from crosslift.view.figure import lines, side_of, side_of_line


def test_a_body_with_neck_and_pelvis_is_drawn_by_its_bones():
    assert lines(H36M_17) == H36M_17.bones


@pytest.mark.parametrize("name", ["coco17", "mediapipe33"])
def test_a_body_that_hangs_from_its_nose_gets_a_trunk(name):
    skeleton = skeleton_named(name)
    drawn = {frozenset(skeleton.joints[each] for each in line) for line in lines(skeleton)}
    for joint in ("shoulder", "hip"):
        assert {f"left_{joint}", f"right_{joint}"} in drawn
    assert not any({"nose", f"{side}_shoulder"} in drawn for side in ("left", "right"))


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda each: each.name)
def test_every_joint_is_on_a_line_and_no_line_is_drawn_twice(skeleton):
    drawn = lines(skeleton)
    assert {joint for line in drawn for joint in line} == set(range(len(skeleton)))
    assert len({frozenset(line) for line in drawn}) == len(drawn)


def test_sides_follow_the_names():
    assert [side_of(each) for each in ("left_knee", "right_ear", "neck")] == [
        "left", "right", "middle",
    ]  # fmt: skip
    joint = H36M_17.index
    assert side_of_line(H36M_17, joint("pelvis"), joint("left_hip")) == "left"
    assert side_of_line(H36M_17, joint("left_hip"), joint("right_hip")) == "middle"
