"""Mirror images of whole windows."""

from dataclasses import replace

import torch

from crosslift.augment.flip import Flip, FlipSettings, mirrored
from crosslift.camera import project, world_to_camera
from crosslift.skeletons import H36M_17

from .test_contract import batch, generator, same, tensors


def with_lenses():
    some = batch()
    bent = torch.tensor([0.1, -0.02, 0.01, -0.005, 0.003]).expand(*some.camera.focal.shape[:2], 5)
    return replace(some, camera=replace(some.camera, distortion=bent))


def test_the_mirror_image_of_the_mirror_image_is_the_thing_itself():
    some = with_lenses()
    again = mirrored(mirrored(some))
    for key, value in tensors(some).items():
        torch.testing.assert_close(tensors(again)[key], value, equal_nan=True, atol=2e-4, rtol=1e-6)


def test_the_left_hand_becomes_the_right_one_on_the_other_side_of_the_picture():
    some = batch()
    turned = mirrored(some)
    left, right = H36M_17.indices("left_wrist", "right_wrist")
    width = some.camera.size[..., 0]
    seen = some.keypoints[..., left, :].nan_to_num(0), turned.keypoints[..., right, :].nan_to_num(0)
    there = ~some.keypoints[..., left, 0].isnan()
    torch.testing.assert_close(seen[1][..., 0][there], (width - seen[0][..., 0])[there])
    torch.testing.assert_close(seen[1][..., 1], seen[0][..., 1])
    signs = torch.tensor([-1.0, 1, 1])
    torch.testing.assert_close(turned.poses[..., right, :], some.poses[..., left, :] * signs)
    assert torch.equal(turned.scores[..., right], some.scores[..., left])
    assert torch.equal(turned.body[..., right], some.body[..., left])
    assert torch.equal(turned.valid, some.valid)


def test_the_mirrored_camera_sees_the_mirrored_body_where_the_mirror_shows_it():
    some = with_lenses()
    exact = replace(some, keypoints=seen_by_its_camera(some))
    turned = mirrored(exact)
    torch.testing.assert_close(turned.keypoints, seen_by_its_camera(turned), atol=0.01, rtol=0)


def seen_by_its_camera(some) -> torch.Tensor:
    camera = some.camera
    still = replace(camera, rotation=torch.eye(3).expand_as(camera.rotation),
                    translation=torch.zeros_like(camera.translation))  # fmt: skip
    return project(some.poses, still)


def test_the_mirrored_camera_stands_in_the_mirrored_world():
    some = batch()
    turned = mirrored(some)
    signs = torch.tensor([-1.0, 1, 1])
    point = torch.randn(*some.keypoints.shape[:2], 4, 3)
    here, there = world_to_camera(point, some.camera), world_to_camera(point * signs, turned.camera)
    torch.testing.assert_close(there, here * signs, atol=1e-4, rtol=1e-4)


def test_no_window_or_every_window_is_mirrored_if_asked():
    some = batch()
    assert same(Flip(0.0)(some, generator()), some)
    assert same(Flip(1.0)(some, generator()), mirrored(some))


def test_half_of_the_windows_are_mirrored_each_with_its_own_camera():
    some = with_lenses()
    many = FlipSettings().build()
    chosen = torch.zeros(len(some))
    for seed in range(200):
        found = many(some, generator(seed))
        moved = (found.poses != some.poses).flatten(1).any(dim=1)
        turned = (found.camera.distortion != some.camera.distortion).flatten(1).any(dim=1)
        assert torch.equal(moved, turned)
        chosen += moved
    assert 0.4 < chosen.mean() / 200 < 0.6
