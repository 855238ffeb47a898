"""What a network is given for each joint: units by hand, what they do not depend on, gaps."""

from dataclasses import replace

import pytest
import torch

from crosslift.camera import Camera, pinhole, project, to_image_plane
from crosslift.errors import SettingsError
from crosslift.lifters import inputs
from crosslift.lifters.inputs import Inputs, Seen, about_root, told_body
from crosslift.networks.simple_baseline import Statistics
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body

from ..people import seen_walker

CAMERA = pinhole((800.0, 900.0), (1000, 600), (480.0, 310.0))
RNG = torch.Generator().manual_seed(0)


def in_batch(camera: Camera) -> Camera:
    return camera[None][None]


def seen(batch: int = 2, frames: int = 4, **more) -> Seen:
    keypoints = torch.rand(batch, frames, 17, 2, generator=RNG) * 600
    return Seen(keypoints, in_batch(CAMERA), **more)


def numbers(*told) -> torch.Tensor:
    return inputs.given(*told).numbers


def test_the_plane_lies_one_metre_before_the_camera():
    some = seen()
    given = numbers(some, Inputs("plane"), H36M_17)
    torch.testing.assert_close(given[..., 0], (some.keypoints[..., 0] - 480) / 800)
    torch.testing.assert_close(given[..., 1], (some.keypoints[..., 1] - 310) / 900)


def test_the_screen_is_two_wide_and_as_high_as_the_picture_is_for_its_width():
    some = seen()
    given = numbers(some, Inputs("screen"), H36M_17)
    torch.testing.assert_close(given[..., 0], some.keypoints[..., 0] / 500 - 1)
    torch.testing.assert_close(given[..., 1], some.keypoints[..., 1] / 500 - 0.6)


def test_relative_joints_lie_about_the_root_one_from_it_in_the_mean():
    some = seen()
    given = numbers(some, Inputs("relative"), H36M_17)
    plane = to_image_plane(some.keypoints, some.camera)
    away = plane - plane[..., :1, :]
    torch.testing.assert_close(given.norm(dim=-1).mean(dim=-1), torch.ones(2, 4))
    torch.testing.assert_close(given * away.norm(dim=-1).mean(dim=-1)[..., None, None], away)


def test_relative_joints_of_a_body_in_one_point_are_zero():
    assert (about_root(torch.ones(17, 2), H36M_17) == 0).all()


def test_relative_joints_know_neither_distance_nor_focal_length_nor_place():
    flat = torch.cat(
        [torch.randn(1, 1, 17, 2, generator=RNG) * 0.5, torch.zeros(1, 1, 17, 1)], dim=-1
    )

    def given(place, focal):
        camera = in_batch(pinhole(focal, (1000, 1000)))
        keypoints = project(flat + torch.tensor(place), camera)
        return numbers(Seen(keypoints, camera), Inputs("relative"), H36M_17)

    wanted = given((0.0, 0.0, 4.0), 1000.0)
    for other in (given((0.0, 0.0, 8.0), 1000.0), given((0.0, 0.0, 4.0), 400.0),
                  given((0.7, -0.4, 5.0), 700.0)):  # fmt: skip
        torch.testing.assert_close(other, wanted, atol=1e-4, rtol=0)


def test_standard_scores_are_those_of_the_training_data():
    some = seen()
    statistics = Statistics(torch.full((17, 2), 300.0), torch.full((17, 2), 50.0))
    given = numbers(some, Inputs("standard"), H36M_17, statistics)
    torch.testing.assert_close(given, (some.keypoints - 300) / 50)
    with pytest.raises(SettingsError, match="need the mean and the spread.*this lifter has none"):
        numbers(some, Inputs("standard"), H36M_17)


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("body", [False, True])
def test_there_are_as_many_numbers_as_the_inputs_say(scores, body):
    inputs = Inputs(scores=scores, body=body)
    given = numbers(seen(scores=torch.full((2, 4, 17), 0.5)), inputs, H36M_17)
    assert given.shape[-1] == inputs.channels == 2 + scores + body


