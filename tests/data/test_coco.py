import json
from pathlib import Path
from typing import Any

import pytest

from crosslift.clip import Clip
from crosslift.data.coco import Coco
from crosslift.data.keypoints import Footage
from crosslift.errors import DataError
from crosslift.skeletons import COCO_17, COCO_WHOLEBODY_BODY, H36M_17, SKELETONS

from .samples import coco as sample
from .samples.dots import OPTIONS


def read(folder: Path, content: Any, **options: Any) -> list[Clip]:
    (folder / "people.json").write_text(json.dumps(content), "utf-8")
    return list(Coco(**options).read(folder / "people.json"))


def result(image: Any, x: float = 5.0, joints: int = 17, **more: Any) -> dict[str, Any]:
    return {"image_id": image, "keypoints": [x, 7.0, 0.5] * joints, "score": 0.9, **more}


def test_pictures_are_frames_in_natural_order_and_people_are_clips(tmp_path: Path):
    first, second = Coco().read(sample.write(tmp_path))
    assert [first.name, second.name] == ["coco/person_keypoints/0", "coco/person_keypoints/1"]
    assert first.skeleton is COCO_17
    assert first.observed.any(dim=1).tolist() == [True, True, False]
    assert second.observed.any(dim=1).tolist() == [False, True, False]
    assert first.keypoints[1, 2].tolist() == [121.0, 110.0]
    assert second.keypoints[1, 2].tolist() == [321.0, 210.0]
    assert first.camera.size.tolist() == [640.0, 480.0]


def test_flags_of_annotations_become_scores(tmp_path: Path):
    first, _ = Coco().read(sample.write(tmp_path))
    assert first.scores[0, :3].tolist() == [0.0, 0.5, 1.0]
    assert first.keypoints[0, 0].isnan().all()
    assert first.provenance["keypoints_from"] == "annotation"


def test_stills_are_a_clip_a_person(tmp_path: Path):
    clips = list(Coco(stills=True).read(sample.write(tmp_path)))
    names = ["000009", "000010/0", "000010/1"]
    assert [clip.name for clip in clips] == [f"coco/person_keypoints/{name}" for name in names]
    assert {len(clip) for clip in clips} == {1}


def test_results_go_by_the_order_of_their_ids(tmp_path: Path):
    found = [result(10, 1.0), result(9, 2.0), result(10, 3.0)]
    first, second = read(tmp_path, found, **OPTIONS)
    assert first.keypoints[:, 0, 0].tolist() == [2.0, 1.0]
    assert second.keypoints[1, 0, 0] == 3.0
    assert first.scores[0, 0] == 0.5


def test_results_may_be_told_their_pictures(tmp_path: Path):
    images = sample.write(tmp_path)
    (clip,) = read(tmp_path, [result(7), result(9)], images=images)
    assert len(clip) == 3
    assert clip.observed.any(dim=1).tolist() == [False, True, True]
    assert clip.camera.size.tolist() == [640.0, 480.0]


def test_pictures_that_are_not_listed_are_noticed(tmp_path: Path):
    images = sample.write(tmp_path)
    with pytest.raises(DataError, match=r"3 pictures .* but 1 people are not .* picture 8"):
        read(tmp_path, [result(7), result(8)], images=images)


def test_track_ids_keep_people_apart(tmp_path: Path):
    found = [result(0, 1.0, track_id=5), result(1, 2.0, track_id=6), result(1, 3.0, track_id=5)]
    five, six = read(tmp_path, found, **OPTIONS)
    assert (five.person, six.person) == ("5", "6")
    assert five.keypoints[:, 0, 0].tolist() == [1.0, 3.0]


def test_pictures_of_several_folders_are_several_recordings(tmp_path: Path):
    content: dict[str, Any] = sample.content()
    content["images"][0]["file_name"] = "b/1.jpg"
    content["images"][1]["file_name"] = "a/1.jpg"
    content["images"][2]["file_name"] = "a/2.jpg"
    names = [clip.name for clip in read(tmp_path, content)]
    assert names == ["coco/people/a", "coco/people/b/0", "coco/people/b/1"]


def test_pictures_may_differ_in_size(tmp_path: Path):
    content: dict[str, Any] = sample.content()
    content["images"][0]["width"] = 320
    clip, _ = read(tmp_path, content)
    assert clip.camera.size[:, 0].tolist() == [640, 320, 640]


def test_feet_and_whole_bodies_are_body_and_feet(tmp_path: Path):
    (whole,) = read(tmp_path, [result(0, joints=133)], **OPTIONS)
    (feet,) = read(tmp_path, [result(0, foot_kpts=[9.0, 9.0, 1.0] * 6)], **OPTIONS)
    assert whole.skeleton is feet.skeleton is COCO_WHOLEBODY_BODY
    assert feet.keypoints[0, 22].tolist() == [9.0, 9.0]


def test_a_category_of_ones_own_names_the_joints(tmp_path: Path):
    content: dict[str, Any] = sample.content()
    content["categories"][0] |= {"keypoints": ["Tail", "Tip"], "skeleton": [[2, 1]]}
    content["annotations"] = [{"image_id": 3, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 2]}]
    (clip,) = read(tmp_path, content)
    assert clip.skeleton.joints == ("tail", "tip")
    assert clip.skeleton.parents == (1, -1)


def test_scores_in_the_place_of_flags_are_scores(tmp_path: Path):
    content: dict[str, Any] = sample.content()
    content["annotations"] = [{"image_id": 3, "keypoints": [5, 7, 0.25] * 17}]
    (clip,) = read(tmp_path, content)
    assert clip.scores[0, 0] == 0.25


def test_the_user_may_name_the_skeleton(tmp_path: Path):
    (clip,) = read(tmp_path, [result(0)], skeleton="h36m17", **OPTIONS)
    assert clip.skeleton is H36M_17


def test_nobody_gives_no_clip(tmp_path: Path):
    assert read(tmp_path, []) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, 'The "images" should be a list, but nothing'),
        ("text", "Results should be a list, but text"),
        ([{"keypoints": [1, 2, 3]}], 'should have an "image_id"'),
        ([result(0, joints=19)], "19 keypoints a person"),
        ([result(0), result(1, joints=26)], "equally many keypoints, but 17 and 26"),
        ([{"image_id": 0, "keypoints": [1, 2]}], "2 numbers were found"),
        ([{"image_id": 0, "keypoints": ["a", "b", "c"]}], "should be numbers"),
        ([{"image_id": [0], "keypoints": [1, 2, 3]}], "An id should be a number or text"),
        ([result(0)], "size of the pictures is needed"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, content: Any, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, content)
    assert "people.json" in str(problem.value)


def test_deep_nesting_is_refused(tmp_path: Path):
    (tmp_path / "people.json").write_text("[" * 200_000, "utf-8")
    with pytest.raises(DataError, match=r"people\.json"):
        list(Coco().read(tmp_path / "people.json"))


def test_numbers_that_are_too_large_are_missing(tmp_path: Path):
    values = [1e300, 7.0, 0.5, 5.0, 7.0, 0.5] + [5.0, 7.0, 0.5] * 15
    (clip,) = read(tmp_path, [{"image_id": 0, "keypoints": values}], **OPTIONS)
    assert clip.observed[0].tolist() == [False] + [True] * 16


def test_all_known_numbers_of_keypoints_have_a_skeleton(tmp_path: Path):
    for joints in (17, 18, 23, 25, 26, 133, 136):
        (clip,) = read(tmp_path, [result(0, joints=joints)], footage=Footage(size=(9, 9)))
        assert clip.skeleton in SKELETONS.values()
        assert clip.keypoints.isfinite().all()
