"""MPI-INF-3DHP as published: calibration, kinds of annotation, valid frames, activities."""

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.data.mpi_inf_3dhp import MpiInf3dhp
from crosslift.errors import DataError
from crosslift.skeletons import MPI_INF_3DHP_17, MPI_INF_3DHP_28

from .samples import mpi_inf_3dhp as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def named(clips):
    return {clip.name: clip for clip in clips}


def test_training_clips_have_the_cameras_of_the_calibration(root):
    clips = named(MpiInf3dhp().read(root))
    clip = clips["mpi_inf_3dhp/S1/Seq1/4"]
    assert clip.camera.focal.tolist() == pytest.approx([1497.693, 1497.103])
    assert clip.camera.size.tolist() == [2048, 2048]
    assert clip.camera.focal_from == "given"
    assert clip.fps == 25
    assert clip.skeleton == MPI_INF_3DHP_17
    expected = sample.before(MPI_INF_3DHP_28)[2, MPI_INF_3DHP_28.index("left_wrist")] / 1000
    found = clip.poses[0, 2, MPI_INF_3DHP_17.index("left_wrist")]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)
    torch.testing.assert_close(
        project(clip.poses[0], clip.camera), clip.keypoints, atol=0.01, rtol=0
    )


def test_the_world_of_the_calibration_is_turned_upright(root):
    clip = named(MpiInf3dhp().read(root))["mpi_inf_3dhp/S1/Seq1/0"]
    theirs = -np.array(sample.EXTRINSIC)[:, :3].T @ np.array(sample.EXTRINSIC)[:, 3] / 1000
    x, y, z = theirs
    np.testing.assert_allclose(clip.camera.position.numpy(), [x, -z, y], atol=1e-3)
    assert 0.5 < clip.camera.position[2] < 3


def test_a_published_point_lies_where_the_published_annotation_sees_it():
    camera = np.array(sample.K)
    joint = np.array([-18.0923, 102.071, 3726.17])  # S1, Seq1, camera 0, frame 100, joint 0
    np.testing.assert_allclose(sample.seen(joint, camera), [1017.43, 1092.40], atol=0.01)


def test_the_kind_of_annotation_is_kept_by_name(root):
    for kind in ("annot3", "univ_annot3"):
        for clip in MpiInf3dhp(annotation=kind).read(root):
            assert clip.labels["annotation"] == kind
            assert clip.provenance["annotation"] == kind
    true = named(MpiInf3dhp().read(root))["mpi_inf_3dhp/TS1"]
    universal = named(MpiInf3dhp(annotation="univ_annot3").read(root))["mpi_inf_3dhp/TS1"]
    torch.testing.assert_close(universal.body, true.body * sample.UNIVERSAL)


def test_all_28_joints_can_be_had(root):
    clip = named(MpiInf3dhp(all_joints=True, cameras=(8,)).read(root))["mpi_inf_3dhp/S1/Seq1/8"]
    assert clip.skeleton == MPI_INF_3DHP_28


def test_frames_that_are_not_valid_have_keypoints_but_no_poses(root):
    clip = named(MpiInf3dhp().read(root))["mpi_inf_3dhp/TS1"]
    assert len(clip) == 6
    known = clip.poses[0].isfinite().all(dim=-1).all(dim=-1)
    assert known.tolist() == [bool(valid) for valid in sample.VALID]
    assert bool(clip.observed.all())
    short = named(MpiInf3dhp(valid_only=True).read(root))["mpi_inf_3dhp/TS1"]
    assert torch.equal(short.poses[0], clip.poses[0, known])


def test_test_sequences_have_their_own_cameras_and_sizes(root):
    clips = named(MpiInf3dhp().read(root))
    assert clips["mpi_inf_3dhp/TS1"].camera.size.tolist() == [2048, 2048]
    assert clips["mpi_inf_3dhp/TS6"].camera.size.tolist() == [1920, 1080]
    for name in ("TS1", "TS6"):
        clip = clips[f"mpi_inf_3dhp/{name}"]
        again = project(clip.poses[0, 0], clip.camera)
        torch.testing.assert_close(again, clip.keypoints[0], atol=0.01, rtol=0)
        assert clip.labels["split"] == "test"


def test_test_sequences_can_be_cut_by_activity(root):
    clips = named(MpiInf3dhp(by_activity=True).read(root))
    first, second = clips["mpi_inf_3dhp/TS1/0"], clips["mpi_inf_3dhp/TS1/1"]
    assert (len(first), first.labels["action"]) == (3, "Standing/Walking")
    assert (len(second), second.labels["action"]) == (3, "Exercising")


def test_training_without_a_calibration_gets_estimated_cameras(root):
    (root / "S1/Seq1/camera.calibration").unlink()
    clip = named(MpiInf3dhp().read(root))["mpi_inf_3dhp/S1/Seq1/0"]
    assert clip.camera.focal_from == "estimated"
    assert clip.camera.focal.tolist() == pytest.approx([1497.693, 1497.103], abs=0.5)


def test_only_the_frames_that_have_video_are_taken(tmp_path, monkeypatch):
    monkeypatch.setitem(
        __import__("crosslift.data.mpi_inf_3dhp_takes", fromlist=["KEPT"]).KEPT,
        "S1",
        ((4, 25), (12430, 50)),
    )
    sample.write_training(tmp_path)
    assert {len(clip) for clip in MpiInf3dhp().read(tmp_path)} == {4}


def test_a_single_file_can_be_named(root):
    assert len(list(MpiInf3dhp().read(root / "S1/Seq1/annot.mat"))) == 8
    test = root / "mpi_inf_3dhp_test_set/TS6/annot_data.mat"
    assert [clip.name for clip in MpiInf3dhp().read(test)] == ["mpi_inf_3dhp/TS6"]


def test_what_does_not_fit_is_refused(root, tmp_path):
    with pytest.raises(DataError, match="Camera 12 was asked for"):
        list(MpiInf3dhp(cameras=(12,)).read(root))
    (root / "S1").rename(root / "S12")
    with pytest.raises(DataError, match='no training sequence of MPI-INF-3DHP "S12 Seq1"'):
        list(MpiInf3dhp().read(root))
    (root / "S12/Seq1").rename(tmp_path / "elsewhere")
    (root / "mpi_inf_3dhp_test_set/TS6").rename(root / "mpi_inf_3dhp_test_set/TS9")
    with pytest.raises(DataError, match='no test sequence of MPI-INF-3DHP "TS9"'):
        list(MpiInf3dhp().read(root / "mpi_inf_3dhp_test_set"))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"S1/Seq1/annot\.mat"):
        list(MpiInf3dhp().read(tmp_path))
