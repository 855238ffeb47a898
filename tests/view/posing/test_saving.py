"""A posed body as files."""

from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from crosslift import registry
from crosslift.camera import looking_at, pinhole
from crosslift.clip import Clip
from crosslift.data.clip_file import SUFFIX, read_clip
from crosslift.errors import SettingsError
from crosslift.motion import Motion
from crosslift.view.posing import check_paths, motion_of, read_pose, save

from .bodies import at_random

CAMERA = looking_at(
    pinhole(1000.0, (1000, 1000)), torch.tensor([0.0, 9, 1]), torch.tensor([0.0, 0, 1])
)


def test_each_file_is_of_the_kind_that_its_name_says(tmp_path):
    keyed = at_random(3)
    paths = [tmp_path / f"a{end}" for end in (SUFFIX, ".bvh", ".glb", ".json")]
    save(keyed, None, paths, torch.Generator())
    wanted = motion_of(keyed)
    motion = read_clip(paths[0])
    assert isinstance(motion, Motion)
    assert_close(motion.positions, wanted.positions)
    assert_close(motion.angles, wanted.angles)
    (bvh,) = registry.settings_of("reader", "bvh")().read(paths[1])
    assert len(bvh) == len(wanted) and bvh.fps == pytest.approx(30)
    assert paths[2].read_bytes()[:4] == b"glTF"
    assert_close(read_pose(paths[3]).angles, keyed.angles)


def test_with_a_camera_the_clip_holds_what_it_sees(tmp_path):
    keyed = at_random(2)
    save(keyed, CAMERA, [tmp_path / f"a{SUFFIX}"], torch.Generator())
    clip = read_clip(tmp_path / f"a{SUFFIX}")
    assert isinstance(clip, Clip) and clip.keypoints.shape == (keyed.frames, 17, 2)
    assert bool(clip.observed.all())


@pytest.mark.parametrize("name", ["a.fbx", "a", "a.safetensors"])
def test_a_name_that_says_nothing_is_refused(name):
    with pytest.raises(SettingsError, match=f'.bvh, .glb, .json, but "{name}" ends otherwise'):
        check_paths([Path("a.bvh"), Path(name)])
