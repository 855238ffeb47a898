"""What every writer keeps to."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift import registry
from crosslift.data.record import taken_apart
from crosslift.errors import DataError, SettingsError
from crosslift.motion import Motion

from ..people import walker
from .recordings import seen

NAMES = (
    *("angles", "bvh", "c3d", "clip", "csv", "glb", "json", "mot", "npz", "trc", "usda"),
    "videopose3d",
)
OF_MOVEMENT = ("angles", "bvh", "c3d", "csv", "glb", "mot", "trc", "usda")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    if request.param == "c3d":
        pytest.importorskip("ezc3d")
    return request.param


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_registry_knows_all_with_a_line_of_help():
    parts = registry.parts("writer")
    assert tuple(parts) == NAMES
    assert all(10 < len(part.help) < 100 for part in parts.values())


def test_a_motion_and_a_clip_are_written_and_stay_as_they_were(name, tmp_path):
    writer = registry.settings_of("writer", name)()
    for recording in (walker(0.5), seen(walker(0.5))):
        before = {key: array.copy() for key, array in taken_apart(recording).arrays.items()}
        path = tmp_path / "new" / f"walk{writer.suffix}"
        notes = writer.write(recording, path)
        assert isinstance(notes, tuple)
        assert all(isinstance(note, str) for note in notes)
        assert all(path.stat().st_size > 0 for path in (tmp_path / "new").iterdir())
        after = taken_apart(recording).arrays
        assert all((before[key] == after[key]).all() for key in before)


def test_the_same_recording_gives_the_same_file(name, tmp_path):
    writer = registry.settings_of("writer", name)()
    for folder in ("a", "b"):
        writer.write(walker(0.5), tmp_path / folder / f"walk{writer.suffix}")
    first, second = files(tmp_path / "a"), files(tmp_path / "b")
    assert first.keys() == second.keys()
    if name not in ("npz", "videopose3d", "clip"):  # which hold a time, or words in any order
        assert first == second


def test_a_recording_without_frames_is_written(name, tmp_path):
    motion = walker(0.5)
    empty = Motion("empty", motion.skeleton, 30.0, torch.zeros(0, 17, 3))
    writer = registry.settings_of("writer", name)()
    if name == "c3d":
        with pytest.raises(DataError, match='holds a frame at least, but "empty" has none'):
            writer.write(empty, tmp_path / "empty.c3d")
    else:
        writer.write(empty, tmp_path / f"empty{writer.suffix}")
        assert files(tmp_path)


def test_a_writer_that_fails_leaves_what_was_there(name, tmp_path, monkeypatch):
    writer = registry.settings_of("writer", name)()
    path = tmp_path / f"walk{writer.suffix}"
    writer.write(walker(0.5), path)
    before = files(tmp_path)
    monkeypatch.setattr("pathlib.Path.replace", _full)
    with pytest.raises(OSError, match="disk is full"):
        writer.write(walker(0.2), path)
    assert files(tmp_path) == before


def _full(*ignored: object) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("name", OF_MOVEMENT)
def test_keypoints_alone_are_no_movement(name, tmp_path):
    if name == "c3d":
        pytest.importorskip("ezc3d")
    writer = registry.settings_of("writer", name)
    flat = replace(seen(walker(0.2)), poses=None)
    with pytest.raises(DataError, match="keypoints and no poses, so there is no movement to write"):
        writer().write(flat, tmp_path / "a")
    with pytest.raises(SettingsError, match="has the hypotheses 0 to 1, but 2 was asked for"):
        writer(hypothesis=2).write(seen(walker(0.2)), tmp_path / "a")
    assert not files(tmp_path)
