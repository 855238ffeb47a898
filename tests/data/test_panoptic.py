"""CMU Panoptic: centimetres, y down, people who come and go, the cameras of the dome."""

import json

import numpy as np
import pytest
import torch

from crosslift.camera import in_front
from crosslift.data.panoptic import Panoptic
from crosslift.errors import DataError, SettingsError
from crosslift.skeletons import PANOPTIC_19

from .samples import panoptic as sample
from .samples.bodies import walker


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def test_centimetres_with_y_down_become_metres_with_z_up(root):
    motions = {motion.name: motion for motion in Panoptic(motions=True).read(root)}
    motion = motions["panoptic/171204_pose1/0"]
    known = [joint for joint in range(19) if joint != 17]
    expected = walker(PANOPTIC_19, 4)[:, known]
    np.testing.assert_allclose(motion.positions[:, known].numpy(), expected, atol=1e-4)
    assert bool(motion.positions[:, 17].isnan().all())  # its score is -1
    assert motion.fps == pytest.approx(29.97)
    assert motion.labels["action"] == "pose"


def test_each_hd_camera_sees_each_person(root):
    clips = {clip.name: clip for clip in Panoptic().read(root)}
    assert sorted(clips) == [
        f"panoptic/171204_pose1/{person}/{camera}"
        for person in (0, 3)
        for camera in ("00_00", "00_12")
    ]
    clip = clips["panoptic/171204_pose1/0/00_12"]
    x, y, z = sample.in_file()[1, 0]
    expected = np.array(sample.TURN) @ [x, y, z] + [0, 100, 400]
    np.testing.assert_allclose(clip.poses[0, 1, 0].numpy(), expected / 100, atol=1e-4)
    assert bool(in_front(clip.poses[0, :, :15]).all())
    assert clip.person == "0"
    assert clip.keypoints[0, 0, 1] < clip.keypoints[0, 8, 1]  # the neck is above the ankle


def test_a_person_who_comes_and_goes_is_one_clip_with_a_gap(root):
    clip = next(c for c in Panoptic().read(root) if c.person == "3")
    assert len(clip) == 3
    assert clip.observed[:, 0].tolist() == [True, False, True]


def test_cameras_and_frames_can_be_chosen(root):
    clips = list(Panoptic(cameras=("01_01",), every=2).read(root))
    assert {clip.labels["camera"] for clip in clips} == {"01_01"}
    assert clips[0].fps == pytest.approx(29.97 / 2)
    assert len(clips[0]) == 2
    with pytest.raises(DataError, match='lists no camera "00_31"'):
        list(Panoptic(cameras=("00_31",)).read(root))
    with pytest.raises(SettingsError, match="above 0"):
        list(Panoptic(every=0).read(root))


def test_missing_files_show_in_the_times(root):
    (root / "hdPose3d_stage1_coco19/body3DScene_00000111.json").unlink()
    clip = next(iter(Panoptic().read(root)))
    assert len(clip) == 3
    torch.testing.assert_close(clip.times, torch.tensor([0, 2, 3]) / 29.97)


def test_the_folder_above_the_sequences_can_be_named(root):
    assert len(list(Panoptic().read(root.parent))) == 4
    with pytest.raises(DataError, match="unpack hdPose3d_stage1_coco19"):
        list(Panoptic().read(root / "hdPose3d_stage1_coco19"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"id": 0, "joints19": [1.0] * 60}, "19 times 4 numbers"),
        ({"id": 0, "joints19": "none"}, "could not convert"),
        ({"joints19": [1.0] * 76}, "id"),
        ([1], "should be a dictionary"),
    ],
)
def test_bodies_that_do_not_fit_are_refused(root, body, words):
    path = root / "hdPose3d_stage1_coco19/body3DScene_00000111.json"
    path.write_text(json.dumps({"bodies": [body]}))
    with pytest.raises(DataError, match=words):
        list(Panoptic().read(root))
