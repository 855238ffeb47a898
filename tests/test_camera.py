"""Cameras: round trips, values by hand and from calibrations, lenses, refusals, gradients."""

from dataclasses import fields, replace
from math import pi

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck
from torch.testing import assert_close

from crosslift.camera import (
    NEAREST,
    Camera,
    camera_to_world,
    distort,
    distortion_or_zeros,
    from_image_plane,
    from_screen,
    in_front,
    joined,
    looking_at,
    pinhole,
    project,
    screen_camera,
    stacked,
    to_image_plane,
    to_screen,
    undistort,
    world_to_camera,
)
from crosslift.cameras_h36m import (
    H36M_EXTRINSICS,
    H36M_INTRINSICS,
    h36m_camera,
    mpi_inf_3dhp_camera,
    packed,
    unpacked,
)
from crosslift.errors import CameraError
from crosslift.geometry import axis_angle_to_matrix, quaternion_to_matrix

F64 = torch.float64
MODELS = ["opencv", "h36m"]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def double(camera: Camera) -> Camera:
    return camera.map(lambda tensor: tensor.double())


def some_camera(model: str = "opencv") -> Camera:
    """A turned camera with a lens, in double precision."""
    lens = torch.tensor([-0.2, 0.24, -0.002, 0.001, -0.01], dtype=F64)
    camera = replace(pinhole((1100.0, 1150.0), (1000, 800), (480.0, 420.0)), model=model)
    position, aim = torch.tensor([3, -2, 1.5], dtype=F64), torch.tensor([0, 0.5, 1], dtype=F64)
    return looking_at(replace(double(camera), distortion=lens), position, aim)


def points_before(*batch: int) -> torch.Tensor:
    """Points one to five metres before a camera, within its picture."""
    rays = torch.rand(*batch, 17, 3, generator=generator(), dtype=F64)
    depth = 1 + 4 * rays[..., 2:]
    return torch.cat([0.6 * (rays[..., :2] - 0.5) * depth, depth], dim=-1)


def image_grid(camera: Camera) -> torch.Tensor:
    width, height = camera.size.tolist()
    across = torch.linspace(0, width, 41, dtype=F64)
    return torch.cartesian_prod(across, torch.linspace(0, height, 41, dtype=F64))


def equal_cameras(one: Camera, other: Camera) -> None:
    for field in fields(Camera):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, torch.Tensor):
            assert_close(left, right)
        else:
            assert left == right


# places


def test_to_camera_and_back_is_the_identity():
    camera, points = some_camera(), torch.randn(3, 17, 3, generator=generator(), dtype=F64)
    assert_close(camera_to_world(world_to_camera(points, camera), camera), points)


def test_a_camera_stands_at_its_position():
    camera = some_camera()
    assert_close(camera.position, torch.tensor([3, -2, 1.5], dtype=F64))
    origin = world_to_camera(camera.position[None], camera)
    assert_close(origin, torch.zeros(1, 3, dtype=F64), atol=1e-12, rtol=0)


def test_a_camera_that_looks_along_y_sees_the_world_in_its_axes():
    camera = looking_at(
        pinhole(1000.0, (1000, 800)), torch.tensor([0.0, -4, 0]), torch.tensor([0.0, 0, 0])
    )
    world = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 2, 0]])  # to the right, up, away
    expected = torch.tensor([[1.0, 0, 4], [0, -1, 4], [0, 0, 6]])
    assert_close(world_to_camera(world, camera), expected)
    pixels = torch.tensor([[750.0, 400], [500, 150], [500, 400]])
    assert_close(project(expected, camera), pixels)


