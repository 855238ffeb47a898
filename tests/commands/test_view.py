"""`crosslift view`, as a person types it."""

import json
import webbrowser
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from crosslift.cli import main
from crosslift.clip import Clip
from crosslift.data.clip_file import SUFFIX, write_clip
from crosslift.data.store import StoreWriter
from crosslift.lifter_folder import save_lifter
from crosslift.view import Filming, Shown, write_film

from ..people import seen_walker, walker
from ..test_lifter_folder import made
from ..view.embedded import content


@pytest.fixture
def clip() -> Clip:
    return seen_walker(1.0)


@pytest.fixture
def walk(tmp_path: Path, clip: Clip) -> Path:
    path = tmp_path / f"walk{SUFFIX}"
    write_clip(path, clip)
    return path


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main(["view", *map(str, words)])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def labels(page: Path) -> list[str]:
    return [each["label"] for each in content(page)["clips"]]


def test_a_page_is_made_beside_the_clip_and_named(capsys, walk, clip):
    page = walk.with_name("walk.html")
    assert said(capsys, walk) == (0, f"1 recording shown. Made: {page}")
    assert labels(page) == [clip.name] and content(page)["facts"]["Skeleton"] == "h36m17"


def test_what_was_made_is_json_too(capsys, walk, clip, tmp_path):
    code, words = said(capsys, walk, "-o", tmp_path / "a.html", "--json")
    told = json.loads(words)
    assert code == 0 and told["files"] == [str(tmp_path / "a.html")] and told["problems"] == {}
    assert told["recordings"] == [{"name": clip.name, "label": clip.name}]


def test_clips_of_one_name_are_called_by_their_files_and_lie_in_one_view(
    capsys, walk, clip, tmp_path
):
    write_clip(tmp_path / f"other{SUFFIX}", clip)
    page = tmp_path / "a.html"
    assert said(capsys, walk, tmp_path / f"other{SUFFIX}", "-o", page)[0] == 0
    assert labels(page) == ["walk", "other"] and content(page)["overlay"] is True
    said(capsys, walk, tmp_path / f"other{SUFFIX}", "-o", page, "--beside")
    assert content(page)["overlay"] is False


def test_clips_of_several_names_stand_beside_each_other_unless_told(capsys, walk, tmp_path):
    write_clip(tmp_path / f"m{SUFFIX}", replace(walker(0.5), name="motion"))
    page = tmp_path / "a.html"
    words = (walk, tmp_path / f"m{SUFFIX}", "-o", page)
    said(capsys, *words)
    assert labels(page) == [seen_walker(0.1).name, "motion"]
    assert content(page)["overlay"] is False
    said(capsys, *words, "--overlay")
    assert content(page)["overlay"] is True
    assert said(capsys, *words, "--overlay", "--beside")[0] == 2


def test_the_truth_is_found_by_its_name(capsys, walk, clip, tmp_path):
    store = tmp_path / "store"
    with StoreWriter(store) as writer:
        writer.add(clip)
        writer.add(replace(clip, name="another"))
    page = tmp_path / "a.html"
    assert said(capsys, walk, "--truth", store, "-o", page)[0] == 0
    assert labels(page) == [clip.name, "truth"]
    assert [each["truth"] for each in content(page)["clips"]] == [False, True]
    assert content(page)["curves"][0]["title"] == "Distance to the truth"


def test_a_truth_of_another_name_is_refused(capsys, walk, clip, tmp_path):
    write_clip(tmp_path / f"t{SUFFIX}", replace(clip, name="another"))
    code, words = said(capsys, walk, "--truth", tmp_path / f"t{SUFFIX}")
    assert code == 2 and f'should hold the truth of "{clip.name}" under the same name' in words
    assert not walk.with_name("walk.html").exists()


def test_some_recordings_of_a_store_are_chosen_by_name(capsys, clip, tmp_path):
    store = tmp_path / "store"
    with StoreWriter(store) as writer:
        for number in range(10):
            writer.add(replace(clip, name=f"walk {number}"))
    code, words = said(capsys, store)
    assert code == 2 and "up to 8 recordings, but" in words and '--only "walk 0"' in words
    assert said(capsys, store, "--only", "walk [34]")[0] == 0
    assert labels(tmp_path / "store.html") == ["walk 3", "walk 4"]
    code, words = said(capsys, store, "--only", "run*")
    assert code == 2 and "No recording in" in words


