"""Longer windows are answered as the clip is that they were cut from."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import SettingsError, SkeletonError
from crosslift.label_free import Question, windowing_for
from crosslift.label_free.question import answered_part, pieces, unlabelled_windows
from crosslift.lifting import root_relative
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.windows import Windowing, windows

from ..lifters.small import small_settings
from ..people import seen_walker
from .lifters import knowing, off_by, true_poses, walking

CAUSAL = VideoPoseSettings(filter_widths=(3, 3), channels=16, causal=True)


def built(name: str, **more: object):
    torch.manual_seed(0)
    lifter = small_settings(name, **more).build(H36M_17)
    lifter.network.eval()
    return lifter


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("simple_baseline", {}),
        ("mixste", {}),
        ("videopose", {}),
        ("videopose", {"network": CAUSAL}),
        ("poseformer", {}),
    ],
)
def test_windows_are_answered_as_the_clip_is(name, more):
    lifter, clip = built(name, **more), seen_walker(1.5)
    windowing = windowing_for(lifter, span=10)
    batch = windows(clip, windowing)
    with torch.no_grad():
        whole = root_relative(clip, lifter, torch.Generator())[0]
        found = Question(lifter, batch).poses
    answered = 10 if lifter.predict != "all" else windowing.frames
    assert found.shape[:2] == (len(batch), answered)
    inside = 1  # the first window of those that hold the clip's start repeats its first frame
    first = inside * windowing.step
    torch.testing.assert_close(found[inside], whole[first : first + answered], atol=1e-5, rtol=1e-5)


def test_a_window_holds_what_is_seen_around_the_frames_that_are_answered_for():
    centre, last, single = built("videopose"), built("videopose", network=CAUSAL), built("stgcn")
    assert windowing_for(centre, 27) == Windowing(35, 27, "centre")
    assert windowing_for(last, 27) == Windowing(35, 27, "last")
    assert windowing_for(built("mixste"), 20) == Windowing(27)
    assert windowing_for(built("simple_baseline"), 27) == Windowing(27)
    assert answered_part(centre, 35) == slice(4, 31)
    assert answered_part(last, 35) == slice(8, 35)
    assert pieces(single, 5).tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert pieces(built("mixste"), 18).tolist() == [list(range(9)), list(range(9, 18))]


def test_the_truth_is_placed_where_it_stands():
    question = Question(knowing(), walking())
    torch.testing.assert_close(question.poses, true_poses(walking()), atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(question.placed, walking().poses, atol=1e-5, rtol=1e-6)


def test_a_lifter_that_draws_is_asked_with_the_same_luck():
    question = Question(knowing(off_by(0.05)), walking(), seed=3)
    assert torch.equal(question.poses, question.again(walking()))
    other = Question(knowing(off_by(0.05)), walking(), seed=4)
    assert not torch.equal(question.poses, other.poses)


def test_poses_are_taken_away_and_bones_unless_they_were_measured():
    bare = unlabelled_windows(walking(), tell_body=False)
    assert bare.poses is None and bare.body is None
    assert unlabelled_windows(walking(), tell_body=True).body is walking().body


def test_windows_of_other_joints_are_refused():
    lifter = replace(built("simple_baseline"), skeleton=COCO_17)
    with pytest.raises(SkeletonError, match='takes the skeleton "coco17".*map the clips first'):
        Question(lifter, walking())


def test_windows_that_the_lifter_cannot_look_at_are_refused():
    with pytest.raises(SettingsError, match="a multiple of 9 frames.*but have 10; cut them by"):
        Question(built("mixste"), windows(seen_walker(1.0), Windowing(10)))
    with pytest.raises(SettingsError, match="at least 9 frames.*but have 8"):
        Question(built("videopose"), windows(seen_walker(1.0), Windowing(8)))