def test_what_a_camera_looks_at_is_in_the_middle_and_up_is_up():
    camera = double(pinhole(1000.0, (1000, 800)))
    rng = generator()
    positions, aims = (torch.randn(2, 20, 3, generator=rng, dtype=F64) * 3).unbind()
    cameras = looking_at(camera, positions, aims)
    above = aims + torch.tensor([0, 0, 0.1], dtype=F64)
    seen = project(world_to_camera(torch.stack([aims, above], dim=1), cameras), cameras)
    assert_close(seen[:, 0], torch.tensor([500.0, 400.0], dtype=F64).expand(20, 2))
    assert_close(seen[:, 1, 0], seen[:, 0, 0])  # no roll
    assert (seen[:, 1, 1] < seen[:, 0, 1]).all()


def test_a_camera_cannot_look_straight_down():
    with pytest.raises(CameraError, match="has no level; aim it a little to the side"):
        looking_at(pinhole(1000.0, (10, 10)), torch.tensor([1.0, 2, 3]), torch.tensor([1.0, 2, 0]))


# projection


def test_a_pinhole_projects_by_hand():
    camera = pinhole((1000.0, 2000.0), (640, 480), (300.0, 200.0))
    points = torch.tensor([[0.5, -0.25, 2.0], [0, 0, 7]])
    assert_close(project(points, camera), torch.tensor([[550.0, -50.0], [300, 200]]))


def test_the_principal_point_is_the_middle_unless_given():
    camera = pinhole(500.0, (640, 480))
    assert_close(camera.centre, torch.tensor([320.0, 240.0]))
    assert_close(camera.focal, torch.tensor([500.0, 500.0]))


def test_points_behind_the_camera_have_no_image_and_no_gradient():
    points = torch.tensor([[1.0, 1, 2], [1, 1, -2], [1, 1, 0], [1, 1, NEAREST / 2]])
    points.requires_grad_()
    seen = project(points, pinhole(1000.0, (1000, 1000)))
    assert seen.isnan().all(dim=-1).tolist() == [False, True, True, True]
    assert in_front(points).tolist() == [True, False, False, False]
    (slope,) = torch.autograd.grad(seen.nansum(), points)
    assert slope.isfinite().all()
    assert (slope[0] != 0).all()
    assert (slope[1:] == 0).all()


def test_the_published_clamp_gives_them_a_wrong_image():
    points = torch.tensor([[3.0, 0.2, 2], [1, 1, -2]])
    seen = project(points, pinhole(100.0, (1000, 1000)), clamped=True)
    assert_close(seen, torch.tensor([[600.0, 510.0], [450, 450]]))


@pytest.mark.parametrize("model", MODELS)
def test_pixels_to_rays_and_back_is_the_identity(model):
    camera = some_camera(model)
    points = points_before(4)
    keypoints = project(points, camera)
    rays = to_image_plane(keypoints, camera)
    assert_close(rays, points[..., :2] / points[..., 2:], atol=1e-10, rtol=0)
    assert_close(from_image_plane(rays, camera), keypoints)


@pytest.mark.parametrize("model", MODELS)
def test_projection_has_right_gradients(model):
    camera = some_camera(model)
    names = ("focal", "centre", "distortion")
    inputs = (points_before()[:4], *(getattr(camera, name) for name in names))

    def seen(points, *lens):
        return project(points, replace(camera, **dict(zip(names, lens, strict=True))))

    assert gradcheck(seen, tuple(part.clone().requires_grad_() for part in inputs))


def test_rays_have_right_gradients():
    camera = some_camera()
    keypoints = project(points_before()[:4], camera).requires_grad_()
    assert gradcheck(lambda points: to_image_plane(points, camera), keypoints)


# lenses


def test_opencv_bends_by_hand():
    lens = torch.tensor([0.1, 0.01, 0.002, 0.003, 0.001], dtype=F64)
    camera = replace(double(pinhole(1.0, (1, 1))), distortion=lens)
    x, y = 0.3, -0.4
    squared = 0.25
    radial = 1 + 0.1 * squared + 0.01 * squared**2 + 0.001 * squared**3
    expected = [
        x * radial + 2 * 0.002 * x * y + 0.003 * (squared + 2 * x * x),
        y * radial + 0.002 * (squared + 2 * y * y) + 2 * 0.003 * x * y,
    ]
    bent = distort(torch.tensor([[x, y]], dtype=F64), camera)
    assert_close(bent, torch.tensor([expected], dtype=F64))


