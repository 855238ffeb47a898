"""Windows of consecutive pictures: which pictures, changed how, shared how."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.camera import project
from crosslift.data.images import moved
from crosslift.data.images_crop import Changes, Framing
from crosslift.data.images_loading import StoredCrops
from crosslift.data.images_store import PictureStore
from crosslift.errors import SettingsError, TrainingError
from crosslift.recipes.l2d_pose import StoredWindows, windowed, windows_in

from ...stores import short_clips, stored
from ..jobs import generator
from .people import dotted_store

SIZE = (32, 64)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    return dotted_store(tmp_path_factory.mktemp("dots") / "store", (7, 5))


def windows(store: Path, batch: int = 4, frames: int = 2) -> StoredWindows:
    crops = StoredCrops(PictureStore.open(store), batch, 0, Framing(SIZE), Changes())
    return StoredWindows(crops, frames)


def test_windows_lie_in_their_clips(store):
    assert windows(store, 3, 3).starts == [0, 3, 7]
    assert windows(store, 2, 2).starts == [0, 2, 4, 7, 9]
    assert len(windows(store, 4, 2)) == 2


def test_the_pictures_of_a_window_follow_each_other_and_are_changed_alike(store):
    found, clips = windows(store), PictureStore.open(store)
    order = {
        tuple(clips.store[clip].poses[0, frame, 10].tolist()): (clip, frame)
        for clip in range(2)
        for frame in range(len(clips.store[clip]))
    }
    seen = 0
    for epoch in range(4):
        batch = found.batch(epoch, 0)
        assert batch.poses is not None
        places = [order.get(tuple(pose[10].tolist())) for pose in batch.poses]
        for first, second in zip(places[::2], places[1::2], strict=True):
            if first is None:  # the window is mirrored
                assert second is None
                continue
            assert second == (first[0], first[1] + 1)
            seen += 1
        ways = windowed(batch.to_picture, 2)
        turn = torch.atan2(ways[..., 1, 0], ways[..., 0, 0])
        assert torch.allclose(turn[:, 0], turn[:, 1], atol=1e-5)  # drawn once for the window
    assert 0 < seen < 8


def test_keypoints_are_where_the_camera_sees_the_poses(store):
    batch = windows(store).batch(3, 0)
    assert batch.poses is not None
    seen = project(batch.poses, batch.camera)
    assert torch.allclose(moved(batch.keypoints, batch.to_picture), seen, atol=0.05)


def test_batches_follow_from_their_numbers(store):
    found = windows(store)
    assert torch.equal(found.batch(1, 1).pictures, windows(store).batch(1, 1).pictures)
    assert not torch.equal(found.batch(0, 0).pictures, found.batch(1, 0).pictures)
    assert found.hash != windows(store, 4, 4).hash


def test_processes_share_whole_windows(store):
    found = windows(store)
    batch = found.batch(0, 0)
    assert torch.equal(found.part(batch, 1, 2).keypoints, batch.keypoints[2:])
    with pytest.raises(SettingsError, match="2 windows of a batch cannot be shared equally by 4"):
        found.part(batch, 0, 4)


def test_what_makes_no_windows_is_refused(store, tmp_path):
    with pytest.raises(SettingsError, match="5 pictures cannot be made of windows of 2 frames"):
        windows(store, 5, 2)
    with pytest.raises(TrainingError, match="needs 1 windows of 8 consecutive pictures, but"):
        windows(store, 8, 8)
    stored(tmp_path / "motion", short_clips(1))
    with pytest.raises(SettingsError, match="Windows of 3 frames are cut from a store with pict"):
        windows_in([tmp_path / "motion"], {}, SIZE, 3, 3, generator())


def test_single_pictures_and_windows_come_from_one_function(store):
    single = windows_in([store], {}, SIZE, 4, 1, generator())
    assert isinstance(single, StoredCrops)
    found = windows_in([store], {}, SIZE, 4, 2, generator(), Changes())
    assert isinstance(found, StoredWindows)
    unchanged = windows_in([store], {}, SIZE, 4, 2, generator())
    assert isinstance(unchanged, StoredWindows) and unchanged.crops.changes == Changes(
        flip=0.0, scale=0.0, turned=0.0, turn=0.0, colour=0.0
    )
    assert replace(unchanged, frames=1).windows == 4
