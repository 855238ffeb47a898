"""Videos and pictures through detectors with maps, as a person types it."""

import json
from pathlib import Path

import pytest

from crosslift.data.clip_file import read_clip

from ..detect.map_networks import published
from ..video.films import film, picture
from .test_detect import said


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return published(tmp_path / "pose_hrnet_tiny_64x64.pth")


def walk(path: Path, frames: int = 4) -> Path:
    """A white square that crosses the picture."""
    images = (picture(at=(4 + 8 * number, 20), size=(160, 120)) for number in range(frames))
    return film(path, images)


def test_a_video_is_looked_at_with_hrnet(tmp_path, capsys, weights):
    video = walk(tmp_path / "a.mp4")
    words = ["detect", video, "-o", tmp_path / "out", "--detector", "hrnet", "--weights", weights]
    code, told = said(capsys, *words, "--decoding", "soft")
    assert code == 0, told
    clip = read_clip(tmp_path / "out" / "a-1.clip.safetensors")
    assert clip.skeleton.name == "coco17" and len(clip) == 4
    assert clip.provenance["model"] == weights.name and clip.provenance["decoding"] == "soft"


def test_boxes_may_be_given_and_a_wrong_one_is_said(tmp_path, capsys, weights):
    video, table = walk(tmp_path / "a.mp4"), tmp_path / "boxes.csv"
    table.write_text("frame,left,top,right,bottom\n" + "".join(
        f"{frame},20,20,90,110\n" for frame in range(4)))  # fmt: skip
    options = ["--detector", "hrnet", "--weights", weights, "--boxes", table]
    code, told = said(capsys, "detect", video, "-o", tmp_path / "out", *options)
    assert code == 0 and "boxes boxes.csv" in told
    table.write_text("frame,left,top,right,bottom\n0,500,20,600,110\n")
    code, told = said(capsys, "detect", video, "-o", tmp_path / "other", *options)
    assert code == 2 and "lies outside the picture of 160 x 120" in told
    assert not (tmp_path / "other").exists()


def test_a_video_is_lifted_with_hrnet_on_the_way(tmp_path, capsys, weights):
    video, output = walk(tmp_path / "a.mp4"), tmp_path / "out"
    code, told = said(capsys, "lift", video, "-o", output, "--detector", "hrnet",
                      "--weights", weights, "--no-page", "--json")  # fmt: skip
    assert code == 0, told
    (told,) = json.loads((output / "summary.json").read_text("utf-8"))["inputs"]
    lifted = read_clip(next(Path(each) for each in told["made"] if "clip" in Path(each).name))
    assert lifted.poses is not None and lifted.poses.shape[1:] == (4, 17, 3)


def test_weights_that_are_none_are_said_before_a_video_is_read(tmp_path, capsys):
    (tmp_path / "a.pth").write_bytes(b"no weights")
    code, told = said(capsys, "detect", walk(tmp_path / "a.mp4"), "-o", tmp_path / "out",
                      "--detector", "hrnet", "--weights", tmp_path / "a.pth")  # fmt: skip
    assert code == 2 and "could not be read as a checkpoint" in told
