"""SPIN's file: sequences, gaps, roots placed by what is seen; DH-AUG's preparation."""

import numpy as np
import pytest
import torch

from crosslift.data.spin import Spin, prepared_as_dh_aug
from crosslift.errors import DataError
from crosslift.skeletons import SPIN_24

from .samples import mpi_inf_3dhp as original
from .samples import spin as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def test_each_test_sequence_is_a_clip_with_the_times_of_its_pictures(root):
    first, second = Spin().read(root)
    assert (first.name, second.name) == ("spin/TS1", "spin/TS6")
    assert first.times.tolist() == pytest.approx([0, 1 / 25, 3 / 25])
    assert second.camera.size.tolist() == [1920, 1080]
    assert first.provenance["annotation"] == "univ_annot3"


def test_joints_that_3dhp_does_not_have_are_missing(root):
    first, _ = Spin().read(root)
    missing = [not seen for seen in first.observed[0].tolist()]
    assert [joint for joint, lost in enumerate(missing) if lost] == sample.UNKNOWN
    assert bool(first.poses[0, :, sample.UNKNOWN].isnan().all())


def test_poses_are_placed_where_they_are_seen(root):
    first, _ = Spin().read(root)
    assert first.root_from == "reprojection"
    expected = original.before(SPIN_24, 5)[:3] / 1000
    known = [joint for joint in range(24) if joint not in sample.UNKNOWN]
    np.testing.assert_allclose(first.poses[0][:, known].numpy(), expected[:, known], atol=0.01)


def test_pictures_of_other_sets_are_refused(root):
    held = dict(np.load(root))
    np.savez(root, **{**held, "imgname": np.array(["S1/Seq1/img.jpg"] * 5)})
    with pytest.raises(DataError, match="should tell its test sequence"):
        list(Spin().read(root))
    np.savez(root, **{**held, "part": held["part"][:4]})
    with pytest.raises(DataError, match="5 pictures, 4 rows of part"):
        list(Spin().read(root))
    np.savez(root, **{**held, "S": held["S"][..., :3]})
    with pytest.raises(DataError, match=r"\(5, 24, 3\) was found"):
        list(Spin().read(root))


def test_dh_augs_keypoints_are_normalised_by_the_width_and_zero_where_unseen():
    part = torch.zeros(1, 24, 3, dtype=torch.float64)
    truth = torch.ones(1, 24, 4, dtype=torch.float64)
    part[0, :, :2] = torch.tensor([960.0, 270.0])
    part[0, :, 2] = 1
    part[0, 14, 2] = truth[0, 14, 3] = 0  # the pelvis
    made = prepared_as_dh_aug(part, truth, ["TS6"])
    assert made.keypoints[0, 0].tolist() == [0, 0]
    assert made.keypoints[0, 1].tolist() == pytest.approx([0, 270 / 960 - 1080 / 1920])
    with pytest.raises(DataError, match="known in 2D and in 3D"):
        prepared_as_dh_aug(part, truth.clone().fill_(1), ["TS6"])
