"""A stream gives, frame by frame, what lifting the whole clip gives."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from crosslift.camera import Camera
from crosslift.clip import Clip
from crosslift.errors import CameraError, DataError, SettingsError
from crosslift.lifters.bodywise import BodywiseLifter
from crosslift.lifters.inputs import Inputs
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.lifting import root_relative
from crosslift.networks.time_mixer import TimeMixerSettings
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.skeletons import H36M_17
from crosslift.streaming import Stream

from .lifters.small import small_settings
from .people import seen_walker

FPS = 30.0


def built(widths=(3, 3, 3), *, causal: bool = True, **more):
    """A small causal lifter for the walker's frame rate."""
    torch.manual_seed(0)
    network = VideoPoseSettings(filter_widths=widths, channels=16, causal=causal)
    lifter = VideoPoseLifter(network, fps=FPS, **more).build(H36M_17)
    lifter.network.eval()
    return lifter


def pushed(stream: Stream, clip: Clip) -> torch.Tensor:
    """The poses of all frames, one after the other."""
    frames = zip(clip.keypoints, clip.scores, strict=True)
    return torch.stack([stream.push(keypoints, scores) for keypoints, scores in frames])


def lifted(clip: Clip, lifter) -> torch.Tensor:
    """The poses of the whole clip, about the root."""
    with torch.no_grad():
        return root_relative(clip, lifter, torch.Generator())[0]


def with_gaps(clip: Clip) -> Clip:
    """The clip without a wrist in its first frames, an ankle later on, and all of one frame."""
    keypoints, scores = clip.keypoints.clone(), clip.scores.clone()
    for frames, joints in [(slice(0, 4), 13), (slice(10, 25), 6), (slice(30, 31), slice(None))]:
        keypoints[frames, joints], scores[frames, joints] = torch.nan, 0
    return replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("widths", [(3, 3, 3), (3, 3, 3, 3, 3), (1, 1, 1), (5, 3)])
def test_the_poses_are_those_of_the_whole_clip(widths, flip):
    lifter, clip = built(widths, flip=flip), seen_walker(3.0)
    found = pushed(Stream(lifter, clip.camera, FPS), clip)
    torch.testing.assert_close(found, lifted(clip, lifter), atol=1e-5, rtol=0)
    assert found.std(dim=0).max() > 1e-3


@pytest.mark.parametrize("inputs", [Inputs("screen", scores=True), Inputs("relative", body=True)])
def test_so_they_are_in_other_units_and_with_more_told(inputs):
    lifter, clip = built(inputs=inputs), seen_walker()
    found = pushed(Stream(lifter, clip.camera, FPS, body=clip.body), clip)
    torch.testing.assert_close(found, lifted(clip, lifter), atol=1e-5, rtol=0)


def test_so_they_are_of_a_lifter_that_turns_to_the_person():
    torch.manual_seed(0)
    sizes = TimeMixerSettings(width=32, hidden=32, depth=3, reach=5, causal=True)
    lifter, clip = BodywiseLifter(sizes, fps=FPS).build(H36M_17), seen_walker(2.0)
    lifter.network.eval()
    found = pushed(Stream(lifter, clip.camera, FPS, body=clip.body), clip)
    torch.testing.assert_close(found, lifted(clip, lifter), atol=1e-5, rtol=0)
    assert found.std(dim=0).max() > 1e-3


def test_through_a_lens_with_distortion():
    lifter, clip = built(), seen_walker()
    bent = torch.tensor([-0.2, 0.1, 1e-3, -2e-3, 0.0])
    clip = replace(clip, camera=replace(clip.camera, distortion=bent))
    found = pushed(Stream(lifter, clip.camera, FPS), clip)
    torch.testing.assert_close(found, lifted(clip, lifter), atol=1e-5, rtol=0)


def test_a_lifter_of_single_frames_streams_as_it_is():
    torch.manual_seed(0)
    lifter, clip = small_settings("simple_baseline").build(H36M_17), seen_walker()
    lifter.network.eval()
    found = pushed(Stream(lifter, clip.camera, FPS), clip)
    torch.testing.assert_close(found, lifted(clip, lifter), atol=1e-5, rtol=0)


