from pathlib import Path

import pytest
import torch
from safetensors.numpy import save_file

from crosslift.clip import Clip
from crosslift.data.clip_file import SUFFIX, read_clip
from crosslift.data.clips import ClipFiles
from crosslift.errors import DataError
from crosslift.motion import Motion

from .samples import clip as sample


def test_a_folder_gives_its_clips_and_motions_as_they_were_written(tmp_path: Path):
    clip, motion = ClipFiles().read(sample.write(tmp_path))
    assert isinstance(clip, Clip)
    assert isinstance(motion, Motion)
    written = read_clip(tmp_path / f"a{SUFFIX}")
    assert isinstance(written, Clip)
    assert torch.equal(clip.scores, written.scores)
    assert clip.observed[1].tolist() == [True, True, *[False], *[True] * 14]
    assert clip.provenance["licence"] == "CC0-1.0"
    assert (clip.name, clip.fps, clip.skeleton) == ("walk", 25.0, written.skeleton)


def test_a_single_file_is_read(tmp_path: Path):
    (motion,) = ClipFiles().read(sample.write(tmp_path) / "deeper" / f"b{SUFFIX}")
    assert isinstance(motion, Motion)


def test_other_safetensors_of_a_folder_are_left_alone(tmp_path: Path):
    sample.write(tmp_path)
    save_file({}, tmp_path / "weights.safetensors")
    assert len(list(ClipFiles().read(tmp_path))) == 2


def test_a_folder_without_clips_is_refused(tmp_path: Path):
    save_file({}, tmp_path / "weights.safetensors")
    with pytest.raises(DataError, match=f"files that end in {SUFFIX}"):
        list(ClipFiles().read(tmp_path))


def test_weights_are_no_clip(tmp_path: Path):
    save_file({}, tmp_path / "weights.safetensors")
    with pytest.raises(DataError, match="none of a crosslift recording"):
        list(ClipFiles().read(tmp_path / "weights.safetensors"))


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="does not exist, but should be a clip file"):
        list(ClipFiles().read(tmp_path / "nothing"))
