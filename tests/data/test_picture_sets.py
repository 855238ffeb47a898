"""Data sets with pictures: tiny folders of the published layouts, as stores."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from crosslift.camera import project
from crosslift.data.coco_images import CocoImages, sane_box
from crosslift.data.h36m_images import H36MImages
from crosslift.data.images_convert import SURROUNDINGS, about
from crosslift.data.images_crop import Framing
from crosslift.data.images_formats import FORMATS
from crosslift.data.images_loading import StoredCrops
from crosslift.data.images_store import Kept, PictureStore, PictureWriter
from crosslift.data.panoptic_images import PanopticImages
from crosslift.errors import DataError, SettingsError
from crosslift.skeletons import H36M_17, H36M_32, PANOPTIC_15

from .samples import coco as coco_sample
from .samples import panoptic as panoptic_sample
from .samples.bodies import walker

CAMERAS = ("54138969", "55011271", "58860488", "60457274")
FRAMES = 5


def picture(path: Path, size: tuple[int, int], blue: int = 90) -> None:
    """A picture of two greens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    if blue:
        pixels[..., 1] = np.linspace(0, 255, size[0])
        pixels[..., 2] = blue
    Image.fromarray(pixels).save(path, quality=95)


@pytest.fixture
def h36m(tmp_path):
    """Subject S1 walks before four equal cameras; frame 1 of the second camera is blank."""
    walk = walker(H36M_32, FRAMES) - np.array([0, 0, 0.9])
    before = np.stack([walk[..., 1], -walk[..., 2], walk[..., 0] + 4], axis=-1) * 1000
    lens = {"K": [[300, 0, 160], [0, 300, 150], [0, 0, 1]], "width": 320, "height": 300,
            "distCoef": [0, 0, 0, 0, 0]}  # fmt: skip
    place = {"R": np.eye(3).tolist(), "t": [[0.0], [0.0], [5000.0]]}
    told = {"intrinsics": dict.fromkeys(CAMERAS, lens),
            "extrinsics": {"S1": dict.fromkeys(CAMERAS, place)}}  # fmt: skip
    (tmp_path / "camera_parameters.json").write_text(json.dumps(told))
    flat = before[..., :2] / before[..., 2:] * 300 + [160, 150]
    held = {
        "frame": np.tile(np.arange(1, FRAMES + 1), 4),
        "camera": np.repeat([int(name) for name in CAMERAS], FRAMES),
        "pose/2d": np.tile(flat, (4, 1, 1)),
        "pose/3d": np.tile(before, (4, 1, 1)),
    }
    folder = tmp_path / "S1/Walking-1"
    for camera in CAMERAS:
        for frame in range(1, FRAMES + 1):
            blank = camera == CAMERAS[1] and frame == 1
            path = folder / f"imageSequence/{camera}/img_{frame:06d}.jpg"
            picture(path, (320, 300), blue=0 if blank else 90)
    (folder / "annot.pkl").write_bytes(pickle.dumps(held))
    return tmp_path


def test_human36m_gives_every_so_many_frames_of_each_camera(h36m):
    found = list(H36MImages(every=2).read(h36m))
    assert [each.clip.name for each in found] == [f"h36m/S1/Walking 1/{c}" for c in CAMERAS]
    assert [len(each.clip) for each in found] == [3, 2, 3, 3]  # a blank one is left out
    clip = found[0].clip
    assert clip.skeleton == H36M_17
    assert clip.times.tolist() == pytest.approx([0, 0.04, 0.08])
    torch.testing.assert_close(
        project(clip.poses[0], clip.camera), clip.keypoints, atol=1e-2, rtol=0
    )
    assert float(clip.poses[0, 0, 0, 2]) == pytest.approx(4, abs=0.2)
    assert float(clip.camera.translation[2]) == 5
    assert clip.labels["split"] == "train"
    assert isinstance(found[0].shown[0].part, Kept)
    assert len(next(H36MImages().read(h36m)).clip) == 1  # every 40th


def test_human36m_without_a_camera_column_has_a_quarter_for_each(h36m):
    path = h36m / "S1/Walking-1/annot.pkl"
    held = pickle.loads(path.read_bytes())
    del held["camera"]
    path.write_bytes(pickle.dumps(held))
    assert [len(each.clip) for each in H36MImages(every=1).read(h36m)] == [5, 4, 5, 5]


def test_frames_whose_pelvis_is_outside_are_left_out(h36m):
    path = h36m / "S1/Walking-1/annot.pkl"
    held = pickle.loads(path.read_bytes())
    held["pose/2d"][0] += 5000
    held["pose/2d"][1, 3] = 5000  # an ankle
    path.write_bytes(pickle.dumps(held))
    clip = next(H36MImages(every=1).read(h36m)).clip
    assert len(clip) == 4
    assert clip.scores[0].tolist() == [0 if joint == 3 else 1 for joint in range(17)]


def test_a_store_of_human36m_gives_crops(h36m, tmp_path):
    with PictureWriter(tmp_path / "store") as writer:
        for found in H36MImages(every=1).read(h36m):
            writer.add(*found)
    crops = StoredCrops(PictureStore.open(tmp_path / "store"), 4, 0, Framing((24, 32)))
    batch = crops.batch(0, 0)
    assert len(crops) == 4
    assert batch.pictures.shape == (4, 3, 32, 24)
    assert 0.3 < float(batch.pictures[:, 2, 16, 12].mean()) < 0.4  # the blue of the pictures