def test_the_reading_of_human36m_lacks_the_factor_of_two():
    lens = torch.tensor([0.1, 0.01, 0.002, 0.003, 0.001], dtype=F64)
    camera = replace(double(pinhole(1.0, (1, 1))), distortion=lens, model="h36m")
    x, y = 0.3, -0.4
    a, b, squared = 0.003, 0.002, 0.25  # VideoPose3D's order
    radial = 1 + 0.1 * squared + 0.01 * squared**2 + 0.001 * squared**3
    expected = [
        x * (radial + a * x + b * y) + a * squared,
        y * (radial + a * x + b * y) + b * squared,
    ]
    bent = distort(torch.tensor([[x, y]], dtype=F64), camera)
    assert_close(bent, torch.tensor([expected], dtype=F64))


@pytest.mark.parametrize(
    "index, largest, mean", [(0, 0.7, 0.16), (1, 1.3, 0.30), (2, 0.7, 0.16), (3, 0.7, 0.18)]
)
def test_the_two_readings_differ_by_a_pixel_over_the_image(index, largest, mean):
    camera = h36m_camera("S1", index, F64)
    middles = torch.arange(25, 1000, 50, dtype=F64)  # of squares of 50 pixels
    rays = (torch.cartesian_prod(middles, middles) - camera.centre) / camera.focal
    off = from_image_plane(rays, camera) - from_image_plane(rays, replace(camera, model="opencv"))
    assert off.norm(dim=-1).max().item() == pytest.approx(largest, abs=0.05)
    assert off.norm(dim=-1).mean().item() == pytest.approx(mean, abs=0.015)


def test_the_lens_of_human36m_moves_corners_by_tens_of_pixels():
    camera = h36m_camera("S1", 0, F64)
    rays = (image_grid(camera) - camera.centre) / camera.focal
    off = from_image_plane(rays, camera) - image_grid(camera)
    assert 25 < off.norm(dim=-1).max() < 34


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("index", range(4))
def test_undistorting_undoes_real_lenses_over_the_whole_image(model, index):
    camera = replace(h36m_camera("S1", index, F64), model=model)
    bent = (image_grid(camera) - camera.centre) / camera.focal
    assert_close(distort(undistort(bent, camera), camera), bent, atol=1e-10, rtol=0)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.lists(st.floats(-0.1, 0.1), min_size=5, max_size=5),
    st.lists(st.floats(-0.4, 0.4), min_size=2, max_size=2),
)
def test_undistorting_undoes_any_moderate_lens(model, lens, place):
    camera = replace(
        double(pinhole(1000.0, (1000, 1000))), distortion=torch.tensor(lens, dtype=F64), model=model
    )
    plane = torch.tensor([place], dtype=F64)
    assert_close(undistort(distort(plane, camera), camera), plane, atol=1e-8, rtol=0)


def test_undistorting_in_single_precision_is_good_to_a_hundredth_of_a_pixel():
    exact = h36m_camera("S1", 1, F64)
    grid = image_grid(exact)
    single = h36m_camera("S1", 1)
    off = from_image_plane(to_image_plane(grid.float(), single), single) - grid
    assert off.abs().max() < 0.01


def test_a_missing_keypoint_does_not_harm_the_others():
    camera = some_camera()
    keypoints = project(points_before(), camera)
    expected = to_image_plane(keypoints, camera)
    keypoints[3] = torch.nan
    rays = to_image_plane(keypoints, camera)
    assert rays[3].isnan().all()
    kept = [joint for joint in range(17) if joint != 3]
    assert_close(rays[kept], expected[kept])


