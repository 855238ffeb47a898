"""3DPW: pickles of Python 2, a moving camera, SMPL's joints and OpenPose's keypoints."""

import pickle

import numpy as np
import pytest
import torch

from crosslift.camera import camera_to_world
from crosslift.data.threedpw import ThreeDPW
from crosslift.errors import DataError

from .samples import threedpw as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def rewrite(root, **change):
    path = root / "sequenceFiles/train" / f"{sample.NAME}.pkl"
    path.write_bytes(pickle.dumps({**sample.content(), **change}, protocol=2))


def test_each_person_is_a_clip_under_a_camera_that_moves(root):
    first, second = ThreeDPW().read(root)
    assert (first.name, second.name) == (f"3dpw/{sample.NAME}/0", f"3dpw/{sample.NAME}/1")
    assert first.person == "0"
    assert first.labels["split"] == "train"
    assert first.skeleton.name == "smpl24"
    assert first.camera.rotation.shape == (4, 3, 3)
    assert first.camera.size[0].tolist() == [1080, 1920]
    x, y, z = sample.world()[1, 20]
    expected = torch.tensor([x - 0.1, 1 - y, 5 - z])
    torch.testing.assert_close(first.poses[0, 1, 20], expected.float())
    pixels = expected[:2] / expected[2] * torch.tensor([1961.85, 1969.23])
    found = first.keypoints[1, 20]
    torch.testing.assert_close(found, (pixels + torch.tensor([540, 960])).float())


def test_nothing_is_known_where_the_camera_is_not(root):
    first, _ = ThreeDPW().read(root)
    assert first.observed.all(dim=-1).tolist() == [True, True, False, True]
    assert bool(first.poses[0, 2].isnan().all())


def test_people_stand_upright_in_the_world(root):
    for up in (None, "y"):
        first, _ = ThreeDPW(up=up).read(root)
        body = camera_to_world(first.poses[0, 0], first.camera[0])
        x, y, z = sample.world()[0, 15]
        torch.testing.assert_close(body[15], torch.tensor([x, -z, y]).float())


def test_detections_are_openposes_and_zeros_are_missing(root):
    first, second = ThreeDPW(keypoints="poses2d").read(root)
    assert first.skeleton.name == "openpose18"
    assert first.poses is None
    assert first.scores[0, 0] == pytest.approx(0.8)
    assert not bool(first.observed[1].any())
    assert bool(first.keypoints[1].isnan().all())
    assert second.keypoints[0, 0].tolist() == [100, 110]


def test_pickles_of_python_3_are_read_too(root):
    before = [clip.keypoints for clip in ThreeDPW().read(root)]
    rewrite(root)
    for one, clip in zip(before, ThreeDPW().read(root), strict=True):
        assert torch.equal(one.nan_to_num(), clip.keypoints.nan_to_num())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cam_poses": np.zeros((3, 4, 4))}, r"shape \(3, 4, 4\)"),
        ({"cam_poses": np.full((4, 4, 4), 2.0)}, "orthonormal"),
        ({"cam_intrinsics": np.zeros((3, 3))}, "focal length"),
        ({"cam_intrinsics": np.full((3, 3), np.nan)}, "sensible numbers"),
        ({"campose_valid": [np.ones(3)] * 2}, "3 marks"),
        ({"jointPositions": [np.zeros((4, 60))]}, r"\(4, 20, 3\) was found"),
        ({"jointPositions": 5}, "should be a list"),
    ],
)
def test_contents_that_do_not_fit_are_refused(root, change, words):
    rewrite(root, **change)
    with pytest.raises(DataError, match=words):
        list(ThreeDPW().read(root))


def test_a_pickle_that_names_code_is_refused(root):
    rewrite(root, betas=Harm())
    with pytest.raises(DataError, match="may run code"):
        list(ThreeDPW().read(root))
    with pytest.raises(DataError, match="holds no pkl"):
        list(ThreeDPW().read(root / "sequenceFiles/test"))


class Harm:
    def __reduce__(self):
        return print, ("this must never be printed",)
