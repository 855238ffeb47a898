"""What the page begins with."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.body import Body
from crosslift.camera import camera_to_world
from crosslift.clip import unlabelled
from crosslift.errors import DataError
from crosslift.geometry import body_lengths
from crosslift.kinematics import NARROW, forward, forward_with_nose
from crosslift.skeletons import H36M_17, skeleton_named
from crosslift.view.posing import from_recording, lengths_of, motion_of, offered
from crosslift.view.posing.start import presets

from ...people import seen_walker, walker
from .bodies import LENGTHS, at_random, of_angle


def test_frames_of_a_clip_become_keyframes_where_the_body_was():
    clip = seen_walker()
    start = from_recording(clip, [30, 10, 30])
    wanted = camera_to_world(clip.poses[0], clip.camera)
    motion = motion_of(start.keyed)
    assert start.keyed.times.tolist() == pytest.approx([0, 20 / 30]) and len(motion) == 21
    assert_close(motion.positions[0], wanted[10], atol=2e-3, rtol=0)
    assert_close(motion.positions[-1], wanted[30], atol=2e-3, rtol=0)
    assert start.error < 1e-3
    assert_close(start.keypoints, clip.keypoints[10])


def test_a_persons_limits_are_kept_where_that_costs_nothing():
    keyed = at_random(8, seed=1)
    fitted = from_recording(motion_of(keyed), range(0, keyed.frames, 9))
    assert NARROW.contains(fitted.keyed.angles).all()
    assert fitted.error < 5e-3


def test_beyond_a_persons_limits_the_body_still_goes_where_it_was():
    fitted = from_recording(motion_of(of_angle("right_knee_flexion", -170)), [0])
    assert fitted.error < 2e-3 and not NARROW.contains(fitted.keyed.angles).all()


def test_given_bones_are_kept():
    start = from_recording(walker(), [0], LENGTHS)
    assert_close(start.keyed.lengths, LENGTHS)
    assert start.camera is None and start.keypoints is None


def test_a_persons_bones_are_those_of_the_kinematic_body():
    joints = forward_with_nose(torch.zeros(1, 33).double(), LENGTHS)
    lengths = body_lengths(joints, H36M_17)[0]
    body = Body(lengths.float(), torch.zeros(17), H36M_17, "measured here", 1)
    assert_close(lengths_of(body), LENGTHS, atol=1e-3, rtol=0)


def test_the_bones_of_another_skeleton_are_refused():
    coco = skeleton_named("coco17")
    body = Body(torch.ones(17), torch.zeros(17), coco, "made up", 1)
    with pytest.raises(DataError, match='but this one is of "coco17"'):
        lengths_of(body)


@pytest.mark.parametrize(
    ("frames", "sentence"), [([60], "frames 0 to 59, but 60"), ([-1], "but -1"), ([], "but none")]
)
def test_frames_that_are_not_there_are_refused(frames, sentence):
    with pytest.raises(DataError, match=sentence):
        from_recording(seen_walker(), frames)


def test_keypoints_alone_and_a_frame_without_a_body_are_refused():
    clip = seen_walker()
    with pytest.raises(DataError, match="has keypoints alone; lift it first"):
        from_recording(unlabelled(clip), [0])
    poses = clip.poses.clone()
    poses[:, 3] = torch.nan
    with pytest.raises(DataError, match="Frame 3 .* no joint is known"):
        from_recording(replace(clip, poses=poses), [2, 3])


def test_named_poses_stand_on_the_floor_within_a_persons_limits():
    for keyed in presets(LENGTHS).values():
        joints = forward(keyed.angles, keyed.lengths, root=keyed.root)
        assert float(joints[..., 2].min()) == pytest.approx(0, abs=1e-9)
        assert NARROW.contains(keyed.angles).all()


def test_its_own_camera_comes_first_and_the_rigs_have_the_body_in_view():
    clip = seen_walker()
    start = from_recording(clip, [5])
    cameras = offered(start, torch.Generator().manual_seed(0))
    assert cameras[0].label == "its own" and cameras[-1].label.startswith("Human3.6M S1")
    assert_close(cameras[0].camera.rotation, clip.camera.rotation)
    joints = motion_of(start.keyed).positions[0]
    for _, camera in cameras[1:-4]:
        ahead = (joints - camera.position) @ camera.rotation[2]
        assert (ahead > 0.3).all()