def test_a_lens_without_distortion_changes_nothing():
    camera = double(pinhole(1000.0, (1000, 1000)))
    plane = points_before()[:, :2]
    assert distort(plane, camera) is plane
    assert undistort(plane, camera) is plane
    assert_close(distortion_or_zeros(camera), torch.zeros(5, dtype=F64))
    zeros = replace(camera, distortion=distortion_or_zeros(camera))
    assert_close(distort(plane, zeros), plane)


# normalised screens


@settings(max_examples=20, deadline=None)
@given(st.floats(100, 4000), st.floats(100, 4000))
def test_screen_coordinates_and_back_are_the_identity(width, height):
    size = torch.tensor([width, height], dtype=F64)
    keypoints = torch.randn(2, 17, 2, generator=generator(), dtype=F64) * 500
    assert_close(from_screen(to_screen(keypoints, size), size), keypoints)


def test_both_screen_axes_are_divided_by_the_width():
    corners = torch.tensor([[0.0, 0], [1920, 1080], [960, 540]])
    expected = torch.tensor([[-1.0, -0.5625], [1, 0.5625], [0, 0]])
    assert_close(to_screen(corners, torch.tensor([1920.0, 1080.0])), expected)


@pytest.mark.parametrize("model", MODELS)
def test_a_screen_camera_sees_the_screen_coordinates_of_the_pixels(model):
    camera = some_camera(model)
    points = points_before(3)
    expected = to_screen(project(points, camera), camera.size)
    assert_close(project(points, screen_camera(camera)), expected)


# batches


def test_every_camera_of_a_batch_is_itself():
    cameras = [h36m_camera(subject, index, F64) for subject in ("S1", "S9") for index in range(4)]
    batch = stacked(cameras)
    points = torch.randn(8, 17, 3, generator=generator(), dtype=F64) * 0.5
    seen = project(world_to_camera(points, batch), batch)
    assert seen.isfinite().all()
    rays = to_image_plane(seen, batch)
    for index, camera in enumerate(cameras):
        equal_cameras(batch[index], camera)
        alone = world_to_camera(points[index], camera)
        assert_close(seen[index], project(alone, camera))
        assert_close(rays[index], alone[:, :2] / alone[:, 2:], atol=1e-9, rtol=0)
        assert_close(camera_to_world(alone, camera), points[index])


def test_one_camera_serves_any_leading_axes():
    camera = some_camera()
    points = points_before(2, 3)
    seen = project(points, camera)
    assert_close(seen[1, 2], project(points[1, 2], camera))
    assert_close(to_image_plane(seen, camera)[1, 2], to_image_plane(seen[1, 2], camera))


def test_a_moving_camera_has_a_place_for_each_frame():
    times = torch.linspace(0, 2 * pi, 6, dtype=F64)
    positions = torch.stack([4 * times.cos(), 4 * times.sin(), times * 0 + 1.5], dim=-1)
    aim = torch.tensor([0, 0, 1.0], dtype=F64)
    camera = looking_at(some_camera(), positions, aim.expand(6, 3))
    assert camera.focal.shape == (6, 2)
    assert camera.distortion is not None
    assert camera.distortion.shape == (6, 5)
    assert_close(camera.position, positions)
    points = 0.3 * torch.randn(6, 17, 3, generator=generator(), dtype=F64) + aim
    seen = project(world_to_camera(points, camera), camera)
    assert_close(seen[4], project(world_to_camera(points[4], camera[4]), camera[4]))
    cut = camera[1:3]
    assert_close(seen[1:3], project(world_to_camera(points[1:3], cut), cut))


def test_a_still_camera_gets_an_axis_for_the_frames():
    camera = stacked([h36m_camera("S1", 0), h36m_camera("S1", 1)])
    batch = camera.map(lambda tensor: tensor[:, None])
    points = torch.randn(2, 5, 17, 3, generator=generator()) * 0.3
    seen = project(world_to_camera(points, batch), batch)
    assert_close(seen[1], project(world_to_camera(points[1], camera[1]), camera[1]))


