"""Keypoints of any format: found out by trying, and said where nobody can tell."""

import json
from dataclasses import replace

import pytest

from crosslift.clip import unlabelled
from crosslift.data.any_file import Told, clips_in, guessed
from crosslift.data.clip_file import write_clip
from crosslift.errors import DataError, SettingsError
from crosslift.export.csv import Csv
from crosslift.export.npz import Npz

from ..people import seen_walker, walker
from ..stores import short_clips, stored


def test_a_clip_file_a_folder_of_them_and_a_store_are_read(tmp_path):
    clips = short_clips(2, 6)
    for clip in clips:
        write_clip(tmp_path / "clips" / f"{clip.name[-1]}.clip.safetensors", clip)
    stored(tmp_path / "store", clips)
    for path in ("clips", "store"):
        assert [clip.name for clip in clips_in(tmp_path / path)] == [clip.name for clip in clips]
    assert guessed(tmp_path / "clips") == "clip"


@pytest.mark.parametrize(("writer", "suffix"), [(Npz, "npz"), (Csv, "csv")])
def test_what_other_writers_wrote_is_recognised(tmp_path, writer, suffix):
    path = tmp_path / f"walk.{suffix}"
    clip = replace(unlabelled(seen_walker(0.5)), name="walk")
    if writer is Csv:
        rows = ["frame,time,nose_x,nose_y,left_knee_x,left_knee_y"]
        rows += [f"{frame},{frame / 30},{100 + frame},200,150,300" for frame in range(5)]
        path.write_text("\n".join(rows))
        wanted, told = 5, Told(size=(640, 480), fps=30.0)
    else:
        writer().write(clip, path)
        wanted, told = len(clip), Told()
    assert guessed(path) == suffix
    assert len(next(clips_in(path, told))) == wanted


def test_openpose_folders_are_told_from_other_json(tmp_path):
    people = [{"pose_keypoints_2d": [float(i) for i in range(75)]}]
    for frame in range(3):
        path = tmp_path / f"walk_{frame:012d}_keypoints.json"
        path.write_text(json.dumps({"version": 1.3, "people": people}))
    assert guessed(tmp_path) == "openpose"
    with pytest.raises(DataError, match="size of the pictures is needed"):
        next(clips_in(tmp_path))
    found = next(clips_in(tmp_path, Told(size=(1920, 1080), fps=25.0)))
    assert (len(found), found.fps, found.camera.size.tolist()) == (3, 25.0, [1920, 1080])


def test_motions_without_a_camera_and_other_files_are_refused(tmp_path):
    write_clip(tmp_path / "motion.clip.safetensors", walker(0.3))
    with pytest.raises(DataError, match="motions without a camera alone"):
        next(clips_in(tmp_path / "motion.clip.safetensors"))
    (tmp_path / "words.txt").write_text("hello")
    with pytest.raises(DataError, match="should hold keypoints in a known format"):
        next(clips_in(tmp_path / "words.txt"))
    with pytest.raises(DataError, match="does not exist"):
        next(clips_in(tmp_path / "nothing"))


def test_a_format_can_be_named(tmp_path):
    with pytest.raises(SettingsError, match='no format "csw"; did you mean "csv"'):
        next(clips_in(tmp_path, Told("csw")))
    clip = short_clips(1, 6)[0]
    write_clip(tmp_path / "a.clip.safetensors", clip)
    assert next(clips_in(tmp_path / "a.clip.safetensors", Told("clip"))).name == clip.name