def test_pictures_can_stay_where_the_data_set_has_them(h36m):
    found = next(H36MImages(every=2, keep=False).read(h36m))
    assert found.shown[1].part == (h36m / f"S1/Walking-1/imageSequence/{CAMERAS[0]}/img_000003.jpg")
    (h36m / f"S1/Walking-1/imageSequence/{CAMERAS[0]}/img_000003.jpg").unlink()
    with pytest.raises(DataError, match="img_00000003.jpg.* does not exist"):
        next(H36MImages(every=2, keep=False).read(h36m))


def test_annotations_that_would_run_code_are_refused(h36m):
    path = h36m / "S1/Walking-1/annot.pkl"
    path.write_bytes(pickle.dumps({"frame": Path.cwd}))
    with pytest.raises(DataError, match="refused, since it may run code"):
        list(H36MImages().read(h36m))
    with pytest.raises(DataError, match="should hold S1/Walking-1/annot.pkl"):
        list(H36MImages(subjects=("S9",)).read(h36m))


@pytest.fixture
def panoptic(tmp_path):
    """The sample's two people, of whom the second is in frames 1 and 3, with pictures."""
    root = panoptic_sample.write(tmp_path)
    for camera in ("00_00", "00_12"):
        for frame in range(4):
            name = f"{camera}_{panoptic_sample.FIRST + frame:08d}.jpg"
            picture(root / "hdImgs" / camera / name, (1920, 1080))
    return root


def test_panoptic_gives_frames_with_one_body(panoptic):
    reader = PanopticImages(cameras=("00_00", "00_12"), every=1)
    found = list(reader.read(panoptic))
    assert [each.clip.name for each in found] == [
        "panoptic/171204_pose1/00_00", "panoptic/171204_pose1/00_12",
    ]  # fmt: skip
    clip = found[1].clip
    assert clip.skeleton == PANOPTIC_15
    assert len(clip) == 2  # frames 0 and 2
    assert clip.times.tolist() == pytest.approx([0, 2 / 29.97])
    torch.testing.assert_close(project(clip.poses[0], clip.camera), clip.keypoints)
    assert clip.labels["split"] == "train"
    wide = found[1].shown[0].part.pixels.shape[1]
    box = found[1].shown[0].box
    assert wide <= float((box[2:] - box[:2]).max()) * SURROUNDINGS + 3


def test_panoptic_needs_its_cameras_and_bodies(panoptic, tmp_path):
    with pytest.raises(DataError, match='lists no camera "00_31"'):
        list(PanopticImages(cameras=("00_31",)).read(panoptic))
    with pytest.raises(DataError, match="unpack hdPose3d_stage1_coco19.tar"):
        list(PanopticImages().read(tmp_path / "171204_pose1/hdImgs"))
    with pytest.raises(SettingsError, match="from 1 upwards"):
        PanopticImages(every=0)


@pytest.fixture
def coco(tmp_path):
    content = coco_sample.content()
    (tmp_path / "annotations").mkdir()
    path = tmp_path / "annotations/person_keypoints_val2017.json"
    path.write_text(json.dumps(content))
    for image in content["images"]:
        picture(tmp_path / "val2017" / image["file_name"], (640, 480))
    return tmp_path


def test_coco_gives_a_clip_of_each_person(coco):
    found = list(CocoImages().read(coco))
    assert [each.clip.name for each in found] == [f"coco/val2017/{key}" for key in (1, 2, 3)]
    clip = found[0].clip
    assert clip.poses is None
    assert clip.camera.focal_from == "assumed"
    assert clip.scores[0, :3].tolist() == [0, 0.5, 1]
    assert found[0].shown[0].box.tolist() == [100, 100, 259, 179]
    mapped = next(CocoImages(to="h36m17").read(coco)).clip
    assert mapped.skeleton == H36M_17
    assert list(CocoImages(fewest=17).read(coco)) == []


def test_crops_of_pictures_without_poses_have_none(coco, tmp_path):
    with PictureWriter(tmp_path / "store") as writer:
        for found in CocoImages().read(coco):
            writer.add(*found)
    batch = StoredCrops(PictureStore.open(tmp_path / "store"), 3, 0, Framing((24, 32))).batch(0, 0)
    assert batch.poses is None
    assert batch.keypoints[:, 0].isnan().all()  # the nose is not there


def test_coco_boxes_are_brought_into_the_picture():
    assert sane_box([-5, 470, 20, 50], (640, 480)).tolist() == [0, 470, 19, 479]
    assert sane_box([700, 10, 20, 20], (640, 480)) is None
    assert sane_box([10, 10, 0, 20], (640, 480)) is None


def test_people_in_pictures_that_nobody_lists_are_refused(coco):
    path = coco / "annotations/person_keypoints_val2017.json"
    content = json.loads(path.read_text())
    content["images"] = content["images"][:1]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="one of the 1 pictures"):
        list(CocoImages().read(coco))


def test_what_is_kept_of_a_picture_lies_about_the_box():
    pixels = np.arange(50 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(50, 60, 3)
    kept = about(pixels, torch.tensor([20.0, 20, 30, 40]))
    assert kept.corner == (8, 13)
    np.testing.assert_array_equal(kept.pixels, pixels[13:49, 8:44])


def test_every_format_says_what_it_is():
    for name, reader in FORMATS.items():
        assert name.endswith("-images")
        assert "Layout:" in str(reader.__doc__)
