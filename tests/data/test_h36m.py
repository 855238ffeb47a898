"""Human3.6M's npz pair: frames of reference, layouts, cuts, omissions, refusals."""

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.cameras_h36m import H36M_EXTRINSICS
from crosslift.data.h36m import H36M
from crosslift.data.h36m_takes import canonical
from crosslift.errors import DataError
from crosslift.mapping import mapping
from crosslift.skeletons import H36M_17, H36M_32

from .samples import h36m as sample


@pytest.fixture
def root(tmp_path):
    return sample.write(tmp_path)


def named(clips):
    return {clip.name: clip for clip in clips}


def rewrite(root, kind, found, **metadata):
    told = {"num_joints": 17, "keypoints_symmetry": sample.SYMMETRY, **metadata}
    path = root / f"data_2d_h36m_{kind}.npz"
    np.savez_compressed(path, positions_2d=found, metadata=told)


def test_each_camera_is_a_clip_and_s11s_corrupt_take_is_left_out(root):
    clips = named(H36M().read(root))
    assert len(clips) == 8
    assert "h36m/S9/Photo 1/55011271" in clips
    assert not any(name.startswith("h36m/S11/Directions/") for name in clips)
    clip = clips["h36m/S9/Photo 1/55011271"]
    assert clip.labels == {
        "subject": "S9",
        "action": "Photo",
        "recording": "Photo 1",
        "split": "test",
        "camera": "55011271",
    }
    assert clip.provenance["keypoints_from"] == "gt"
    assert clip.fps == 50
    assert clip.skeleton == H36M_17


def test_poses_are_in_the_cameras_frame_by_the_published_quaternion(root):
    clip = named(H36M().read(root))["h36m/S9/Photo 1/58860488"]
    (w, *v), position = H36M_EXTRINSICS["S9"][2]
    point = sample.world()[2, H36M_32.index("left_wrist")]
    turned, v = point - np.array(position) / 1000, -np.array(v)  # the inverse turn
    turned = turned + 2 * (w * np.cross(v, turned) + np.cross(v, np.cross(v, turned)))
    found = clip.poses[0, 2, H36M_17.index("left_wrist")]
    np.testing.assert_allclose(found.numpy(), turned, atol=1e-5)


def test_true_keypoints_are_the_projection_of_the_poses(root):
    for clip in H36M().read(root):
        again = project(clip.poses[0], clip.camera)
        torch.testing.assert_close(again, clip.keypoints, atol=1e-2, rtol=0)
    both = zip(H36M().read(root), H36M(keypoints="projected").read(root), strict=True)
    for given, made in both:
        assert given.name == made.name
        torch.testing.assert_close(given.keypoints, made.keypoints, atol=1e-2, rtol=0)
        assert made.provenance["keypoints_from"] == "projection"


def test_detections_longer_than_the_motion_capture_are_cut(root):
    clips = named(H36M(keypoints="cpn_ft_h36m_dbb").read(root))
    clip = clips["h36m/S9/Photo 1/54138969"]
    assert len(clip) == 5
    assert clip.provenance["keypoints_from"] == "cpn_ft_h36m_dbb"
    whole = named(H36M(keypoints="cpn_ft_h36m_dbb", poses=False).read(root))
    assert len(whole["h36m/S9/Photo 1/54138969"]) == 6


def test_subjects_without_motion_capture_are_keypoints_alone(root):
    clips = named(H36M(keypoints="cpn_ft_h36m_dbb").read(root))
    clip = clips["h36m/S2/Eating/60457274"]
    assert clip.poses is None and clip.body is None
    assert clip.camera.focal.tolist() == pytest.approx([1145.5113525, 1144.7739258])
    assert "split" not in clip.labels


def test_a_2d_file_can_be_named_itself(root):
    path = root / "data_2d_h36m_cpn_ft_h36m_dbb.npz"
    assert len(list(H36M().read(path))) == 8


def test_without_keypoints_come_motions_of_32_joints(root):
    motions = named(H36M(keypoints="none").read(root))
    motion = motions["h36m/S9/Photo 1"]
    assert motion.skeleton == H36M_32
    assert np.array_equal(motion.positions.numpy(), sample.world())


def test_detections_that_end_early_are_refused(root):
    rewrite(root, "short", {"S9": {"Photo 1": [part[:4] for part in sample.seen("S9")]}})
    with pytest.raises(DataError, match=r"5 frames of motion capture, but keypoints of 4 only"):
        list(H36M(keypoints="short").read(root))


