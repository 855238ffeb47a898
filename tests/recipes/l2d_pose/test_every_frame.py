"""Any lifter as one that answers for every frame: what it is shown, and that the gradient stays."""

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from crosslift.camera import Camera, pinhole, stacked
from crosslift.lifters.direct import Sliding
from crosslift.lifters.inputs import Seen
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.recipes.l2d_pose import EveryFrame
from crosslift.skeletons import H36M_17

from ...lifters.small import small_settings
from ..jobs import generator
from .people import small_lifter

BATCH = 2


def cameras(frames: int = 1) -> Camera:
    one = stacked([pinhole(1000.0 + 100 * each, (1000, 800)) for each in range(BATCH)])
    return one.map(lambda each: each[:, None].expand(-1, frames, *each.shape[1:]).clone())


def keypoints(frames: int) -> Tensor:
    return 400 + 100 * torch.randn(BATCH, frames, 17, 2, generator=generator(1))


def asked(lifter, points: Tensor, camera: Camera | None = None) -> Tensor:
    return EveryFrame(lifter).lift(points, camera or cameras(), generator())


def test_a_lifter_of_single_frames_is_asked_about_each():
    lifter, points = small_lifter(), keypoints(3)
    expected = torch.stack(
        [lifter.answers(Seen(points[:, [frame]], cameras()))[0][:, 0] for frame in range(3)], dim=1
    )
    assert_close(asked(lifter, points)[:, 0], expected)


@pytest.mark.parametrize("frames", [1, 4, 9, 20])
def test_a_lifter_of_motion_answers_as_it_does_along_a_sequence(frames):
    lifter, points = small_lifter("videopose"), keypoints(frames)
    assert isinstance(lifter, Sliding) and lifter.frames == 9
    assert_close(asked(lifter, points)[:, 0], lifter.slid(Seen(points, cameras())))


def test_a_single_picture_is_somebody_who_stands_still():
    lifter, points = small_lifter("mixste"), keypoints(1)
    still = lifter.answers(Seen(points.expand(-1, 9, -1, -1), cameras()))[0]
    assert_close(asked(lifter, points)[:, 0], still[:, [4]])


@pytest.mark.parametrize("frames", [4, 9, 12])
def test_a_lifter_of_whole_windows_answers_once_for_each_frame(frames):
    lifter, points = small_lifter("mixste"), keypoints(frames)
    found = asked(lifter, points)[:, 0]
    assert found.shape == (BATCH, frames, 17, 3)
    if frames == 9:
        assert_close(found, lifter.answers(Seen(points, cameras()))[0])
    if frames == 4:  # 2 times the first, the four, 3 times the last
        longer = points[:, [0, 0, 0, 1, 2, 3, 3, 3, 3]]
        assert_close(found, lifter.answers(Seen(longer, cameras()))[0][:, 2:6])


def test_cameras_that_move_go_with_their_frames():
    lifter, points = small_lifter("videopose"), keypoints(4)
    assert_close(asked(lifter, points, cameras(4)), asked(lifter, points))
    moving = cameras(4)
    moving = moving.map(lambda each: each)
    moving.focal[:, 2] *= 2
    closer = points.clone()
    closer[:, 2] = (closer[:, 2] - torch.tensor([500.0, 400.0])) / 2 + torch.tensor([500.0, 400.0])
    assert_close(asked(lifter, points, moving), asked(lifter, closer), atol=1e-4, rtol=1e-4)


def test_a_lifter_that_draws_poses_keeps_its_hypotheses():
    lifter = small_settings("d3dp", hypotheses=3).build(H36M_17)
    assert asked(lifter, keypoints(2)).shape == (BATCH, 3, 2, 17, 3)


def test_a_causal_lifter_answers_for_every_frame():
    settings = VideoPoseLifter(VideoPoseSettings(filter_widths=(3, 3), channels=8, causal=True))
    with torch.random.fork_rng():
        lifter = settings.build(H36M_17)
    lifter.network.eval()
    points = keypoints(5)
    assert_close(asked(lifter, points)[:, 0], lifter.slid(Seen(points, cameras())))


@pytest.mark.parametrize("name", ["simple_baseline", "videopose", "mixste", "iganet"])
def test_the_gradient_reaches_every_frame(name):
    points = keypoints(3).requires_grad_()
    asked(small_lifter(name), points).square().sum().backward()
    assert points.grad is not None
    assert bool((points.grad.abs().sum(dim=(0, 2, 3)) > 0).all())