def test_scores_are_told_as_they_are_and_zero_where_a_keypoint_is_missing():
    some = seen(scores=torch.full((2, 4, 17), 0.5))
    some.keypoints[0, 1, 3] = torch.nan
    told = numbers(some, Inputs(scores=True), H36M_17)[..., 2]
    assert told[0, 1, 3] == 0 and (told == 0.5).sum() == told.numel() - 1
    told = numbers(some._replace(scores=None), Inputs(scores=True), H36M_17)[..., 2]
    assert told[0, 1, 3] == 0 and (told == 1).sum() == told.numel() - 1


def test_bone_lengths_are_told_in_every_frame_and_are_typical_where_unknown():
    typical = typical_body(H36M_17)
    body = 1.1 * typical.expand(2, 17).clone()
    body[1, 4] = torch.nan
    told = numbers(seen(body=body), Inputs(body=True), H36M_17)[..., 2]
    assert (told == told[:, :1]).all()
    torch.testing.assert_close(told[0, 0], 1.1 * typical)
    torch.testing.assert_close(told[1, 0, 4], typical[4])
    torch.testing.assert_close(told_body(seen(), H36M_17), typical.expand(2, 17))


@pytest.mark.parametrize("unit", ["plane", "screen", "relative"])
def test_no_gap_is_left_and_nothing_else_changes(unit):
    some = seen(batch=3)
    holes = some.keypoints.clone()
    lost = torch.rand(3, 4, 17, generator=RNG) < 0.3
    lost[..., 0] = False
    lost[2] = True  # nothing is seen at all
    holes[lost] = torch.nan
    given = numbers(some._replace(keypoints=holes), Inputs(unit), H36M_17)
    assert given.isfinite().all()
    if unit != "relative":
        assert torch.equal(given[~lost], numbers(some, Inputs(unit), H36M_17)[~lost])


def test_a_gap_lies_between_its_neighbours_in_time_or_at_its_parent():
    some = seen(batch=1, frames=3)
    holes = some.keypoints.clone()
    holes[0, 1, 5], holes[0, :, 10] = torch.nan, torch.nan
    given = numbers(some._replace(keypoints=holes), Inputs("screen"), H36M_17)
    torch.testing.assert_close(given[0, 1, 5], (given[0, 0, 5] + given[0, 2, 5]) / 2)
    assert torch.equal(given[0, :, 10], given[0, :, H36M_17.parents[10]])


def test_what_someone_filled_in_before_is_taken_though_its_score_is_zero():
    some = seen(scores=torch.ones(2, 4, 17))
    some.scores[:, 1, 5] = 0
    given = numbers(some, Inputs("screen", scores=True), H36M_17)
    assert torch.equal(given[..., :2], numbers(some, Inputs("screen"), H36M_17))
    assert (given[:, 1, 5, 2] == 0).all()


def test_the_gradient_reaches_the_keypoints_that_are_there():
    some = seen(batch=1)
    keypoints = some.keypoints.clone()
    keypoints[0, 1, 5] = torch.nan
    keypoints.requires_grad_()
    numbers(some._replace(keypoints=keypoints), Inputs("plane"), H36M_17).sum().backward()
    there = keypoints.detach().isfinite()
    assert (keypoints.grad[there] != 0).all() and (keypoints.grad[~there] == 0).all()


def test_a_lens_is_taken_out_on_the_plane():
    clip = seen_walker(0.2)
    bent = replace(clip.camera, distortion=torch.tensor([0.1, 0.0, 0.01, -0.01, 0.0]))
    points = clip.poses[0]
    straight, curved = (
        numbers(Seen(project(points, camera)[None], in_batch(camera)), Inputs("plane"), H36M_17)
        for camera in (clip.camera, bent)
    )
    torch.testing.assert_close(curved, straight, atol=1e-4, rtol=0)
