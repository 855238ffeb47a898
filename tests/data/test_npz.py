from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.clip import Clip
from crosslift.data.keypoints import Footage
from crosslift.data.npz import Npz
from crosslift.errors import DataError, SkeletonError
from crosslift.motion import Motion
from crosslift.skeletons import COCO_17

from .samples import npz as sample

KEYPOINTS = np.ones((3, 17, 2))
PLAIN = {"keypoints": KEYPOINTS, "skeleton": "coco17", "size": (640, 480)}


def read(folder: Path, arrays: dict, **options: object) -> list[Clip]:
    np.savez(folder / "walk.npz", **arrays)
    return list(Npz(**options).read(folder / "walk.npz"))  # type: ignore[arg-type]


def test_a_file_with_everything_gives_a_whole_clip(tmp_path: Path):
    (clip,) = Npz().read(sample.write(tmp_path))
    assert isinstance(clip, Clip)
    assert (clip.name, clip.person, clip.fps, len(clip)) == ("npz/walk", "anna", 25.0, 4)
    assert clip.skeleton is COCO_17
    assert clip.keypoints[0, 0].isnan().all()
    assert clip.keypoints[2, 1].tolist() == [112.0, 106.0]
    assert clip.scores[0, :2].tolist() == [0.0, 0.75]
    assert clip.observed[0, :2].tolist() == [False, True]
    assert clip.poses is not None
    assert clip.poses.shape == (1, 4, 17, 3)
    assert clip.poses[0, 0, 0].tolist() == pytest.approx([-1.1, -0.7, 4.0])
    assert clip.root_from == "measured"
    assert clip.camera.focal.tolist() == [800.0, 800.0]
    assert clip.camera.focal_from == "given"
    assert clip.camera.distortion is not None


def test_keypoints_and_a_skeleton_are_enough(tmp_path: Path):
    footage = Footage(size=(640, 480), fps=50.0)
    (clip,) = read(tmp_path, {"keypoints": KEYPOINTS}, footage=footage, skeleton="coco17")
    assert clip.fps == 50.0
    assert clip.scores.eq(1).all()
    assert clip.camera.focal_from == "assumed"


def test_the_third_number_of_a_keypoint_is_its_score(tmp_path: Path):
    points = np.concatenate([KEYPOINTS, np.full((3, 17, 1), 0.25)], axis=-1)
    (clip,) = read(tmp_path, {**PLAIN, "keypoints": points})
    assert clip.scores.eq(0.25).all()


def test_several_people_are_a_clip_each(tmp_path: Path):
    crowd = np.stack([KEYPOINTS, 2 * KEYPOINTS])
    poses = np.ones((2, 3, 17, 3))
    clips = read(tmp_path, {**PLAIN, "keypoints": crowd, "poses": poses})
    assert [clip.name for clip in clips] == ["npz/walk/0", "npz/walk/1"]
    assert clips[1].keypoints[0, 0].tolist() == [2.0, 2.0]
    assert clips[1].poses is not None
    assert clips[1].poses.shape == (1, 3, 17, 3)


def test_poses_may_have_hypotheses(tmp_path: Path):
    (clip,) = read(tmp_path, {**PLAIN, "poses": np.ones((5, 3, 17, 3)), "root_from": "assumed"})
    assert clip.poses is not None
    assert clip.poses.shape == (5, 3, 17, 3)
    assert clip.root_from == "assumed"


def test_what_was_filled_in_keeps_its_place_but_is_not_observed(tmp_path: Path):
    observed = np.ones((3, 17), bool)
    observed[1, 2] = False
    (clip,) = read(tmp_path, {**PLAIN, "observed": observed})
    assert not clip.observed[1, 2]
    assert clip.keypoints[1, 2].tolist() == [1.0, 1.0]


def test_positions_are_a_motion_in_the_world(tmp_path: Path):
    arrays = {
        "positions": np.full((3, 17, 3), 0.5),
        "skeleton": "h36m17",
        "fps": 60,
        "angles": np.zeros((3, 2)),
        "angle_names": ["left_knee", "right_knee"],
    }
    (motion,) = read(tmp_path, arrays)
    assert isinstance(motion, Motion)
    assert motion.fps == 60
    assert motion.angle_names == ("left_knee", "right_knee")
    assert motion.positions[0, 0].tolist() == [0.5, 0.5, 0.5]


def test_labels_and_provenance_come_from_words(tmp_path: Path):
    words = '{"labels": {"subject": "S1"}, "provenance": {"licence": "none"}, "more": [1]}'
    (clip,) = read(tmp_path, {**PLAIN, "words": words, "person": "anna"})
    assert clip.labels == {"subject": "S1"}
    assert clip.provenance == {"licence": "none"}
    crowd = np.stack([KEYPOINTS, KEYPOINTS])
    clips = read(tmp_path, {**PLAIN, "words": words, "keypoints": crowd})
    assert [clip.labels for clip in clips] == [{"subject": "S1", "person": p} for p in "01"]
    (clip,) = read(tmp_path, {**PLAIN, "words": "{}", "person": "anna"})
    assert clip.labels == {"person": "anna"}
    assert clip.provenance == {"format": "npz", "file": "walk.npz"}


