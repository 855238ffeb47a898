import json
from pathlib import Path
from typing import Any

import pytest

from crosslift.clip import Clip
from crosslift.data.keypoints import Footage
from crosslift.data.openpose import OpenPose
from crosslift.errors import DataError
from crosslift.skeletons import BODY_25, OPENPOSE_18

from .samples import openpose as sample
from .samples.dots import FOOTAGE


def write(folder: Path, frames: dict[str, list[dict[str, Any]]]) -> Path:
    for name, people in frames.items():
        text = json.dumps({"version": 1.3, "people": people})
        (folder / f"{name}_keypoints.json").write_text(text, "utf-8")
    return folder


def person(*place: float, joints: int = 25, **more: Any) -> dict[str, Any]:
    return {"pose_keypoints_2d": list(place) * joints, **more}


def test_each_person_of_a_folder_is_a_clip(tmp_path: Path):
    first, second = OpenPose(FOOTAGE).read(sample.write(tmp_path))
    assert [first.name, second.name] == ["openpose/walk/0", "openpose/walk/1"]
    assert first.skeleton is BODY_25
    assert len(first) == 3
    assert first.keypoints[2, 1].tolist() == [112.0, 106.0]
    assert second.keypoints[2, 1].tolist() == [312.0, 206.0]
    assert first.observed.any(dim=1).tolist() == [True, False, True]


def test_zeros_are_missing(tmp_path: Path):
    first, _ = OpenPose(FOOTAGE).read(sample.write(tmp_path))
    assert first.keypoints[0, 4].isnan().all()
    assert first.scores[0, 3:5].tolist() == [0.75, 0.0]
    assert not first.observed[0, 4]


def test_the_older_model_is_known_by_its_number(tmp_path: Path):
    (clip,) = OpenPose(FOOTAGE).read(write(tmp_path, {"a_0": [person(5, 6, 1, joints=18)]}))
    assert clip.skeleton is OPENPOSE_18


def test_videos_of_one_folder_are_told_apart(tmp_path: Path):
    frames = {"run2_000000000000": [person(5, 5, 1)], "walk_000000000000": [person(6, 6, 1)]}
    clips: list[Clip] = list(OpenPose(FOOTAGE).read(write(tmp_path, frames)))
    assert [clip.name for clip in clips] == ["openpose/run2", "openpose/walk"]


def test_a_missing_number_is_a_frame_without_anybody(tmp_path: Path):
    frames = {f"walk_{frame:012d}": [person(frame, 1, 1)] for frame in (5, 6, 8)}
    (clip,) = OpenPose(FOOTAGE).read(write(tmp_path, frames))
    assert clip.observed[:, 0].tolist() == [True, True, False, True]
    assert clip.keypoints[3, 0, 0] == 8.0


def test_openposes_own_tracking_is_kept(tmp_path: Path):
    frames = {
        "walk_0": [person(1, 1, 1, person_id=[3]), person(2, 2, 1, person_id=[1])],
        "walk_1": [person(2, 2, 1, person_id=[1]), person(1, 1, 1, person_id=[3])],
    }
    one, three = OpenPose(FOOTAGE).read(write(tmp_path, frames))
    assert (one.person, three.person) == ("1", "3")
    assert three.keypoints[:, 0, 0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("scale", "value"), [(3, 0.5), (4, 0.0)])
def test_fractions_reach_from_the_first_to_the_last_pixel(tmp_path: Path, scale: Any, value: float):
    half = {**person(value, value, 1)}
    half["pose_keypoints_2d"][:3] = [1.0, 1.0, 1.0]
    (clip,) = OpenPose(FOOTAGE, scale).read(write(tmp_path, {"a_0": [half]}))
    assert clip.keypoints[0, 0].tolist() == [639.0, 479.0]
    assert clip.keypoints[0, 1].tolist() == [319.5, 239.5]


def test_a_scale_that_is_not_the_files_is_noticed(tmp_path: Path):
    small = write(tmp_path, {"a_0": [person(0.5, 0.5, 1)]})
    with pytest.raises(DataError, match=r"pixels, but reach 0.5.*--keypoint-scale 3"):
        list(OpenPose(FOOTAGE).read(small))
    large = write(tmp_path, {"a_0": [person(500, 100, 1)]})
    with pytest.raises(DataError, match=r"fractions, but reach 500.*--keypoint-scale 0"):
        list(OpenPose(FOOTAGE, 3).read(large))


def test_a_single_file_is_one_frame(tmp_path: Path):
    write(tmp_path, {"walk_000000000007": [person(5, 6, 1)]})
    (clip,) = OpenPose(FOOTAGE).read(tmp_path / "walk_000000000007_keypoints.json")
    assert (clip.name, len(clip)) == ("openpose/walk", 1)


def test_nobody_gives_no_clip(tmp_path: Path):
    assert list(OpenPose(FOOTAGE).read(write(tmp_path, {"a_0": [], "a_1": []}))) == []


def test_the_size_is_asked_for(tmp_path: Path):
    with pytest.raises(DataError, match=r"reach 342, 221.*--size"):
        list(OpenPose().read(sample.write(tmp_path)))
    with pytest.raises(DataError, match="size of the pictures"):
        list(OpenPose(Footage(), 3).read(write(tmp_path / "..", {"b_0": [person(0.5, 0.5, 1)]})))


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ({"people": 3}, '"people" of a frame should be a list'),
        ([], "A frame should be a dictionary"),
        ({"people": [{"pose_keypoints_2d": [1, 2]}]}, "2 numbers were found"),
        ({"people": [person(1, 1, 1, joints=15)]}, "15 keypoints a person"),
        ({"people": [person(1, 1, 1), person(1, 1, 1, joints=18)]}, "but 18 and 25 were found"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, people: Any, words: str):
    (tmp_path / "a_0_keypoints.json").write_text(json.dumps(people), "utf-8")
    with pytest.raises(DataError, match=words) as problem:
        list(OpenPose(FOOTAGE).read(tmp_path))
    assert str(tmp_path) in str(problem.value)


def test_an_empty_folder_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="an OpenPose file"):
        list(OpenPose(FOOTAGE).read(tmp_path))
