"""The page as a file; what it does in a browser is tested elsewhere."""

import re
from dataclasses import replace

import pytest
import torch

from crosslift.kinematics import ANGLES, BONES, MOVING
from crosslift.kinematics.rest import way_to
from crosslift.skeletons import H36M_17
from crosslift.view.posing import Start, from_recording, offered, page_text, write_pose_page
from crosslift.view.posing.page import SCRIPTS
from crosslift.view.posing.tables import GROUPS, carried_by, group
from crosslift.view.template import asset

from ...people import seen_walker
from ..embedded import content
from .bodies import at_random


def written(path, start: Start):
    write_pose_page(path, start, offered(start, torch.Generator().manual_seed(0)))
    return content(path)


def test_the_page_asks_for_nothing_from_elsewhere_and_has_all_its_scripts(tmp_path):
    written(tmp_path / "a.html", Start(at_random(2)))
    text = (tmp_path / "a.html").read_text("utf-8")
    assert not re.findall(r"""(?:src|href)=["'](?!data:)|@import|https?://|url\(""", text)
    assert "default-src 'none'" in text
    assert all(asset(f"{name}.js") in text for name in SCRIPTS)
    assert "<!--" not in text.replace("<!DOCTYPE", "")


def test_no_name_can_become_markup(tmp_path):
    nasty = "</script><script>alert(1)</script><!--data-->"
    found = written(tmp_path / "a.html", Start(replace(at_random(1), name=nasty)))
    assert found["start"]["name"] == nasty
    assert (tmp_path / "a.html").read_text("utf-8").count("<script") == 1 + len(SCRIPTS)


def test_only_a_served_page_can_save():
    start = Start(at_random(1))
    assert '"save":null' in page_text(start, [])


def test_the_same_start_gives_the_same_page(tmp_path):
    start = from_recording(seen_walker(), [3])
    for name in ("a.html", "b.html"):
        written(tmp_path / name, start)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_keypoints_that_were_not_seen_are_null(tmp_path):
    clip = seen_walker()
    seen = clip.observed.clone()
    seen[0, 3] = False
    found = written(tmp_path / "a.html", from_recording(replace(clip, observed=seen), [0]))
    assert found["keypoints"][6:8] == [None, None] and None not in found["keypoints"][8:]


def test_every_angle_that_moves_a_joint_has_a_slider_once():
    listed = [angle for starts in GROUPS.values() for angle in group(starts)]
    assert sorted(listed) == sorted(MOVING)


@pytest.mark.parametrize("angle", MOVING)
def test_an_angle_colours_bones_that_it_turns(angle):
    marked = [H36M_17.joints[joint] for joint in carried_by(angle)]
    ends = [H36M_17.joints[1 + bone.length + (bone.length >= 8)]
            for bone in BONES if angle in way_to(bone.link)]  # fmt: skip
    assert marked and set(marked) <= {*ends, "nose"}, ANGLES[angle]
