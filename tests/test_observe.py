"""What a camera sees of a motion."""

from dataclasses import replace

import torch

from crosslift.camera import camera_to_world, looking_at, pinhole, project
from crosslift.motion import Motion
from crosslift.observe import Jitter, observe, perfect
from crosslift.skeletons import H36M_17

from .people import walker

CAMERA = looking_at(
    pinhole(1000.0, (1000, 1000)), torch.tensor([0.0, -6, 1.5]), torch.tensor([0.0, 1, 1])
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_poses_are_the_motion_in_the_cameras_frame():
    motion = walker()
    clip = observe(motion, CAMERA, perfect, generator())
    torch.testing.assert_close(camera_to_world(clip.poses[0], CAMERA), motion.positions)
    torch.testing.assert_close(clip.keypoints, project(clip.poses[0], CAMERA))
    assert clip.observed.all() and clip.fps == motion.fps and clip.labels == motion.labels


def test_bone_lengths_are_the_bodys():
    clip = observe(walker(), CAMERA, perfect, generator())
    thigh = (clip.poses[0, 0, 2] - clip.poses[0, 0, 1]).norm()
    torch.testing.assert_close(clip.body[2], thigh)
    assert clip.body[0] == 0


def test_joints_behind_the_camera_are_missing():
    positions = walker().positions.clone()
    positions[0, 5] = torch.tensor([0.0, -9.0, 1.0])
    clip = observe(replace(walker(), positions=positions), CAMERA, perfect, generator())
    assert clip.keypoints[0, 5].isnan().all() and not clip.observed[0, 5] and clip.scores[0, 5] == 0


def test_joints_without_a_position_are_missing():
    positions = walker().positions.clone()
    positions[:, 9] = torch.nan
    clip = observe(Motion("m", H36M_17, 30.0, positions), CAMERA, perfect, generator())
    assert not clip.observed[:, 9].any() and clip.observed.sum() == 16 * len(clip)


def test_jitter_has_the_asked_spread_and_repeats_with_its_seed():
    motion = walker(20.0)
    truth = observe(motion, CAMERA, perfect, generator())
    first, second, other = (
        observe(motion, CAMERA, Jitter(3.0), generator(seed)) for seed in (1, 1, 2)
    )
    off = first.keypoints - truth.keypoints
    assert abs(float(off.std()) - 3.0) < 0.1 and abs(float(off.mean())) < 0.1
    assert torch.equal(first.keypoints, second.keypoints)
    assert not torch.equal(first.keypoints, other.keypoints)
    assert torch.equal(first.poses, truth.poses)
