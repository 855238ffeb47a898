import math

import numpy as np
import pytest

from crosslift.data.keypoint_names import arranged, frames_of, named, skeleton_by_count, spoken
from crosslift.data.keypoints import (
    Film,
    Footage,
    Sighting,
    Track,
    clips_of,
    identity,
    numbers,
    tracks_of,
    trimmed,
    triples,
)
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.skeletons import BODY_25, COCO_17, HALPE_26

FILM = Film("film", COCO_17)
SIZE = (640, 480)


def seen(frame: int, person: object = None, joints: int = 17, x: float = 5.0) -> Sighting:
    return Sighting(frame, person, np.full((joints, 3), (x, 7.0, 0.5)))


def clips(sightings: list[Sighting], frames: int, footage: Footage | None = None) -> list:
    tracks = tracks_of(sightings, frames, 17)
    return list(clips_of(FILM, tracks, footage or Footage(size=SIZE)))


def test_a_focal_length_is_the_diagonal_unless_it_is_given():
    assumed, given = Footage(size=SIZE).camera(), Footage(size=SIZE, focal=500.0).camera()
    assert assumed.focal.tolist() == [800.0, 800.0]
    assert assumed.focal_from == "assumed"
    assert given.focal.tolist() == [500.0, 500.0]
    assert given.focal_from == "given"
    assert given.centre.tolist() == [320.0, 240.0]


def test_a_right_angle_sees_as_much_to_each_side_as_the_focal_length():
    camera = Footage(size=SIZE, fov=90.0).camera()
    assert camera.focal[0].item() == pytest.approx(320.0, abs=1e-3)
    assert camera.focal_from == "given"


def test_what_the_user_says_comes_before_what_the_file_says():
    assert Footage(size=SIZE).camera((100.0, 50.0)).size.tolist() == [640.0, 480.0]
    assert Footage().camera((100.0, 50.0)).size.tolist() == [100.0, 50.0]
    assert Footage(fps=50.0).rate(25.0) == 50.0
    assert Footage().rate(25.0) == 25.0
    assert Footage().rate() == 30.0


def test_a_missing_size_is_asked_for_with_what_the_keypoints_reach():
    with pytest.raises(DataError, match=r"reach 5, 7.*--size 1920 1080"):
        clips([seen(0)], 1, Footage())


@pytest.mark.parametrize(
    ("footage", "words"),
    [
        (Footage(size=SIZE, focal=1.0, fov=1.0), "not both"),
        (Footage(size=SIZE, focal=math.nan), "positive number of pixels"),
        (Footage(size=SIZE, fov=180.0), "between 0 and 180"),
    ],
)
def test_a_focal_length_that_cannot_be_is_refused(footage: Footage, words: str):
    with pytest.raises(SettingsError, match=words):
        footage.camera()


@pytest.mark.parametrize("size", [(0, 480), (-640, 480), (640, 10**30)])
def test_a_size_that_cannot_be_is_refused(size: tuple[int, int]):
    with pytest.raises(DataError, match="some pixels wide and high"):
        Footage(size=size).camera()


def test_a_frame_rate_that_cannot_be_is_refused():
    with pytest.raises(DataError, match="positive number of frames a second"):
        Footage(fps=0.0).rate()


def test_an_assumed_frame_rate_is_told():
    (clip,) = clips([seen(0)], 1)
    assert clip.fps == 30.0
    assert clip.provenance["fps_from"] == "assumed"
    (clip,) = clips([seen(0)], 1, Footage(size=SIZE, fps=30.0))
    assert "fps_from" not in clip.provenance


def test_people_keep_their_identities_where_all_have_one():
    found = clips([seen(0, 4), seen(0, 12), seen(2, 12)], 3)
    assert [clip.name for clip in found] == ["film/4", "film/12"]
    assert [clip.person for clip in found] == ["4", "12"]
    assert [clip.labels["person"] for clip in found] == ["4", "12"]
    assert found[1].observed.any(dim=1).tolist() == [True, False, True]


@pytest.mark.parametrize("second", [None, 4])
def test_people_go_by_their_place_where_identities_are_missing_or_twice(second: int | None):
    found = clips([seen(0, 4, x=1.0), seen(0, second, x=2.0)], 1)
    assert [clip.person for clip in found] == ["0", "1"]
    assert [clip.keypoints[0, 0, 0].item() for clip in found] == [1.0, 2.0]


def test_a_single_person_has_the_name_of_the_film():
    (clip,) = clips([seen(0)], 1)
    assert clip.name == "film"


def test_where_nobody_is_seen_a_clip_is_nan_and_not_observed():
    (clip,) = clips([seen(1)], 3)
    assert clip.keypoints[[0, 2]].isnan().all()
    assert clip.scores[:, 0].tolist() == [0.0, 0.5, 0.0]
    assert clip.observed[:, 0].tolist() == [False, True, False]


def test_scores_beyond_one_and_coordinates_that_are_no_numbers_are_mended():
    points = np.array([[[1.0, 2.0, 1.4], [np.inf, 2.0, 0.9], [3.0, 4.0, -1.0]]])
    film = Film("film", arranged(["a", "b", "c"], "own").skeleton)
    (clip,) = clips_of(film, [Track("", points)], Footage(size=SIZE))
    assert clip.scores.tolist() == [[1.0, 0.0, 0.0]]
    assert clip.observed.tolist() == [[True, False, False]]
    assert clip.keypoints[0, 1:].isnan().all()


def test_trimming_keeps_the_time():
    (clip,) = clips([seen(2), seen(4)], 9, Footage(size=SIZE, fps=10.0, trim=True))
    assert len(clip) == 3
    assert clip.times is not None
    assert clip.times.tolist() == pytest.approx([0.2, 0.3, 0.4])
    assert trimmed(clip).times is not None