def test_sixteen_joints_and_a_third_channel_of_scores(root):
    cut = [np.delete(part, 9, axis=1) for part in sample.seen("S9")]
    scored = [np.concatenate([part, np.full((5, 16, 1), 0.7)], axis=-1) for part in cut]
    scored[0][1, 3, 2] = 0
    scored[0][1, 4] = np.nan
    scored[0][1, 5, 2] = 1.3
    symmetry = [[4, 5, 6, 10, 11, 12], [1, 2, 3, 13, 14, 15]]
    rewrite(root, "hr", {"S9": {"Photo 1": scored}}, num_joints=16, keypoints_symmetry=symmetry)
    clip = next(iter(H36M(keypoints="hr").read(root)))
    assert clip.skeleton.name == "h36m16"
    assert clip.scores[0, 3] == pytest.approx(0.7)
    assert clip.scores[1, 3:6].tolist() == [0, 0, 1]
    assert clip.observed[1, 3:6].tolist() == [False, False, True]
    assert bool(clip.keypoints[1, 3:5].isnan().all())
    true = project(clip.poses[0], clip.camera)
    torch.testing.assert_close(clip.keypoints[2], true[2], atol=1e-2, rtol=0)


def test_keypoints_of_coco_are_mapped_and_marked_where_there_are_poses(root):
    pixels = np.random.default_rng(0).uniform(0, 1000, (5, 17, 2)).astype(np.float32)
    symmetry = [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16]]
    rewrite(
        root, "detectron_pt_coco", {"S9": {"Photo 1": [pixels] * 4}}, keypoints_symmetry=symmetry
    )
    clip = next(iter(H36M(keypoints="detectron_pt_coco").read(root)))
    assert clip.skeleton == H36M_17
    assert "pelvis" in clip.provenance["synthesised"]
    expected = mapping("coco17", "h36m17").apply2d(torch.from_numpy(pixels)).keypoints
    torch.testing.assert_close(clip.keypoints, expected)
    plain = next(iter(H36M(keypoints="detectron_pt_coco", poses=False).read(root)))
    assert plain.skeleton.name == "coco17"
    assert np.array_equal(plain.keypoints.numpy(), pixels)


def test_the_metadata_decides_the_layout_and_not_the_files_name(root):
    rewrite(root, "gt", {"S9": {"Photo 1": sample.seen("S9")}}, keypoints_symmetry=[[2], [3]])
    with pytest.raises(DataError, match=r"17 joints with \[2\] on the left.*--layout"):
        list(H36M().read(root))
    assert len(list(H36M(layout="h36m17").read(root))) == 4


def test_a_camera_without_keypoints_is_skipped(root):
    views = sample.seen("S9")
    rewrite(root, "gt", {"S9": {"Photo 1": [views[0], None, views[2], None]}})
    names = [clip.labels["camera"] for clip in H36M().read(root)]
    assert names == ["54138969", "58860488"]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"S9": {"Photo 1": [np.zeros((5, 17, 2))] * 3}}, "of the 4 cameras"),
        ({"S9": {"Photo 1": [np.zeros((5, 16, 2))] * 4}}, r"\(5, 16, 2\) was found"),
        ({"S9": {"Photo 1": [np.array(["x"])] * 4}}, "an array of numbers"),
        ({"S9": {"Greeting": [np.zeros((5, 17, 2))] * 4}}, "no poses in data_3d_h36m.npz"),
        ({"S9": [1, 2]}, "should be a dictionary"),
        ([1, 2], "should be a dictionary"),
    ],
)
def test_contents_that_do_not_fit_are_refused(root, found, words):
    rewrite(root, "gt", found)
    with pytest.raises(DataError, match=words):
        list(H36M().read(root))


def test_missing_files_are_named_with_what_is_there(root):
    with pytest.raises(DataError, match='did you mean "cpn_ft_h36m_dbb"'):
        list(H36M(keypoints="cpn_ft_h36m").read(root))
    (root / "data_3d_h36m.npz").unlink()
    with pytest.raises(DataError, match=r'data_3d_h36m\.npz" does not exist'):
        list(H36M().read(root))


def test_a_pickle_that_names_code_is_refused(root):
    evil = np.empty((), object)
    evil[()] = {"S9": Harm()}
    np.savez(root / "data_2d_h36m_gt.npz", positions_2d=evil)
    with pytest.raises(DataError, match="may run code"):
        list(H36M().read(root))


class Harm:
    def __reduce__(self):
        return print, ("this must never be printed",)


@pytest.mark.parametrize(
    ("original", "published"),
    [("TakingPhoto_1", "Photo 1"), ("WalkingDog", "WalkDog"), ("SittingDown 2", "SittingDown 2")],
)
def test_recordings_get_their_published_names(original, published):
    assert canonical(original) == published
