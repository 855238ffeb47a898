"""EvoSkeleton's dictionaries: keys, columns, poses beside them."""

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.data.evoskeleton import EvoSkeleton
from crosslift.errors import DataError

from .samples import evoskeleton as sample
from .samples import h36m


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def test_rows_of_64_are_the_16_joints_that_the_network_finds(root):
    (clip,) = EvoSkeleton().read(root)
    assert clip.name == "h36m/S9/Photo 1/54138969"
    assert clip.skeleton.name == "h36m16"
    expected = np.delete(h36m.seen("S9")[0], 9, axis=1)
    np.testing.assert_allclose(clip.keypoints.numpy(), expected, atol=1e-3)
    assert clip.provenance["keypoints_from"] == "hrnet"
    assert clip.labels["split"] == "test"


def test_poses_beside_the_keypoints_come_along(root):
    (clip,) = EvoSkeleton().read(root / "twoDPose_HRN_test.npy")
    torch.testing.assert_close(
        project(clip.poses[0], clip.camera), clip.keypoints, atol=1e-2, rtol=0
    )
    (root / "threeDPose_test.npy").unlink()
    (alone,) = EvoSkeleton().read(root)
    assert alone.poses is None


@pytest.mark.parametrize(("columns", "skeleton"), [(32, "h36m16"), (34, "h36m17")])
def test_shorter_rows_are_joints_in_order(root, columns, skeleton):
    (root / "threeDPose_test.npy").unlink()
    rows = np.arange(2.0 * columns).reshape(2, columns)
    np.save(root / "twoDPose_HRN_test.npy", {sample.KEY: rows})
    (clip,) = EvoSkeleton().read(root)
    assert clip.skeleton.name == skeleton
    assert clip.keypoints[0, 1].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({sample.KEY: np.zeros((2, 40))}, "rows of 64, 34 or 32"),
        ({sample.KEY: "rows"}, "an array of numbers"),
        ({(9, "Photo"): np.zeros((2, 64))}, r"should be \(subject, action, file name\)"),
        ({(9, "Photo", "Photo 1.123.h5"): np.zeros((5, 64))}, 'no camera of Human3.6M "123"'),
        ({(9, "Photo", "Photo 2.54138969.h5"): np.zeros((5, 64))}, "no poses in the file beside"),
        ([1], "should be a dictionary"),
    ],
)
def test_contents_that_do_not_fit_are_refused(root, content, words):
    np.save(root / "twoDPose_HRN_test.npy", np.array(content, object), allow_pickle=True)
    with pytest.raises(DataError, match=words):
        list(EvoSkeleton().read(root))


def test_a_folder_without_the_files_is_refused(tmp_path):
    with pytest.raises(DataError, match="twoDPose_HRN_train"):
        list(EvoSkeleton().read(tmp_path))
