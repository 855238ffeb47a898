"""crosslift lift, given videos, pictures and cameras: the whole road from pixels to poses."""

import json
import re
import sys
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

from crosslift.cli import main
from crosslift.data.any_file import Told
from crosslift.data.clip_file import read_clip
from crosslift.detect import Looking, People
from crosslift.detect.rtmo import RTMOSettings
from crosslift.errors import SettingsError
from crosslift.filmed import PICTURES, Detecting, Photographed, filmed
from crosslift.lift_inputs import kind_of, titles_of
from crosslift.skeletons import COCO_17
from crosslift.video import frames

from ..detect import networks
from ..video.films import film, front_loaded, picture

FRAMES = 8
SIZE = (160, 120)


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A detector that finds a white square."""
    folder = tmp_path_factory.mktemp("model")
    return networks.zipped(folder / "spot.zip", networks.rtmo(folder / "spot.onnx"))


def walk(path: Path, frames: int = FRAMES) -> Path:
    """A white square that crosses the picture."""
    return film(path, (picture(at=(4 + 8 * at, 20), size=SIZE) for at in range(frames)))


def said(capsys, *words: object) -> tuple[int, str]:
    """The exit code and all that was printed, on one line."""
    code = main(["lift", *map(str, words), "--lifter", "flat"])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


def detector(model: Path) -> list[object]:
    return ["--detector", "rtmo", "--weights", model]


def embedded(page: Path) -> int:
    """How many pictures a page holds."""
    return len(re.findall(r'"time":[\d.]+,"base64":"/9j/', page.read_text("utf-8")))


def test_a_video_is_lifted_and_shown_behind_its_keypoints(tmp_path, capsys, model):
    out = tmp_path / "out"
    code, words = said(capsys, walk(tmp_path / "a.mp4"), "-o", out, *detector(model))
    assert code == 0, words
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert found == {
        "a-1.clip.safetensors", "a.html", "summary.json",
        "keypoints/a-1.clip.safetensors", "keypoints/a.detect.json",
    }  # fmt: skip
    clip = read_clip(out / "a-1.clip.safetensors")
    assert clip.poses is not None and clip.poses.shape == (1, FRAMES, 17, 3)
    assert clip.person == "1" and clip.provenance["detector"] == "rtmo"
    assert read_clip(out / "keypoints" / "a-1.clip.safetensors").skeleton.name == "coco17"
    assert "focal length of 200 px is assumed" in words
    assert embedded(out / "a.html") == FRAMES


def test_people_are_found_once(tmp_path, capsys, model):
    words = [walk(tmp_path / "a.mp4"), "-o", tmp_path / "out", *detector(model)]
    assert said(capsys, *words)[0] == 0
    assert "is there already" in said(capsys, *words)[1]
    (tmp_path / "out" / "a-1.clip.safetensors").unlink()
    record = tmp_path / "out" / "keypoints" / "a.detect.json"
    before = record.stat().st_mtime_ns
    assert said(capsys, *words, "--continue", "--format", "npz", "clip")[0] == 0
    assert (tmp_path / "out" / "a-1.npz").exists() and record.stat().st_mtime_ns == before
    assert embedded(tmp_path / "out" / "a.html") == FRAMES
    for other in (["--box-score", "0.4"], ["--person", "largest"]):
        code, text = said(capsys, *words, "--continue", *other)
        assert code == 2 and "of another video or of other settings" in text
    walk(tmp_path / "a.mp4", frames=5)
    assert said(capsys, *words, "--continue")[0] == 2


def test_a_video_without_a_person_gives_whole_files_without_poses(tmp_path, capsys, model):
    video = film(tmp_path / "a.mp4", [np.zeros((48, 64, 3), np.uint8)] * FRAMES)
    words = [video, *detector(model), "--box-score", "0.99"]
    formats = ["--format", "clip", "npz", "bvh", "trc", "json"]
    code, text = said(capsys, *words, "-o", tmp_path / "out", *formats)
    assert code == 0 and "No person was found." in text and "Nobody was seen" in text
    clip = read_clip(tmp_path / "out" / "a.clip.safetensors")
    assert clip.poses.isnan().all() and not clip.observed.any() and len(clip) == FRAMES
    assert clip.camera.size.tolist() == [64, 48]
    assert "Nobody was seen in any frame" in (tmp_path / "out" / "a.html").read_text()
    assert {path.suffix for path in (tmp_path / "out").glob("a.*")} >= {".bvh", ".trc", ".npz"}
    assert said(capsys, *words, "-o", tmp_path / "strict", "--strict")[0] == 3
    again = said(capsys, *words, "-o", tmp_path / "out", "--continue", "--format", "csv")
    assert again[0] == 0 and "No person was found." in again[1]


def test_a_folder_of_pictures_says_its_focal_length_and_rate(tmp_path, capsys, model):
    folder = tmp_path / "shots"
    folder.mkdir()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 26  # millimetres on film
    for number in range(FRAMES):
        image = Image.fromarray(picture(at=(4 + 8 * number, 20), size=SIZE))
        image.save(folder / f"{number}.jpg", exif=exif, quality=95)
    code, words = said(capsys, folder, "-o", tmp_path / "out", *detector(model), "--fps", "12")
    assert code == 0 and "focal length of" not in words
    clip = read_clip(tmp_path / "out" / "shots-1.clip.safetensors")
    assert clip.fps == 12 and clip.camera.focal_from == "given" and len(clip) == FRAMES
    assert "noted by the camera" in clip.provenance["focal"]
    told = said(capsys, folder, "-o", tmp_path / "b", *detector(model), "--focal", "321")
    assert told[0] == 0
    clip = read_clip(tmp_path / "b" / "shots-1.clip.safetensors")
    assert clip.camera.focal.tolist() == [321, 321]


def test_what_could_be_read_of_a_broken_video_is_used_and_said(tmp_path, capsys, model):
    whole = front_loaded(tmp_path / "b.mp4", walk(tmp_path / "a.mp4", frames=12)).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) - 200])
    code, words = said(capsys, cut, "-o", tmp_path / "out", *detector(model))
    assert code == 0 and "is damaged or cut off" in words
    assert 0 < len(read_clip(tmp_path / "out" / "cut-1.clip.safetensors")) < 12
    assert "is damaged or cut off" in (tmp_path / "out" / "cut.html").read_text()
    code, words = said(capsys, cut, "-o", tmp_path / "out", *detector(model), "--continue",
                       "--format", "npz", "--no-page")  # fmt: skip
    assert code == 0 and "is damaged or cut off" in words


def test_several_inputs_of_one_name_and_one_that_is_broken(tmp_path, capsys, model):
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "c.mp4").write_bytes(b"This is no video.")
    videos = [walk(tmp_path / "a.mp4"), tmp_path / "c.mp4", walk(other / "a.mp4", frames=5)]
    code, words = said(capsys, *videos, "-o", tmp_path / "out", *detector(model))
    assert code == 2 and "c.mp4" in words and "Traceback" not in words
    assert len(read_clip(tmp_path / "out" / "a-1.clip.safetensors")) == FRAMES
    assert len(read_clip(tmp_path / "out" / "a.2-1.clip.safetensors")) == 5
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [bool(each["problem"]) for each in summary["inputs"]] == [False, True, False]


def test_without_a_detector_one_sentence_says_what_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    code, words = said(capsys, walk(tmp_path / "a.mp4"), "-o", tmp_path / "out")
    assert code == 2 and "pip install 'crosslift[mediapipe]'" in words
    assert "give a file of keypoints" in words and not (tmp_path / "out").exists()
    code, words = said(capsys, tmp_path / "a.mp4", "-o", tmp_path / "out", "--detector", "saved")
    assert code == 2 and 'no detector "saved"' in words


def test_a_camera_needs_an_end(tmp_path, capsys, model):
    code, words = said(capsys, "camera:0", "-o", tmp_path / "out", *detector(model))
    assert code == 2 and "camera" in words.lower()
    assert not (tmp_path / "out").exists()


def test_inputs_are_told_apart(tmp_path):
    (tmp_path / "shots").mkdir()
    (tmp_path / "shots" / "1.PNG").touch()
    (tmp_path / "both").mkdir()
    for name in ("1.png", "1_keypoints.json"):
        (tmp_path / "both" / name).touch()
    kinds = {each: kind_of(tmp_path / each, Told()) for each in ("shots", "both", "a.MP4", "a.npz")}
    assert kinds == {"shots": "video", "both": "keypoints", "a.MP4": "video", "a.npz": "keypoints"}
    assert kind_of(Path("camera:0"), Told()) == "video"
    assert kind_of(Path("a.mp4"), Told(format="csv")) == "keypoints"
    names = [Path("a.mp4"), Path("x/a.json"), Path("camera:0"), Path("y/a.npz")]
    assert titles_of(names) == ["a", "a.2", "camera-0", "a.3"]


class Missing:
    """Settings of a detector that is not installed."""

    def build(self, device):
        raise SettingsError("It is not there; install it.")


class Blind:
    """A detector that finds nobody."""

    skeleton = COCO_17
    provenance: ClassVar[dict[str, str]] = {}

    def find(self, frame):
        return People.none(self.skeleton)


def test_pictures_of_a_long_video_are_thinned_and_can_be_left_out(tmp_path, model):
    long = film(tmp_path / "long.mp4", (picture(size=(32, 24)) for _ in range(2 * PICTURES + 10)))
    finder = Photographed(Blind())
    for frame in frames(long):
        finder.find(frame)
    times = [each.time for each in finder.pictures]
    assert PICTURES / 2 < len(times) <= PICTURES and times == sorted(times) and times[0] == 0
    none = filmed(walk(tmp_path / "a.mp4"), "a", tmp_path / "k",
                  Detecting(RTMOSettings(model), Looking()), pictures=False)  # fmt: skip
    assert none.pictures == [] and len(none.clips) == 1


def test_a_detector_that_is_missing_is_no_dead_end():
    with pytest.raises(SettingsError, match="have to be found first.*install it; or give a file"):
        Detecting(Missing(), Looking()).finder(Path("b.mp4"))
