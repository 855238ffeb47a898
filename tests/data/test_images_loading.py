"""Stores of pictures, and the batches that are read from them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from crosslift.camera import project
from crosslift.data.images import moved
from crosslift.data.images_crop import Changes, Framing, box_of
from crosslift.data.images_loading import StoredCrops, ahead_in_processes
from crosslift.data.images_store import Kept, PictureStore, PictureWriter, Shown
from crosslift.data.store import StoreWriter
from crosslift.errors import DataError, SettingsError, TrainingError

from ..stores import short_clips

FRAMING = Framing(size=(24, 32))


def dotted(keypoints: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """A picture with a white disc about the left wrist."""
    y, x = np.mgrid[: size[1], : size[0]]
    at = keypoints[13].numpy()
    near = (x - at[0]) ** 2 + (y - at[1]) ** 2 < (0.03 * size[1]) ** 2
    return np.repeat((near * 255).astype(np.uint8)[..., None], 3, axis=-1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "store"
    with PictureWriter(folder) as writer:
        for clip in short_clips(2, 3):
            size = tuple(int(side) for side in clip.camera.size)
            boxes = box_of(clip.keypoints, clip.camera.size)
            writer.add(clip, [
                Shown(Kept(dotted(keypoints, size)[10:, 20:], (20.0, 10.0)), box)
                for keypoints, box in zip(clip.keypoints, boxes, strict=True)
            ])  # fmt: skip
    return PictureStore.open(folder)


def brightest(picture: torch.Tensor) -> torch.Tensor:
    """The middle of what is bright in a picture."""
    y, x = (picture.mean(dim=0) > 0.5).nonzero().float().mean(dim=0)
    return torch.stack([x, y])


def test_every_frame_has_its_picture(store):
    assert len(store) == 3 + 5
    assert store.where(4) == (1, 1)
    kept, box = store.picture(4)
    clip = store.store[1]
    assert kept.corner == (20.0, 10.0)
    torch.testing.assert_close(box, box_of(clip.keypoints[1], clip.camera.size))
    size = tuple(int(side) for side in clip.camera.size)
    expected = dotted(clip.keypoints[1], size)[10:, 20:]
    assert np.abs(kept.pixels.astype(int) - expected).mean() < 1
    assert len(store.select(subject="S1")) == 5


@pytest.mark.parametrize("changes", [Changes(0, 0, 0, 0, 0), Changes(0.5), Changes(1.0)])
def test_keypoints_pictures_cameras_and_poses_stay_together(store, changes):
    """Also of mirrored crops, where the dot is at the right wrist."""
    batch = StoredCrops(store, 8, 1, FRAMING, changes).batch(0, 0)
    whole = project(batch.poses, batch.camera)
    torch.testing.assert_close(moved(batch.keypoints, batch.to_picture), whole, atol=0.01, rtol=0)
    swapped = 0
    for picture, keypoints in zip(batch.pictures, batch.keypoints, strict=True):
        off = [float((keypoints[joint] - brightest(picture)).norm()) for joint in (13, 16)]
        assert min(off) < 1
        swapped += off[1] < off[0]
    assert {0.0: swapped == 0, 0.5: 0 < swapped < 8, 1.0: swapped == 8}[changes.flip]


def test_a_batch_follows_from_its_number(store):
    first, again = (StoredCrops(store, 2, 5, FRAMING, Changes()).batch(3, 1) for _ in range(2))
    assert torch.equal(first.pictures, again.pictures)
    other = StoredCrops(store, 2, 5, FRAMING, Changes()).batch(3, 2)
    assert not torch.equal(first.pictures, other.pictures)
    assert len(StoredCrops(store, 2, 5, FRAMING)) == 4


def test_the_number_of_processes_changes_nothing(store):
    crops = StoredCrops(store, 2, 5, FRAMING, Changes())
    alone, shared = (list(ahead_in_processes(crops, 2, 6, workers)) for workers in (0, 2))
    assert len(alone) == 4
    for one, other in zip(alone, shared, strict=True):
        assert torch.equal(one.pictures, other.pictures)
        assert torch.equal(one.keypoints, other.keypoints)


def test_all_crops_come_once_in_order(store):
    batches = list(StoredCrops(store, 3, 0, FRAMING, Changes()).in_order())
    assert [len(batch) for batch in batches] == [3, 3, 2]
    first = torch.cat([batch.poses for batch in batches])[:3]
    torch.testing.assert_close(first, store.store[0].poses[0])


def test_parts_of_a_batch_make_up_the_whole(store):
    crops = StoredCrops(store, 4, 0, FRAMING)
    batch = crops.batch(0, 0)
    halves = [crops.part(batch, which, 2) for which in (0, 1)]
    assert torch.equal(torch.cat([half.pictures for half in halves]), batch.pictures)
    assert len(halves[1].camera.focal) == 2
    with pytest.raises(SettingsError, match="cannot be shared equally by 3"):
        crops.part(batch, 0, 3)
    assert batch.to("cpu", torch.float64).camera.focal.dtype == torch.float64


def test_pictures_can_stay_where_they_are(tmp_path):
    clip = short_clips(1, 2)[0]
    size = tuple(int(side) for side in clip.camera.size)
    shown = []
    for frame, box in enumerate(box_of(clip.keypoints, clip.camera.size)):
        path = tmp_path / f"{frame}.png"
        Image.fromarray(dotted(clip.keypoints[frame], size)).save(path)
        shown.append(Shown(path, box))
    with PictureWriter(tmp_path / "store") as writer:
        writer.add(clip, shown)
    opened = PictureStore.open(tmp_path / "store")
    np.testing.assert_array_equal(opened.picture(1)[0].pixels, dotted(clip.keypoints[1], size))
    (tmp_path / "1.png").unlink()
    with pytest.raises(DataError, match="does not exist, but should be a picture"):
        opened.picture(1)


def test_a_store_without_pictures_is_refused(tmp_path):
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(short_clips(1, 2)[0])
    with pytest.raises(DataError, match='pictures of every clip, but "walk/0" has none'):
        PictureStore.open(tmp_path / "store")
    with pytest.raises(DataError, match="has 2 frames and 0 pictures"):
        with PictureWriter(tmp_path / "other") as writer:
            writer.add(short_clips(1, 2)[0], [])


def test_batches_that_cannot_be_are_refused(store):
    with pytest.raises(SettingsError, match="at least one crop"):
        StoredCrops(store, 0, 0)
    with pytest.raises(TrainingError, match="A batch of 9 crops needs as many"):
        StoredCrops(store, 9, 0)
    assert replace(StoredCrops(store, 8, 0), seed=1).hash == store.store.hash()
