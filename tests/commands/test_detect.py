"""`crosslift detect`, as a person types it."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.cli import main
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.detect import Looking, people_in
from crosslift.detect.saved import SavedSettings
from crosslift.errors import SettingsError

from ..detect import networks
from ..people import seen_walker
from ..video.films import film, picture

FRAMES = 8


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main([str(word) for word in words])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


@pytest.fixture
def model(tmp_path: Path) -> list[object]:
    """The words that choose a detector that finds a white square."""
    path = networks.zipped(tmp_path / "spot.zip", networks.rtmo(tmp_path / "spot.onnx"))
    return ["--detector", "rtmo", "--weights", path]


def walk(path: Path, frames: int = FRAMES, **settings) -> Path:
    """A white square that crosses the picture."""
    images = (picture(at=(4 + 8 * number, 20), size=(160, 120)) for number in range(frames))
    return film(path, images, **settings)


def black(path: Path) -> Path:
    return film(path, [np.zeros((48, 64, 3), np.uint8)] * FRAMES)


def test_a_clip_for_each_person_and_a_record_are_written(tmp_path, capsys, model):
    code, words = said(capsys, "detect", walk(tmp_path / "a.mp4"), "-o", tmp_path / "out", *model)
    assert code == 0, words
    clip = read_clip(tmp_path / "out" / "a-1.clip.safetensors")
    assert (clip.name, clip.person, len(clip), clip.fps) == ("a/1", "1", FRAMES, 10)
    assert clip.skeleton.name == "coco17" and clip.times is None
    middle = clip.keypoints[:, 1:].mean(dim=1)
    expected = torch.tensor([[8.0 + 8 * number, 24] for number in range(FRAMES)])
    assert (middle - expected).abs().max() < 8
    assert not bool(clip.observed[:, 0].any()) and bool(clip.observed[:, 1:].all())
    assert clip.camera.focal_from == "assumed" and clip.camera.size.tolist() == [160, 120]
    record = json.loads((tmp_path / "out" / "a.detect.json").read_text())
    assert record["frames"] == FRAMES and record["people"] == ["a-1.clip.safetensors"]
    for part in (clip.provenance["model_sha256"], "spot.zip", "200 ± 80 px (assumed)", "done"):
        assert part in words


def test_a_video_without_a_person_is_no_error_unless_one_is_strict(tmp_path, capsys, model):
    video = black(tmp_path / "a.mp4")
    model = [*model, "--box-score", "0.99"]
    code, words = said(capsys, "detect", video, "-o", tmp_path / "out", *model)
    assert code == 0 and "No person was found." in words
    assert json.loads((tmp_path / "out" / "a.detect.json").read_text())["people"] == []
    assert said(capsys, "detect", video, "-o", tmp_path / "strict", *model, "--strict")[0] == 3


def test_one_broken_video_does_not_end_the_run(tmp_path, capsys, model):
    videos = [walk(tmp_path / "a.mp4"), tmp_path / "broken.mp4", walk(tmp_path / "c.avi")]
    videos[1].write_bytes(b"This is no video.")
    output = tmp_path / "out"
    code, words = said(capsys, "detect", *videos, "-o", output, *model, "--json")
    assert code == 2 and "Traceback" not in words
    result = json.loads(words)
    assert len(result["files"]) == 2
    told = [each["result"] for each in result["videos"]]
    assert told[0] == told[2] == "done" and 'broken.mp4" should be a video' in told[1]
    code, words = said(capsys, "detect", videos[1], "-o", tmp_path / "alone", *model)
    assert code == 2 and "should be a video" in words and not (tmp_path / "alone").exists()


def test_a_run_that_was_stopped_is_continued(tmp_path, capsys, model):
    first, second = walk(tmp_path / "a.mp4"), walk(tmp_path / "b.mp4")
    output = tmp_path / "out"
    said(capsys, "detect", first, "-o", output, *model)
    before = (output / "a-1.clip.safetensors").stat().st_mtime_ns
    code, words = said(capsys, "detect", first, second, "-o", output, *model)
    assert code == 2 and "--continue" in words and not (output / "b.detect.json").exists()
    code, words = said(
        capsys, "detect", first, second, "-o", output, *model, "--continue", "--json"
    )
    result = json.loads(words)
    assert code == 0 and [each["result"] for each in result["videos"]] == [
        "was there already", "done",
    ]  # fmt: skip
    assert len(result["files"]) == 2
    (output / "b.detect.json").unlink()  # as if it had been stopped in between
    assert said(capsys, "detect", second, "-o", output, *model)[0] == 2
    assert said(capsys, "detect", second, "-o", output, *model, "--continue")[0] == 0
    assert (output / "a-1.clip.safetensors").stat().st_mtime_ns == before


def test_videos_of_one_name_do_not_meet(tmp_path, capsys, model):
    (tmp_path / "other").mkdir()
    names = ["a.2.mp4", "a.mp4", "other/a.mp4", "a-b[c].mp4"]
    videos = [walk(tmp_path / name) for name in names]
    code, words = said(capsys, "detect", *videos[:3], "-o", tmp_path / "out", *model)
    assert code == 0, words
    made = {path.name for path in (tmp_path / "out").glob("*.safetensors")}
    assert made == {f"{title}-1.clip.safetensors" for title in ("a", "a.2", "a.3")}
    other = tmp_path / "other out"
    for video in (videos[3], videos[1]):
        code, words = said(capsys, "detect", video, "-o", other, *model)
        assert code == 0 and video.name in words


def test_the_users_word_on_camera_and_rate_counts(tmp_path, capsys, model):
    video = walk(tmp_path / "a.mp4", ticks=[0, 1, 2, 6, 7, 8, 14, 15])
    options = ["--fov", "90", "--fps", "240", "--seconds", "0.65"]
    assert said(capsys, "detect", video, "-o", tmp_path / "out", *model, *options)[0] == 0
    clip = read_clip(tmp_path / "out" / "a-1.clip.safetensors")
    assert (
        clip.camera.focal.tolist() == pytest.approx([80, 80]) and clip.camera.focal_from == "given"
    )
    assert clip.fps == 240 and clip.times is None and len(clip) == 4
    assert said(capsys, "detect", video, "-o", tmp_path / "own", *model)[0] == 0
    times = read_clip(tmp_path / "own" / "a-1.clip.safetensors").times
    assert times is not None and times[3] == pytest.approx(0.6, abs=1e-3)


def test_a_folder_of_pictures_is_a_video(tmp_path, capsys, model):
    from PIL import Image

    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(12):
        Image.fromarray(picture(at=(8 * number, 20), size=(160, 120))).save(
            folder / f"{number}.png"
        )
    assert said(capsys, "detect", folder, "-o", tmp_path / "out", *model, "--fps", "15")[0] == 0
    clip = read_clip(tmp_path / "out" / "in-1.clip.safetensors")
    assert len(clip) == 12 and clip.fps == 15
    assert bool((clip.keypoints[1:, 3, 0] > clip.keypoints[:-1, 3, 0]).all())


def test_one_of_two_people_can_be_chosen(tmp_path, capsys):
    clip = seen_walker(1.0)
    for number, shift in enumerate((0.0, 400.0)):
        moved = clip.keypoints * (1 - number / 2) + shift
        object.__setattr__(clip, "keypoints", moved)
        write_clip(tmp_path / "people" / f"{number}.clip.safetensors", clip)
    video = film(tmp_path / "a.mp4", [picture()] * 30, rate=30)
    words = ["detect", video, "--detector", "saved", "--weights", tmp_path / "people"]
    assert said(capsys, *words, "-o", tmp_path / "all")[0] == 0
    assert len(list((tmp_path / "all").glob("*.safetensors"))) == 2
    assert said(capsys, *words, "-o", tmp_path / "one", "--person", "largest")[0] == 0
    assert len(list((tmp_path / "one").glob("*.safetensors"))) == 1
    code, page = said(capsys, *words, "-o", tmp_path / "none", "--person", "9")
    assert code == 2 and "those found are 1, 2" in page and not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--detector", "rtmpoze"], 'no detector "rtmpoze"; did you mean "rtmpose"?'),
        (["--detector=rtmo"], "needs a file of weights"),
        (["--detector", "saved", "--weights", "a", "--fps", "-1"], "--fps takes a positive number"),
        (["--detector", "saved", "--weights", "a", "--births", "0"], "at least 1 frame"),
    ],
)
def test_wrong_words_are_answered_in_a_sentence(words, answer, tmp_path, capsys):
    code, page = said(capsys, "detect", black(tmp_path / "a.mp4"), "-o", tmp_path / "out", *words)
    assert code == 2 and answer in page and not (tmp_path / "out").exists()


def test_no_video_is_answered_in_a_sentence(tmp_path, capsys):
    code, page = said(capsys, "detect", "-o", tmp_path / "out", "--detector", "saved")
    assert code == 2 and "At least one video is needed" in page


@pytest.mark.parametrize("name", ["mediapipe", "rtmpose", "rtmo", "saved"])
def test_a_detectors_options_are_in_the_help(name, capsys):
    with pytest.raises(SystemExit):
        main(["detect", "--detector", name, "--help"])
    page = " ".join(capsys.readouterr().out.split())
    assert "--output" in page and "--person" in page and "--fov" in page
    own = {"mediapipe": "--least-tracking", "rtmpose": "--boxes", "rtmo": "--box-score"}
    assert own.get(name, "--format") in page


def test_a_camera_needs_an_end(tmp_path):
    path = tmp_path / "a.clip.safetensors"
    write_clip(path, seen_walker(0.5))
    with pytest.raises(SettingsError, match="A camera never ends"):
        people_in("camera:0", SavedSettings(path).build(), Looking())


DATA = os.environ.get("CROSSLIFT_DATA")


@pytest.mark.skipif(DATA is None, reason="CROSSLIFT_DATA names no folder with real videos")
def test_a_real_walk_comes_out_with_its_joints(tmp_path):
    media = Path(str(DATA)) / "media"
    saved = SavedSettings(media / "sports2d_walk_crop_blazepose.npz", "mediapipe").build()
    seen = people_in(media / "sports2d_walk_crop.mp4", saved)
    (clip,) = seen.clips
    assert bool(clip.observed.any(dim=-1).all()) and (len(clip), clip.fps) == (100, 30)
    assert clip.skeleton.name == "mediapipe33" and seen.remarks == []
