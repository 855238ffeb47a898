"""Clips, motions and batches: what they hold and what they refuse."""

from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from crosslift.camera import pinhole
from crosslift.clip import Batch, clip_of
from crosslift.errors import DataError, SkeletonError
from crosslift.motion import Motion
from crosslift.skeletons import H36M_16, H36M_17

CAMERA = pinhole(1000.0, (1000, 1000))


def some_keypoints(frames: int = 4, joints: int = 17) -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.rand(frames, joints, 2, generator=rng) * 1000


def test_bare_keypoints_make_a_clip_whose_numbers_are_observed():
    keypoints = some_keypoints()
    keypoints[1, 3] = torch.nan
    clip = clip_of(keypoints, CAMERA, H36M_17, 30.0)
    assert len(clip) == 4
    assert not clip.observed[1, 3]
    assert clip.observed.sum() == 4 * 17 - 1
    assert torch.equal(clip.scores, clip.observed.float())


def test_a_keypoint_with_the_score_zero_is_not_observed():
    scores = torch.ones(4, 17)
    scores[2, 5] = 0
    clip = clip_of(some_keypoints(), CAMERA, H36M_17, 30.0, scores=scores)
    assert clip.observed.logical_not().nonzero().tolist() == [[2, 5]]


def test_a_wrong_number_of_joints_is_refused():
    with pytest.raises(SkeletonError, match='"clip" has 17 joints, but its skeleton "h36m16" has'):
        clip_of(some_keypoints(), CAMERA, H36M_16, 30.0)
    with pytest.raises(SkeletonError, match="name the skeleton"):
        Motion("walk", H36M_17, 30.0, torch.zeros(3, 16, 3))


@pytest.mark.parametrize("fps", [0.0, -25.0, float("nan"), float("inf")])
def test_a_frame_rate_that_cannot_be_is_refused(fps):
    with pytest.raises(DataError, match="positive number of frames a second"):
        clip_of(some_keypoints(), CAMERA, H36M_17, fps)


@pytest.mark.parametrize("score", [-0.1, 1.5, float("nan")])
def test_scores_outside_zero_to_one_are_refused(score):
    scores = torch.ones(4, 17)
    scores[0, 0] = score
    with pytest.raises(DataError, match="between 0 and 1"):
        clip_of(some_keypoints(), CAMERA, H36M_17, 30.0, scores=scores)


def test_a_keypoint_that_is_no_number_needs_the_score_zero():
    keypoints = some_keypoints()
    keypoints[2, 3] = torch.nan
    with pytest.raises(DataError, match='frame 2 of the clip "clip" the keypoint "right_ankle"'):
        clip_of(keypoints, CAMERA, H36M_17, 30.0, scores=torch.ones(4, 17))


def test_a_keypoint_that_is_no_number_is_not_observed():
    keypoints = some_keypoints()
    keypoints[2, 3] = torch.nan
    clip = clip_of(keypoints, CAMERA, H36M_17, 30.0)
    with pytest.raises(DataError, match="although it counts as observed"):
        replace(clip, observed=torch.ones_like(clip.observed))


def test_an_empty_clip_is_a_clip():
    assert len(clip_of(torch.zeros(0, 17, 2), CAMERA, H36M_17, 30.0)) == 0


def test_a_clip_cannot_be_changed():
    clip = clip_of(some_keypoints(), CAMERA, H36M_17, 30.0)
    with pytest.raises(FrozenInstanceError):
        clip.fps = 25.0


def test_a_motion_knows_which_joints_have_a_position():
    positions = torch.zeros(3, 17, 3)
    positions[0, 2, 1] = torch.nan
    motion = Motion("walk", H36M_17, 30.0, positions)
    assert len(motion) == 3
    assert motion.known.logical_not().nonzero().tolist() == [[0, 2]]


def test_angles_need_names():
    with pytest.raises(DataError, match="has 2 angles and 1 names"):
        Motion("walk", H36M_17, 30.0, torch.zeros(3, 17, 3), torch.zeros(3, 2), ("knee",))


def test_a_batch_moves_to_another_precision_and_keeps_its_masks():
    batch = Batch(
        skeleton=H36M_17,
        camera=CAMERA[None][None],
        keypoints=some_keypoints()[None],
        scores=torch.ones(1, 4, 17),
        valid=torch.ones(1, 4, dtype=torch.bool),
    )
    double = batch.to("cpu", torch.float64)
    assert double.keypoints.dtype == double.camera.focal.dtype == torch.float64
    assert double.valid.dtype == torch.bool
    assert double.poses is None
    assert torch.equal(double.to("cpu", torch.float32).keypoints, batch.keypoints)
    assert len(batch) == 1


def test_a_clip_of_another_camera_is_a_replacement():
    clip = clip_of(some_keypoints(), CAMERA, H36M_17, 30.0)
    other = replace(clip, camera=pinhole(500.0, (640, 480)))
    assert other.camera.size.tolist() == [640, 480]
    assert clip.camera.size.tolist() == [1000, 1000]