def test_a_frame_rate_keeps_all_its_digits(tmp_path: Path):
    (clip,) = read(tmp_path, {**PLAIN, "fps": 30000 / 1001})
    assert clip.fps == 30000 / 1001


def test_a_skeleton_of_ones_own_is_joints_and_parents(tmp_path: Path):
    arrays = {"joints": ["hip", "knee"], "parents": [-1, 0], "keypoints": np.ones((2, 2, 2))}
    (clip,) = read(tmp_path, {**arrays, "size": (640, 480)})
    assert clip.skeleton.joints == ("hip", "knee")


def test_a_moving_camera_has_an_entry_a_frame(tmp_path: Path):
    moves = np.arange(9.0).reshape(3, 3)
    (clip,) = read(tmp_path, {**PLAIN, "focal": 700.0, "translation": moves})
    assert clip.camera.translation.shape == (3, 3)
    assert clip.camera.focal.tolist() == [[700.0, 700.0]] * 3


def test_what_the_user_says_of_the_camera_comes_first(tmp_path: Path):
    footage = Footage(size=(100, 50), focal=90.0)
    (clip,) = read(tmp_path, {**PLAIN, "focal": 700.0}, footage=footage)
    assert clip.camera.size.tolist() == [100, 50]
    assert clip.camera.focal.tolist() == [90, 90]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keypoints": np.ones((17, 2))}, r'"keypoints" should be numbers of the shape \(any'),
        ({"keypoints": np.full((3, 17, 2), "a")}, "<U1 of the shape"),
        ({"scores": np.ones((3, 16))}, r"\(3, 17\), but float64 of the shape \(3, 16\)"),
        ({"scores": np.full((3, 17), 97.0)}, "Scores should lie between 0 and 1, but 97 to 97"),
        ({"skeleton": "coco18"}, 'no skeleton "coco18"; did you mean'),
        ({"skeleton": "h36m16"}, "17 joints, but the skeleton .h36m16. has 16"),
        ({"focal": -1.0}, "focal length is a positive number"),
        ({"focal": np.nan}, '"focal" should be finite'),
        ({"fps": 0}, "positive number of frames a second"),
        ({"model": "fisheye"}, '"model" should be opencv or h36m, but fisheye'),
        ({"size": (0, 480)}, "some pixels wide"),
        ({"times": np.ones(2)}, '"times" should be numbers'),
        ({"words": "{"}, '"words" should be JSON, but is not'),
        ({"words": "[" * 100_000}, '"words" should be JSON, but is not'),
        ({"words": "[1]"}, '"words" should hold texts by name'),
        ({"words": '{"labels": ["a"]}'}, '"words" should hold texts by name'),
        ({"words": '{"labels": {"a": 1}}'}, "write numbers as text"),
        ({"words": '{"provenance": {"a": null}}'}, "write numbers as text"),
        ({"words": 3}, '"words" should be text'),
        ({"words": ["{}", "{}"]}, '"words" should be one text'),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, change: dict, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, {**PLAIN, **change})
    assert "walk.npz" in str(problem.value)


def test_other_names_are_shown(tmp_path: Path):
    with pytest.raises(DataError, match=r'but holds "xy", "conf"; rename'):
        read(tmp_path, {"xy": KEYPOINTS, "conf": KEYPOINTS})


def test_a_file_without_a_skeleton_asks_for_it(tmp_path: Path):
    with pytest.raises(DataError, match=r"--skeleton h36m17 .*h36m17, coco17, mpi_inf_3dhp17"):
        read(tmp_path, {"keypoints": KEYPOINTS})


def test_a_misspelt_skeleton_of_the_user_is_refused(tmp_path: Path):
    with pytest.raises((DataError, SkeletonError), match="did you mean"):
        read(tmp_path, {"keypoints": KEYPOINTS}, skeleton="coco18")


def test_objects_are_refused(tmp_path: Path):
    with pytest.raises(DataError, match="Python objects"):
        read(tmp_path, {"keypoints": np.array([{}, None], dtype=object)})


def test_infinity_becomes_a_missing_joint(tmp_path: Path):
    points = KEYPOINTS.copy()
    points[0, 0, 0] = np.inf
    (clip,) = read(tmp_path, {**PLAIN, "keypoints": points, "scores": np.ones((3, 17))})
    assert clip.scores[0, 0] == 0
    assert clip.keypoints[0, 0].isnan().all()
    assert torch.isfinite(clip.keypoints[1:]).all()