def test_an_added_axis_holds_the_camera():
    camera = some_camera()
    equal_cameras(camera[None][0], camera)
    assert camera[None].focal.shape == (1, 2)


def test_stacked_cameras_keep_the_least_certain_focal_length_and_fill_lenses_with_zeros():
    straight = replace(double(pinhole(1000.0, (100, 100))), focal_from="estimated")
    bent = some_camera("h36m")
    batch = stacked([bent, straight])
    assert batch.focal_from == "estimated"
    assert batch.model == "h36m"
    assert_close(
        batch.distortion, torch.stack([distortion_or_zeros(bent), torch.zeros(5, dtype=F64)])
    )
    assert stacked([straight, straight]).distortion is None
    assumed = replace(straight, focal_from="assumed")
    assert stacked([assumed, straight]).focal_from == "assumed"


def test_joined_batches_are_the_batch_of_all():
    cameras = [h36m_camera("S1", index) for index in range(4)]
    equal_cameras(joined([stacked(cameras[:1]), stacked(cameras[1:])]), stacked(cameras))


def test_lenses_that_are_read_in_two_ways_are_not_stacked():
    with pytest.raises(CameraError, match=r"Human3\.6M's way cannot be in one batch"):
        stacked([some_camera("opencv"), some_camera("h36m")])


# refusals


def test_a_focal_length_below_zero_is_refused():
    with pytest.raises(CameraError, match="positive number of pixels, but -5 was found; check the"):
        pinhole((1000.0, -5.0), (100, 100))
    with pytest.raises(CameraError, match="but nan was found"):
        pinhole(float("nan"), (100, 100))


def test_a_picture_without_a_size_is_refused():
    with pytest.raises(CameraError, match="positive width and height, but 0 was found"):
        pinhole(1000.0, (100, 0))


@pytest.mark.parametrize(
    "rotation",
    [torch.eye(3) * 2, torch.diag(torch.tensor([1.0, 1, -1])), torch.full((3, 3), torch.nan)],
    ids=["scaled", "mirrored", "nan"],
)
def test_what_is_no_rotation_is_refused(rotation):
    with pytest.raises(CameraError, match=r"orthonormal, right-handed.*transpose or normalise it"):
        replace(pinhole(1000.0, (100, 100)), rotation=rotation)


# cameras of public data sets


def test_the_first_camera_of_human36m_has_the_published_rotation():
    rotation = h36m_camera("S1", "54138969", F64).rotation
    rows = [
        [-0.91536171, 0.40180838, 0.02574753],
        [0.0515481, 0.1803735, -0.9822465],
        [-0.39931904, -0.89778361, -0.18581944],
    ]
    assert_close(rotation, torch.tensor(rows, dtype=F64), atol=1e-7, rtol=0)


@pytest.mark.parametrize("subject", H36M_EXTRINSICS)
def test_every_camera_of_human36m_stands_where_it_should_and_looks_at_the_middle(subject):
    for index, identifier in enumerate(H36M_INTRINSICS):
        camera = h36m_camera(subject, index, F64)
        equal_cameras(camera, h36m_camera(subject, identifier, F64))
        quaternion, position = H36M_EXTRINSICS[subject][index]
        assert abs(torch.tensor(quaternion, dtype=F64).norm() - 1) < 1e-6
        assert_close(camera.position, torch.tensor(position, dtype=F64) / 1000)
        assert 4.1 < camera.position[:2].norm() < 5.7
        assert 1.4 < camera.position[2] < 1.65
        ray = to_image_plane(
            project(world_to_camera(torch.zeros(1, 3, dtype=F64), camera), camera), camera
        )
        assert ray[0, 0].atan().abs() < 0.2
        assert camera.model == "h36m"


