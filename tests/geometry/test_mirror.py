"""Mirror images: twice is nothing, and a mirrored camera sees the mirrored keypoints."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import (
    Camera,
    from_image_plane,
    looking_at,
    pinhole,
    project,
    screen_camera,
    world_to_camera,
)
from crosslift.cameras_h36m import h36m_camera, packed
from crosslift.geometry import mirror, mirror_camera, swap_sides
from crosslift.skeletons import H36M_17

F64 = torch.float64


def some_poses(*batch: int, axes: int = 3) -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.randn(*batch, 17, axes, generator=rng, dtype=F64)


def bent_camera(model: str) -> Camera:
    camera = pinhole((1100.0, 1150.0), (1000, 800), (480.0, 420.0)).map(
        lambda tensor: tensor.double()
    )
    lens = torch.tensor([-0.2, 0.1, -0.02, 0.03, 0.01], dtype=F64)
    return replace(camera, distortion=lens, model=model)


@pytest.mark.parametrize("axes", [2, 3])
def test_mirroring_twice_is_the_identity(axes):
    points = some_poses(2, 4, axes=axes)
    assert_close(mirror(mirror(points, H36M_17), H36M_17), points)
    twice = mirror(mirror(points, H36M_17, middle=500.0), H36M_17, middle=500.0)
    assert_close(twice, points, atol=1e-12, rtol=0)


def test_the_mirror_reflects_x_and_exchanges_the_sides():
    points = torch.zeros(17, 2)
    points[H36M_17.index("left_wrist")] = torch.tensor([0.3, 0.7])
    points[H36M_17.index("head")] = torch.tensor([0.1, -0.5])
    image = mirror(points, H36M_17)
    assert_close(image[H36M_17.index("right_wrist")], torch.tensor([-0.3, 0.7]))
    assert_close(image[H36M_17.index("left_wrist")], torch.tensor([0.0, 0.0]))
    assert_close(image[H36M_17.index("head")], torch.tensor([-0.1, -0.5]))


def test_pixels_are_reflected_at_half_the_width():
    points = torch.full((17, 2), 100.0)
    assert_close(mirror(points, H36M_17, middle=320.0)[0], torch.tensor([540.0, 100.0]))


def test_scores_only_change_sides():
    scores = torch.arange(17.0)
    expected = torch.tensor([0.0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13])
    assert_close(swap_sides(scores, H36M_17), expected)


@pytest.mark.parametrize("model", ["opencv", "h36m"])
def test_the_mirrored_camera_sees_the_mirrored_keypoints(model):
    camera = bent_camera(model)
    poses = 0.3 * some_poses(5) + torch.tensor([0.4, -0.2, 4.0], dtype=F64)
    screen = screen_camera(camera)
    seen = project(mirror(poses, H36M_17), mirror_camera(screen))
    assert_close(seen, mirror(project(poses, screen), H36M_17))
    seen = project(mirror(poses, H36M_17), mirror_camera(camera, middle=500.0))
    assert_close(seen, mirror(project(poses, camera), H36M_17, middle=500.0))


def test_the_lens_bends_to_the_other_side_sideways_alone():
    camera = bent_camera("opencv")
    expected = torch.tensor([-0.2, 0.1, -0.02, -0.03, 0.01], dtype=F64)
    assert_close(mirror_camera(camera).distortion, expected)


def test_of_the_nine_published_numbers_the_third_and_the_eighth_change_sign():
    camera = screen_camera(h36m_camera("S1", 1))
    signs = torch.tensor([1.0, 1, -1, 1, 1, 1, 1, -1, 1])
    assert_close(packed(mirror_camera(camera)), signs * packed(camera))


def test_the_mirrored_world_before_the_mirrored_camera_looks_mirrored():
    position, aim = torch.tensor([3.0, -2, 1.5], dtype=F64), torch.tensor([0, 0.5, 1], dtype=F64)
    camera = looking_at(bent_camera("opencv"), position, aim)
    poses = 0.4 * some_poses(5) + aim
    image = mirror_camera(camera, middle=500.0)
    seen = project(world_to_camera(mirror(poses, H36M_17), image), image)
    expected = project(world_to_camera(poses, camera), camera)
    assert_close(seen, mirror(expected, H36M_17, middle=500.0))


def test_a_camera_mirrored_twice_is_itself():
    camera = looking_at(
        bent_camera("h36m"), torch.tensor([3.0, -2, 1], dtype=F64), torch.zeros(3, dtype=F64)
    )
    twice = mirror_camera(mirror_camera(camera, middle=500.0), middle=500.0)
    for name in ("focal", "centre", "rotation", "translation", "size", "distortion"):
        assert_close(getattr(twice, name), getattr(camera, name))


def test_a_batch_of_cameras_is_mirrored_one_by_one():
    camera = bent_camera("opencv")[None].map(
        lambda tensor: tensor.repeat(3, *[1] * (tensor.ndim - 1))
    )
    rays = some_poses(3, axes=2) * 0.1
    seen = from_image_plane(mirror(rays, H36M_17), mirror_camera(camera, middle=500.0))
    expected = mirror(from_image_plane(rays, camera), H36M_17, middle=500.0)
    assert_close(seen, expected)
