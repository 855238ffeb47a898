"""Films."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from crosslift.clip import unlabelled
from crosslift.errors import DataError, SettingsError
from crosslift.view import Filming, Picture, Shown, pictures_of, write_film
from crosslift.view.reel import Actor, Reel
from crosslift.view.shown import PALETTES, palettes

from ..people import seen_walker, walker

av = pytest.importorskip("av", reason="films are written by PyAV")
SMALL = Filming(size=(240, 136), fps=10)


def reel(*shown: Shown, filming: Filming = SMALL, overlay: bool = True) -> Reel:
    return Reel(tuple(map(Actor.of, shown, palettes(shown))), filming, overlay)


def jpeg(colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(file, "JPEG")
    return file.getvalue()


def near(image: Image.Image, colour: str) -> int:
    """How many pixels have nearly that colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(np.asarray(image).astype(int) - wanted).max(axis=-1) < 14).sum())


def test_an_mp4_has_the_size_the_rate_and_the_frames_that_were_asked_for(tmp_path):
    done = []
    write_film(tmp_path / "a.mp4", [Shown(seen_walker(1.0))], SMALL,
               progress=lambda *each: done.append(each))  # fmt: skip
    with av.open(str(tmp_path / "a.mp4")) as film:
        frames = [frame.to_image() for frame in film.decode(video=0)]
        assert film.streams.video[0].average_rate == 10
    assert len(frames) == 10 and frames[0].size == (240, 136)
    assert done == [(i, 10) for i in range(1, 11)]


def test_a_gif_plays_for_ever_at_its_rate(tmp_path):
    write_film(tmp_path / "a.gif", [Shown(seen_walker(1.0))], SMALL)
    with Image.open(tmp_path / "a.gif") as film:
        assert (film.n_frames, film.info["duration"], film.info["loop"]) == (10, 100, 0)


def test_both_sides_of_the_body_are_in_their_colours():
    image = reel(Shown(seen_walker())).picture(0.5)
    assert min(near(image, PALETTES[0].left), near(image, PALETTES[0].right)) > 20


def test_a_truth_is_grey_and_a_second_recording_has_its_own_colours():
    clip = seen_walker()
    alone = reel(Shown(clip, truth=True)).picture(0.5)
    assert near(alone, PALETTES[0].left) < 5
    other = reel(Shown(clip, "a"), Shown(clip, "b"), overlay=False).picture(0.5)
    assert near(other, PALETTES[1].left) > 20


def test_views_stand_beside_each_other_or_are_one():
    clip = seen_walker()
    assert len(reel(Shown(clip), Shown(clip)).frames()) == 2
    assert len(reel(Shown(clip), Shown(clip), overlay=False).frames()) == 3
    assert len(reel(Shown(walker())).frames()) == 1
    assert len(reel(Shown(unlabelled(clip))).frames()) == 1


def test_the_view_goes_around_only_if_asked():
    clip = seen_walker()
    still, turning = (reel(Shown(clip), filming=replace(SMALL, turn=turn)) for turn in (0.0, 90.0))
    azimuths = [each.gaze(each.main, 1.0).azimuth for each in (still, turning)]
    assert azimuths[1] - azimuths[0] == pytest.approx(np.pi / 2)


def test_a_recording_that_ends_earlier_keeps_its_last_pose():
    long, short = seen_walker(2.0), seen_walker(1.0)
    both = reel(Shown(short), Shown(long), overlay=False)
    assert len(both) == 20 and both.main.shown.recording is long
    assert both.actors[0].frame(1.9) == len(short) - 1


def test_uneven_times_decide_what_is_shown_when():
    clip = replace(seen_walker(0.1), times=torch.tensor([5.0, 5.1, 7.0]))
    film = reel(Shown(clip))
    assert len(film) == 21
    assert [film.main.frame(time) for time in (5.0, 5.05, 5.15, 6.9, 7.0)] == [0, 0, 1, 1, 2]


def test_unknown_joints_are_left_out():
    clip = seen_walker()
    poses = torch.full_like(clip.poses, torch.nan)
    points = torch.full_like(clip.keypoints, torch.nan)
    unseen = clip.observed & False
    lost = replace(clip, poses=poses, keypoints=points, scores=clip.scores * 0, observed=unseen)
    image = reel(Shown(lost)).picture(0.5)
    assert near(image.crop((0, 40, *image.size)), PALETTES[0].left) == 0


def test_the_pictures_of_the_video_lie_behind_the_keypoints(tmp_path):
    write_film(tmp_path / "a.mp4", [Shown(walker(1.0))], SMALL)
    pictures = pictures_of(tmp_path / "a.mp4", width=120, most=4)
    assert 2 <= len(pictures) <= 4 and pictures[0].time == 0
    assert [each.time for each in pictures] == sorted(each.time for each in pictures)
    assert Image.open(io.BytesIO(pictures[0].jpeg)).size == (120, 68)
    green = jpeg((20, 200, 60))
    film = reel(Shown(seen_walker(), pictures=[Picture(0.0, green)]))
    assert near(film.picture(0.5), "#14c83c") > 500


@pytest.mark.parametrize("size", [(10, 720), (1281, 720)])
def test_sizes_that_no_film_has_are_refused(size):
    with pytest.raises(SettingsError, match="even width and height of at least 64 pixels"):
        Filming(size=size)


def test_what_is_no_film_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(SettingsError, match="should end in .mp4 or .gif"):
        write_film(tmp_path / "a.avi", [Shown(seen_walker())])
    clip = unlabelled(seen_walker())
    empty = replace(clip, keypoints=clip.keypoints[:0], scores=clip.scores[:0],
                    observed=clip.observed[:0])  # fmt: skip
    with pytest.raises(DataError, match="has no frames, so there is nothing to film"):
        write_film(tmp_path / "a.mp4", [Shown(empty)])
    with pytest.raises(SettingsError, match="A gif holds up to 1500 frames, but this film has"):
        write_film(tmp_path / "a.gif", [Shown(seen_walker(8.0))], Filming(fps=200))
    assert list(tmp_path.iterdir()) == []
