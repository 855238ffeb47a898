"""Exchanged sides are noticed where the data tell, and not where they do not."""

import pytest
import torch

from crosslift.joint_order import LIMBS, check_keypoints, check_poses
from crosslift.skeletons import H36M_17

from .walkers import many


def with_sides_exchanged(*joints: str) -> list[int]:
    order = list(range(17))
    for joint in joints:
        left, right = H36M_17.indices(f"left_{joint}", f"right_{joint}")
        order[left], order[right] = right, left
    return order


@pytest.mark.parametrize(
    ("joints", "words"),
    [
        (LIMBS, "in the whole body, or the axes are those of a mirror"),
        (LIMBS[:3], "in the arms;"),
        (LIMBS[3:], "in the legs;"),
        (("wrist",), "at the wrists;"),
        (("elbow", "wrist"), "at the wrists and elbows;"),
    ],
)
def test_exchanged_sides_are_told_apart_in_space(joints, words):
    clips, _ = many(40, 3, seed=6)
    guesses = [check_poses(clip[:, with_sides_exchanged(*joints)], H36M_17).guess for clip in clips]
    assert sum(words in guess for guess in guesses) >= 38


def test_pictures_tell_that_arms_and_legs_disagree_but_not_which_are_wrong():
    clips, _ = many(60, 2, seed=7, frames=81)
    arms = [check_keypoints(clip[:, with_sides_exchanged(*LIMBS[:3])], H36M_17) for clip in clips]
    legs = [check_keypoints(clip[:, with_sides_exchanged(*LIMBS[3:])], H36M_17) for clip in clips]
    assert sum("either in the arms or in the legs" in verdict.guess for verdict in arms) >= 48
    assert [verdict.ok for verdict in arms] == [verdict.ok for verdict in legs]


def test_pictures_do_not_tell_a_body_from_its_mirror_image():
    clips, _ = many(60, 2, seed=8)
    swapped = [check_keypoints(clip[:, list(H36M_17.mirror)], H36M_17) for clip in clips]
    assert all(verdict.ok for verdict in swapped)


def test_axes_of_a_mirror_are_noticed_in_space():
    clips, _ = many(20, 3, seed=9)
    mirrored = clips * torch.tensor([1.0, -1.0, 1.0])
    assert all("of a mirror" in check_poses(clip, H36M_17).guess for clip in mirrored)
