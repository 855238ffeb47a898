"""Cameras from what they saw: exact, against noise, and none where nothing tells them."""

import math
from dataclasses import replace

import pytest
import torch

from crosslift.camera import Camera, looking_at, pinhole, project, world_to_camera
from crosslift.data.calibration import resected_camera
from crosslift.geometry import rotation_about

SIZE = (640, 480)
F64 = torch.float64


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_camera(rng: torch.Generator) -> Camera:
    """A camera that looks at about a person from anywhere around, with some roll."""
    wide, angle, far, up, roll = torch.rand(5, generator=rng, dtype=F64).tolist()
    camera = pinhole(SIZE[0] * (0.6 + 1.4 * wide), SIZE).map(lambda tensor: tensor.to(F64))
    turn, far = 2 * math.pi * angle, 2.5 + 5 * far
    position = [far * math.cos(turn), far * math.sin(turn), 0.3 + 2.7 * up]
    aim = torch.tensor([0, 0, 1.0], dtype=F64) + 0.3 * torch.randn(3, generator=rng, dtype=F64)
    camera = looking_at(camera, torch.tensor(position, dtype=F64), aim)
    rolled = rotation_about("z", torch.tensor(roll - 0.5, dtype=F64))
    return replace(
        camera, rotation=rolled @ camera.rotation, translation=rolled @ camera.translation
    )


def cloud(rng: torch.Generator, points: int, *extent: float) -> torch.Tensor:
    """Points around the middle of a person, within so many metres either way."""
    share = 2 * torch.rand(points, 3, generator=rng, dtype=F64) - 1
    return share * torch.tensor(extent, dtype=F64) + torch.tensor([0, 0, 1.0], dtype=F64)


def seen(points: torch.Tensor, camera: Camera) -> torch.Tensor:
    return project(world_to_camera(points, camera), camera)


def off(found: Camera, truth: Camera) -> tuple[float, float, float]:
    """Metres, degrees and the share of the focal length by which a camera is off."""
    found = found.map(lambda tensor: tensor.to(F64))
    turn = found.rotation @ truth.rotation.mT
    sine = (turn - turn.mT).norm() / math.sqrt(8)
    return (
        float((found.position - truth.position).norm()),
        math.degrees(float(torch.atan2(sine, (turn.trace() - 1) / 2))),
        float((found.focal / truth.focal - 1).abs().max()),
    )


@pytest.mark.parametrize("count", [12, 75, 1000])
@pytest.mark.parametrize("seed", range(10))
def test_a_camera_is_found_exactly_from_exact_keypoints(count, seed):
    rng = generator(seed)
    camera, points = some_camera(rng), cloud(rng, count, 0.8, 0.8, 0.8)
    found = resected_camera(points.float(), seen(points, camera).float(), SIZE)
    assert found is not None and found.focal_from == "estimated"
    assert found.focal.dtype == torch.float32 and found.centre.tolist() == [320, 240]
    metres, degrees, share = off(found, camera)
    assert metres < 1e-3 and degrees < 0.01 and share < 1e-3


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    ("noise", "wrong", "limits"),
    [
        (3.0, 0.1, (0.15, 0.5, 0.03)),
        (3.0, 0.35, (0.15, 0.5, 0.03)),
        (0.0, 0.35, (1e-3, 0.01, 1e-3)),
    ],
)
def test_noise_and_wrong_keypoints_do_little(noise, wrong, limits, seed):
    rng = generator(seed)
    camera, points = some_camera(rng), cloud(rng, 2000, 1.5, 1, 0.8)
    keypoints = seen(points, camera) + noise * torch.randn(2000, 2, generator=rng, dtype=F64)
    count = round(wrong * 2000)
    keypoints[:count] = torch.rand(count, 2, generator=rng, dtype=F64) * camera.size
    found = resected_camera(points, keypoints, SIZE)
    assert found is not None
    assert all(error < most for error, most in zip(off(found, camera), limits, strict=True))


def test_points_that_are_not_known_do_not_count():
    rng = generator()
    camera, points = some_camera(rng), cloud(rng, 60, 1, 1, 1)
    keypoints = seen(points, camera)
    before = points.clone(), keypoints.clone()
    found = resected_camera(points, keypoints, SIZE)
    points[:5], keypoints[3:10], keypoints[10] = torch.nan, torch.nan, torch.inf
    again = resected_camera(points, keypoints, SIZE)
    assert found is not None and again is not None
    assert max(off(again, camera)) < 1e-4
    points[:5], keypoints[3:11] = before[0][:5], before[1][3:11]
    assert torch.equal(points, before[0]) and torch.equal(keypoints, before[1])
    assert torch.equal(resected_camera(points, keypoints, SIZE).rotation, found.rotation)


def test_leading_axes_are_free():
    rng = generator()
    camera, points = some_camera(rng), cloud(rng, 60, 1, 1, 1)
    keypoints = seen(points, camera)
    flat = resected_camera(points, keypoints, SIZE)
    framed = resected_camera(points.reshape(4, 15, 3), keypoints.reshape(4, 15, 2), SIZE)
    assert flat is not None and framed is not None
    assert torch.equal(flat.translation, framed.translation)


def few(points, keypoints, rng):
    return points[:11], keypoints[:11]


def none(points, keypoints, rng):
    return points[:0], keypoints[:0]


def mirrored(points, keypoints, rng):
    return points * torch.tensor([-1, 1, 1]), keypoints


def unrelated(points, keypoints, rng):
    return points, keypoints[torch.randperm(len(keypoints), generator=rng)]


def in_one_place(points, keypoints, rng):
    return points, keypoints[:1].expand(len(points), 2)


def of_one_point(points, keypoints, rng):
    return points[:1].expand(len(points), 3), keypoints


def on_a_line(points, keypoints, rng):
    return points[:, :1] * torch.tensor([1, 2, 0.5]).to(points), keypoints


def immense(points, keypoints, rng):
    return points * 1e8, keypoints.clone().fill_(3e38) * keypoints.sign()


@pytest.mark.parametrize(
    "change", [few, none, mirrored, unrelated, in_one_place, of_one_point, on_a_line, immense]
)
@pytest.mark.parametrize("seed", range(5))
def test_no_camera_is_made_up(change, seed):
    rng = generator(seed)
    camera, points = some_camera(rng), cloud(rng, 200, 1, 1, 1)
    assert resected_camera(*change(points, seen(points, camera), rng), SIZE) is None


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_a_plane_does_not_tell_the_camera(axis, noise):
    rng = generator(axis)
    camera = some_camera(rng)
    extent = [1.0, 1.0, 1.0]
    extent[axis] = 0.0
    points = cloud(rng, 500, *extent) @ rotation_about("x", torch.tensor(0.3, dtype=F64)).mT
    keypoints = seen(points, camera) + noise * torch.randn(500, 2, generator=rng, dtype=F64)
    assert resected_camera(points, keypoints, SIZE) is None


def test_a_focal_length_that_is_unsure_is_not_told():
    rng = generator()
    camera = some_camera(rng)
    points = cloud(rng, 100, 0.2, 0.2, 0.2)  # small and far away: seen as if from infinity
    keypoints = seen(points, camera)
    assert resected_camera(points, keypoints, SIZE) is not None
    keypoints = keypoints + 2 * torch.randn(100, 2, generator=rng, dtype=F64)
    assert resected_camera(points, keypoints, SIZE) is None
