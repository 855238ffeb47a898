"""Other bodies, other cameras, other detectors: what stays, what changes, and by how much."""

import math

import torch

from crosslift.augment.bodies import BodiesSettings
from crosslift.augment.body_doubt import BodyDoubtSettings
from crosslift.augment.cameras import CamerasSettings
from crosslift.augment.detector import DetectorSettings, heights, lasting_noise
from crosslift.camera import camera_to_world, to_image_plane
from crosslift.geometry import bone_directions, bone_lengths
from crosslift.metrics import p_mpjpe, rooted
from crosslift.typical import typical_body
from crosslift.windows import Windowing, windows

from ..stores import short_clips


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch():
    return windows(list(short_clips(3, 30)), Windowing(9))


def test_other_bodies_move_in_the_same_directions():
    given = batch()
    found = BodiesSettings().build()(given, generator())
    torch.testing.assert_close(
        bone_directions(found.poses, found.skeleton), bone_directions(given.poses, given.skeleton)
    )
    torch.testing.assert_close(found.poses[:, :, 0], given.poses[:, :, 0])


def test_other_bodies_have_like_sides_and_lengths_within_the_range():
    given = batch()
    found = BodiesSettings(bones=0.2, size=0.1).build()(given, generator())
    ratio = bone_lengths(found.poses, found.skeleton) / bone_lengths(given.poses, given.skeleton)
    assert 0.8 * 0.9 - 1e-3 < float(ratio.min()) < float(ratio.max()) < 1.2 * 1.1 + 1e-3
    mirror = [joint - 1 for joint in found.skeleton.mirror[1:]]
    torch.testing.assert_close(ratio, ratio[..., mirror], atol=1e-4, rtol=0)
    assert float(ratio[:, 0].std(dim=0).mean()) > 0.03
    told = bone_lengths(found.poses, found.skeleton).mean(dim=1)
    torch.testing.assert_close(found.body[:, 1:], told, atol=1e-5, rtol=0)


def test_other_cameras_see_the_same_movement():
    given = batch()
    found = CamerasSettings().build()(given, generator())
    torch.testing.assert_close(
        camera_to_world(found.poses, found.camera), camera_to_world(given.poses, given.camera),
        atol=1e-4, rtol=0,
    )  # fmt: skip
    assert float(p_mpjpe(rooted(found.poses, 0), rooted(given.poses, 0)).max()) < 1e-4


def test_other_cameras_are_where_they_were_asked_to_be():
    of = CamerasSettings(tilt=(10, 30), roll=0.0, distance=(3, 4), focal=(1, 1.2), aside=0.5)
    given = batch()
    found = of.build()(given, generator())
    root = found.poses[:, :, 0].mean(dim=1)
    assert ((root.norm(dim=-1) > 2.99) & (root.norm(dim=-1) < 4.01)).all()
    down = -found.camera.rotation[:, 0, 2, 2].asin() * 180 / math.pi
    assert ((down > 10 - 20) & (down < 30 + 20)).all()  # aimed beside the person
    focal = found.camera.focal / 1000
    assert ((focal >= 1) & (focal <= 1.2)).all()
    middle = to_image_plane(found.keypoints, found.camera)[:, :, 0].mean(dim=1)
    assert (middle.abs() < 0.35).all()


def test_cameras_without_aside_and_roll_look_at_the_person_with_a_level_horizon():
    found = CamerasSettings(aside=0.0, roll=0.0).build()(batch(), generator())
    root = found.poses[:, :, 0].mean(dim=1)
    torch.testing.assert_close(root[:, :2], torch.zeros_like(root[:, :2]), atol=1e-4, rtol=0)
    assert (found.camera.rotation[:, 0, 0, 2].abs() < 1e-6).all()


def test_a_detector_errs_as_much_as_asked_and_leaves_a_part_exact():
    given = windows(list(short_clips(3, 60)) * 20, Windowing(30))
    found = DetectorSettings(error=0.02, lost=0.0, exact=0.5).build()(given, generator())
    off = (found.keypoints - given.keypoints).square().mean(dim=(2, 3)).sqrt() / heights(given)
    error = off.mean(dim=1)
    assert 0.3 < float((error == 0).float().mean()) < 0.7
    assert float(error.max()) < 0.025 and float(error[error > 0].mean()) > 0.005


def test_a_detector_loses_no_more_than_asked_for_some_frames_at_a_time():
    given = windows(list(short_clips(3, 60)) * 20, Windowing(30))
    found = DetectorSettings(error=0.0, lost=0.2, exact=0.0).build()(given, generator())
    lost = (found.scores == 0).float()
    assert 0.05 < float(lost.mean()) < 0.15
    again = lost[:, 1:][lost[:, :-1] == 1].mean()
    assert float(again) > 0.6


def test_noise_that_lasts_has_variance_one_and_the_correlation_asked_for():
    noise = lasting_noise((400, 12, 17, 2), 0.8, generator())
    assert abs(float(noise.std()) - 1) < 0.02
    assert abs(float((noise[:, 1:] * noise[:, :-1]).mean()) - 0.8) < 0.02


def test_doubt_about_the_body_is_as_large_as_asked_and_alike_on_both_sides():
    given = BodiesSettings().build()(
        windows(list(short_clips(3, 60)) * 40, Windowing(3)), generator()
    )
    found = BodyDoubtSettings(bones=0.1, size=0.0, unknown=0.25).build()(given, generator())
    ratio = (found.body / given.body)[:, 1:]
    typical = (found.body - typical_body(found.skeleton)).abs().amax(dim=-1) < 1e-6
    assert 0.2 < float(typical.float().mean()) < 0.3
    off = ratio[~typical].log()
    mirror = [joint - 1 for joint in found.skeleton.mirror[1:]]
    pairs = [1, 2, 4, 5]
    alike = given.body[:, 1:] - given.body[:, 1:][:, mirror]
    torch.testing.assert_close(off[:, pairs], off[:, mirror][:, pairs], atol=1e-5, rtol=0)
    assert alike.abs().max() < 1e-3
    assert 0.03 < float(off.std()) < 0.08
    assert torch.equal(found.keypoints, given.keypoints)
