import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.clip import Clip
from crosslift.data.keypoints import Footage
from crosslift.data.mediapipe import MediaPipe
from crosslift.errors import DataError
from crosslift.skeletons import MEDIAPIPE_33

from .samples import mediapipe as sample

SAID = {"width": 640, "height": 480, "fps": 30}


def read(folder: Path, content: Any, **options: Any) -> list[Clip]:
    (folder / "walk.json").write_text(json.dumps(content), "utf-8")
    return list(MediaPipe(**options).read(folder / "walk.json"))


def body(x: float = 0.25, **more: float) -> list[dict[str, float]]:
    """One person's landmarks, all in one place."""
    return [{"x": x, "y": 0.5, "z": -0.1, "visibility": 0.75, **more} for _ in range(33)]


def media(name: str) -> Path:
    """A file of real landmarks; the test is skipped where it is not there."""
    path = Path(os.environ.get("CROSSLIFT_DATA", "")) / "media" / name
    if "CROSSLIFT_DATA" not in os.environ or not path.is_file():
        pytest.skip("CROSSLIFT_DATA does not name a folder with media/")
    return path


def test_fractions_become_pixels_of_the_files_own_size(tmp_path: Path):
    (clip,) = MediaPipe().read(sample.write(tmp_path))
    assert clip.skeleton is MEDIAPIPE_33
    assert (clip.name, clip.fps, len(clip)) == ("mediapipe/walk_blazepose", 30.0, 3)
    assert clip.camera.size.tolist() == [640.0, 480.0]
    assert clip.keypoints[2, 3].tolist() == pytest.approx([132.0, 116.0], abs=1e-3)
    assert clip.scores[0].eq(0.75).all()
    assert clip.poses is None


def test_a_frame_where_nothing_was_found_is_missing(tmp_path: Path):
    (clip,) = MediaPipe().read(sample.write(tmp_path))
    assert clip.keypoints[1].isnan().all()
    assert clip.scores[1].eq(0).all()
    assert not clip.observed[1].any()


def test_world_landmarks_become_poses_where_they_are_seen(tmp_path: Path):
    footage = Footage(focal=800.0)
    (clip,) = MediaPipe(footage, world=True).read(sample.write(tmp_path))
    assert clip.poses is not None
    assert clip.root_from == "reprojection"
    assert clip.poses[0, 1].isnan().all()
    seen = project(clip.poses[0, [0, 2]], clip.camera)
    assert torch.allclose(seen, clip.keypoints[[0, 2]], atol=0.05)
    assert clip.poses[0, 0, :, 2].tolist() == pytest.approx([4.0] * 33, abs=0.01)


@pytest.mark.parametrize(
    "frame",
    [
        body(),
        [list(point.values()) for point in body()],
        {"pose_landmarks": body()},
        {"landmarks": body(), "world_landmarks": body()},
        {"poseLandmarks": body()},
        {"pose_landmarks": {"landmark": body()}},
        [body()],
        {"pose_landmarks": [body()], "pose_world_landmarks": [body()]},
        [{"landmark": body()}],
    ],
)
def test_json_comes_in_many_spellings(tmp_path: Path, frame: Any):
    (clip,) = read(tmp_path, {**SAID, "frames": [None, frame, []]})
    assert clip.name == "mediapipe/walk"
    assert clip.observed.any(dim=1).tolist() == [False, True, False]
    assert clip.keypoints[1, 0].tolist() == pytest.approx([160.0, 240.0])
    assert clip.scores[1, 0] == 0.75


def test_a_bare_list_of_frames_needs_a_size(tmp_path: Path):
    (clip,) = read(tmp_path, [body(), body()], footage=Footage(size=(100, 100), fps=60.0))
    assert clip.keypoints[0, 0].tolist() == [25.0, 50.0]
    assert clip.fps == 60.0
    with pytest.raises(DataError, match="size of the pictures is needed"):
        read(tmp_path, [body(), body()])


def test_several_people_are_a_clip_each(tmp_path: Path):
    frames = [[body(0.25), body(0.5)], [body(0.25)]]
    first, second = read(tmp_path, {**SAID, "frames": frames})
    assert [first.name, second.name] == ["mediapipe/walk/0", "mediapipe/walk/1"]
    assert second.keypoints[0, 0, 0] == 320.0
    assert second.observed.any(dim=1).tolist() == [True, False]


def test_landmarks_without_visibility_count_as_seen(tmp_path: Path):
    bare = [{"x": 0.5, "y": 0.5, "z": 0.0} for _ in range(33)]
    (clip,) = read(tmp_path, {**SAID, "frames": [bare]})
    assert clip.scores.eq(1).all()


def test_landmarks_in_pixels_are_taken_when_said_so(tmp_path: Path):
    content = {**SAID, "frames": [body(320.0)]}
    (clip,) = read(tmp_path, content, unit="pixel")
    assert clip.keypoints[0, 0].tolist() == [320.0, 0.5]
    content = {**SAID, "frames": [[{**point, "y": 200.0} for point in body(320.0)]]}
    with pytest.raises(DataError, match=r"260 is typical.*--unit pixel"):
        read(tmp_path, content)


def test_trimming_cuts_poses_as_well(tmp_path: Path):
    frames = [None, {"pose_landmarks": body(), "pose_world_landmarks": body()}]
    (clip,) = read(tmp_path, {**SAID, "frames": frames}, footage=Footage(trim=True), world=True)
    assert clip.poses is not None
    assert clip.poses.shape[1] == len(clip) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([body()[:32]], r"33 landmarks of x, y, z and visibility, but the shape \(1, 32, 4\)"),
        ([{"hands": []}], 'should hold "pose_landmarks", but holds hands'),
        ({**SAID, "poses": []}, "The frames should be a list, but nothing"),
        ({**SAID, "frames": [["a"] * 33]}, "should be numbers|33 landmarks"),
        ({**SAID, "width": 0, "frames": [body()]}, "some pixels wide"),
        ({**SAID, "fps": -1, "frames": [body()]}, "positive number of frames"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, content: Any, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, content, footage=Footage() if "fps" in content else Footage(size=(9, 9)))
    assert "walk.json" in str(problem.value)


def test_world_landmarks_that_are_not_there_are_asked_for(tmp_path: Path):
    with pytest.raises(DataError, match="leave out --world"):
        read(tmp_path, {**SAID, "frames": [body()]}, world=True)


def test_an_npz_of_something_else_is_refused(tmp_path: Path):
    np.savez(tmp_path / "walk.npz", keypoints=np.ones((3, 33, 2)))
    with pytest.raises(DataError, match='should hold "landmarks", but holds keypoints'):
        list(MediaPipe().read(tmp_path))


def test_real_landmarks_are_read():
    (clip,) = MediaPipe().read(media("sports2d_demo_blazepose.npz"))
    assert len(clip) == 230
    assert clip.camera.size.tolist() == [1768.0, 994.0]
    assert int((~clip.observed.any(dim=1)).sum()) == 8
    left, right = clip.skeleton.indices("left_ankle", "nose")
    found = clip.observed[:, left] & clip.observed[:, right]
    assert (clip.keypoints[found, left, 1] > clip.keypoints[found, right, 1]).float().mean() > 0.8


def test_real_world_landmarks_agree_with_the_picture():
    (clip,) = MediaPipe(world=True).read(media("sports2d_walk_crop_blazepose.npz"))
    assert clip.poses is not None
    off = (project(clip.poses[0], clip.camera) - clip.keypoints).norm(dim=-1)
    assert off.median() < 0.02 * clip.camera.size[0]
