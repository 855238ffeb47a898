"""What every lifter owes, whatever it computes: run over the registry."""

from dataclasses import replace

import pytest
import torch

from crosslift import registry
from crosslift.errors import CheckpointError
from crosslift.lifting import lift, root_relative
from crosslift.protocols import Lifter, StatefulLifter
from crosslift.skeletons import H36M_16, H36M_17
from crosslift.windows import Windowing, windows

from ..people import seen_walker
from ..stores import moving, short_clips, with_gaps
from .small import small_settings

NAMES = sorted(registry.parts("lifter"))


def built(name: str, skeleton=H36M_17) -> Lifter:
    lifter = small_settings(name).build(skeleton)
    if hasattr(lifter, "network"):
        lifter.network.eval()
    return lifter


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch_size", [0, 1, 5])
def test_one_pose_a_frame_comes_back_in_at_least_one_hypothesis(name, batch_size):
    lifter = built(name)
    batch = windows(seen_walker(), Windowing(lifter.frames, predict=lifter.predict))
    poses = lifter.lift(batch.keypoints[:batch_size], batch.camera[:batch_size], generator())
    assert isinstance(lifter, Lifter)
    assert poses.ndim == 5 and poses.shape[1] >= 1
    answered = lifter.frames if lifter.predict == "all" else 1
    assert (len(poses), *poses.shape[2:]) == (batch_size, answered, 17, 3)
    assert poses.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_poses_are_relative_to_the_root_and_of_a_persons_size(name):
    lifter = built(name)
    batch = windows(seen_walker(), Windowing(lifter.frames, predict=lifter.predict))
    poses = lifter.lift(batch.keypoints, batch.camera, generator())
    assert poses[..., lifter.skeleton.root, :].abs().max() < 0.2
    assert poses.abs().max() < 3.0


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_poses_and_leaves_the_input_alone(name):
    lifter = built(name)
    batch = windows(seen_walker(), Windowing(lifter.frames, predict=lifter.predict))
    before = batch.keypoints.clone()
    first, second = (lifter.lift(batch.keypoints, batch.camera, generator(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(batch.keypoints, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_joint_gives_numbers_for_all_joints(name):
    lifter, clip = built(name), seen_walker()
    keypoints, scores = clip.keypoints.clone(), clip.scores.clone()
    keypoints[:, 3], scores[:, 3] = torch.nan, 0
    clip = replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0)
    assert lift(clip, lifter, generator()).poses.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_other_skeletons_and_precisions_are_taken(name):
    lifter = built(name, H36M_16)
    keypoints = torch.rand(2, lifter.frames, 16, 2, dtype=torch.float64) * 500
    camera = seen_walker().camera[None][None].map(lambda tensor: tensor.double())
    poses = lifter.lift(keypoints, camera, generator())
    assert poses.dtype == torch.float64
    assert poses.shape[3] == 16


@pytest.mark.parametrize("name", NAMES)
def test_the_place_in_the_picture_is_the_cameras_affair(name):
    """Cropping a picture moves keypoints and principal point alike and changes nothing else."""
    lifter, shift = built(name), torch.tensor([40.0, -25.0])
    batch = windows(seen_walker(), Windowing(lifter.frames, predict=lifter.predict))
    cropped = replace(batch.camera, centre=batch.camera.centre + shift)
    here = lifter.lift(batch.keypoints, batch.camera, generator())
    there = lifter.lift(batch.keypoints + shift, cropped, generator())
    torch.testing.assert_close(here, there, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("frames", [1, 2, 15])
def test_clips_of_any_length_get_a_pose_for_every_frame_whatever_is_missing(name, frames):
    clip = with_gaps(short_clips()[0], share=0.4)
    short = replace(clip, keypoints=clip.keypoints[:frames], scores=clip.scores[:frames],
                    observed=clip.observed[:frames], poses=None)  # fmt: skip
    found = lift(short, built(name), generator())
    assert found.poses.shape[1:] == (frames, 17, 3) and found.poses.isfinite().all()
    assert torch.equal(found.keypoints.isnan(), short.keypoints.isnan())
    assert torch.equal(found.observed, short.observed)


@pytest.mark.parametrize("name", NAMES)
def test_a_camera_that_is_told_for_every_frame_is_taken(name):
    clip, lifter = short_clips()[0], built(name)
    stirred = replace(clip, camera=moving(clip.camera, len(clip)))
    still, there = (root_relative(each, lifter, generator()) for each in (clip, stirred))
    torch.testing.assert_close(there, still, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_learned_can_be_given_back_and_nothing_else(name):
    lifter = built(name)
    if not isinstance(lifter, StatefulLifter):
        pytest.skip("this lifter has nothing to learn")
    state = {key: each.clone() for key, each in lifter.state().items()}
    again = built(name).with_state(state)
    assert all(torch.equal(each, state[key]) for key, each in again.state().items())
    first = next(iter(state))
    for unlike in (
        {key: each for key, each in state.items() if key != first},
        {**state, "more": torch.zeros(1)},
        {**state, first: torch.zeros(1, 2, 3, 4, 5)},
    ):
        with pytest.raises(CheckpointError):
            built(name).with_state(unlike)
