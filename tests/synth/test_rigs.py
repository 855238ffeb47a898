"""Cameras: where they are put up and that they see the person."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import project, world_to_camera
from crosslift.errors import SettingsError
from crosslift.synth import RIGS, draw_body, draw_camera, placed, record, rig_named


@pytest.fixture(scope="module")
def motion():
    rng = torch.Generator().manual_seed(0)
    return record("walk", draw_body(rng), 30.0, 8.0, rng)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", RIGS)
def test_the_camera_sees_the_person(name, seed, motion):
    camera = placed(RIGS[name], motion.positions, 30.0, torch.Generator().manual_seed(seed))
    seen = project(world_to_camera(motion.positions, camera), camera)
    size = camera.size[..., None, :]
    inside = ((seen >= 0) & (seen < size)).all(dim=-1)
    assert float(inside.float().mean()) > 0.995


@pytest.mark.parametrize("name", RIGS)
def test_cameras_stand_as_high_as_their_rig_says(name, motion):
    least, most = RIGS[name].height
    for seed in range(2):
        camera = placed(RIGS[name], motion.positions, 30.0, torch.Generator().manual_seed(seed))
        height = camera.position[..., 2]
        assert least - 0.01 <= float(height.min()) <= float(height.max()) <= most + 0.01


def test_a_moving_camera_moves_smoothly(motion):
    camera = placed(RIGS["moving"], motion.positions, 30.0, torch.Generator().manual_seed(0))
    speed = camera.position.diff(dim=0).norm(dim=-1) * 30
    assert camera.position.shape == (len(motion), 3)
    assert float(speed.max()) < 6
    assert float((camera.position[-1] - camera.position[0]).norm()) > 0.05


def test_off_centre_cameras_are_rolled_and_look_aside(motion):
    generators = [torch.Generator().manual_seed(seed) for seed in range(10)]
    cameras = [placed(RIGS["off_centre"], motion.positions, 30.0, rng) for rng in generators]
    rolls = torch.stack([camera.rotation[0, 2].asin() for camera in cameras])
    off = torch.stack([(camera.centre / camera.size - 0.5).abs() for camera in cameras])
    assert float(rolls.abs().max()) > 0.08
    assert float(off.max()) > 0.03


def test_some_lenses_bend_the_picture_and_some_do_not():
    rng = torch.Generator().manual_seed(0)
    cameras = [draw_camera(rng) for _ in range(12)]
    bent = [camera.distortion is not None for camera in cameras]
    assert 0 < sum(bent) < len(bent)


def test_the_same_generator_gives_the_same_camera():
    first, second = (draw_camera(torch.Generator().manual_seed(3)) for _ in range(2))
    assert_close(first.rotation, second.rotation, rtol=0, atol=0)
    assert_close(first.focal, second.focal, rtol=0, atol=0)


def test_an_unknown_rig_is_answered_with_the_nearest():
    with pytest.raises(SettingsError, match='did you mean "ring"?'):
        rig_named("rings")