def test_one_bad_file_does_not_end_the_rest(capsys, walk, tmp_path):
    bad = tmp_path / f"bad{SUFFIX}"
    bad.write_bytes(b"no clip")
    code, words = said(capsys, bad, walk, "-o", tmp_path / "a.html")
    assert code == 2 and "what became of it" in words and "1 shown" in words
    assert len(labels(tmp_path / "a.html")) == 1
    code, words = said(capsys, bad)
    assert code == 2 and "bad" in words and not (tmp_path / "bad.html").exists()


def test_a_film_and_a_still_are_made_without_a_page(capsys, walk, tmp_path):
    pytest.importorskip("av", reason="films are written by PyAV")
    film, still = tmp_path / "a.gif", tmp_path / "a.png"
    options = ("--size", 160, 90, "--fps", 5, "--turn", 30)
    code, words = said(capsys, walk, "--film", film, "--still", still, *options)
    assert (code, words) == (0, f"1 recording shown. Made: {film} {still}")
    assert film.stat().st_size > 1000 and still.stat().st_size > 1000
    assert not walk.with_name("walk.html").exists()


def test_a_video_lies_behind_the_first_clip(capsys, walk, clip, tmp_path):
    pytest.importorskip("av", reason="films are written by PyAV")
    write_film(tmp_path / "v.mp4", [Shown(clip)], Filming(size=(160, 90), fps=5))
    assert said(capsys, walk, "--video", tmp_path / "v.mp4", "-o", tmp_path / "a.html")[0] == 0
    (shown,) = content(tmp_path / "a.html")["clips"]
    assert [each["time"] for each in shown["pictures"]] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    code, words = said(capsys, walk, "--video", tmp_path / "none.mp4")
    assert code == 2 and "none.mp4" in words


def test_a_motion_has_a_page_but_no_still_and_no_video(capsys, tmp_path):
    motion = tmp_path / f"m{SUFFIX}"
    write_clip(motion, walker(0.5))
    assert said(capsys, motion)[0] == 0
    code, words = said(capsys, motion, "--still", tmp_path / "a.png")
    assert code == 2 and "is a motion without one" in words
    code, words = said(capsys, motion, "--video", tmp_path / "v.mp4")
    assert code == 2 and "A video lies behind a clip" in words


def test_the_browser_is_opened_only_if_asked(capsys, walk, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    said(capsys, walk)
    assert opened == []
    said(capsys, walk, "--open")
    assert opened == [walk.with_name("walk.html").as_uri()]


@pytest.mark.parametrize("words", [(), ("nowhere",)])
def test_nothing_to_show_is_refused(capsys, words):
    code, sentence = said(capsys, *words)
    assert code == 2 and "should be" in sentence


def test_a_figure_has_a_row_for_each_moment(capsys, walk, tmp_path):
    code, words = said(capsys, walk, "--figure", tmp_path / "a.png", "--truth", walk,
                       "--moments", 3, "--size", 320, 90)  # fmt: skip
    assert (code, words) == (0, f"2 recordings shown. Made: {tmp_path / 'a.png'}")
    with Image.open(tmp_path / "a.png") as figure:
        assert figure.size == (320, 270)


def test_the_denoising_of_a_moment_is_shown(capsys, walk, tmp_path):
    lifter, about = made("d3dp")
    save_lifter(lifter, about, tmp_path / "lifter")
    options = ("--denoising", tmp_path / "lifter", "--steps", 4, "--hypotheses", 2)
    page, film = tmp_path / "a.html", tmp_path / "a.gif"
    words = said(capsys, walk, *options, "--truth", walk, "-o", page, "--film", film,
                 "--size", 160, 90)  # fmt: skip
    assert words == (0, f"3 recordings shown. Made: {page} {film}")
    assert labels(page) == ["noisy pose", "clean pose behind it", "truth"]
    noisy = content(page)["clips"][0]
    assert noisy["captions"][:5] == ["noise", *(f"step {i} of 4" for i in range(1, 5))]
    assert noisy["poses"]["about"]["shape"][0] == 2
    code, words = said(capsys, walk, "--denoising", "flat")
    assert code == 2 and "answers once" in words
    code, words = said(capsys, walk, "--at", 0.5)
    assert code == 2 and "name it with --denoising" in words
    code, words = said(capsys, walk, *options, "--at", 9)
    assert code == 2 and "but is 9 s" in words