def test_a_missing_joint_stays_where_it_was_last_seen():
    lifter, gaps = built(), with_gaps(seen_walker())
    places = gaps.keypoints.clone()
    for before, frame in pairwise(places):
        frame.copy_(torch.where(frame.isnan(), before, frame))
    found = pushed(Stream(lifter, gaps.camera, FPS), gaps)
    assert found.isfinite().all()
    stream = Stream(lifter, gaps.camera, FPS)
    told = torch.stack([stream.push(keypoints) for keypoints in places])
    torch.testing.assert_close(found, told, atol=1e-6, rtol=0)
    seen = replace(gaps, keypoints=places, scores=places.isfinite().all(dim=-1).float())
    later = slice(26 + 4, None)  # windows without the wrist that had not been seen yet
    torch.testing.assert_close(found[later], lifted(seen, lifter)[later], atol=1e-5, rtol=0)


def test_a_held_joint_is_told_to_be_missing_where_scores_are_told():
    lifter, gaps = built(inputs=Inputs(scores=True)), with_gaps(seen_walker())
    stream, other = (Stream(lifter, gaps.camera, FPS) for _ in range(2))
    pushed(stream, gaps)
    pushed(other, gaps)
    hidden, moved = gaps.scores[-1].clone(), gaps.keypoints[-1].clone()
    hidden[6], moved[6] = 0, torch.nan
    torch.testing.assert_close(
        stream.push(gaps.keypoints[-1], hidden), other.push(moved, gaps.scores[-1])
    )
    assert (stream.push(gaps.keypoints[-1]) - other.push(moved)).abs().max() > 1e-4


def test_what_was_missing_is_marked_and_where_it_was_taken_to_be_is_known():
    clip = with_gaps(seen_walker())
    stream = Stream(built(), clip.camera, FPS)
    pushed(stream, clip)
    assert (stream.scores > 0).all()
    missing = clip.keypoints[5].clone()
    missing[2] = torch.nan
    stream.push(missing)
    assert (stream.scores == 0).nonzero().flatten().tolist() == [2]
    assert torch.equal(stream.held[2], clip.keypoints[-1, 2])


def test_frames_before_the_first_joint_is_seen_have_no_pose_and_no_effect():
    lifter, clip = built(), seen_walker()
    stream, nobody = Stream(lifter, clip.camera, FPS), torch.full((17, 2), torch.nan)
    assert stream.push(nobody).isnan().all() and stream.place.isnan().all()
    assert stream.push(nobody).isnan().all()
    torch.testing.assert_close(pushed(stream, clip), lifted(clip, lifter), atol=1e-5, rtol=0)


def test_the_place_is_where_the_pose_is_seen_at_the_keypoints():
    clip = seen_walker()
    stream = Stream(built(), clip.camera, FPS)
    stream.push(clip.keypoints[7])
    root = clip.poses[0, 7, 0]
    stream.pose = clip.poses[0, 7] - root
    torch.testing.assert_close(stream.place, root, atol=1e-3, rtol=0)


def test_another_frame_rate_is_said_and_one_that_is_near_enough_is_not():
    lifter, camera = built(), seen_walker().camera
    assert Stream(lifter, camera, 29.97).provenance == {}
    said = Stream(lifter, camera, 60).provenance["frames"]
    assert said == "lifted as they came, 60 a second, by a lifter trained at 30"


def test_a_lifter_that_waits_for_later_frames_is_refused():
    camera = seen_walker().camera
    with pytest.raises(SettingsError, match="waits for 13 later frames"):
        Stream(built(causal=False), camera, FPS)
    with pytest.raises(SettingsError, match="MixSTE answers for the frames of a window of 9; take"):
        Stream(small_settings("mixste").build(H36M_17), camera, FPS)


def test_a_moving_camera_and_other_joints_are_refused():
    camera: Camera = seen_walker().camera
    with pytest.raises(CameraError, match="takes one camera, but was given one for each frame"):
        Stream(built(), camera[None], FPS)
    with pytest.raises(DataError, match=r"17 joints of \"h36m17\", but was given .*\(16, 2\)"):
        Stream(built(), camera, FPS).push(torch.zeros(16, 2))
