"""People keep their numbers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.errors import DataError, SettingsError
from crosslift.tracking import Track, Tracker, Tracking, chosen, extents, likeness

from .people import seen_walker

BODY = torch.tensor([[0.0, 0], [-20, 30], [20, 30], [-15, 90], [15, 90], [-15, 160], [15, 160]])
"""Somebody seen from the front, from the head down, in pixels."""
Scene = list[dict[str, torch.Tensor]]
"""Who is where, frame by frame."""


def walking(start: float, speed: float, frames: int, height: float = 100) -> list[torch.Tensor]:
    """Somebody who crosses the picture, arms and legs swinging."""
    swing = torch.tensor([0.0, 0, 0, 6, -6, 12, -12])
    return [
        BODY
        + torch.tensor([start + speed * frame, height])
        + torch.stack([swing * torch.sin(torch.tensor(frame / 4)), swing * 0], dim=-1)
        for frame in range(frames)
    ]


def crossing(frames: int = 60) -> Scene:
    """Two people who walk towards each other and on; one behind the other, a little higher."""
    there, back = walking(100, 8, frames), walking(580, -8, frames, height=92)
    return [{"there": one, "back": other} for one, other in zip(there, back, strict=True)]


USUAL = Tracking()


def tracked(scene: Scene, tracking: Tracking = USUAL, turn: int = 0) -> list[Track]:
    """The tracks of everybody in a scene; `turn` changes the order in which people come."""
    tracker = Tracker(tracking)
    for number, people in enumerate(scene):
        rows = list(people.values())
        rows = rows[::-1] if turn and (number * turn) % 3 == 1 else rows
        keypoints = torch.stack(rows) if rows else torch.zeros(0, 7, 2)
        tracker.add(keypoints, keypoints.isfinite().all(dim=-1).float())
    return tracker.tracks(7)


def who(track: Track, scene: Scene) -> list[str]:
    """The names of those whom a track follows."""
    names = set()
    for frame, people in enumerate(scene):
        for name, keypoints in people.items():
            if bool(track.seen[frame]) and torch.equal(track.keypoints[frame], keypoints):
                names.add(name)
    return sorted(names)


def test_two_people_who_cross_keep_their_numbers():
    scene = crossing()
    tracks = tracked(scene)
    assert [track.person for track in tracks] == ["1", "2"]
    assert [who(track, scene) for track in tracks] == [["there"], ["back"]]
    assert all(bool(track.seen.all()) for track in tracks)


@pytest.mark.parametrize("hidden", [1, 5, 12])
def test_who_is_hidden_while_crossing_is_known_again(hidden):
    scene = crossing()
    for people in scene[30 - hidden // 2 : 30 - hidden // 2 + hidden]:
        del people["back"]
    tracks = tracked(scene)
    assert [who(track, scene) for track in tracks] == [["there"], ["back"]]
    assert int((~tracks[1].seen).sum()) == hidden


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 50))
def test_the_order_of_the_detections_changes_nothing(turn):
    scene = crossing(35)
    for plain, turned in zip(tracked(scene), tracked(scene, turn=turn), strict=True):
        assert torch.equal(plain.scores, turned.scores)
        assert torch.equal(plain.keypoints.nan_to_num(-1), turned.keypoints.nan_to_num(-1))


@pytest.mark.parametrize("frames", [0, 1, 20])
def test_a_video_of_nobody_has_no_tracks(frames):
    assert tracked([{} for _ in range(frames)]) == []


def test_people_detected_without_any_joint_are_nobody():
    assert tracked([{"a": torch.full((7, 2), torch.nan)}] * 5) == []


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    for gap, people in ((10, 1), (59, 1), (60, 2)):
        scene: Scene = [{"a": each} for each in walking(0, 3, 30 + gap)]
        scene[15 : 15 + gap] = [{} for _ in range(gap)]
        tracks = tracked(scene)
        assert len(tracks) == people
        assert len(tracks[0].seen) == len(scene) and not bool(tracks[0].seen[15 : 15 + gap].any())


def test_who_comes_back_elsewhere_is_known_if_the_way_was_possible():
    for away, people in ((200, 1), (3000, 2)):
        scene: Scene = [{"a": each} for each in walking(0, 3, 20)]
        scene += [{} for _ in range(40)]
        scene += [{"a": each + torch.tensor([away, -30.0])} for each in walking(0, -3, 20)]
        assert len(tracked(scene)) == people
        assert len(tracked(scene, Tracking(rejoin=0))) == 2


def test_the_last_sightings_of_somebody_who_is_lost_may_be_wrong():
    scene: Scene = [{"a": each} for each in walking(0, 3, 20)] + [{} for _ in range(10)]
    scene += [{"wrong": each} for each in walking(90, 3, 2)]
    scene += [{"a": each} for each in walking(220, 3, 20)]
    assert len(tracked(scene)) == 1
    assert len(tracked(scene, Tracking(rejoin=0))) == 2


def test_who_comes_back_larger_is_somebody_else():
    scene: Scene = [{"a": each} for each in walking(0, 3, 20)] + [{} for _ in range(40)]
    assert len(tracked(scene + [{"a": each} for each in walking(60, 3, 20)])) == 1
    assert len(tracked(scene + [{"a": 2 * each} for each in walking(30, 3, 20)])) == 2


def test_nobody_is_rejoined_where_two_could_be_meant():
    gone: Scene = [{} for _ in range(40)]
    one, two = walking(0, 0, 20), [each + 90 for each in walking(0, 0, 20)]
    both: Scene = [{"a": a, "b": b} for a, b in zip(one, two, strict=True)]
    alone: Scene = [{"a": each} for each in one]
    assert len(tracked(alone + gone + both)) == 3
    assert len(tracked(both + gone + alone)) == 3
    assert len(tracked(alone + gone + alone + gone + alone)) == 1


def test_what_is_seen_too_seldom_is_nobody():
    scene: Scene = [{"a": each} for each in walking(0, 3, 20)]
    for frame in (7, 8, 15):
        scene[frame]["ghost"] = BODY + 700
    assert len(tracked(scene)) == 1
    assert len(tracked(scene, Tracking(births=1))) == 2
    assert len(tracked(scene, Tracking(births=1, gap=3, rejoin=0))) == 3


def test_a_single_picture_has_everybody_in_it():
    scene: Scene = [{"a": BODY, "b": BODY + 300, "c": BODY + 600}]
    assert [track.person for track in tracked(scene)] == ["1", "2", "3"]


def test_one_person_detected_twice_is_one_person():
    scene: Scene = [{"a": each, "again": each + 0.5} for each in walking(0, 3, 20)]
    assert len(tracked(scene)) == 1


def test_joints_that_come_and_go_do_not_make_a_person_jump():
    scene: Scene = [{"a": each.clone()} for each in walking(0, 6, 30)]
    for number, people in enumerate(scene):
        people["a"][: 1 + number % 4] = torch.nan
    (track,) = tracked(scene)
    assert bool(track.seen.all())
    assert torch.equal(track.keypoints[5].isnan(), scene[5]["a"].isnan())


def test_a_runner_at_ten_frames_a_second_is_one_person():
    scene: Scene = [{"a": each} for each in walking(0, 45, 20)]
    (track,) = tracked(scene)
    assert bool(track.seen.all())


def test_a_walker_of_the_body_model_is_one_person():
    clip = seen_walker(2.0)
    tracker = Tracker()
    for keypoints, scores in zip(clip.keypoints, clip.scores, strict=True):
        tracker.add(keypoints[None], scores[None])
    (track,) = tracker.tracks(17)
    assert torch.equal(track.keypoints, clip.keypoints)


def test_likeness_is_one_for_the_same_and_falls_with_the_distance():
    people = torch.stack([BODY, BODY + 5, BODY + 40, BODY + 900])
    alike = likeness(people[:1], people, torch.tensor([0.1]))[0]
    assert alike[0] == 1 and alike[3] == 0
    assert alike.tolist() == sorted(alike.tolist(), reverse=True)
    unsure = likeness(people[:1], people, torch.tensor([0.3]))[0]
    assert bool((unsure[1:3] > alike[1:3]).all())
    width = torch.full((4,), 0.1)
    there, back = likeness(people + 7, people, width), likeness(people, people + 7, width)
    torch.testing.assert_close(there, back.mT)


def test_extents_are_of_the_joints_that_were_found():
    some = BODY.clone()
    some[0] = torch.nan
    assert extents(some).tolist() == [-20, 30, 20, 160]
    assert extents(torch.full((3, 2), torch.nan)).tolist() == [0, 0, 0, 0]


def test_one_can_choose_whose_tracks_are_kept():
    scene = [{"small": each / 2, "large": each + 400} for each in walking(0, 3, 10)]
    scene[3].pop("large")
    tracks = tracked(scene)
    assert chosen(tracks, "all") == tracks
    assert [who(track, scene) for track in chosen(tracks, "largest")] == [["large"]]
    assert chosen(tracks, "1") == tracks[:1]
    assert chosen([], "7") == []
    with pytest.raises(DataError, match='a person "7", but those found are 1, 2'):
        chosen(tracks, "7")


@pytest.mark.parametrize("wrong", [{"births": 0}, {"gap": -1}, {"rejoin": -1}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingsError, match="seen in at least 1 frame"):
        Tracking(**wrong)