def test_pictures_of_different_sizes_have_a_camera_each():
    film = Film("film", COCO_17, sizes=((640, 480), (480, 640)))
    (clip,) = clips_of(film, tracks_of([seen(0), seen(1)], 2, 17), Footage(trim=True))
    assert clip.camera.size.tolist() == [[640, 480], [480, 640]]
    assert clip.camera.centre.tolist() == [[320, 240], [240, 320]]


def test_frame_numbers_far_beyond_the_content_are_refused():
    with pytest.raises(DataError, match="check the numbers of the frames"):
        clips([seen(0), seen(10**9)], 10**9 + 1)


def test_many_people_who_are_hardly_seen_are_refused():
    crowd = [seen(40 * person, person) for person in range(2000)]
    with pytest.raises(DataError, match="too many to keep whole"):
        clips(crowd, 80_000)


@pytest.mark.parametrize(
    ("told", "meant"),
    [(3, 3), (3.0, 3), ([3], 3), ([[3.0]], 3), ("a", "a"), (-1, None), (None, None), (True, None)],
)
def test_identities_are_read_in_all_their_spellings(told: object, meant: object):
    assert identity(told) == meant


def test_null_is_a_missing_number():
    assert np.isnan(numbers([1, None], "It")[1])


@pytest.mark.parametrize("value", [[1, 2], [], "abc", ["1", "2", "3"], [True, False, True]])
def test_keypoints_that_are_no_threes_of_numbers_are_refused(value: object):
    with pytest.raises(DataError, match=r"score of each joint|should be numbers"):
        triples(value, "Keypoints")


def test_detectors_mean_a_skeleton_by_a_number():
    assert skeleton_by_count(25) is BODY_25
    assert skeleton_by_count(136) is HALPE_26
    assert skeleton_by_count(17, "h36m17").name == "h36m17"


def test_a_number_that_means_nothing_is_refused():
    with pytest.raises(DataError, match=r"19 keypoints.*--skeleton"):
        skeleton_by_count(19)
    with pytest.raises(DataError, match='"coco17" has 17'):
        skeleton_by_count(16, "coco17")
    with pytest.raises(SkeletonError, match="coco17"):
        skeleton_by_count(17, "coco")


@pytest.mark.parametrize(
    "name", ["LWrist", "wrist_l", "l_wrist", "Left Wrist", "left-wrist", "WristL", "leftWrist"]
)
def test_names_that_people_give_are_understood(name: str):
    assert spoken([name]) == ("left_wrist",)


@pytest.mark.parametrize(
    "name", ["nose", "left_big_toe", "head_top", "left_foot_index", "spine2", "pelvis"]
)
def test_our_own_names_stay(name: str):
    assert spoken([name]) == (name,)


def test_what_the_user_calls_a_joint_comes_first():
    assert named(["snout", "LWrist", "RWrist"], ["nose=snout"]) == (
        "nose",
        "left_wrist",
        "right_wrist",
    )


def test_the_joints_of_a_known_skeleton_come_into_its_order():
    found = arranged(COCO_17.joints[::-1], "own")
    assert found.skeleton is COCO_17
    assert found.order == list(range(16, -1, -1))


def test_a_part_of_a_known_skeleton_keeps_its_tree():
    found = arranged(["left_knee", "left_hip", "right_hip", "right_knee", "pelvis"], "own")
    assert found.skeleton.parents == (1, 4, 4, 2, -1)


def test_unknown_joints_hang_as_the_file_says_or_on_the_first():
    assert arranged(["tail", "tip", "paw"], "own").skeleton.parents == (-1, 0, 0)
    assert arranged(["tip", "tail", "paw"], "own", [(1, 0), (0, 2)]).skeleton.parents == (1, -1, 0)
    assert arranged(["tip", "tail", "paw"], "own", [(1, 0)]).skeleton.parents == (1, -1, 1)


def test_edges_in_a_circle_still_give_a_tree():
    found = arranged(["tip", "tail", "paw"], "own", [(0, 1), (1, 2), (2, 0)])
    assert found.skeleton.parents == (-1, 0, 0)


def test_edges_to_nowhere_are_refused():
    with pytest.raises(DataError, match="joints 0 to 2"):
        arranged(["tip", "tail", "paw"], "own", [(0, 3)])


def test_a_side_without_the_other_is_allowed():
    assert arranged(["left_knee", "nose"], "own").skeleton.joints == ("only_left_knee", "nose")


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (["3.jpg", "10.jpg", "0.jpg"], {"0.jpg": 0, "3.jpg": 3, "10.jpg": 10}),
        (["a_009.png", "a_010.png", "a_012.png"], {"a_009.png": 0, "a_010.png": 1, "a_012.png": 3}),
        (["a_005.png", "a_010.png", "a_020.png"], {"a_005.png": 0, "a_010.png": 1, "a_020.png": 3}),
        (["000139.jpg", "000285.jpg"], {"000139.jpg": 0, "000285.jpg": 1}),
        (["cat.jpg", "a10.jpg", "a9.jpg"], {"a9.jpg": 0, "a10.jpg": 1, "cat.jpg": 2}),
        (["v1_1_k.json", "v1_2_k.json"], {"v1_1_k.json": 0, "v1_2_k.json": 1}),
    ],
)
def test_frames_follow_from_the_names_of_pictures(names: list[str], frames: dict[str, int]):
    assert frames_of(names) == frames


def test_few_pictures_with_far_numbers_follow_each_other():
    names = [f"img_{number:06d}.jpg" for number in (1, 500, 501, 9000)]
    assert list(frames_of(names).values()) == [0, 1, 2, 3]
