import json
from pathlib import Path
from typing import Any

import pytest

from crosslift.clip import Clip
from crosslift.data.mmpose import MMPose
from crosslift.errors import DataError
from crosslift.skeletons import (
    COCO_17,
    COCO_WHOLEBODY_BODY,
    H36M_17,
    HALPE_26,
    LSP_14,
    MPI_INF_3DHP_17,
)

from .samples import mmpose as sample
from .samples.dots import FOOTAGE

SIDES = ("left", "right")
H36M_NAMES = [
    {"pelvis": "root", "right_ankle": "right_foot", "left_ankle": "left_foot"}.get(
        name, "neck_base" if name == "nose" else name
    )
    for name in H36M_17.joints
]
MPI_NAMES = [
    {"pelvis": "root", "head_centre": "head"}.get(name, name) for name in MPI_INF_3DHP_17.joints
]
CROWD_NAMES = [
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in SIDES
] + ["top_head", "neck"]


def read(folder: Path, content: Any, **options: Any) -> list[Clip]:
    (folder / "walk.json").write_text(json.dumps(content), "utf-8")
    return list(MMPose(FOOTAGE, **options).read(folder))


def demo(names: list[str], first: int = 1) -> dict[str, Any]:
    """A demo's file of two frames, whose joints are named."""
    frames = [
        {"frame_id": first + frame, "instances": [sample.instance(frame, joints=len(names))]}
        for frame in range(2)
    ]
    table = {str(number): name for number, name in enumerate(names)}
    return {"meta_info": {"keypoint_id2name": table}, "instance_info": frames}


def test_a_video_of_the_inferencer_is_read(tmp_path: Path):
    first, second = MMPose(FOOTAGE).read(sample.write(tmp_path))
    assert [first.name, second.name] == ["mmpose/walk/0", "mmpose/walk/1"]
    assert first.skeleton is COCO_17
    assert first.keypoints[1, 2].tolist() == [121.0, 110.5]
    assert second.observed.any(dim=1).tolist() == [False, True]
    assert first.scores[0, 15:].tolist() == [0.75, 1.0]


@pytest.mark.parametrize("first", [0, 1])
def test_frames_are_counted_from_one_or_zero(tmp_path: Path, first: int):
    (clip,) = read(tmp_path, demo(list(COCO_17.joints), first))
    assert len(clip) == 2
    assert clip.keypoints[:, 0, 0].tolist() == [100.0, 101.0]


@pytest.mark.parametrize(
    ("names", "skeleton", "first"),
    [
        (list(COCO_17.joints), COCO_17, 0),
        (H36M_NAMES, H36M_17, 0),
        (MPI_NAMES, MPI_INF_3DHP_17, 0),
        (CROWD_NAMES, LSP_14, 11),
        (["hip" if name == "pelvis" else name for name in HALPE_26.joints], HALPE_26, 0),
        ([f"point_{number}" for number in range(133)], COCO_WHOLEBODY_BODY, 0),
    ],
)
def test_joints_are_known_by_their_names(
    tmp_path: Path, names: list[str], skeleton: Any, first: int
):
    (clip,) = read(tmp_path, demo(names))
    assert clip.skeleton is skeleton
    assert clip.keypoints[0, 0, 0] == 100 + 10 * first


def test_joints_with_names_of_their_own_are_loose(tmp_path: Path):
    (clip,) = read(tmp_path, demo(["snout", "tail"]))
    assert clip.skeleton.joints == ("snout", "tail")


def test_pictures_of_one_folder_are_frames(tmp_path: Path):
    for frame, name in enumerate(["a9", "a10"]):
        text = json.dumps([sample.instance(frame)])
        (tmp_path / f"{name}.json").write_text(text, "utf-8")
    (clip,) = MMPose(FOOTAGE).read(tmp_path)
    assert clip.name == f"mmpose/{tmp_path.name}"
    assert clip.keypoints[:, 0, 0].tolist() == [100.0, 101.0]


def test_a_picture_alone_is_a_clip_of_one_frame(tmp_path: Path):
    (clip,) = read(tmp_path, {"meta_info": {}, "instance_info": [sample.instance(0)]})
    assert (clip.name, len(clip)) == ("mmpose/walk", 1)


def test_track_ids_keep_people_apart(tmp_path: Path):
    frames = [
        {"frame_id": 0, "instances": [{**sample.instance(0, 0), "track_id": 8}]},
        {"frame_id": 1, "instances": [{**sample.instance(1, 1), "track_id": 9}]},
    ]
    assert [clip.person for clip in read(tmp_path, frames)] == ["8", "9"]


def test_nobody_gives_no_clip(tmp_path: Path):
    assert read(tmp_path, [{"frame_id": 0, "instances": []}]) == []
    assert read(tmp_path, []) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"predictions": []}, 'should hold "instance_info", but holds predictions'),
        ([{"keypoints": [[1, 2, 3]]}], r"the shape \(1, 3\) was found; 3D"),
        ([{"keypoints": [[1, 2]], "keypoint_scores": [1, 1]}], "as many scores, but 2"),
        ([{"frame_id": "x", "instances": []}], "frame's number should be 0 or more, but 'x'"),
        ([{"frame_id": 0, "instances": [{}]}], "pairs of x and y"),
        ([{"frame_id": 10**12, "instances": [sample.instance(0)]}], "check the numbers of the fr"),
        ([sample.instance(0, joints=19)], "19 keypoints a person"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, content: Any, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, content)
    assert str(tmp_path) in str(problem.value)
