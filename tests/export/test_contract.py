"""What every writer owes, whatever its format: run over the registry."""

from dataclasses import replace

import pytest
import torch

from crosslift import registry
from crosslift.protocols import Writer

from ..people import seen_walker, walker

NAMES = sorted(registry.parts("writer"))


def writer(name: str) -> Writer:
    return registry.settings_of("writer", name)()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("recording", [walker(1.0), seen_walker(1.0)], ids=["motion", "clip"])
def test_a_file_is_written_and_nothing_else(name, recording, tmp_path):
    made = writer(name)
    notes = made.write(recording, tmp_path / f"walk{made.suffix}")
    assert isinstance(made, Writer) and all(isinstance(note, str) for note in notes)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and all(path.stat().st_size for path in files)
    assert not [path for path in files if path.name.startswith(".")]


@pytest.mark.parametrize("name", NAMES)
def test_missing_joints_are_no_trouble(name, tmp_path):
    positions = walker(1.0).positions.clone()
    positions[5:10, 3] = torch.nan
    positions[:, 10] = torch.nan
    made = writer(name)
    made.write(replace(walker(1.0), positions=positions), tmp_path / f"walk{made.suffix}")
    assert any(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_failure_leaves_what_was_there(name, tmp_path, monkeypatch):
    made = writer(name)
    path = tmp_path / f"walk{made.suffix}"
    made.write(walker(1.0), path)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}

    def full_disk(number: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        made.write(walker(2.0), path)
    assert {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()} == before
