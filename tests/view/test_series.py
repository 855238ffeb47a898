"""Numbers over time."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.skeletons import skeleton_named
from crosslift.view.series import bend, distance, heights, usual_series

from ..people import seen_walker, walker


@pytest.mark.parametrize(
    ("below", "degrees"), [((0, 0, -1), 0.0), ((0, 1, 0), 90.0), ((0, 0, 1), 180.0)]
)
def test_a_bend_is_zero_in_a_line_and_a_half_turn_folded(below, degrees):
    above, here = torch.tensor([[0.0, 0, 1]]), torch.zeros(1, 3)
    assert_close(bend(above, here, torch.tensor([below]).float()), torch.tensor([degrees]))


def test_a_bend_does_not_depend_on_lengths():
    points = torch.randn(3, 5, 3, generator=torch.Generator().manual_seed(0))
    longer = torch.stack([points[1] + 3 * (points[0] - points[1]), points[1], points[2]])
    assert_close(bend(*longer), bend(*points), atol=1e-3, rtol=0)


def test_heights_are_millimetres_above_the_floor():
    motion = walker()
    found = {(each.title, each.side): each.values for each in
             heights(motion.positions, motion.skeleton)}  # fmt: skip
    ankle = motion.positions[:, motion.skeleton.index("left_ankle"), 2]
    assert_close(found["Height of the ankles", "left"], 1000 * ankle)
    assert len(found) == 4


def test_a_clip_has_scores_too_and_spread_where_it_is_known():
    clip = seen_walker()
    titles = [each.title for each in usual_series(clip)]
    assert "Score of the keypoints" in titles and "Spread of the poses" not in titles
    spread = torch.full_like(clip.scores, 0.02)
    last = usual_series(replace(clip, spread=spread))[-1]
    assert last.title == "Spread of the poses"
    assert_close(last.values, torch.full((len(clip),), 20.0))


def test_joints_that_a_skeleton_lacks_are_left_out():
    motion = walker()
    bare = skeleton_named("panoptic15")
    points = torch.zeros(len(motion), len(bare), 3)
    titles = {each.title for each in usual_series(replace(motion, skeleton=bare, positions=points))}
    assert "Knee bend" in titles
    legless = replace(bare, name="trunk", joints=("pelvis", "neck"), parents=(-1, 0))
    assert usual_series(replace(motion, skeleton=legless, positions=points[:, :2])) == []


def test_the_distance_to_the_truth_is_seen_from_the_root():
    truth = seen_walker()
    moved = replace(truth, poses=truth.poses + 0.5)
    assert float(distance(moved, truth).values.max()) < 1e-2
    bent = truth.poses.clone()
    bent[..., 16, 0] += 0.17  # one joint of 17 by 170 mm
    off = distance(replace(truth, poses=bent), truth).values
    assert_close(off, torch.full((len(truth),), 10.0), atol=1e-2, rtol=0)


def test_what_cannot_be_compared_has_no_distance():
    truth = seen_walker(2.0)
    assert distance(seen_walker(1.0), truth) is None
    assert distance(replace(truth, poses=None), truth) is None
