import json
from pathlib import Path
from typing import Any

import pytest

from crosslift.clip import Clip
from crosslift.data.alphapose import AlphaPose
from crosslift.errors import DataError
from crosslift.skeletons import COCO_17, COCO_WHOLEBODY_BODY, H36M_17, HALPE_26, OPENPOSE_18

from .samples import alphapose as sample
from .samples.dots import FOOTAGE


def read(folder: Path, content: Any, **options: Any) -> list[Clip]:
    (folder / "results.json").write_text(json.dumps(content), "utf-8")
    return list(AlphaPose(FOOTAGE, **options).read(folder))


def one(picture: str, x: float = 5.0, joints: int = 17, **more: Any) -> dict[str, Any]:
    return {"image_id": picture, "keypoints": [x, 7.0, 0.5] * joints, "score": 2.0, **more}


def test_tracked_people_are_a_clip_each(tmp_path: Path):
    four, seven = AlphaPose(FOOTAGE).read(sample.write(tmp_path))
    assert [four.name, seven.name] == [f"alphapose/alphapose-results/{n}" for n in (4, 7)]
    assert four.skeleton is COCO_17
    assert four.keypoints[2, 3].tolist() == [132.0, 116.0]
    assert seven.observed.any(dim=1).tolist() == [True, False, True]


def test_scores_above_one_count_as_one(tmp_path: Path):
    four, _ = AlphaPose(FOOTAGE).read(sample.write(tmp_path))
    assert four.scores[:, 0].tolist() == pytest.approx([1.0, 0.92, 0.82])


@pytest.mark.parametrize(
    ("joints", "skeleton"),
    [(26, HALPE_26), (136, HALPE_26), (133, COCO_WHOLEBODY_BODY)],
)
def test_larger_bodies_are_reduced_to_what_is_known(tmp_path: Path, joints: int, skeleton: object):
    (clip,) = read(tmp_path, [one("0.jpg", joints=joints)])
    assert clip.skeleton is skeleton


def test_the_numbers_of_a_video_are_its_frames(tmp_path: Path):
    (clip,) = read(tmp_path, [one("10.jpg", 10.0), one("2.jpg", 2.0)])
    assert len(clip) == 11
    assert clip.keypoints[[2, 10], 0, 0].tolist() == [2.0, 10.0]


def test_pictures_with_other_names_follow_each_other(tmp_path: Path):
    (clip,) = read(tmp_path, [one("cat.jpg", 1.0), one("a10.jpg", 2.0), one("a9.jpg", 3.0)])
    assert clip.keypoints[:, 0, 0].tolist() == [3.0, 2.0, 1.0]


def test_without_tracking_people_go_by_their_place(tmp_path: Path):
    first, second = read(tmp_path, [one("0.jpg", 1.0), one("0.jpg", 2.0), one("1.jpg", 3.0)])
    assert [first.person, second.person] == ["0", "1"]
    assert first.keypoints[:, 0, 0].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(("group", "key"), [("bodies", "joints"), ("people", "pose_keypoints_2d")])
def test_the_nested_forms_are_read(tmp_path: Path, group: str, key: str):
    bodies = [{key: [5.0, 7.0, 0.5] * 18}, {key: [6.0, 7.0, 0.5] * 18}]
    content = {
        "0.jpg": {"version": "AlphaPose v0.3", group: bodies},
        "1.jpg": {"version": "AlphaPose v0.3", group: bodies[:1]},
    }
    first, second = read(tmp_path, content)
    assert first.skeleton is OPENPOSE_18
    assert first.keypoints[:, 0, 0].tolist() == [5.0, 5.0]
    assert second.observed[:, 0].tolist() == [True, False]


def test_the_user_may_name_the_skeleton(tmp_path: Path):
    (clip,) = read(tmp_path, [one("0.jpg")], skeleton="h36m17")
    assert clip.skeleton is H36M_17


@pytest.mark.parametrize("content", [[], {}])
def test_nobody_gives_no_clip(tmp_path: Path, content: Any):
    assert read(tmp_path, content) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([{"keypoints": [1, 2, 3]}], 'an "image_id" and "keypoints", but one has keypoints'),
        ({"0.jpg": {"version": 1}}, '"bodies" or "people", but one has neither'),
        ({"0.jpg": [1]}, "A picture should be a dictionary"),
        ([one("0.jpg", joints=19)], "19 keypoints a person"),
        ([one("99999999.jpg")], "check the numbers of the frames"),
        (3, "results should be a list, but a int"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, content: Any, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, content)
    assert "results.json" in str(problem.value)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path):
    path = sample.write(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="whole and of that format"):
        list(AlphaPose(FOOTAGE).read(path))
