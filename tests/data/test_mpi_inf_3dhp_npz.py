"""MPI-INF-3DHP's npz forms: the kind of annotation has to be told and is checked."""

import numpy as np
import pytest
import torch

from crosslift.data.mpi_inf_3dhp import MpiInf3dhp
from crosslift.data.mpi_inf_3dhp_npz import MpiInf3dhpNpz
from crosslift.errors import DataError

from .samples import mpi_inf_3dhp as original
from .samples import mpi_inf_3dhp_npz as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def as_pstmo(folder, kind):
    path = folder / "data_train_3dhp.npz"
    np.savez_compressed(path, data=sample.training(kind))
    return path


def test_names_that_end_in_ori_hold_annot3(root):
    clips = {clip.name: clip for clip in MpiInf3dhpNpz().read(root)}
    assert sorted(clips) == [
        "mpi_inf_3dhp/S1/Seq1/0",
        "mpi_inf_3dhp/S1/Seq1/8",
        "mpi_inf_3dhp/S2/Seq2/0",
        "mpi_inf_3dhp/TS1",
        "mpi_inf_3dhp/TS5",
    ]
    clip = clips["mpi_inf_3dhp/S1/Seq1/8"]
    assert clip.labels["annotation"] == "annot3"
    assert clip.camera.focal_from == "estimated"
    assert clip.camera.focal.tolist() == pytest.approx([1497.693, 1497.103], abs=0.5)
    assert clip.fps == 25


def test_the_test_set_is_that_of_the_original_files(root, tmp_path_factory):
    clips = {clip.name: clip for clip in MpiInf3dhpNpz().read(root)}
    folder = original.write(tmp_path_factory.mktemp("original"))
    there = {clip.name: clip for clip in MpiInf3dhp().read(folder)}
    one, other = clips["mpi_inf_3dhp/TS1"], there["mpi_inf_3dhp/TS1"]
    torch.testing.assert_close(one.keypoints, other.keypoints, atol=1e-3, rtol=0)
    torch.testing.assert_close(one.poses, other.poses, equal_nan=True)
    assert one.poses[0].isnan().any(dim=-1).any(dim=-1).tolist() == [0, 0, 1, 0, 0, 0]


def test_a_name_that_does_not_tell_the_kind_is_refused(tmp_path):
    path = as_pstmo(tmp_path, "univ_annot3")
    with pytest.raises(DataError, match="Nothing in it tells.*give --annotation"):
        list(MpiInf3dhpNpz().read(path))
    clips = list(MpiInf3dhpNpz(annotation="univ_annot3").read(path))
    assert {clip.provenance["annotation"] for clip in clips} == {"univ_annot3"}


def test_a_universal_size_cannot_pass_for_the_true_one(tmp_path):
    path = as_pstmo(tmp_path, "univ_annot3")
    with pytest.raises(DataError, match="pixels off.*--annotation univ_annot3"):
        list(MpiInf3dhpNpz(annotation="annot3").read(path))
    assert list(MpiInf3dhpNpz(annotation="annot3", checked=False).read(path))


def test_true_sizes_of_several_people_cannot_pass_for_one(tmp_path):
    path = as_pstmo(tmp_path, "annot3")
    with pytest.raises(DataError, match="do not lie on their keypoints, but all of these do"):
        list(MpiInf3dhpNpz(annotation="univ_annot3").read(path))
    assert list(MpiInf3dhpNpz(annotation="annot3").read(path))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"S1 Seq1": []}, "is empty"),
        ({"S1 Seq1": {"0": 1}}, "should be a list"),
        ({"TS1": {"data_2d": np.zeros((2, 16, 2)), "data_3d": np.zeros((2, 17, 3))}}, "16, 2"),
        ({"TS1": {"data_2d": np.zeros((2, 17, 2))}}, "data_3d"),
        (7, "should be a dictionary"),
    ],
)
def test_contents_that_do_not_fit_are_refused(tmp_path, data, words):
    path = tmp_path / "data_test_3dhp_ori.npz"
    np.savez(path, data=np.array(data, object))
    with pytest.raises(DataError, match=words):
        list(MpiInf3dhpNpz().read(path))


def test_marks_that_are_fewer_than_the_frames_are_refused(tmp_path):
    held = sample.testing("annot3")
    held["TS1"]["valid"] = np.ones(3)
    np.savez(tmp_path / "data_test_3dhp_ori.npz", data=held)
    with pytest.raises(DataError, match="3 marks of valid ones"):
        list(MpiInf3dhpNpz().read(tmp_path))