def test_the_table_turns_from_the_camera_to_the_world():
    quaternion, position = (torch.tensor(row, dtype=F64) for row in H36M_EXTRINSICS["S9"][2])
    points = torch.randn(5, 3, generator=generator(), dtype=F64)
    by_hand = points @ quaternion_to_matrix(quaternion).mT + position / 1000
    assert_close(camera_to_world(points, h36m_camera("S9", 2, F64)), by_hand)


def test_the_lens_of_human36m_comes_in_opencvs_order():
    lens = h36m_camera("S1", 0, F64).distortion
    expected = [-0.20709892, 0.24777518, -0.00142447, -0.0009757, -0.00307515]
    assert_close(lens, torch.tensor(expected, dtype=F64), atol=1e-8, rtol=0)


def test_unknown_cameras_of_human36m_are_refused():
    with pytest.raises(CameraError, match=r'no subject with Human3\.6M cameras "S2"'):
        h36m_camera("S2", 0)
    with pytest.raises(
        CameraError, match=r'no camera of Human3\.6M "54138968"; did you mean "54138969"'
    ):
        h36m_camera("S1", "54138968")
    with pytest.raises(CameraError, match=r'no camera of Human3\.6M "4"'):
        h36m_camera("S1", 4)


def test_the_test_cameras_of_3dhp_have_the_published_numbers():
    studio, outdoor = mpi_inf_3dhp_camera("TS2", dtype=F64), mpi_inf_3dhp_camera("TS6", dtype=F64)
    expected = {"focal": [1500.17227] * 2, "centre": [1017.38732, 1043.03198], "size": [2048.0] * 2}
    for name, numbers in expected.items():
        assert_close(getattr(studio, name), torch.tensor(numbers, dtype=F64), atol=1e-4, rtol=0)
    expected = {
        "focal": [1683.98346] * 2,
        "centre": [939.857544, 560.140749],
        "size": [1920.0, 1080],
    }
    for name, numbers in expected.items():
        assert_close(getattr(outdoor, name), torch.tensor(numbers, dtype=F64), atol=1e-4, rtol=0)
    assert outdoor.distortion is None


def test_the_test_cameras_of_3dhp_have_another_published_focal_length_and_a_lens():
    nominal = mpi_inf_3dhp_camera("TS1", nominal=True, dtype=F64)
    assert_close(nominal.focal, torch.full((2,), 1499.205, dtype=F64), atol=1e-3, rtol=0)
    outdoor = mpi_inf_3dhp_camera("TS5", distorted=True, dtype=F64)
    assert outdoor.model == "opencv"
    assert_close(distortion_or_zeros(outdoor)[0].item(), -0.276859611)
    assert mpi_inf_3dhp_camera("TS1", distorted=True).distortion is None


def test_an_unknown_sequence_of_3dhp_is_refused():
    with pytest.raises(CameraError, match='no test sequence of 3DHP "TS7"'):
        mpi_inf_3dhp_camera("TS7")


def test_nine_published_numbers_and_back_are_the_identity():
    numbers = torch.linspace(0.1, 0.9, 9).repeat(3, 1)
    camera = unpacked(numbers, (2.0, 2.0))
    assert camera.focal.shape == (3, 2)
    assert_close(packed(camera), numbers)
    original = h36m_camera("S1", 3)
    again = unpacked(packed(original), (1000, 1002))
    rays = 0.3 * torch.randn(17, 2, generator=generator())
    assert_close(from_image_plane(rays, again), from_image_plane(rays, original))


def test_a_rotation_of_the_whole_scene_is_not_seen():
    camera = some_camera()
    points = 0.3 * torch.randn(17, 3, generator=generator(), dtype=F64)
    turn = axis_angle_to_matrix(torch.tensor([0.3, -1, 0.5], dtype=F64))
    turned = replace(camera, rotation=camera.rotation @ turn.mT)
    seen = project(world_to_camera(points @ turn.mT, turned), turned)
    assert_close(seen, project(world_to_camera(points, camera), camera))
