"""What every writer owes, whatever its format: run over the registry."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift import registry
from crosslift.motion import Motion
from crosslift.protocols import Writer
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17

from ..people import seen_walker, walker
from .recordings import seen

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


@pytest.mark.parametrize("name", NAMES)
def test_one_frame_is_enough(name, tmp_path):
    motion = walker(1.0)
    made = writer(name)
    for still in (
        replace(motion, positions=motion.positions[:1], angles=None, angle_names=()),
        seen(replace(motion, positions=motion.positions[:1], angles=None, angle_names=())),
    ):
        made.write(still, tmp_path / f"still{made.suffix}")
        assert any(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_joints_that_are_never_seen_are_no_trouble(name, tmp_path):
    positions = walker(1.0).positions.clone()
    positions[:, 3:] = torch.nan
    made = writer(name)
    made.write(replace(walker(1.0), positions=positions), tmp_path / f"some{made.suffix}")
    positions[:] = torch.nan
    made.write(replace(walker(1.0), positions=positions), tmp_path / f"none{made.suffix}")
    assert any(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_any_hypothesis_is_written(name, tmp_path):
    made = registry.settings_of("writer", name)
    if "hypothesis" not in made.__dataclass_fields__:
        pytest.skip("writes all hypotheses")
    clip = seen(walker(0.5))
    assert clip.poses is not None
    clip.poses[1] += 0.05 * torch.randn(
        clip.poses[1].shape, generator=torch.Generator().manual_seed(1)
    )
    for place in (0, 1):
        made(hypothesis=place).write(clip, tmp_path / str(place) / f"walk{made.suffix}")
    first, second = (
        [path.read_bytes() for path in sorted((tmp_path / place).iterdir())] for place in "01"
    )
    assert first != second


@pytest.mark.parametrize("name", NAMES)
def test_names_and_paths_may_have_any_letters(name, tmp_path):
    odd = ('1 "a"; b', "left_\u819d{/}", "right_\u819d{/}", "tab\tin <it> = #1", "\u00e4'\\")
    skeleton = Skeleton("odd \u00f6", (*H36M_17.joints, *odd), (*H36M_17.parents, 0, 0, 0, 17, 18))
    moves = torch.cat([walker(0.5).positions, torch.rand(15, len(odd), 3)], dim=1)
    words = {"subject": 'S1 "\u00e9"', "action": "a\tb\\c"}
    motion = Motion('na/me "\u4eba"\n= 1 %s {x}', skeleton, 30.0, moves, labels=words)
    made = writer(name)
    path = tmp_path / "m\u00e9dias \u00fc" / f"\u819d walk.1{made.suffix}"
    made.write(motion, path)
    assert any(path.parent.iterdir())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that can be killed")
@pytest.mark.parametrize("name", NAMES)
def test_who_is_killed_while_writing_leaves_what_was_there(name, tmp_path, monkeypatch):
    made = writer(name)
    path = tmp_path / f"walk{made.suffix}"
    before = visible(tmp_path)
    for recording in (walker(1.0), walker(1.5)):
        killed_while_writing(made, recording, path, monkeypatch)
        assert visible(tmp_path) == before
        made.write(recording, path)
        before = visible(tmp_path)
        assert before


def visible(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")
    }


def killed_while_writing(
    made: Writer, recording: Motion, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends without notice, when it has written all and named nothing."""
    child = os.fork()
    if child == 0:
        monkeypatch.setattr("os.fsync", lambda number: os.kill(os.getpid(), signal.SIGKILL))
        try:
            made.write(recording, path)
        finally:
            os._exit(1)  # whatever happens, this process goes no further
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
