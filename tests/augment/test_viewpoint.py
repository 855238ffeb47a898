"""Source people under the tilt of a target's cameras."""

import math
from dataclasses import replace

import pytest
import torch

from crosslift.augment.gpa import GPASettings
from crosslift.augment.target import Target
from crosslift.augment.viewpoint import ViewpointSettings
from crosslift.camera import camera_to_world
from crosslift.errors import DataError, SettingsError
from crosslift.geometry import bone_vectors
from crosslift.skeletons import H36M_17

from .targets import source, target
from .test_contract import generator
from .test_views import camera, film, standing


def tilts(batch) -> torch.Tensor:
    """Degrees by which each window's camera looks down."""
    return torch.rad2deg(torch.asin(-batch.camera.rotation[:, 0, 2, 2]))


def many(count: int = 100, frames: int = 5):
    clips = source(frames)
    rows = torch.arange(len(clips)).repeat(count)
    tensors = {key: value[rows] for key, value in vars(clips).items() if torch.is_tensor(value)}
    return replace(clips, camera=clips.camera[rows], **tensors)


def test_bodies_move_as_before_in_the_world_of_which_the_camera_knows_its_place():
    given, found = source(), ViewpointSettings().build(target())(source(), generator())
    worlds = [camera_to_world(each.poses, each.camera) for each in (given, found)]
    torch.testing.assert_close(*worlds, atol=1e-4, rtol=0)
    middles = [each.poses[:, :, 0].mean(dim=1) for each in (given, found)]
    torch.testing.assert_close(*middles, atol=1e-4, rtol=0)


def test_tilt_and_roll_of_any_view_lie_in_their_ranges():
    settings = ViewpointSettings(views="any", tilt=(10.0, 40.0), roll=5.0)
    found = settings.build(target())(many(), generator())
    assert 9.99 < float(tilts(found).min()) < 12 and 38 < float(tilts(found).max()) < 40.01
    up = found.camera.rotation[:, 0, :, 2]
    roll = torch.rad2deg(torch.atan(up[:, 0] / -up[:, 1]))
    assert 4.5 < float(roll.abs().max()) <= 5.001


def test_estimated_views_are_those_of_the_target_but_for_the_unsure_ones():
    of = Target.of([film(standing(2000), camera(45, 0))])
    sure = ViewpointSettings(unsure=0.0).build(of)(many(), generator())
    assert abs(float(tilts(sure).mean()) - 45) < 4 and float(tilts(sure).std()) < 8
    half = ViewpointSettings(unsure=0.5, tilt=(-40.0, -20.0)).build(of)(many(), generator())
    assert 0.4 < float((tilts(half) < -15).float().mean()) < 0.6


def test_people_are_turned_any_way_about_the_vertical():
    found = ViewpointSettings().build(target())(many(), generator())
    around = torch.atan2(found.camera.rotation[:, 0, 2, 1], found.camera.rotation[:, 0, 2, 0])
    assert len(around.div(math.pi / 4).floor().unique()) == 8
    assert abs(float(torch.stack([around.cos(), around.sin()]).mean())) < 0.1


def test_a_camera_that_moved_stands_still():
    given = source()
    frames = given.poses.shape[1]
    camera_of_frames = given.camera.map(lambda each: each.expand(-1, frames, *each.shape[2:]))
    moved = replace(given, camera=camera_of_frames)
    found = ViewpointSettings().build(target())(moved, generator())
    torch.testing.assert_close(found.poses, ViewpointSettings().build(target())(
        given, generator()).poses)  # fmt: skip
    assert found.camera.rotation.shape == (len(given), frames, 3, 3)


def test_the_pose_under_another_view_is_what_alignment_keeps():
    turned = ViewpointSettings().build(target())(source(), generator())
    aligned = GPASettings().build(target())(turned, generator())
    bones = [bone_vectors(each.poses, H36M_17) for each in (turned, aligned)]
    torch.testing.assert_close(*bones, atol=2e-5, rtol=0)


def test_windows_without_a_known_vertical_are_refused():
    turned = ViewpointSettings().build(target())
    aligned = GPASettings().build(target())(source(), generator())
    with pytest.raises(DataError, match="turn them before they are aligned"):
        turned(aligned, generator())


def test_tilts_in_the_wrong_order_and_shares_above_one_are_refused():
    with pytest.raises(SettingsError, match="but 60 to -30 was asked for"):
        ViewpointSettings(tilt=(60.0, -30.0))
    with pytest.raises(SettingsError, match="between 0 and 1, but 1.5 was given"):
        ViewpointSettings(unsure=1.5)
